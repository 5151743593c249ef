# ftp.sh: FTP beside what a user would pick: one GiB, 10,000 small files cold and again, 1,000 uploads; all from vsftpd to tmpfs,
# without its logs, which are the interop tests' (its sessions wait for each other at them). And a folder of a million entries, from a server that makes them up.
# Small files come over as many connections as netkit chooses by itself. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

data=$FTP_ROOT/anon/pub/bench
mkdir -p "$data/small" "$FTP_ROOT/alice/up"
head -c "${NETKIT_BIG:-1073741824}" /dev/zero >"$data/big"
/usr/bin/python3 - "$data/small" <<'P'
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
for n in range(10000):
    part = folder / f"d{n // 1000}"
    part.mkdir(exist_ok=True)
    (part / f"file{n}").write_bytes(b"x" * (200 + n % 4000))
P
chmod -R a+rX "$FTP_ROOT/anon" && chown -R 21001:21001 "$FTP_ROOT/alice"
at=127.0.0.1:$FTP_PORT url=ftp://127.0.0.1:$FTP_PORT

big() { # PEER'S NAME -- PEER
    local name=$1
    shift 2
    "$measure" "ftp: 1 GiB, $name" -n 9 --fresh "$out/ours,$out/theirs" -- \
        "$netkit" ftp get --plain -q "$url/pub/bench/big" -o "$out/ours" -- "$@"
}
big curl -- curl -sS -o "$out/theirs" "$url/pub/bench/big"
big tnftp -- tnftp -V -o "$out/theirs" "$url/pub/bench/big"
big lftp -- lftp -c "get $url/pub/bench/big -o $out/theirs"
rm -f "$out"/{ours,theirs}

cold() { # PEER'S NAME -- PEER
    local name=$1
    shift 2
    "$measure" "ftp: 10,000 files cold, $name" -n 5 --fresh "$out/ours,$out/theirs" -- \
        "$netkit" ftp mirror --plain -q "$at/pub/bench/small" "$out/ours" -- "$@"
}
cold "lftp -P 8" -- lftp -c "open $url; mirror -P 8 /pub/bench/small $out/theirs"
cold wget -- wget -q -m -nH --cut-dirs=3 -P "$out/theirs" "$url/pub/bench/small/"
mkdir -p "$out/theirs"
echo "mkdir -p $out/theirs; exec ncftpget -F -R -V -P $FTP_PORT 127.0.0.1 $out/theirs /pub/bench/small" >"$out/ncftp.sh"
cold ncftpget -- sh "$out/ncftp.sh"
rm -rf "$out"/{ours,theirs}
"$netkit" ftp mirror --plain -q "$at/pub/bench/small" "$out/ours"
lftp -c "open $url; mirror -P 8 /pub/bench/small $out/theirs"
"$measure" "ftp: nothing changed, lftp" -n 5 -- \
    "$netkit" ftp mirror --plain -q "$at/pub/bench/small" "$out/ours" -- \
    lftp -c "open $url; mirror /pub/bench/small $out/theirs"
rm -rf "$out"/{ours,theirs}

mkdir -p "$out/up"
for ((i = 0; i < 1000; i++)); do head -c 2000 /dev/zero >"$out/up/f$i"; done
echo "rm -rf $FTP_ROOT/alice/up/*; exec $netkit ftp put --plain -q -u alice:$ALICE_PASSWORD $at/up/ $out/up/*" >"$out/ours.sh"
echo "rm -rf $FTP_ROOT/alice/up/*; exec ncftpput -F -V -u alice -p $ALICE_PASSWORD -P $FTP_PORT 127.0.0.1 /up $out/up/*" >"$out/theirs.sh"
# How the server's disk makes files is not what is measured.
mount -t tmpfs none "$FTP_ROOT/alice/up"
chown 21001:21001 "$FTP_ROOT/alice/up"
"$measure" "ftp: 1,000 uploads, ncftpput" -n 9 -- sh "$out/ours.sh" -- sh "$out/theirs.sh" || { umount "$FTP_ROOT/alice/up"; exit 1; }
umount "$FTP_ROOT/alice/up"
rm -rf "$out/up"

/usr/bin/python3 tests/bench/many.py 1000000 >"$out/many.port" &
many_pid=$!
sleep 1
many=127.0.0.1:$(<"$out/many.port")
"$measure" "ftp: a million entries, curl" -n 3 -- \
    "$netkit" ftp ls --plain "$many/" -- curl -sS "ftp://$many/"
"$measure" "ftp: a million entries, mirror" -n 1 -- \
    "$netkit" ftp mirror --plain -q --dry-run "$many/" "$out/ours" -- curl -sS "ftp://$many/"
kill "$many_pid"
wait "$many_pid" 2>/dev/null || :
rm -rf "$out/ours"
