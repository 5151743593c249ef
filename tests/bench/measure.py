#!/usr/bin/env python3
"""Runs two commands in turn and prints what the first costs in terms of the second.

    measure.py NAME [-n RUNS] [--fresh PATH,PATH] -- COMMAND [ARG...] -- PEER [ARG...]

What --fresh names is removed before every run, outside of the figures: giving old pages back is not what is measured.
A word `>PATH` sends stdout to PATH, `|` sends it through a pipe to a process that throws it away. Figures are the medians of
whole processes by the system's own accounting; the ratio is the median of the ratios of neighbouring runs, so that a machine whose
speed drifts does not matter. Absolute figures are not printed: they say more about the machine than about the program.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FRESH = []

def shown(ratio):
    return f'{ratio:.2f}' if ratio >= 0.1 else f'{ratio:.4f}'

def split(words):
    parts = [[]]
    for word in words:
        if word == '--':
            parts.append([])
        else:
            parts[-1].append(word)
    return parts

def once(command):
    words = [w for w in command if not w.startswith('>') and w != '|']
    target = next((w[1:] for w in command if w.startswith('>')), '/dev/null')
    drain = None
    if '|' in command:
        drain = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        out = drain.stdin
    else:
        out = open(target, 'wb')
    for path in FRESH:
        if pathlib.Path(path).is_dir():
            shutil.rmtree(path)
        pathlib.Path(path).unlink(missing_ok=True)
    start = time.monotonic()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
    out.close()
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if drain:
        drain.wait()
    if child.returncode:
        sys.exit(f'{" ".join(words)}: exit {child.returncode}\n{message.decode(errors="replace")}')
    return {'wall': wall, 'cpu': usage.ru_utime + usage.ru_stime}

def peak(command):
    """Peak memory in KiB, by GNU time: a child of this interpreter would be charged with the interpreter's own."""
    with tempfile.NamedTemporaryFile('r') as report:
        once(['time', '-q', '-f', '%M', '-o', report.name] + command)
        return int(report.read())

def main():
    head, ours, peer = split(sys.argv[1:])
    name = head[0]
    runs = int(head[head.index('-n') + 1]) if '-n' in head else 5
    FRESH.extend(head[head.index('--fresh') + 1].split(',') if '--fresh' in head else [])
    once(ours), once(peer)
    pairs = [(once(ours), once(peer)) for _ in range(runs)]
    ratio = {k: statistics.median(a[k] / max(b[k], 1e-6) for a, b in pairs) for k in ('wall', 'cpu')}
    rss = [peak(ours), peak(peer)]
    print(f'{name:34} wall x{shown(ratio["wall"])}  cpu x{shown(ratio["cpu"])}  rss {rss[0]} KiB, peer {rss[1]} KiB', flush=True)

main()
