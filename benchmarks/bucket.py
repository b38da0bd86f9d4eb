"""How fast is labelling with a bucket between music and store? For nbs/64_scale.ipynb

Labels songs with `btc-small`, the teacher that computes least: from folder to folder, and from bucket to bucket on an
S3 server of this machine (moto). A slow server answers each request 0.2 s later. A failing one answers every tenth
request with an error. All stores must equal the first to the byte. The server needs a part of the same cores.
usage: bucket.py MUSIC WORK [--songs 64] [--results FOLDER]   (needs chordkd_nb[scale], moto[server]; five minutes)"""
import argparse
import itertools
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from scale import CHORDKD, Job, measured, noted, root

SLOW = .2     # s
FAILING = 10  # one request in so many
WORKERS = {'folder': (1, 2), 'bucket': (1, 2), 'slow bucket': (1, 2, 4), 'failing bucket': (2,)}
KEYS = dict(AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test', AWS_DEFAULT_REGION='us-east-1')


# The server

class Troubled:
    "A server that is slow, or fails now and then"
    def __init__(self, app, kind):
        self.app, self.kind, self.number = app, kind, itertools.count(1)

    def __call__(self, environ, start_response):
        if self.kind == 'slow bucket': time.sleep(SLOW)
        if self.kind == 'failing bucket' and next(self.number) % FAILING == 0:
            start_response('503 Slow Down', [('Content-Length', '0')])
            return [b'']
        return self.app(environ, start_response)


def serve(kind):
    "Run a server until it is killed; its address is the first line"
    import logging
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server
    logging.getLogger('werkzeug').setLevel('ERROR')
    app = Troubled(DomainDispatcherApplication(create_backend_app), kind)
    server = make_server('127.0.0.1', 0, app, threaded=True)
    print(f'http://127.0.0.1:{server.server_port}', flush=True)
    server.serve_forever()


@contextmanager
def server(kind):
    "A server in another process, whose address and keys are in the environment"
    process = subprocess.Popen([sys.executable, __file__, '-', '-', '--serve', kind], stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        if not address: sys.exit('The S3 server did not start.')
        os.environ |= KEYS | dict(AWS_ENDPOINT_URL=address)
        yield
    finally:
        process.kill()
        process.wait()


# Labelling

def label(songs, out, workers):
    "Label with one command: seconds and memory"
    command = ['label', songs, out, '--teacher', 'btc-small', '--no-labels', '--workers', workers]
    return measured([*CHORDKD, *command])


def shards(folder): return [path.read_bytes() for path in sorted(folder.glob('part-*'))]


def rows_of(kind, job, songs):
    "A row for each number of workers"
    if kind == 'folder':
        for workers in WORKERS[kind]:
            shutil.rmtree(out := job.work/f'folder-{workers}', ignore_errors=True)
            yield workers, label(songs, out, workers), out
        return
    import s3fs
    from chordkd_nb._join import join_stores
    with server(kind):
        s3fs.S3FileSystem.clear_instance_cache()
        s3 = s3fs.S3FileSystem()
        s3.mkdir('bucket')
        s3.put(f'{songs}/', 'bucket/music', recursive=True)
        for workers in WORKERS[kind]:
            spent = label('s3://bucket/music', f's3://bucket/pool-{workers}', workers)
            shutil.rmtree(copy := job.work/'copy', ignore_errors=True)
            join_stores([f's3://bucket/pool-{workers}'], copy, progress=False)
            yield workers, spent, copy


def some_songs(job):
    "A folder with copies of so many songs"
    folder = job.work/'some'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for song in job.songs_found()[:job.songs]: shutil.copy(song.path, folder/song.path.name)
    return folder


def measure(job):
    from chordkd_nb.store import Store
    songs, rows, first = some_songs(job), [], None
    for kind in WORKERS:
        for workers, spent, store in rows_of(kind, job, songs):
            first = first or shards(store)
            assert shards(store) == first, f'{kind}, {workers} workers: another store'
            found = Store(store)
            rows.append(dict(between=kind, workers=workers, songs=len(found), hours=round(found.hours, 3),
                             songs_per_s=round(len(found)/spent['wall_s'], 2), **spent))
            print(rows[-1], flush=True)
    job.write(rows, 'bucket')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('music')
    p.add_argument('work')
    p.add_argument('--songs', type=int, default=64)
    p.add_argument('--results', type=Path, default=root/'data/results/scale')
    p.add_argument('--serve', metavar='KIND', help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.serve: return serve(a.serve)
    job = Job(a.music, a.work, a.results, a.songs)
    with noted(job.results, 'bucket'): measure(job)


if __name__ == '__main__': main()
