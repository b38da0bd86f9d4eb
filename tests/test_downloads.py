"A server on this machine plays GitHub, well and badly"
import http.server, threading
from concurrent.futures import ThreadPoolExecutor
import pytest
from chordkd_nb import published
from chordkd_nb._downloads import DownloadError, cache_folder, git_blob_hash, is_downloaded
from chordkd_nb.checkpoint_files import CheckpointError

CONTENT = bytes(range(256))*200


class Server(http.server.BaseHTTPRequestHandler):
    content, mode, asked = b'', 'ranges', []
    def log_message(self, *_): pass

    def do_GET(self):
        wanted = self.headers.get('Range')
        self.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.mode != 'no ranges' else 0
        if self.mode == '404': return self.send_error(404)
        if start >= len(self.content): return self.send_error(416)
        body = self.content[start:]
        self.send_response(206 if start else 200)
        if start: self.send_header('Content-Range', f'bytes {start}-{len(self.content)-1}/{len(self.content)}')
        self.send_header('Content-Length', str(10**12 if self.mode == 'huge' else len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body)//2] if self.mode in ('cut', 'huge') else body)


@pytest.fixture
def get(tmp_path, monkeypatch):
    "A function: how the server behaves → path of the download"
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Server.content = CONTENT
    file = published.Published('me/models', '0'*40, 'test/small.pt', git_blob_hash(CONTENT), 'btc', 'CC0')
    monkeypatch.setitem(published.PUBLISHED, 'test', file)

    def download(mode, at_once=1):
        Server.mode = mode
        Server.asked.clear()
        address = f'http://127.0.0.1:{server.server_port}'
        with ThreadPoolExecutor(at_once) as pool:
            ask = lambda _: published.download('test', tmp_path, address, progress=False)
            return [*pool.map(ask, range(at_once))][0]
    download.stop = lambda: (server.shutdown(), server.server_close())
    yield download
    download.stop()


def endings(tmp_path): return sorted(p.suffix for p in (tmp_path/'test').iterdir() if p.name != '.lock')


def test_the_licence_is_printed_and_the_second_time_nothing_is_asked(get, capsys):
    path = get('ranges')
    assert path.read_bytes() == CONTENT and 'Licence: CC0' in capsys.readouterr().out
    assert get('404') == path and Server.asked == [] and capsys.readouterr().out == ''


@pytest.mark.parametrize('mode, why', [('404', '404'), ('huge', 'more than the 200000000')])
def test_a_server_without_the_file_leaves_nothing(mode, why, get, tmp_path):
    with pytest.raises(DownloadError, match=why): get(mode)
    assert endings(tmp_path) == []


def test_only_the_rest_is_asked_for(get, tmp_path):
    with pytest.raises(DownloadError, match='cut off after .* call again'): get('cut')
    assert endings(tmp_path) == ['.part']
    assert get('ranges').read_bytes() == CONTENT
    assert Server.asked == [f'bytes={len(CONTENT)//2}-'] and endings(tmp_path) == ['.pt']


def test_a_server_may_send_all_of_it_again(get):
    with pytest.raises(DownloadError, match='cut off'): get('cut')
    assert get('no ranges').read_bytes() == CONTENT


def test_another_file_is_removed(get, tmp_path):
    Server.content = CONTENT[:-1] + b'!'
    with pytest.raises(DownloadError, match='not the published file'): get('ranges')
    assert endings(tmp_path) == []


def test_a_part_that_is_longer_than_the_file_is_begun_anew(get, tmp_path):
    Server.content = CONTENT[:-1] + b'!'
    with pytest.raises(DownloadError, match='cut off'): get('cut')
    Server.content = CONTENT[:10]
    with pytest.raises(DownloadError, match='not the published file'): get('ranges')
    assert Server.asked[-1] is None and endings(tmp_path) == []


def test_a_damaged_file_in_the_cache_is_replaced(get):
    path = get('ranges')
    path.write_bytes(b'damaged in the cache')
    assert not is_downloaded(path, git_blob_hash(CONTENT))
    assert get('ranges').read_bytes() == CONTENT


def test_two_at_once_ask_the_server_once(get):
    assert get('ranges', at_once=2).read_bytes() == CONTENT
    assert Server.asked == [None]


def test_no_server(get):
    get.stop()
    with pytest.raises(DownloadError, match='refused'): get('ranges')


def test_unknown_names():
    with pytest.raises(CheckpointError, match='known are btc-large'): published.download('btc-small')


def test_the_cache_is_where_you_say(tmp_path, monkeypatch):
    monkeypatch.delenv('CHORDKD_CACHE', raising=False)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert cache_folder() == tmp_path/'chordkd'
    monkeypatch.setenv('CHORDKD_CACHE', str(tmp_path/'mine'))
    assert cache_folder() == tmp_path/'mine'
    assert cache_folder(tmp_path/'here') == tmp_path/'here'
