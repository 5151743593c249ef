#!/usr/bin/env python3
"""An FTP server with one folder of N entries, as MLSD or LIST lists it; prints its port. For the memory of those who read it."""
import socket
import sys

count = int(sys.argv[1])
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)

def entries(out, facts):
    for first in range(0, count, 1000):
        if facts:
            lines = (f'type=file;size={n};modify=20260102030405; file number {n}\r\n' for n in range(first, first + 1000))
        else:
            lines = (f'-rw-r--r--   1 ftp      ftp      {n:>10} Jan  2  2020 file number {n}\r\n'
                     for n in range(first, first + 1000))
        out.sendall(''.join(lines).encode())

while True:
    control, _ = server.accept()
    passive = None
    control.sendall(b'220 many\r\n')
    for line in control.makefile('rb'):
        verb = line.split()[0].decode().upper()
        if verb == 'FEAT':
            control.sendall(b'211-so\r\n MLST type*;size*;modify*;\r\n211 far\r\n')
        elif verb == 'EPSV':
            passive = socket.create_server(('127.0.0.1', 0))
            control.sendall(b'229 (|||%d|)\r\n' % passive.getsockname()[1])
        elif verb in ('MLSD', 'LIST'):
            control.sendall(b'150 here\r\n')
            data, _ = passive.accept()
            entries(data, verb == 'MLSD')
            data.close()
            control.sendall(b'226 done\r\n')
        elif verb == 'PWD':
            control.sendall(b'257 "/"\r\n')
        elif verb == 'CWD':
            control.sendall(b'250 ok\r\n')
        else:
            control.sendall({'USER': b'331 password\r\n', 'PASS': b'230 welcome\r\n', 'QUIT': b'221 bye\r\n'}.get(verb, b'200 ok\r\n'))
