"A download is complete and right, or it is not there; what had arrived is not asked for again"
import os
from pathlib import Path
import pytest
from bad_server import bad_server
from chordkd_nb.published import PUBLISHED, Published, download
from chordkd_nb._downloads import DownloadError, git_blob_hash


@pytest.fixture
def server(monkeypatch):
    "A server of a published checkpoint of 50 kB, named `test`; downloads of more than 1 MB are refused"
    with bad_server(os.urandom(50_000)) as server:
        published = Published('me/m', '0'*40, 'x/a.pt', git_blob_hash(server.content), 'btc', 'CC0')
        monkeypatch.setitem(PUBLISHED, 'test', published)
        monkeypatch.setattr('chordkd_nb._downloads.MAX_BYTES', 10**6)
        monkeypatch.setattr('chordkd_nb._downloads.TIMEOUT', 1.)
        yield server


@pytest.fixture
def get(server, tmp_path):
    "A function: way in which the server behaves → path of the download"
    def get(way):
        server.way = way
        server.asked.clear()
        return download('test', tmp_path, server.address, progress=False)
    return get


@pytest.fixture
def files(tmp_path):
    "A function: the endings of the files that are there"
    return lambda: sorted(path.suffix for path in (tmp_path/'test').iterdir() if path.name != '.lock')


@pytest.mark.parametrize('way, why, is_kept', [
    ('longer', 'cut off', True),
    ('cut', 'cut off', True),
    ('slow', 'for ever', True),
    ('stalled', 'timed out', True),
    ('shorter', 'not the published file', False),
    ('enormous', 'more than', False),
    ('endless', 'more than', False),
    ('loop', '302', False),
    ('chain', '302', False),
    ('file:///etc/passwd', 'not allowed', False),
    ('ftp://127.0.0.1/x', 'not on the web', False),
    ('data:text/plain,x', 'not allowed', False),
    ('gopher://x', 'not allowed', False),
])
def test_after_a_bad_server_a_good_one_only_sends_what_is_missing(get, server, files, way, why, is_kept):
    with pytest.raises(DownloadError) as error: get(way)
    message = str(error.value)
    assert why in message
    assert 'http://127.0.0.1' in message
    assert '\n' not in message
    assert files() == ['.part']*is_kept
    assert get('good').read_bytes() == server.content
    assert files() == ['.pt']
    path, asked_range = server.asked[0]
    assert bool(asked_range) == is_kept


@pytest.mark.parametrize('way', ['good', 'once', 'unknown', 'nonsense', 'digits', 'negative'])
def test_the_hash_decides_when_headers_are_missing_or_make_no_sense(get, server, files, way):
    assert get(way).read_bytes() == server.content
    assert files() == ['.pt']


def test_a_server_that_sends_everything_again_is_right_too(get, server, files):
    with pytest.raises(DownloadError): get('cut')
    assert get('whole').read_bytes() == server.content
    assert files() == ['.pt']


def test_a_file_with_another_hash_is_not_kept(get, server, files):
    server.content = server.content[:-1] + bytes([server.content[-1] ^ 255])
    with pytest.raises(DownloadError, match='not the published file'): get('good')
    assert files() == []


@pytest.mark.parametrize('address', ['file:///etc', 'ftp://x', ''])
def test_what_is_not_an_address_on_the_web_is_refused(server, tmp_path, address):
    with pytest.raises(DownloadError, match='not an address'):
        download('test', tmp_path, address, progress=False)


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='needs /dev/full, a disk that is always full')
def test_a_download_onto_a_full_disk_fails_and_can_be_repeated(get, server, files, tmp_path):
    part = tmp_path/'test'/f'a.pt.{PUBLISHED["test"].blob[:8]}.part'
    part.parent.mkdir()
    part.symlink_to('/dev/full')
    with pytest.raises(DownloadError, match='No space left'): get('good')
    assert files() == ['.part']
    part.unlink()
    assert get('good').read_bytes() == server.content
