"""flood.py: a server that says so many bytes of text to whoever comes, and closes.

Usage: flood.py FILE BYTES      FILE gets the port
"""
import socket
import sys

line = ("0123456789abcdefghijklmnopqrstuvwxyz" * 2)[:70].encode() + b"\r\n"
piece = line * 1000
listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1], "w") as file:
    print(listener.getsockname()[1], file=file)
while True:
    client, _ = listener.accept()
    left = int(sys.argv[2])
    try:
        while left > 0:
            client.sendall(piece[: min(left, len(piece))])
            left -= len(piece)
    except OSError:
        pass
    client.close()
