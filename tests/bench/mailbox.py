#!/usr/bin/python3
"""mailbox.py FOLDER COUNT: makes a Maildir of COUNT messages as people have them, the same ones every time: most a page of text,
a fifth with an attachment (most of some KB, a few of some hundred), some in HTML besides; 5 KB on average. Three of four carry
flags, one of ten is new, each came a minute after the one before. Names tell both sizes, as dovecot's own do."""
import base64
import os
import pathlib
import random
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
FLAGS = ['', '', 'S', 'S', 'S', 'S', 'S', 'S', 'FS', 'RS', 'DS', 'F']
BEGUN = 1500000000
WORDS = """about after again always answer because before between bring carry change clear close could country every family
follow found great house idea important keep language large learn leave letter light little might minute mountain never night
number often order page paper people picture place point question quick right river school second sentence should small something
sometimes spell still story study sure their thing think thought through together train travel turn under until walk watch water
where which while white without world write year young Grüße naïve żółw Привет 日本語 —""".split()
random.seed(7)
DATA = base64.encodebytes(random.randbytes(700_000)).decode().splitlines(keepends=True)


def text(rng, words):
    lines, line = [], ''
    for _ in range(words):
        line += rng.choice(WORDS) + ' '
        if len(line) > 64:
            lines.append(line)
            line = ''
    return '\n'.join(lines + [line]) + '\n'


def part(kind, body, more=''):
    return f'--=_part\nContent-Type: {kind}\n{more}\n{body}\n'


def message(n):
    rng = random.Random(n)
    subject = ' '.join(rng.choice(WORDS[:80]) for _ in range(rng.randint(1, 8)))
    if rng.random() < 0.3:
        subject = '=?utf-8?B?' + base64.b64encode(f'{subject} grüßt'[:30].encode()).decode() + '?='
    head = (f'Return-Path: <bounce{n % 50}@list.example>\nReceived: from mx.example.org by mail.example.test with ESMTPS id {n:08x}\n'
            f'From: Ada Example <ada{n % 300}@example.org>\nTo: bench@example.test\nSubject: {subject}\n'
            f'Date: Thu, 26 Nov 2026 10:00:00 +0000\nMessage-ID: <{n}@example.org>\nMIME-Version: 1.0\n')
    body = text(rng, rng.randint(5, 500))
    kind = rng.random()
    if kind < 0.65:
        return head + 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n' + body
    parts = part('text/plain; charset=utf-8', body)
    if kind < 0.8:
        parts += part('text/html; charset=utf-8', '<p>' + '</p>\n<p>'.join(body.splitlines()) + '</p>')
    else:
        lines = min(int(rng.paretovariate(1.1) * 25), len(DATA))
        start = rng.randint(0, len(DATA) - lines)
        parts += part('application/octet-stream; name=a.bin', ''.join(DATA[start:start + lines]),
                      'Content-Transfer-Encoding: base64\n')
    return head + f'Content-Type: multipart/mixed; boundary="=_part"\n\n{parts}--=_part--\n'


for name in ('cur', 'new', 'tmp'):
    (folder / name).mkdir(parents=True)
for n in range(count):
    raw = message(n).encode()
    name = f'{BEGUN + 60 * n}.M{n}P1.bench,S={len(raw)},W={len(raw) + raw.count(10)}'
    flags = FLAGS[random.Random(~n).randrange(len(FLAGS))]
    path = folder / 'new' / name if n % 10 == 9 else folder / 'cur' / f'{name}:2,{flags}'
    path.write_bytes(raw)
    os.utime(path, (BEGUN + 60 * n,) * 2)
