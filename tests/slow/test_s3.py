"Songs in a bucket are labelled as those of a folder; the S3 server is a local one (moto)"
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import pytest
from chordkd_nb._join import join_stores
from chordkd_nb.songs import find_songs
from chordkd_nb.store import build_store

pytestmark = pytest.mark.slow


def shards(folder): return [path.read_bytes() for path in sorted(folder.glob('part-*.arrow'))]


def run(*options):
    from chordkd_nb.cli import main
    try: main(['label', *map(str, options), '--teacher', 'none'])
    except SystemExit as exit: return exit.code
    return 0


@pytest.mark.parametrize('workers', [0, 2])
def test_a_bucket_gives_the_store_of_the_folder(folder, bucket, tmp_path, workers):
    build_store(find_songs(folder), tmp_path/'local', workers=0, progress=False)
    assert run('s3://bucket/music', tmp_path/'store', '--workers', workers) == 1  # a song failed
    assert shards(tmp_path/'store') == shards(tmp_path/'local')


def test_a_store_in_a_bucket(folder, bucket, tmp_path):
    build_store(find_songs(folder), tmp_path/'local', workers=0, progress=False)
    assert run('s3://bucket/music', 's3://bucket/pool', '--workers', 2) == 1  # a song failed
    join_stores(['s3://bucket/pool'], tmp_path/'copy', progress=False)
    assert shards(tmp_path/'copy') == shards(tmp_path/'local')


@pytest.mark.parametrize('songs, out, named', [
    ('s3://nothing/music', 'store', 's3://nothing/music'),
    ('s3://bucket/music', 's3://nothing/pool', 's3://nothing/pool')])
def test_a_bucket_that_is_not_there(bucket, tmp_path, songs, out, named):
    out = out if '://' in out else tmp_path/out
    assert named in str(run(songs, out, '--workers', 0))


class Refusing(BaseHTTPRequestHandler):
    "A server that knows no key"
    def do_GET(self):
        text = b'<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message></Error>'
        self.send_response(403)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(text)

    do_HEAD = do_PUT = do_GET
    def log_message(self, *args): pass


def test_wrong_credentials(tmp_path, monkeypatch):
    s3fs = pytest.importorskip('s3fs')
    server = ThreadingHTTPServer(('127.0.0.1', 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'): monkeypatch.setenv(name, 'wrong')
    monkeypatch.setenv('AWS_ENDPOINT_URL', f'http://127.0.0.1:{server.server_port}')
    s3fs.S3FileSystem.clear_instance_cache()
    said = str(run('s3://bucket/music', tmp_path/'store', '--workers', 0))
    server.shutdown()
    assert 's3://bucket/music: ' in said and len(said.splitlines()) == 1


def test_a_server_that_is_gone_costs_no_song(bucket, tmp_path, monkeypatch):
    from chordkd_nb._remote import remote_songs
    songs = remote_songs('s3://bucket/music')
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
    type(bucket).clear_instance_cache()
    store = build_store(songs, tmp_path/'store', workers=0, progress=False)
    assert len(store) == 0 and len(store.failed) == 5
    assert all('s3://bucket/music/audio/' in error for error in store.failed.values())


def test_the_benchmark_of_a_bucket(folder, tmp_path):
    script, music = Path(__file__).parents[2]/'benchmarks/bucket.py', tmp_path/'music'
    music.mkdir()
    for song in sorted((folder/'audio').glob('d*'))[:2]: shutil.copy(song, music)
    subprocess.run([sys.executable, script, music, tmp_path/'work', '--results', tmp_path], check=True)
    rows = (tmp_path/'bucket.csv').read_text().splitlines()[1:]
    assert len(rows) == 8 and all(row.split(',')[2] == '2' for row in rows)   # songs
