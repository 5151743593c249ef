# smtp.sh: SMTP beside postfix's own load generator: to a sink, and over a line of 20 ms to postfix. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

# mbox COUNT BYTES: so many messages of so many bytes.
mbox() {
    awk -v n="$1" -v size="$2" 'BEGIN {
        body = sprintf("%*s", 72, ""); gsub(/ /, "x", body)
        for (i = 0; i < n; i++) {
            print "From bench"; head = "From: <a@example.org>\nTo: <b@example.org>\nSubject: " i "\n"
            print head; left = size - length(head) - 1
            for (; left > 73; left -= 73) print body
            print substr(body, 1, left - 1) "\n"
        }
    }'
}
mbox 10000 1024 >"$out/10000.mbox"
mbox 400 1024 >"$out/400.mbox"

sink=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
/usr/sbin/smtp-sink -u nobody -c "127.0.0.1:$sink" 1000 >"$out/sink.log" 2>&1 &
sink_pid=$!
/usr/bin/python3 tests/bench/delay.py "$SMTP_PORT" 20 >"$out/delay.port" &
delay_pid=$!
sleep 1
far=$(<"$out/delay.port")
envelope=(--mail-from a@example.org --rcpt alice@example.test)

"$measure" "smtp: 10,000 messages to a sink, smtp-source" -- "$netkit" smtp send -q "127.0.0.1:$sink" "$out/10000.mbox" "${envelope[@]}" \
    -- /usr/sbin/smtp-source -d -s 1 -m 10000 -l 1024 -f a@example.org -t b@example.org "127.0.0.1:$sink"
"$measure" "smtp: 400 messages at 20 ms, lock-step" -n 1 -- "$netkit" smtp send -q --plain "127.0.0.1:$far" "$out/400.mbox" "${envelope[@]}" \
    -- /usr/sbin/smtp-source -d -s 1 -m 400 -l 1024 -f a@example.org -t alice@example.test "127.0.0.1:$far"

kill "$sink_pid" "$delay_pid"
wait "$sink_pid" "$delay_pid" 2>/dev/null || :
