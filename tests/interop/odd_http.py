"""odd_http.py: an HTTP server that does what nginx never would: breaks off, stalls, drips, echoes.

Usage: odd_http.py PORT TLS_PORT CERT KEY

Every answer is for one connection, which then closes; ANSWERS lists the paths. Over TLS the end of a connection is
announced (close_notify) except where the path's name ends in "rude".
"""

import gzip
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time

LINES = b"".join(b"line %d of a text that compresses well\n" % i for i in range(200))
# How long a stalled answer stalls. Clients under test give up long before; nothing here waits for ever.
STALL = 120


def head(*fields, status="200 OK"):
    """A status line and header fields; Connection: close always, for it is true."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/plain", "Connection: close", *fields]
    return "".join(line + "\r\n" for line in lines + [""]).encode("latin-1")


def chunk(data, extension=""):
    return b"%x%s\r\n%s\r\n" % (len(data), extension.encode(), data)


def echo(request):
    """The request as it came: request line, header fields, empty line, body."""
    text = request.head + b"\r\n\r\n" + request.body
    request.send(head(f"Content-Length: {len(text)}") + text)


def cut(request):
    request.send(head("Content-Length: 1000") + b"x" * 100)


def cut_head(request):
    request.send(head("Content-Length: 1000")[:-20])


def cut_chunk(request):
    request.send(head("Transfer-Encoding: chunked") + chunk(b"whole\n") + b"40\r\nonly ten b")


def no_last_chunk(request):
    request.send(head("Transfer-Encoding: chunked") + chunk(b"whole\n") + chunk(b"also whole\n"))


def cut_gzip(request):
    """Framed in full, yet the compressed stream inside lacks its end."""
    half = gzip.compress(LINES)[:-20]
    request.send(head("Content-Encoding: gzip", f"Content-Length: {len(half)}") + half)


def chunked(request):
    """Chunk extensions, a hexadecimal digit in each case, trailer fields."""
    body = chunk(b"x" * 10 + b"\n", ";name=value") + b"00B\r\n" + b"y" * 10 + b"\n\r\n"
    request.send(head("Transfer-Encoding: chunked", "Trailer: X-Sum") + body + b"0\r\nX-Sum: 22\r\n\r\n")


def close(request):
    request.send(head() + LINES)


def http10(request):
    request.send(b"HTTP/1.0 200 OK\r\n\r\n" + LINES)


def early_hints(request):
    request.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    request.send(head("Content-Length: 6") + b"final\n")


def bytewise(request):
    """Every byte in a segment of its own."""
    request.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in head("Transfer-Encoding: chunked") + chunk(b"hello, world\n") + b"0\r\n\r\n":
        request.send(bytes([byte]))
        time.sleep(0.001)


def stall(request):
    request.send(head("Content-Length: 1000") + b"x" * 100)
    request.stopped.wait(STALL)


def silent(request):
    request.stopped.wait(STALL)


def empty(request):
    """Closes politely, having said nothing."""


def reset(request):
    """A TCP reset in the middle of the body."""
    request.send(head("Content-Length: 1000") + b"x" * 100)
    time.sleep(0.05)
    request.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.rude = True


def two_lengths(request):
    request.send(head("Content-Length: 6", "Content-Length: 7") + b"hello\n\n")


def length_and_chunked(request):
    request.send(head("Content-Length: 6", "Transfer-Encoding: chunked") + chunk(b"hello\n") + b"0\r\n\r\n")


def garbage(request):
    request.send(b"SSH-2.0-not-a-web-server\r\n")


def endless_head(request):
    """Header fields until the client has had enough, 64 MiB at most."""
    request.send(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1024):
        request.send(b"X-Filler: " + b"x" * 65000 + b"\r\n")


ANSWERS = {
    "/echo": echo,
    "/headers": echo,
    "/cut": cut,
    "/cut-rude": cut,
    "/cut-head": cut_head,
    "/cut-chunk": cut_chunk,
    "/cut-gzip": cut_gzip,
    "/no-last-chunk": no_last_chunk,
    "/chunked": chunked,
    "/close": close,
    "/close-rude": close,
    "/http10": http10,
    "/early-hints": early_hints,
    "/bytewise": bytewise,
    "/stall": stall,
    "/silent": silent,
    "/empty": empty,
    "/reset": reset,
    "/two-lengths": two_lengths,
    "/length-and-chunked": length_and_chunked,
    "/garbage": garbage,
    "/endless-head": endless_head,
}


class Request(socketserver.BaseRequestHandler):
    """One connection: a request read whole, its answer, the end."""

    stopped = threading.Event()
    context = None

    def handle(self):
        self.sock = self.request
        self.sock.settimeout(STALL)
        try:
            if self.context:
                self.sock = self.context.wrap_socket(self.sock, server_side=True)
            self.read()
            path = self.head.split(b" ")[1].split(b"?")[0].decode("latin-1")
            self.rude = path.endswith("rude")
            ANSWERS.get(path, echo)(self)
            self.end()
        except (OSError, EOFError):
            pass  # The client went first, or refused our certificate; both are its right.
        finally:
            # For a TLS socket too this ends TCP alone.
            self.sock.close()

    def read(self):
        """Sets head and body; a chunked body is taken apart."""
        stream = self.sock.makefile("rb")
        lines = []
        while (line := stream.readline(65536)) != b"\r\n":
            if not line or len(lines) > 1000:
                raise EOFError
            lines.append(line.rstrip(b"\r\n"))
        self.head = b"\r\n".join(lines)
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            fields[name.strip().lower()] = value.strip()
        if fields.get(b"expect", b"").lower() == b"100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.body = b""
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            while size := int(stream.readline(100).split(b";")[0], 16):
                self.body += stream.read(size)
                stream.readline(100)
            while stream.readline(65536) not in (b"\r\n", b""):
                pass
        else:
            self.body = stream.read(int(fields.get(b"content-length", 0)))

    def send(self, data):
        self.sock.sendall(data)

    def end(self):
        """Announces the end, and lets the client read it: a close with unread input would be a reset."""
        if self.rude:
            return
        if self.context:
            # Sends close_notify, and waits for the peer's; most never send one.
            self.sock.settimeout(0.2)
            self.sock = self.sock.unwrap()
        self.sock.shutdown(socket.SHUT_WR)


class SecureRequest(Request):
    """The same over TLS."""


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection; none of them keeps the process alive."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def main(port, tls_port, cert, key):
    SecureRequest.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    SecureRequest.context.load_cert_chain(cert, key)
    secure = Server(("127.0.0.1", int(tls_port)), SecureRequest)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    Server(("127.0.0.1", int(port)), Request).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
