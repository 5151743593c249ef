# nntp.sh: NNTP beside slrnpull, a raw drain and Python's nntplib at INN, and beside nzbget at its own server. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

feed() { /usr/bin/python3 tests/interop/feed.py 127.0.0.2 "$NNTP_PORT" "$1" "$2"; }

# 10,000 articles, to files.
feed 10000 2000
mkdir -p "$out/spool"
cat >"$out/slrnpull" <<C
rm -rf $out/spool/*
printf 'test.big 10000 0\n' >$out/spool/slrnpull.conf
exec slrnpull -d $out/spool -h 127.0.0.1:$NNTP_PORT --no-post
C
fetch=("$netkit" nntp fetch "127.0.0.1:$NNTP_PORT" test.big --plain --folder "$out/ours" -q)
"$measure" "nntp: 10,000 articles, slrnpull" -n 1 --fresh "$out/ours" -- "${fetch[@]}" -- sh "$out/slrnpull"
cat >"$out/drain.py" <<'P'
import socket, sys, threading
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
words = b"GROUP test.big\r\n" + b"".join(b"ARTICLE %d\r\n" % n for n in range(1, 10001)) + b"QUIT\r\n"
threading.Thread(target=server.sendall, args=(words,), daemon=True).start()
got = 0
while part := server.recv(1 << 20):
    got += len(part)
sys.exit(got < 5_000_000)
P
"$measure" "nntp: 10,000 articles, raw drain" -n 5 --fresh "$out/ours" -- "${fetch[@]}" -- /usr/bin/python3 "$out/drain.py" "$NNTP_PORT"
# What was measured last has been removed.
"${fetch[@]}"
[ "$(ls "$out/ours" | wc -l)" = 10000 ] || echo "nntp: not all were fetched"

# 100,000 lines of an overview.
feed 100000 10000
cat >"$out/over.py" <<'P'
import warnings; warnings.simplefilter("ignore")
import nntplib, sys
news = nntplib.NNTP("127.0.0.1", int(sys.argv[1]))
news.group("test.big")
for number, row in news.over((1, None))[1]:
    print(number, row["date"], nntplib.decode_header(row["from"]), nntplib.decode_header(row["subject"]), sep="\t")
news.quit()
P
over() { # NAME PORT
    "$measure" "$1" -n 5 -- "$netkit" nntp over "127.0.0.1:$2" test.big --plain -- /usr/bin/python3 "$out/over.py" "$2"
}
over "nntp: OVER, 100,000 lines, nntplib" "$NNTP_PORT"
# INN takes most of that time; this server has its answer ready.
cat >"$out/ready.py" <<'P'
import socketserver
lines = "".join(
    f"{n}\tRe: article {n} of many\tAuthor {n % 97} <a{n % 97}@example.test>\tThu, 26 Nov 2026 10:{n // 60 % 60:02}:{n % 60:02} +0000\t"
    f"<{n}@feed.example.test>\t<{n - 1}@feed.example.test>\t{1000 + n % 999}\t{n % 50}\tXref: news.example.test test.big:{n}\r\n"
    for n in range(1, 100001))
answers = {
    b"CAPABILITIES": b"101 these\r\nVERSION 2\r\nREADER\r\nOVER\r\nLIST OVERVIEW.FMT\r\n.\r\n",
    b"GROUP": b"211 100000 1 100000 test.big\r\n",
    b"LIST": b"215 these\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\nXref:full\r\n.\r\n",
    b"OVER": b"224 these\r\n" + lines.encode() + b".\r\n",
    b"QUIT": b"205 bye\r\n",
}
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"200 ready\r\n")
        for line in self.rfile:
            self.request.sendall(answers.get(line.split()[0].upper(), b"500 what\r\n"))
            if line.upper().startswith(b"QUIT"):
                return
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Session) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
P
/usr/bin/python3 "$out/ready.py" >"$out/ready.port" &
ready_pid=$!
sleep 2
over "nntp: OVER from memory, nntplib" "$(<"$out/ready.port")"
kill "$ready_pid"
wait "$ready_pid" 2>/dev/null || :

# 512 MB by an NZB file, 20 ms for each reply, 8 connections.
mkdir -p "$out/nserv"
head -c 536870912 /dev/urandom >"$out/nserv/video.bin"
nserv_port=$(/usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$out" && exec nzbget --nserv -d "$out/nserv" -z 750000 -q) >/dev/null
nzbget --nserv -d "$out/nserv" -m -b 127.0.0.1 -p "$nserv_port" -v 0 -w 20 >/dev/null 2>&1 &
nserv_pid=$!
sleep 1
cat >"$out/nzbget" <<C
exec nzbget -n -o MainDir=$out/theirs -o DestDir=$out/theirs/done -o InterDir=$out/theirs/inter -o QueueDir=$out/theirs/queue \
    -o NzbDir=$out/theirs/nzb -o TempDir=$out/theirs/tmp -o LockFile=$out/theirs.lock -o OutputMode=log -o WriteLog=none \
    -o Server1.Active=yes -o Server1.Level=0 -o Server1.Connections=8 -o Server1.Host=127.0.0.1 -o Server1.Port=$nserv_port \
    -o ArticleCache=700 -o DirectWrite=yes -o ParCheck=manual -o DiskSpace=0 -o ControlPort=0 $out/nserv/video.bin.nzb
C
nzb=("$netkit" nntp nzb "127.0.0.1:$nserv_port" "$out/nserv/video.bin.nzb" --plain -d "$out/ours" -P 8 -q)
"$measure" "nntp: NZB of 512 MB at 20 ms, nzbget" -n 3 --fresh "$out/ours,$out/theirs" -- "${nzb[@]}" -- sh "$out/nzbget"
"${nzb[@]}"
cmp "$out/ours/video.bin" "$out/nserv/video.bin"
kill "$nserv_pid"
wait "$nserv_pid" 2>/dev/null || :
rm -rf "$out"/{nserv,ours,theirs}
cargo run --quiet --release --target-dir target/yenc --manifest-path tests/bench/yenc/Cargo.toml
