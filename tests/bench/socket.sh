# socket.sh: raw sockets beside socat. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

# A sender of a gigabyte for each connection, and a port for each relay before it.
head -c 1073741824 /dev/zero >"$out/gigabyte"
port_of() { sed -nE 's/.*:([0-9]+)$/\1/p;q' "$1"; }
sink=$((20000 + RANDOM % 10000))
setsid socat -u -b 1048576 "TCP-LISTEN:$sink,bind=127.0.0.1,fork,reuseaddr" OPEN:/dev/null & sink_pid=$!
source=$((30000 + RANDOM % 2000))
setsid socat -U -b 1048576 "TCP-LISTEN:$source,bind=127.0.0.1,fork,reuseaddr" "OPEN:$out/gigabyte,rdonly" & source_pid=$!
"$netkit" socket relay 127.0.0.1:0 "127.0.0.1:$source" 2>"$out/relay" & ours_pid=$!
peer=$((32100 + RANDOM % 600))
setsid socat "TCP-LISTEN:$peer,bind=127.0.0.1,fork,reuseaddr" "TCP:127.0.0.1:$source" & peer_pid=$!
until [ -s "$out/relay" ]; do sleep 0.05; done
sleep 0.3
ours=$(port_of "$out/relay")

# What stands before and behind the relays is the same for both.
python3 "$measure" "socket: relay of 1 GiB, socat" -n 5 -- \
    socat -u -b 1048576 "TCP:127.0.0.1:$ours" OPEN:/dev/null -- socat -u -b 1048576 "TCP:127.0.0.1:$peer" OPEN:/dev/null
python3 "$measure" "socket: 1 GiB from a socket to a pipe, socat" -n 5 -- \
    "$netkit" socket connect "127.0.0.1:$source" "|" -- socat -U STDOUT "TCP:127.0.0.1:$source" "|"
python3 "$measure" "socket: 1 GiB from a file to a socket, socat" -n 5 -- \
    sh -c "exec '$netkit' socket connect 127.0.0.1:$sink <'$out/gigabyte'" -- \
    sh -c "exec socat -u STDIN TCP:127.0.0.1:$sink <'$out/gigabyte'"
python3 "$measure" "socket: 1 GiB from a pipe to a socket, socat" -n 5 -- \
    sh -c "cat '$out/gigabyte' | '$netkit' socket connect 127.0.0.1:$sink" -- \
    sh -c "cat '$out/gigabyte' | socat -u STDIN TCP:127.0.0.1:$sink"
kill -- "-$sink_pid" "-$source_pid" "-$peer_pid"
kill "$ours_pid"
rm -f "$out/gigabyte"
