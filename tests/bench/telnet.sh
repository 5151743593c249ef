# telnet.sh: Telnet beside what a user would pick: 100 MiB of a server's text to a pipe. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

/usr/bin/python3 tests/bench/flood.py "$out/flood.port" $((100 << 20)) &
flood=$!
until [ -s "$out/flood.port" ]; do sleep 0.05; done
at=$(<"$out/flood.port")
# inetutils telnet ends with its stdin: this one stays open.
mkfifo "$out/open"
exec 9<>"$out/open"

"$measure" "telnet: 100 MiB to a pipe, inetutils" -n 7 -- "$netkit" telnet connect --plain "127.0.0.1:$at" '|' -- \
    sh -c "telnet 127.0.0.1 $at <$out/open; true" '|'
exec 9>&-
kill "$flood" 2>/dev/null || :
