"""feed.py SOURCE PORT COUNT [FIRST]: streams articles up to COUNT, from FIRST (0) on, to test.big of the server at 127.0.0.1:PORT
(RFC 4644), as another server whose address is SOURCE. Article N is the same each time: tests know what it must be."""

import socket
import sys


def article(n: int) -> bytes:
    """With a dot that has to be doubled in every tenth, and threads of five."""
    answers = f"References: <{n - n % 5}@feed.example.test>\r\n" if n % 5 else ""
    head = (
        f"Path: feed.example.test!not-for-mail\r\nFrom: Author {n % 97} <a{n % 97}@example.test>\r\n"
        f"Newsgroups: test.big\r\nSubject: {'Re: ' if n % 5 else ''}article {n}\r\n"
        f"Date: Thu, 26 Nov 2026 {n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02} +0000\r\n"
        f"Message-ID: <{n}@feed.example.test>\r\n{answers}\r\n"
    )
    lines = [f"line {i} of article {n}" for i in range(n % 23 + 1)]
    if n % 10 == 0:
        lines.append(".")
        lines.append("..hidden")
    return (head + "".join(line + "\r\n" for line in lines)).encode()


def main() -> None:
    source, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    server = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    server.settimeout(60)
    replies = server.makefile("rb")

    def expect(code: bytes) -> None:
        # INN writes each reply by itself: without this it would wait 40 ms for an ACK, again and again.
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        reply = replies.readline()
        if not reply.startswith(code):
            sys.exit(f"{reply!r} instead of {code!r}")

    expect(b"200")
    server.sendall(b"MODE STREAM\r\n")
    expect(b"203")
    for start in range(first, count, 200):
        batch = range(start, min(start + 200, count))
        wire = b""
        for n in batch:
            stuffed = article(n).replace(b"\r\n.", b"\r\n..")
            wire += b"TAKETHIS <%d@feed.example.test>\r\n%s.\r\n" % (n, stuffed)
        server.sendall(wire)
        for _ in batch:
            expect(b"239")
    server.sendall(b"QUIT\r\n")


if __name__ == "__main__":
    main()
