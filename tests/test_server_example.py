"examples/server under load: many songs at once, bad uploads, limits, and memory that stays where it is"
import io, json, os, socket, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np, pytest, soundfile as sf

for package in ('fastapi', 'uvicorn', 'python_multipart', 'httpx'): pytest.importorskip(package)
import httpx, uvicorn

FOLDER = Path(__file__).resolve().parent.parent/'examples/server'
SR = 22050
A_MINOR = 110., 220., 261.6, 329.6
C_MAJOR = 261.6, 329.6, 392.


def sound(frequencies=C_MAJOR, seconds=4., format='WAV'):
    "An audio file with a chord: its bytes"
    t = np.arange(int(seconds*SR))/SR
    file = io.BytesIO()
    tones = [np.sin(2*np.pi*f*h*t)/h**2 for f in frequencies for h in range(1, 6)]
    sf.write(file, .1*sum(tones), SR, format=format)
    return file.getvalue()


@pytest.fixture(scope='module')
def app():
    "The example with small limits"
    os.environ |= dict(CHORDS_MEGABYTES='2', CHORDS_MINUTES='1', CHORDS_SECONDS='30', CHORDS_WORKERS='2',
                       CHORDS_WAITING='20')
    sys.path.insert(0, str(FOLDER))
    import app
    sys.path.remove(str(FOLDER))
    return app


@pytest.fixture(scope='module')
def client(app):
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app.app, port=port, log_level='warning'))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), 'the server did not start'
        time.sleep(.05)
    with httpx.Client(base_url=f'http://127.0.0.1:{port}', timeout=60) as client: yield client
    server.should_exit = True
    thread.join()


def sent(client, content, name='song.wav', **options):
    return client.post('/chords', files=dict(song=(name, content)), params=options)


def labels(response): return [s['label'] for s in response.json()['segments']]


def test_a_song_gets_its_chords(client):
    assert '<form' in client.get('/').text
    response = sent(client, sound(A_MINOR))
    assert response.status_code == 200 and labels(response) == ['A:min'] and response.json()['title'] == 'song'
    assert labels(sent(client, sound(A_MINOR), names='jazz')) == ['A-']
    assert sent(client, sound(C_MAJOR), format='lab').text.split()[2] == 'C'
    assert 'chordPlayer(' in sent(client, sound(C_MAJOR, format='FLAC'), 'a.flac', format='html').text


def test_many_at_once_get_their_own_chords(client):
    songs = [A_MINOR, C_MAJOR]*8
    with ThreadPoolExecutor(8) as pool: answers = list(pool.map(lambda f: sent(client, sound(f)), songs))
    assert [a.status_code for a in answers] == [200]*16
    assert [labels(a) for a in answers] == [['A:min'], ['C']]*8


BAD = dict(
    empty=(b'', 422), text=(b'this is no sound'*100, 422), cut=(sound()[:30], 422), zeros=(bytes(1000), 422),
    large=(bytes(2_100_000), 413), long=(sound(seconds=70, format='FLAC'), 413))


@pytest.mark.parametrize('name', BAD)
def test_bad_uploads_are_told_what_is_wrong(client, name):
    content, status = BAD[name]
    response = sent(client, content)
    assert response.status_code == status
    assert len(response.json()['detail']) > 10 and '/' not in response.json()['detail']


def test_bad_ones_among_good_ones_hurt_nobody(client):
    uploads = [sound(), b'no sound', bytes(2_100_000), sound(A_MINOR)]*4
    with ThreadPoolExecutor(8) as pool: answers = list(pool.map(lambda c: sent(client, c), uploads))
    assert [a.status_code for a in answers] == [200, 422, 413, 200]*4


def test_a_body_without_length_or_without_a_song_is_refused(client):
    assert client.post('/chords', content=iter([b'a', b'b'])).status_code == 411
    assert client.post('/chords', data=dict(other='x')).status_code == 422
    assert sent(client, sound(), format='lab', names='pop').status_code == 422
    assert sent(client, sound(), format='exe').status_code == 422


def test_whoever_takes_too_long_is_stopped_and_the_worker_is_free_again(client, app, monkeypatch):
    monkeypatch.setattr(app, 'MAX_SECONDS', .5)
    def slow(y, orig_sr, progress):
        for k in range(100):
            time.sleep(.05)
            progress(k/100)
    monkeypatch.setattr(app, 'recognize', slow)
    started = time.monotonic()
    assert sent(client, sound()).status_code == 504
    assert time.monotonic() - started < 3
    while app.app.state.jobs: time.sleep(.05)
    assert time.monotonic() - started < 4
    monkeypatch.undo()
    assert sent(client, sound()).status_code == 200


def test_a_full_queue_asks_to_come_again(client, app, monkeypatch):
    monkeypatch.setattr(app, 'WAITING', 0)
    def slow(*_, **__): time.sleep(1.5)
    monkeypatch.setattr(app, 'recognize', slow)
    monkeypatch.setattr(app, 'chords_as', lambda *_, **__: b'{}')
    with ThreadPoolExecutor(8) as pool: answers = list(pool.map(lambda _: sent(client, sound()), range(8)))
    codes = sorted(a.status_code for a in answers)
    assert codes[:2] == [200, 200] and codes[-1] == 503
    assert {a.headers.get('Retry-After') for a in answers if a.status_code == 503} == {'10'}


def memory(): return int(Path('/proc/self/statm').read_text().split()[1])*os.sysconf('SC_PAGE_SIZE')/1e6


def grown(client, calls):
    "How many MB the server has grown by in so many calls after a few to warm up"
    def send(k): return sent(client, [sound(A_MINOR), sound(), b'no sound'][k % 3]).status_code
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(12)))
        before = memory()
        assert sorted(set(pool.map(send, range(calls)))) == [200, 422]
    return memory() - before


@pytest.mark.skipif(not Path('/proc/self/statm').exists(), reason='needs /proc')
@pytest.mark.parametrize('calls', [30, pytest.param(500, marks=pytest.mark.slow)])
def test_memory_is_flat(client, calls): assert grown(client, calls) < 30
