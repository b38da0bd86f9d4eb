"""Click through the widgets as a user does: JupyterLab, a kernel, a headless Chromium.
usage: browser_test.py FOLDER [--chromium PATH] [--classic PYTHON]     screenshots go to FOLDER; ends with `N checks passed`, or with status 1 at the first that fails
Needs the extra `browser` (pip install '.[browser]'), and a Chromium (Debian: apt install chromium).
--classic: in the classic Notebook 6 with ipywidgets 7 of another environment instead, which are those that Colab has (WORK/venv/bin/python of reliability/colab.py --work WORK)."""
import argparse, json, os, secrets, shutil, socket, subprocess, sys, tempfile, time, urllib.request
from contextlib import contextmanager
from pathlib import Path
import numpy as np
from playwright.sync_api import sync_playwright
from chordkd_nb.annotation import Annotation
from chordkd_nb.widgets import ChordPlayer, player_html

root = Path(__file__).resolve().parent.parent
NOTEBOOK = '35_widgets.ipynb'
FLAGS = '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split()
passed = 0


def check(what, ok, found=''):
    "Count a check, or stop"
    global passed
    print(f'{"ok    " if ok else "FAILED"} {what}{f": {found}" if found != "" else ""}', flush=True)
    if not ok: sys.exit(1)
    passed += 1


def prepare(work):
    "A folder with the notebook, without outputs, and settings: every cell stands in the page, no question about news"
    nb = json.loads((root/'nbs'/NOTEBOOK).read_text(encoding='utf-8'))
    for c in nb['cells']:
        if c['cell_type'] == 'code': c['outputs'], c['execution_count'] = [], None
    (work/'nb').mkdir(); (work/'nb'/NOTEBOOK).write_text(json.dumps(nb), encoding='utf-8')
    for name,content in {'settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings': dict(windowingMode='none'),
                         'config/labconfig/page_config.json': dict(disabledExtensions={'@jupyterlab/apputils-extension:announcements': True})}.items():
        (work/name).parent.mkdir(parents=True); (work/name).write_text(json.dumps(content))


@contextmanager
def jupyter(work, classic=None):
    "A JupyterLab of its own on a free port, or the classic Notebook of the environment whose Python is `classic`: yields the notebook's address"
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    token = secrets.token_hex(16)
    env = os.environ | dict(JUPYTERLAB_SETTINGS_DIR=str(work/'settings'), JUPYTER_CONFIG_DIR=str(work/'config'), JUPYTER_RUNTIME_DIR=str(work/'runtime'),
                            IPYTHONDIR=str(work/'ipython'), OMP_NUM_THREADS='1', TQDM_DISABLE='1')
    cmd = [sys.executable, '-m', 'jupyterlab', '--no-browser', '--allow-root', '--ip=127.0.0.1', f'--port={port}', f'--ServerApp.root_dir={work/"nb"}',
           f'--IdentityProvider.token={token}', '--LabApp.expose_app_in_browser=True']
    if classic:
        cmd = [classic, '-m', 'notebook', *cmd[3:7], f'--notebook-dir={work/"nb"}', f'--NotebookApp.token={token}']
        env = {k: v for k, v in env.items() if k not in ('PYTHONPATH', 'VIRTUAL_ENV')}
    with open(work/'jupyter.log', 'w') as log: server = subprocess.Popen(cmd, env=env, stdout=log, stderr=log)
    try:
        for _ in range(120):
            if server.poll() is not None: sys.exit(f'Jupyter did not start:\n{(work/"jupyter.log").read_text()}')
            try: urllib.request.urlopen(f'http://127.0.0.1:{port}/api?token={token}'); break
            except OSError: time.sleep(.5)
        else: sys.exit(f'Jupyter did not answer within a minute:\n{(work/"jupyter.log").read_text()}')
        yield f'http://127.0.0.1:{port}/{"notebooks" if classic else "lab/tree"}/{NOTEBOOK}?token={token}'
    finally:
        server.terminate()
        try: server.wait(20)
        except subprocess.TimeoutExpired: server.kill()


def run_all(page, url):
    "Open the notebook and run it to its end"
    page.goto(url)
    page.wait_for_selector('.jp-Notebook .jp-Cell', timeout=120_000)
    page.wait_for_function("jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'", timeout=120_000)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function("""() => { const cells = jupyterapp.shell.currentWidget.content.widgets.map(c => c.model).filter(m => m.type == 'code');
        return cells.at(-1).executionCount || cells.some(m => [...Array(m.outputs.length).keys()].some(i => m.outputs.get(i).type == 'error')) }""", timeout=600_000)
    errors = page.evaluate("""jupyterapp.shell.currentWidget.content.widgets.map(c => c.model).filter(m => m.type == 'code')
        .flatMap(m => m.outputs.toJSON()).filter(o => o.output_type == 'error').map(o => o.ename + ': ' + o.evalue)""")
    check('the notebook runs to its end', not errors, errors or '')


def run_all_classic(page, url):
    "The same in the classic Notebook"
    page.goto(url)
    page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.widget_manager", timeout=120_000)
    page.wait_for_timeout(3000)   # ipywidgets 7 is there before it can draw
    cells = "Jupyter.notebook.get_cells().filter(c => c.cell_type == 'code')"; page.evaluate('Jupyter.notebook.execute_all_cells()')
    page.wait_for_function(f"() => {{ const cells = {cells}; return cells.every(c => Number.isInteger(c.input_prompt_number) || !c.get_text().trim()) || cells.some(c => c.output_area.outputs.some(o => o.output_type == 'error')) }}", timeout=600_000)
    errors = page.evaluate(f"{cells}.flatMap(c => c.output_area.outputs).filter(o => o.output_type == 'error').map(o => o.ename + ': ' + o.evalue)")
    check('the notebook runs to its end', not errors, errors or '')


def frames(page, title):
    "The frames of the players called `title`, ready to play"
    found = [e.content_frame() for e in page.query_selector_all(f'iframe[title^="{title}"]')]
    for f in found: f.wait_for_selector('#play:enabled')
    return found


STATE = '''({t: audio.currentTime, paused: audio.paused, now: D.lanes.map(l => l.boxes.findIndex(b => b.classList.contains('now'))),
    big: D.lanes.map(l => l.card.querySelector('strong').textContent), width: line.offsetWidth, play: $('play').getAttribute('aria-label'),
    said: line.getAttribute('aria-valuetext'), off: document.querySelectorAll('.card.off').length, dark: document.documentElement.classList.contains('dark')})'''


def chord_player(page, frame, out):
    "Click a chord, play, move by keys, zoom"
    seg = frame.evaluate('D.lanes[0].segments')
    state = lambda: frame.evaluate(STATE)
    check('it begins with the first chord', (state()['t'], state()['now']) == (0, [0]))
    frame.locator('.chord').nth(3).click(); s = state()
    check('a click moves the sound to the start of the chord', abs(s['t']-seg[3][0]) < .01, f'{s["t"]} s, chord from {seg[3][0]} s')
    check('the highlight and the large chord follow', (s['now'], s['big']) == ([3], [seg[3][2]]), s['big'])
    check('a screen reader hears it', seg[3][2] in s['said'] and seg[3][3] in s['said'], s['said'])
    page.screenshot(path=out/'player.png')
    page.keyboard.press('Space'); frame.wait_for_function('audio.currentTime > D.lanes[0].segments[4][0] + .1', timeout=20_000); s = state()
    check('space plays it, and the highlight goes on', not s['paused'] and s['now'][0] >= 4 and s['play'] == 'Pause', f'{s["t"]:.2f} s')
    page.keyboard.press('Space'); frame.wait_for_function('audio.paused'); t = state()['t']; page.wait_for_timeout(300)
    check('space pauses it', state()['t'] == t and state()['play'] == 'Play')
    page.keyboard.press('Home'); page.keyboard.press('ArrowRight'); page.keyboard.press('ArrowRight')
    check('arrows move by chords', abs(state()['t']-seg[2][0]) < .01 and state()['now'] == [2], f'{state()["t"]:.2f} s')
    page.keyboard.press('ArrowLeft'); check('… and back', state()['now'] == [1])
    page.keyboard.press('Shift+ArrowRight'); check('… or by a second', abs(state()['t']-seg[1][0]-1) < .01)
    before = state()['width']; page.keyboard.press('+'); check('+ zooms in', state()['width'] > 1.4*before)
    page.keyboard.press('0'); check('0 shows all again', state()['width'] == before)
    box = frame.locator('#ruler').bounding_box(); page.mouse.click(box['x']+box['width']/2, box['y']+8)
    check('a click on the ruler goes to the very place', abs(state()['t']-frame.evaluate('end')/2) < .05, f'{state()["t"]:.2f} s')


def compare_chords(page, frame, out):
    "Jump to the differences"
    first = min(frame.evaluate('D.lanes.flatMap(l => (l.differences || []).map(d => d[0]))'))
    frame.locator('#line').focus(); page.keyboard.press('d'); s = frame.evaluate(STATE)
    check('d goes to the first difference, and a card says so', abs(s['t']-first) < .01 and s['off'] > 0, s['big'])
    page.screenshot(path=out/'compare.png')


def darkness(page, frame, out):
    "JupyterLab's theme becomes dark, and the player with it"
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_selector('body[data-jp-theme-light="false"]', state='attached'); frame.locator('#now').hover()
    frame.wait_for_function("document.documentElement.classList.contains('dark')")
    check('dark where JupyterLab is dark', True); page.wait_for_timeout(500); page.screenshot(path=out/'compare-dark.png')
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"); page.wait_for_selector('body[data-jp-theme-light="true"]', state='attached')


def panels(page, out):
    "Choose a segment in the explorer; move a slider of the playground"
    table = page.locator('.chordkd-rows select').first; table.scroll_into_view_if_needed(); n = table.locator('option').count()
    page.locator('.widget-dropdown:has-text("quality") select').first.select_option('min')
    page.wait_for_function('n => document.querySelector(".chordkd-rows select").options.length != n', arg=n)
    check('the explorer filters', table.locator('option').count() > 1, f'{n-1} segments, then {table.locator("option").count()-1}')
    table.select_option(index=1); page.wait_for_selector('iframe[title^="demo0"]')
    heard = frames(page, 'demo0')[0]; heard.locator('.chord').nth(1).click()
    check('a segment can be listened to', heard.evaluate('audio.currentTime') == heard.evaluate('D.lanes[0].segments[1][0]'), heard.evaluate('D.title'))
    page.locator('iframe[title^="demo0"]').scroll_into_view_if_needed(); page.screenshot(path=out/'explorer.png')
    image = page.locator('.widget-image').last; image.scroll_into_view_if_needed(); before = image.get_attribute('src')
    page.locator('.widget-hslider:has(.widget-label:text-is("T")) :is(.noUi-handle, .ui-slider-handle)').first.focus(); page.keyboard.press('ArrowLeft')
    page.wait_for_function('before => [...document.querySelectorAll(".widget-image")].at(-1).src != before', arg=before)
    check('the playground answers a slider', True); page.wait_for_timeout(300); page.screenshot(path=out/'playground.png')


HEARD = '''async from => { const c = new AudioContext(), p = c.createScriptProcessor(256, 1, 1); let heard = null;
    c.createMediaElementSource(audio).connect(p); p.connect(c.destination);
    p.onaudioprocess = e => { if (heard === null && e.inputBuffer.getChannelData(0).some(v => Math.abs(v) > .3)) heard = audio.currentTime };
    seek(from); await new Promise(r => audio.onseeked = r); await audio.play(); await new Promise(r => audio.onended = r); return heard }'''


def sound_in_time(page, work):
    "A click at 2 s is heard at 2 s after a jump to 1.5 s"
    y = np.zeros(4*22050, np.float32); y[2*22050:2*22050+200] = .9*np.sin(np.arange(200))
    (work/'click.html').write_text(player_html(y, {'':Annotation([(0,2),(2,4)], ['N','C'])}), encoding='utf-8')
    page.goto((work/'click.html').as_uri()); page.wait_for_selector('#play:enabled'); page.locator('.chord').first.click()
    heard = page.evaluate(HEARD, 1.5)
    check('what is heard after a jump is what the clock says', abs(heard-2) < .03, f'a click at 2 s, heard at {heard:.3f} s')


SANDBOXES = {'Colab': 'allow-downloads allow-forms allow-pointer-lock allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts allow-storage-access-by-user-activation allow-top-navigation-by-user-activation',
             'VS Code': 'allow-same-origin allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads allow-popups', 'whoever trusts nothing': 'allow-scripts'}


def sandboxed(page, work):
    "An output that is put into a frame with few rights, as notebooks other than JupyterLab do: a stand-in for them, as they cannot be had here"
    y, a = np.sin(np.arange(6*22050)/20).astype(np.float32)/2, Annotation([(0, 2), (2, 4), (4, 6)], ['C', 'G', 'A:min'])
    shown = json.dumps(ChordPlayer(y, a)._repr_html_()).replace('</', '<\\/')
    (work/'output.html').write_text(f'<body><script>document.body.innerHTML = {shown}</script>', encoding='utf-8')
    for name, rights in SANDBOXES.items():
        (work/'page.html').write_text(f'<iframe sandbox="{rights}" allow="autoplay" src="output.html" width="900" height="400"></iframe>', encoding='utf-8')
        page.goto((work/'page.html').as_uri())
        frame = page.wait_for_selector('iframe').content_frame().wait_for_selector('iframe').content_frame()
        frame.wait_for_selector('#play:enabled'); frame.locator('.chord').nth(1).click(); t = frame.evaluate('audio.currentTime'); page.keyboard.press('Space')
        frame.wait_for_function('audio.currentTime > 4.1', timeout=20_000); s = frame.evaluate(STATE); page.keyboard.press('Space')
        check(f'it plays in a frame with the rights that {name} gives', t == 2 and s['now'] == [2] and not s['paused'], f'{s["t"]:.2f} s')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path, help='where screenshots go'); p.add_argument('--chromium', default='chromium', help='the browser; default: chromium')
    p.add_argument('--classic', metavar='PYTHON', help='the Python of an environment with Notebook 6, ipywidgets 7 and this package; default: JupyterLab of this one')
    a = p.parse_args(); chromium = shutil.which(a.chromium)
    if not chromium: sys.exit(f'{a.chromium}: no such browser; give its path with --chromium')
    a.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d, sync_playwright() as pw:
        work = Path(d); prepare(work)
        browser = pw.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=dict(width=1280, height=900)); errors = []
        page.on('pageerror', lambda e: errors.append(str(e)))
        with jupyter(work, a.classic) as url:
            (run_all_classic if a.classic else run_all)(page, url)
            one, several = frames(page, 'synthetic song')
            chord_player(page, one, a.folder); compare_chords(page, several, a.folder)
            if not a.classic: darkness(page, several, a.folder)
            panels(page, a.folder)
            page.on('dialog', lambda d: d.accept()); page.goto('about:blank')
        if not a.classic: sound_in_time(page, work); sandboxed(page, work)
        check('no error in the page', not errors, errors or '')
        browser.close()
    print(f'{passed} checks passed, screenshots in {a.folder}')


if __name__ == '__main__': main()
