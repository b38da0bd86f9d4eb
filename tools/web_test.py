"""Use the page of web/ as people do, in a headless Chromium: `make web-test`, after `make web-build`

usage: web_test.py FOLDER [SONG...] [--chromium PATH]

Screenshots go to FOLDER. SONGs are recordings to recognise besides a composed one. It ends with `N checks passed`, or
with status 1 at the first check that fails. Needs the extra `dev` and a Chromium (Debian: apt install chromium).
"""
import argparse, functools, gzip, http.server, io, json, re, shutil, sys, tempfile, threading, time
from contextlib import contextmanager
from pathlib import Path
import numpy as np
import pretty_midi
import soundfile
from playwright.sync_api import sync_playwright
import browser_test
from browser_test import FLAGS, MINUTE, check
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats
from chordkd_nb.edits import best_capo, simplify
from chordkd_nb.evaluation import overlay
from chordkd_nb.formats import chords_as
from chordkd_nb.keys import has_key, key_of
from chordkd_nb.make_songs import demo_song
from chordkd_nb.player import agreement
from chordkd_nb.recognition import recognize

root = Path(__file__).resolve().parent.parent
DIST = root/'web/dist'
SR = 22050      # Hz
WIRE = 12       # MB, compressed, at most
SAME = .99      # share of the time with the chord of the command, at least
FREEZE = 1000   # ms for which the page may not answer, at most


# Songs and a server

def write_songs(folder):
    "Write a stereo MP3, slash chords, ten and 31 minutes, silence, channels that cancel, and a file that is no sound"
    audio = demo_song(28, 60)[0]
    stereo = np.stack([audio, np.r_[np.zeros(300), audio[:-300]]], 1)
    soundfile.write(folder/'song.mp3', stereo, SR, format='MP3')
    soundfile.write(folder/'opposite.flac', np.stack([audio, -audio], 1)[:20*SR], SR)
    soundfile.write(folder/'slashes.flac', demo_song(4, 60)[0], SR)
    soundfile.write(folder/'ten minutes.wav', np.tile(audio, 10), SR)
    soundfile.write(folder/'silent.wav', np.zeros((5*SR, 2)), SR)
    soundfile.write(folder/'long.wav', np.zeros(31*60*8000, np.int16), 8000, 'PCM_U8')
    (folder/'broken.mp3').write_bytes(b'no sound at all '*999)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass


@contextmanager
def served(folder):
    "Serve a folder; yields its address"
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/'
        server.shutdown()


# What the page says and does

def finish(page):
    "Wait for an answer, and return what the page says, and its problem"
    page.wait_for_function('document.getElementById("working").hidden', timeout=10*MINUTE)
    return page.inner_text('#say'), page.inner_text('#problem')


def recognise(page, path):
    page.set_input_files('#file', path)
    return finish(page)


def saved(page, format):
    "The file that a button saves"
    with page.expect_download() as download: page.click(f'[data-format={format}]')
    return Path(download.value.path()).read_bytes()


def saved_chords(page, folder):
    "What the page saves as `.lab`"
    path = folder/'saved.lab'
    path.write_bytes(saved(page, 'lab'))
    return Annotation.from_lab(path)


def names(page):
    "Names of all chords of the sheet, in their order"
    cells = page.query_selector_all('.cell:not(.held)')
    cells = sorted(cells, key=lambda cell: int(cell.get_attribute('data-k')))
    return [cell.inner_text() for cell in cells]


# Checks

def size():
    files = [path for path in DIST.rglob('*') if path.is_file()]
    wire = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)/1e6
    check(f'at most {WIRE} MB travel, compressed by gzip', wire <= WIRE, f'{wire:.2f} MB')


def every_key():
    "The page spells chords in each key that `key_of` finds"
    triads = [f'{root}:{quality}' for root in 'C Db D Eb E F Gb G Ab A Bb B'.split() for quality in ('maj', 'min')]
    tonics = {key_of(Annotation([(0, 1)], [triad])).tonic for triad in triads}
    spellings = json.loads((DIST.parent/'made/chords.json').read_text())['spellings']
    check('each key has its spellings', tonics <= set(spellings), ' '.join(sorted(tonics)))


def agrees(page, path, folder):
    "The page finds the chords that the command finds"
    began = time.perf_counter()
    said, problem = recognise(page, path)
    seconds = time.perf_counter() - began
    check(f'{path.name} is recognised', not problem, said)
    ours = recognize(path)
    same = agreement(ours, saved_chords(page, folder))
    speed = f'{100*same:.2f} %; {ours.duration:.0f} s in {seconds:.1f} s, {ours.duration/seconds:.0f} × real time'
    check(f'{path.name}: the same chords as recognize', same >= SAME, speed)
    check('… over the same basses', same_basses(ours, saved_chords(page, folder)) >= SAME, basses_of(ours))
    key = ' '.join(key_of(ours)) if has_key(ours) else ''
    check('… in the same key', key in said, said)
    return ours


def basses_of(chords): return ' '.join(sorted({label for label in chords.labels if '/' in label}))


def same_basses(ref, est):
    "Share of the time in which both name the same degree as the bass, or none"
    bounds, *sides = overlay(ref, est)
    same = [a.partition('/')[2] == b.partition('/')[2] for a, b in zip(*sides)]
    return np.average(same, weights=np.diff(bounds))


def saves(page, folder):
    "Each format holds what the page shows, as the package writes it"
    chords, shown = saved_chords(page, folder), json.loads(saved(page, 'json'))
    segments = [(s['start'], s['end'], s['label']) for s in shown['segments']]
    check('JSON holds the chords of .lab', segments == [(round(a, 6), round(b, 6), l) for a, b, l in chords])
    page.select_option('#names', 'harte')
    check('.lab holds what the page shows', names(page) == chords.labels, f'{len(chords)} chords')
    page.select_option('#names', 'pop')
    beats = Beats(np.array([beat['time'] for beat in shown['beats']]), None)
    sheet = saved(page, 'cho').decode()
    check('ChordPro is that of the package', sheet == chords_as(chords, 'chordpro', shown['title'], beats).decode())
    same_midi(saved(page, 'mid'), chords_as(chords, 'midi', beats=beats))


def same_midi(ours, expected):
    check('MIDI begins as MIDI does', ours[:4] == b'MThd')
    ours, expected = (pretty_midi.PrettyMIDI(io.BytesIO(data)) for data in (ours, expected))
    def notes(midi): return sorted((n.pitch, n.start, n.end) for part in midi.instruments for n in part.notes)
    same = np.allclose(notes(ours), notes(expected), atol=.005)
    check('MIDI has the notes of the package', same, f'{len(notes(ours))} notes')
    def lyrics(midi): return [lyric.text for lyric in midi.lyrics]
    check('… and its names', lyrics(ours) == lyrics(expected))
    check('… and its tempo', np.allclose(ours.get_beats()[:50], expected.get_beats()[:50], atol=.005))


def follows(page):
    "The sound follows a click, and the chords follow the sound"
    cell = page.locator('.cell:not(.held)').nth(3)
    cell.click()
    where = page.evaluate('document.getElementById("audio").currentTime')
    check('a click goes to the chord', abs(where - float(cell.get_attribute('data-start'))) < .02, f'{where:.2f} s')
    check('… which is large then', page.inner_text('.card strong') == cell.inner_text(), cell.inner_text())
    page.wait_for_selector('#play:enabled')
    page.click('#play')
    page.wait_for_function(f'document.getElementById("audio").currentTime > {where} + 1', timeout=MINUTE)
    page.click('#play')


def alternatives(page):
    "Another chord is a click away, and so is the way back"
    page.locator('.cell:not(.held)').nth(3).click()
    before = names(page)
    other = page.locator('.others button').nth(1)
    page.wait_for_timeout(300)
    label = other.inner_text().split()[0]
    other.focus()
    page.keyboard.press('Enter')
    pressed = page.locator('.others [aria-pressed=true]')
    check('an alternative becomes the chord', label in names(page) and page.inner_text('.card strong') == label, label)
    check('… and keeps the focus', pressed.evaluate('e => e == document.activeElement'))
    page.click('#undo')
    check('undo brings the old chord back', names(page) == before and page.is_disabled('#undo'))


def simplifies(page, folder, ours):
    for detail in ('sevenths', 'triads', 'majmin'):
        page.select_option('#detail', detail)
        same = agreement(simplify(ours, detail), saved_chords(page, folder))
        check(f'{detail}: as the package simplifies', same >= SAME, f'{100*same:.2f} %')
    check('… and major and minor chords have short names',
          all(re.fullmatch(r'[A-G][b#]?m?|N\.C\.|\?', name) for name in names(page)))
    page.select_option('#detail', 'full')


def transposes(page, folder):
    "Transposition changes page and files, a capo the shapes"
    before = saved_chords(page, folder)
    page.select_option('#transpose', '2')
    same = agreement(before.transpose(2), saved_chords(page, folder))
    check('two semitones up, also in .lab', same == 1)
    page.select_option('#transpose', '0')
    best = best_capo(before)
    check('the capo of the package is recommended', 'easiest' in page.inner_text(f'#capo option[value="{best}"]'), best)
    page.select_option('#capo', '3')
    shapes = [s['shape'] for s in json.loads(saved(page, 'json'))['segments']]
    page.select_option('#names', 'harte')
    check('with a capo page and JSON have shapes', shapes == names(page), ' '.join(shapes[:4]))
    check('… and ChordPro tells the fret', '{capo: 3}' in saved(page, 'cho').decode())
    page.select_option('#names', 'pop')
    page.select_option('#capo', '0')


def problems(page, folder):
    "What the page says of files that are no songs, and a cure"
    expected = {'broken.mp3': 'cannot decode', 'silent.wav': 'is silent', 'long.wav': 'limit is 30 minutes'}
    for name, words in expected.items():
        _, problem = recognise(page, folder/name)
        check(f'{name} has a clear message', words in problem and name in problem, problem)


DROP = '''() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['no sound'], 'dropped.mp3'))
    document.body.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true}))
}'''


def drops(page):
    page.evaluate(DROP)
    _, problem = finish(page)
    check('you can drop a file', 'dropped.mp3' in problem, problem)


def stays_alive(page, path, other):
    "Ten minutes: the page answers meanwhile; another song instead; cancel; again to the end"
    page.set_input_files('#file', path)
    page.wait_for_timeout(1000)
    recognise(page, other)
    lasts = page.inner_text('#time').split(' / ')[1]
    replaced = page.inner_text('#song') == other.stem and lasts == '0:20.0'
    check('a second song replaces the first at once', replaced, lasts)
    page.set_input_files('#file', path)
    page.wait_for_timeout(1000)
    page.focus('#cancel')
    page.keyboard.press('Enter')
    check('you can cancel', page.inner_text('#say') == 'Cancelled.' and page.is_hidden('#working'))
    page.evaluate('''window.gap = 0; window.last = performance.now(); window.timer = setInterval(() => {
        const now = performance.now(); window.gap = Math.max(gap, now - last); window.last = now }, 20)''')
    began = time.perf_counter()
    said, problem = recognise(page, path)
    seconds, gap = time.perf_counter() - began, page.evaluate('clearInterval(timer), gap')
    check('ten minutes are recognised', not problem, f'{said} {seconds:.1f} s')
    check(f'… and the page is never busy for {FREEZE} ms', gap < FREEZE, f'{gap:.0f} ms')


NAMELESS = '''() => [...document.querySelectorAll('button, select, input, [tabindex="0"]')]
    .filter(e => e.offsetParent && !(e.getAttribute('aria-label') || e.labels?.length))
    .filter(e => e.tagName != 'BUTTON' || !e.textContent.trim()).map(e => e.outerHTML)'''


def accessible(page):
    focused = page.evaluate('document.activeElement.id')
    check('the focus goes to the result', focused == 'song', focused)
    page.keyboard.press('Tab')
    check('… and the next is a choice', page.evaluate('document.activeElement.id') == 'detail')
    nameless = page.evaluate(NAMELESS)
    check('all controls have names', not nameless, nameless or '')
    check('progress and problems are announced',
          page.get_attribute('#say', 'role') == 'status' and page.get_attribute('#problem', 'role') == 'alert')


def screenshots(page, out):
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size(dict(width=width, height=height))
        for scheme in ('light', 'dark'):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            page.screenshot(path=out/f'web-{width}-{scheme}.png', full_page=True)
        fits = page.evaluate('document.documentElement.scrollWidth <= innerWidth')
        check(f'it fits into {width} pixels', fits)
    colour = page.evaluate('getComputedStyle(document.body).backgroundColor')
    check('dark where the system is dark', colour == 'rgb(30, 30, 30)', colour)
    page.set_viewport_size(dict(width=1280, height=900))
    page.emulate_media(color_scheme='light')


def offline(page, context, path):
    "The page opens and works without a network"
    page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    context.set_offline(True)
    page.reload()
    said, problem = recognise(page, path)
    check('it works offline', 'chord' in said and not problem, said)
    context.set_offline(False)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path, help='where screenshots go')
    p.add_argument('songs', type=Path, nargs='*', help='recordings')
    p.add_argument('--chromium', default='chromium', help='the browser; default: chromium')
    return p.parse_args()


def use(page, folder, songs, out):
    "All checks of one page that is online"
    page.screenshot(path=out/'web-start.png')
    problems(page, folder)
    drops(page)
    for path in songs: agrees(page, path, folder)
    agrees(page, folder/'opposite.flac', folder)
    agrees(page, folder/'slashes.flac', folder)
    ours = agrees(page, folder/'song.mp3', folder)
    recognise(page, folder/'song.mp3')
    accessible(page)
    follows(page)
    alternatives(page)
    saves(page, folder)
    simplifies(page, folder, ours)
    transposes(page, folder)
    screenshots(page, out)
    stays_alive(page, folder/'ten minutes.wav', folder/'opposite.flac')


def main():
    a, errors, strangers = arguments(), [], []
    chromium = shutil.which(a.chromium)
    if not chromium: sys.exit(f'{a.chromium}: no such browser; give its path with --chromium')
    if not (DIST/'index.html').exists(): sys.exit('web/dist is missing: run `make web-build`.')
    a.folder.mkdir(parents=True, exist_ok=True)
    size()
    every_key()
    with tempfile.TemporaryDirectory() as d, served(DIST) as home, sync_playwright() as playwright:
        write_songs(folder := Path(d))
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport=dict(width=1280, height=900), color_scheme='light')
        page = context.new_page()
        page.on('pageerror', lambda e: errors.append(str(e)))
        page.on('request', lambda r: r.url.startswith((home, 'blob:', 'data:')) or strangers.append(r.url))
        page.goto(home)
        use(page, folder, a.songs, a.folder)
        offline(page, context, folder/'song.mp3')
        check('nothing is asked of another place', not strangers, strangers or '')
        refused = page.evaluate("fetch('https://example.com').then(() => false, () => true)")
        check('… and the browser would refuse to send anything there', refused)
        check('no error in the page', not errors, errors or '')
        browser.close()
    print(f'{browser_test.passed} checks passed, screenshots in {a.folder}')


if __name__ == '__main__': main()
