"""ports.py: draws the block of ports of one run, and keeps two of them for their own sake.

Usage: ports.py FILE      writes the block's first port to FILE, then serves until it is killed.

first      stays bound but never listens: every connection is refused, and nobody else can come to own it.
           It is also the lock that keeps two runs from drawing the same block.
first + 1  accepts, and says nothing.
"""

import collections
import os
import random
import socket
import sys
import time

SIZE = 64
# Below the kernel's ephemeral ports (32768 and up), which any client on this machine may be given at any time.
BLOCKS = range(10240, 32768, SIZE)


def bind(port):
    """A socket on that port, or OSError. Without SO_REUSEADDR, so that it is ours alone."""
    sock = socket.socket()
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


def draw():
    """The sockets of a block's first two ports, the others being free."""
    for first in random.sample(BLOCKS, len(BLOCKS)):
        held = []
        try:
            for port in range(first, first + SIZE):
                held.append(bind(port))
        except OSError:
            continue
        finally:
            for sock in held[2:] if len(held) == SIZE else held:
                sock.close()
        return held[0], held[1]
    return None


def drawn():
    """As draw(), once there is such a block: ports of connections that have ended are taken for another minute."""
    for _ in range(40):
        if found := draw():
            return found
        time.sleep(2)
    sys.exit("ports.py: no block of free ports")


def main(path):
    closed, stalled = drawn()
    stalled.listen(64)
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(f"{closed.getsockname()[1]}\n")
    os.rename(path + ".new", path)
    # The last thousand stay open; a run does not make more.
    connections = collections.deque(maxlen=1000)
    while True:
        connections.append(stalled.accept())


main(sys.argv[1])
