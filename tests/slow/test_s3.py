"Songs in a bucket are labelled as those of a folder; the S3 server is a local one (moto)"
import pytest
from chordkd_nb.make_songs import make_demo_corpus
from chordkd_nb.songs import find_songs
from chordkd_nb.store import build_store

pytest.importorskip('s3fs')
server = pytest.importorskip('moto.server')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('s3')/'songs'
    make_demo_corpus(folder, songs=4, seconds=8, workers=0, progress=False)
    return folder


@pytest.fixture
def bucket(folder, monkeypatch):
    "A bucket with the songs, at s3://bucket/music"
    import s3fs
    running = server.ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    running.start()
    host, port = running.get_host_and_port()
    for name, value in dict(AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test', AWS_DEFAULT_REGION='us-east-1',
                            AWS_ENDPOINT_URL=f'http://{host}:{port}').items(): monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    fs = s3fs.S3FileSystem()
    if not fs.exists('bucket'): fs.mkdir('bucket')  # moto keeps it from one server to the next
    fs.put(str(folder), 'bucket/music', recursive=True)
    yield running
    running.stop()



def shards(folder): return [path.read_bytes() for path in sorted(folder.glob('part-*.arrow'))]


def run(*options):
    from chordkd_nb.cli import main
    try: main(['label', *map(str, options), '--teacher', 'none'])
    except SystemExit as exit: return exit.code
    return 0


@pytest.mark.parametrize('workers', [0, 2])
def test_a_bucket_gives_the_store_of_the_folder(folder, bucket, tmp_path, workers):
    build_store(find_songs(folder), tmp_path/'local', workers=0, progress=False)
    assert run('s3://bucket/music', tmp_path/'store', '--workers', workers) == 0
    assert shards(tmp_path/'store') == shards(tmp_path/'local')


def test_a_bucket_that_is_not_there(bucket, tmp_path):
    assert 's3://nothing/music' in str(run('s3://nothing/music', tmp_path/'store', '--workers', 0))


def test_a_server_that_is_gone_costs_no_song(folder, bucket, tmp_path, monkeypatch):
    from chordkd_nb._remote import remote_songs
    songs = remote_songs('s3://bucket/music')
    bucket.stop()
    store = build_store(songs, tmp_path/'store', workers=0, progress=False)
    assert len(store) == 0 and len(store.failed) == 4
    assert all('s3://bucket/music/audio/' in error for error in store.failed.values())
