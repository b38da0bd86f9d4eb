"The page with the player: its program names chords as Python does, and a browser shows it at any width"
import base64, io, json, shutil, subprocess
from importlib.resources import files
from pathlib import Path
import numpy as np, pytest, soundfile as sf
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats
from chordkd_nb.chords import vocabulary
from chordkd_nb.edits import NAMES, best_capo, capo_shapes, short_name, transpose
from chordkd_nb.formats import save_chords
from chordkd_nb.keys import key_of, spelling_in
from chordkd_nb.player import audio_uri, chord_table, player_html
from test_chord_names import LABELS

needs_node = pytest.mark.skipif(not shutil.which('node'), reason='needs Node.js')
SR = 22050
SONG = Annotation([(0, 2), (2, 4), (4, 6), (6, 7), (7, 8)], ['Bb', 'G:min7', 'Eb:maj7/3', 'F:7', 'N'],
                  [.9, .8, .7, .6, 1.])
BEATS = Beats(np.arange(0, 8, .5), np.arange(16) % 4 + 1)


def in_node(expression, data):
    "Evaluate JavaScript about `data` with the program of the page"
    code = files('chordkd_nb').joinpath('player.js').read_text(encoding='utf-8')
    read = "const data = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    script = f'{code}\n{read}\nconsole.log(JSON.stringify({expression}))'
    r = subprocess.run(['node', '-e', script], input=json.dumps(data), capture_output=True, text=True)
    assert not r.returncode, r.stderr
    return json.loads(r.stdout)


@needs_node
@pytest.mark.parametrize('names', NAMES)
def test_the_page_names_chords_as_python_does(names):
    labels = [*LABELS, *vocabulary(170).labels]
    data = dict(labels=labels, chords=chord_table(labels), names=names)
    found = in_node('data.labels.map(l => chordNames.name(l, data.chords[l], data.names, 0, null))', data)
    assert found == [short_name(label, names) for label in labels]


@needs_node
@pytest.mark.parametrize('key', [['Bb', 'major'], ['F#', 'minor'], ['D', 'major'], ['C', 'minor']])
def test_the_page_transposes_as_python_does(key):
    tonics = dict(major='C Db D Eb E F Gb G Ab A Bb B'.split(), minor='C C# D Eb E F F# G G# A Bb B'.split())
    labels = [label for label in LABELS if label[1] != '#'] + vocabulary(170).labels
    data = dict(labels=labels, chords=chord_table(labels), key=key)
    moved = in_node('''Array.from({length: 12}, (_, n) => [chordNames.movedKey(data.key, n),
        data.labels.map(l => chordNames.name(l, data.chords[l], 'pop', n, data.key))])''', data)
    song = Annotation(np.c_[np.arange(len(labels)), np.arange(1, len(labels) + 1)], labels)
    for n, ((tonic, mode), names) in enumerate(moved[1:], 1):
        assert mode == key[1] and tonic in tonics[mode]
        expected = song.transpose(n)
        roots = spelling_in(tonic)
        for label, name in zip(expected.labels, names):
            if label in ('N', 'X'): continue
            pitch = 'C C# D D# E F F# G G# A A# B'.split().index(label.partition(':')[0].partition('/')[0])
            root = label.partition(':')[0].partition('/')[0]
            assert name == short_name(roots[pitch] + label[len(root):]), (label, tonic)


@needs_node
def test_the_page_finds_the_fret_that_python_finds():
    rng = np.random.default_rng(0)
    songs = [rng.choice(vocabulary(170).labels, 6).tolist() for _ in range(40)]
    segments = [[[k, k + 1, label] for k, label in enumerate(labels)] for labels in songs]
    found = in_node('data.songs.map(s => chordNames.bestCapo(s, data.chords, 0))',
                    dict(songs=segments, chords=chord_table(vocabulary(170).labels)))
    times = [(k, k + 1) for k in range(6)]
    assert found == [best_capo(Annotation(times, labels)) for labels in songs]


def test_the_sound_is_stereo_with_128_kbps():
    t = np.arange(5*44100)[:, None]/44100
    y = (.3*np.sin(2*np.pi*t*[220, 9000])).astype(np.float32)
    uri, seconds, rate = audio_uri(y, 44100)
    data = base64.b64decode(uri.partition(',')[2])
    decoded, sr = sf.read(io.BytesIO(data))
    assert (decoded.shape, sr, rate, seconds) == ((5*44100, 2), 44100, 44100, 5.)
    assert 8*len(data)/seconds >= 127_000
    assert (abs(np.corrcoef(decoded.T, y.T)[:2, 2:] - np.eye(2)) < .05).all()


@pytest.mark.parametrize('shape,sr,expected', [
    ((2, 96000), 96000, (48000, 2)), ((8000,), 8000, (16000, 1)), ((3, 44100), 44100, (44100, 1)),
    ((50000, 2), 50000, (48000, 2))])
def test_any_rate_and_number_of_channels_is_written(shape, sr, expected):
    uri, seconds, _ = audio_uri(np.zeros(shape), sr)
    info = sf.info(io.BytesIO(base64.b64decode(uri.partition(',')[2])))
    assert (info.samplerate, info.channels) == expected
    assert seconds == 1


@pytest.fixture(scope='module')
def browser():
    api = pytest.importorskip('playwright.sync_api')
    chromium = shutil.which('chromium')
    if not chromium: pytest.skip('needs Chromium')
    with api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=['--headless', '--no-sandbox'])
        yield found
        found.close()


def opened(browser, path, width):
    "Open a page; errors in it are raised when it is closed"
    page = browser.new_page(viewport=dict(width=width, height=800))
    page.goto(Path(path).as_uri())
    page.wait_for_selector('#play:enabled')
    return page


def y(): return .1*np.random.default_rng(0).standard_normal((8*SR, 2)).astype(np.float32)


@pytest.mark.parametrize('width', [390, 1280])
def test_every_chord_can_be_read(browser, tmp_path, width):
    many = Annotation(np.c_[np.arange(20)*.4, np.arange(1, 21)*.4], ['F#:hdim7/b5', 'Bb:minmaj7']*10)
    page = opened(browser, save_chords(many, tmp_path/'a.html', audio=y(), orig_sr=SR), width)
    assert page.locator('meta[name=viewport]').count() == 1
    assert page.evaluate('document.documentElement.scrollWidth') == width
    cells = page.locator('.cell')
    assert cells.all_inner_texts() == [short_name(label) for label in many.labels]
    assert not page.evaluate('[...document.querySelectorAll(".cell")].some(e => e.scrollWidth > e.clientWidth)')
    cells.nth(7).click()
    assert abs(page.evaluate('player.audio.currentTime') - 2.8) < .01
    page.close()


def test_bars_and_key_are_shown_where_they_are_known(browser, tmp_path):
    page = opened(browser, save_chords(SONG, tmp_path/'a.html', audio=y(), orig_sr=SR, beats=BEATS), 390)
    assert page.locator('.bar').count() == 4
    assert page.locator('.bar').nth(3).inner_text().split() == ['4', 'F7', 'N.C.']
    page.evaluate('player.seek(4.5)')
    assert page.locator('#place').inner_text() == 'Bb major · bar 3'
    bare = opened(browser, save_chords(SONG, tmp_path/'b.html', audio=y(), orig_sr=SR), 390)
    assert bare.locator('.bar').count() == 0 and bare.locator('#place').inner_text() == 'Bb major'
    page.close()
    bare.close()


def test_names_transposition_and_capo_change_on_the_page(browser, tmp_path):
    page = opened(browser, save_chords(SONG, tmp_path/'a.html', audio=y(), orig_sr=SR), 390)
    names = page.locator('.cell').all_inner_texts
    assert names() == ['Bb', 'Gm7', 'Ebmaj7/G', 'F7', 'N.C.']
    page.select_option('#names', 'jazz')
    assert names() == ['Bb', 'G-7', 'Ebmaj7/G', 'F7', 'N.C.']
    page.select_option('#names', 'harte')
    assert names() == SONG.labels
    page.select_option('#names', 'pop')
    page.select_option('#transpose', '2')
    assert names() == [short_name(label) for label in transpose(SONG, 2).labels]
    assert page.locator('#place').inner_text() == 'C major'
    page.select_option('#transpose', '0')
    page.select_option('#capo', '3')
    assert names() == [short_name(label) for label in capo_shapes(SONG, 3).labels]
    assert 'sounds Bb' in page.locator('.card').inner_text()
    assert '(easiest)' in page.locator('#capo option:checked').inner_text()
    page.close()


def test_a_transposed_song_can_be_taken_back_to_its_sound(browser, tmp_path):
    moved = transpose(SONG, 2)
    path = save_chords(moved, tmp_path/'a.html', audio=y(), orig_sr=SR, transposed=2, names='jazz')
    page = opened(browser, path, 390)
    assert page.locator('.cell').all_inner_texts() == [short_name(label, 'jazz') for label in moved.labels]
    assert page.locator('#transpose').input_value() == '2'
    page.select_option('#transpose', '0')
    assert page.locator('#place').inner_text() == ' '.join(key_of(SONG))
    assert page.locator('.cell').first.inner_text() == 'Bb'
    page.close()


def test_a_page_without_python_draws_and_removes_the_player(browser, tmp_path):
    "As a bundler does: the program is loaded by itself, and a second song takes the place of the first"
    html = player_html(y(), {'': SONG}, 'first', SR)
    (tmp_path/'a.html').write_text(html, encoding='utf-8')
    page = opened(browser, tmp_path/'a.html', 1280)
    page.evaluate('''() => {
        player.destroy();
        window.second = chordPlayer(document.getElementById('player'), {
            title: 'second', seconds: 4, audio: D.audio, rate: D.rate,
            lanes: [{name: '', sure: false, segments: [[0, 4, 'N', '', [9, 9, 9], 1]]}]});
    }''')
    page.wait_for_selector('#play:enabled')
    assert page.locator('#title').inner_text() == 'second' and page.locator('.cell').all_inner_texts() == ['N.C.']
    page.keyboard.press('End')
    assert abs(page.evaluate('second.audio.currentTime') - 3.99) < .01
    page.close()
