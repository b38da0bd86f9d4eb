"Songs, and a bucket with them on a local S3 server (moto)"
import logging
import os
import pytest
from chordkd_nb.make_songs import make_demo_corpus


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    "Four songs, and a file that is none"
    folder = tmp_path_factory.mktemp('music')/'songs'
    make_demo_corpus(folder, songs=4, seconds=8, workers=0, progress=False)
    (folder/'audio/broken.wav').write_bytes(b'no music')
    return folder


@pytest.fixture(scope='session')
def server():
    "A running server, whose address is in the environment"
    pytest.importorskip('s3fs')
    moto = pytest.importorskip('moto.server')
    logging.getLogger('werkzeug').setLevel('ERROR')
    running = moto.ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    running.start()
    host, port = running.get_host_and_port()
    os.environ |= dict(AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test', AWS_DEFAULT_REGION='us-east-1',
                       AWS_ENDPOINT_URL=f'http://{host}:{port}')
    yield running
    running.stop()


@pytest.fixture
def bucket(server, folder):
    "The file system of a server that has the songs, and nothing else, at s3://bucket/music"
    import s3fs
    s3fs.S3FileSystem.clear_instance_cache()
    fs = s3fs.S3FileSystem()
    if fs.exists('bucket'): fs.rm('bucket', recursive=True)
    fs.mkdir('bucket')
    fs.put(str(folder), 'bucket/music', recursive=True)
    return fs
