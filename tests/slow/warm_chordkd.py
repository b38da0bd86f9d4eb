"""`chordkd` for many small jobs: one process imports everything, and each command is a fork of it.

A command of a few songs spends most of its time on imports. `folder/chordkd` looks like the usual command.
usage: warm_chordkd.py FOLDER     (put FOLDER first in PATH; ends with SIGTERM)"""
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from pathlib import Path

CLIENT = '''#!{python} -S
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    job = dict(argv=sys.argv[1:], cwd=os.getcwd(), env=dict(os.environ))
    socket.send_fds(server, [json.dumps(job).encode()], [0, 1, 2])
    sys.exit(int(server.recv(16) or b'1'))
'''
LIBRARIES = ('torch', 'accelerate', 'pandas', 'matplotlib.pyplot', 'seaborn', 'librosa', 'pyarrow', 'mir_eval')


def import_everything():
    import chordkd_nb.cli
    for name in LIBRARIES: importlib.import_module(name)
    for package in (chordkd_nb, chordkd_nb.cli):
        for module in pkgutil.iter_modules(package.__path__, f'{package.__name__}.'):
            if not module.name.endswith(('__main__', '_ray')): importlib.import_module(module.name)


def write_client(address):
    client = address.with_name('chordkd')
    client.write_text(CLIENT.format(python=sys.executable, address=str(address)))
    client.chmod(0o755)


def run(job):
    "Run a command in this process: its exit status"
    from chordkd_nb.cli import main
    os.chdir(job['cwd'])
    os.environ.clear()
    os.environ.update(job['env'])
    try: main(job['argv'])
    except SystemExit as end:
        if isinstance(end.code, str): print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def child(connection, data, files):
    "The life of a forked process"
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(files): os.dup2(file, number)
        status = run(json.loads(data))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        connection.sendall(str(status).encode())
        os._exit(0)


def serve(address):
    "Fork for every command"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children need no wait
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen()
        write_client(address)  # a caller waits for this file
        while True:
            connection, _ = server.accept()
            data, files, _, _ = socket.recv_fds(connection, 2**20, 3)
            if not os.fork(): child(connection, data, files)
            for file in files: os.close(file)
            connection.close()


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    address = folder/'socket'
    import_everything()
    serve(address)


if __name__ == '__main__': main()
