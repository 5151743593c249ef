"""telnet_login.py: what telnetd runs in place of a login: a prompt, and commands that leave nothing behind.

Usage: telnet_login.py PASSWORD      the user is alice

echo TEXT, size, term, env NAME, bulk N (N lines of 64 bytes), wait (until Ctrl-C), exit
"""
import os
import signal
import sys
import termios
import time


def interrupted(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGINT, interrupted)
signal.signal(signal.SIGHUP, lambda *_: os._exit(0))


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def ask(prompt, seen=True):
    say(prompt)
    mode = termios.tcgetattr(0)
    if not seen:
        blind = list(mode)
        blind[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, blind)
    line = sys.stdin.readline()
    termios.tcsetattr(0, termios.TCSANOW, mode)
    if not line:
        sys.exit()
    return line.strip()


def command(word, rest):
    if word == "echo":
        say(rest + "\n")
    elif word == "size":
        say("{0}x{1}\n".format(*os.get_terminal_size(0)))
    elif word == "term":
        say(os.environ.get("TERM", "none") + "\n")
    elif word == "env":
        say(rest + "=" + os.environ.get(rest, "none") + "\n")
    elif word == "bulk":
        piece = ("0123456789abcdef" * 4)[:63] + "\n"
        for _ in range(int(rest) // 1000):
            sys.stdout.write(piece * 1000)
        say(piece * (int(rest) % 1000) + "end of it\n")
    elif word == "wait":
        say("waiting\n")
        signal.pause()
    elif word:
        say(word + ": no such command\n")


for attempt in range(3):
    user = ask("test login: ")
    if (user, ask("Password: ", seen=False)) == ("alice", sys.argv[1]):
        say("\nhello, alice\n")
        break
    say("\nLogin incorrect\n")
else:
    sys.exit(1)
while True:
    try:
        word, _, rest = ask("% ").partition(" ")
        if word == "exit":
            say("goodbye\n")
            # telnetd closes as soon as this process is gone, even on what it has not read.
            time.sleep(1)
            break
        command(word, rest)
    except KeyboardInterrupt:
        say("interrupted\n")
