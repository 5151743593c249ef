# pop3.sh: POP3 beside mpop: 10,000 messages from dovecot to a Maildir on tmpfs; and over a line of 20 ms. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

# mpop_config PORT FOLDER: the same with mpop.
mpop_config() {
    printf 'defaults\nauth plain\ntls off\nkeep on\nuidls_file %s/uidls\naccount bench\nhost 127.0.0.1\nport %s\nuser bench\npassword bench\ndelivery maildir %s\n' \
        "$2" "$1" "$2" >"$out/mpoprc"
    chmod 600 "$out/mpoprc"
}

fetch_both() { # NAME PORT [MEASURE'S OPTIONS]
    local name=$1 at=$2
    shift 2
    mpop_config "$at" "$out/theirs"
    # mpop wants its Maildir to be there.
    echo "mkdir -p $out/theirs/tmp $out/theirs/new $out/theirs/cur; exec mpop -q -C $out/mpoprc bench" >"$out/theirs.sh"
    "$measure" "$name" "$@" --fresh "$out/ours,$out/theirs" -- \
        "$netkit" pop3 fetch "127.0.0.1:$at" --plain --auth PLAIN -u bench:bench --maildir "$out/ours" -q -- sh "$out/theirs.sh"
    "$netkit" pop3 fetch "127.0.0.1:$at" --plain --auth PLAIN -u bench:bench --maildir "$out/ours" -q
    [ "$(ls "$out/ours/new" | wc -l)" = "$(ls "$out/theirs/new" | wc -l)" ] || echo "pop3: the two did not fetch the same"
}

mailbox 10000
# Dovecot makes its index once.
"$netkit" pop3 list "127.0.0.1:$POP3_PORT" --plain -u bench:bench >/dev/null
fetch_both "pop3: 10,000 messages, mpop" "$POP3_PORT" -n 21
/usr/bin/python3 tests/bench/delay.py "$POP3_PORT" 20 >"$out/delay.port" &
delay_pid=$!
sleep 1
fetch_both "pop3: 10,000 messages at 20 ms, mpop" "$(<"$out/delay.port")" -n 3
kill "$delay_pid"
wait "$delay_pid" 2>/dev/null || :
