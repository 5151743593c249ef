#!/usr/bin/python3
"""second_ftp.py PORT ROOT PASSWORD: another FTP server, in Python's pyftpdlib: MLSD, MLST and MFMT, which vsftpd lacks. alice may
write, anonymous may read."""
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

port, root, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
authorizer = DummyAuthorizer()
authorizer.add_user("alice", password, root, perm="elradfmwMT")
authorizer.add_anonymous(root)
FTPHandler.authorizer = authorizer
FTPHandler.use_gmt_times = True
FTPHandler.auth_failed_timeout = 0
ThreadedFTPServer(("127.0.0.1", port), FTPHandler).serve_forever()
