# imap.sh: IMAP beside mbsync, both with the dates that messages came at: 10,000 of them from dovecot to a Maildir on tmpfs,
# again with nothing new, and over a line of 20 ms; and the ENVELOPE parser beside the crate imap-codec. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

backup_both() { # NAME PORT [MEASURE'S OPTIONS]
    local name=$1 at=$2
    shift 2
    cat >"$out/mbsyncrc" <<C
IMAPAccount far
Host 127.0.0.1
Port $at
User bench
Pass bench
SSLType None
AuthMechs PLAIN

IMAPStore far
Account far

MaildirStore near
Path $out/theirs/
Inbox $out/theirs/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
CopyArrivalDate yes
SyncState *
C
    echo "mkdir -p $out/theirs; exec mbsync -c $out/mbsyncrc -q bench" >"$out/theirs.sh"
    local ours=("$netkit" imap backup "127.0.0.1:$at" "$out/ours" --plain --auth PLAIN -u bench:bench --folder INBOX -q)
    "$measure" "$name" "$@" --fresh "$out/ours,$out/theirs" -- "${ours[@]}" -- sh "$out/theirs.sh"
    "${ours[@]}"
    sh "$out/theirs.sh"
    [ "$(find "$out/ours/INBOX/cur" -type f | wc -l)" = "$(find "$out"/theirs/INBOX/{cur,new} -type f | wc -l)" ] || echo "imap: the two did not fetch the same"
}

mailbox 10000
# Dovecot makes its index once.
"$netkit" imap list "127.0.0.1:$IMAP_PORT" --plain --auth PLAIN -u bench:bench >/dev/null
backup_both "imap: 10,000 messages, mbsync" "$IMAP_PORT" -n 7
"$measure" "imap: nothing new, mbsync" -n 15 -- \
    "$netkit" imap backup "127.0.0.1:$IMAP_PORT" "$out/ours" --plain --auth PLAIN -u bench:bench --folder INBOX -q -- sh "$out/theirs.sh"
/usr/bin/python3 tests/bench/delay.py "$IMAP_PORT" 20 >"$out/delay.port" &
delay_pid=$!
sleep 1
backup_both "imap: 10,000 messages at 20 ms, mbsync" "$(<"$out/delay.port")" -n 7
kill "$delay_pid"
wait "$delay_pid" 2>/dev/null || :
cargo run --quiet --release --target-dir target/envelope --manifest-path tests/bench/envelope/Cargo.toml
