# gopher.sh: Gopher beside curl. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

instructions "gopher: one menu, curl" -- "$netkit" gopher menu "127.0.0.1:$GOPHER_PORT" -- curl -s "gopher://127.0.0.1:$GOPHER_PORT/"

# A menu of 100,000 lines, and one of two million, where starting a process is not what is measured. curl hands the bytes on as
# they come; netkit takes each line apart, checks its address and prints its URL.
python3 - "$out" <<'P'
import sys
line = '0An item of a long menu, number {0}\t/archive/2024/volume-{1}/item-{0}.txt\tgopher.example.org\t70\r\n'
lines = ''.join(line.format(i, i % 97) for i in range(100_000))
for name, times in (('long', 1), ('longer', 20)):
    with open(f'{sys.argv[1]}/{name}', 'w', newline='') as menu:
        menu.write(lines * times + '.\r\n')
P
cat >"$out/serve" <<'P'
import socket, sys, threading
server = socket.create_server(('127.0.0.1', 0), backlog=64)
print(server.getsockname()[1], flush=True)
def serve(client):
    with client, open(sys.argv[1], 'rb') as menu:
        while not client.recv(4096).endswith(b'\n'): pass
        client.sendfile(menu)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
P
for menu in long longer; do
    python3 "$out/serve" "$out/$menu" >"$out/at.$menu" & menu_pid=$!
    until [ -s "$out/at.$menu" ]; do sleep 0.05; done
    at=$(<"$out/at.$menu")
    python3 "$measure" "gopher: a $menu menu to a pipe, curl" -n 9 -- \
        "$netkit" gopher menu "127.0.0.1:$at" "|" -- curl -s "gopher://127.0.0.1:$at/" "|"
    # Bytes of the menu for each second from the start of the process to its end.
    python3 - "$netkit" "$at" "$(stat -c %s "$out/$menu")" "$menu" <<'P'
import statistics, subprocess, sys, time
netkit, at, size, name = sys.argv[1:]
def once():
    start = time.monotonic()
    subprocess.run([netkit, 'gopher', 'menu', f'127.0.0.1:{at}'], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - start
rate = int(size) / statistics.median(once() for _ in range(9)) / 1e6
print(f'gopher: a {name} menu parsed and printed: x{rate / 200:.2f} of 200 MB/s')
P
    kill "$menu_pid"
    wait "$menu_pid" 2>/dev/null || :
done
rm -f "$out"/{long,longer,serve,at.long,at.longer}
