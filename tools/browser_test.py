"""Click through the widgets as a user does: JupyterLab, a kernel, a headless Chromium.

usage: browser_test.py FOLDER [--chromium PATH] [--classic PYTHON]

Screenshots go to FOLDER. It ends with `N checks passed`, or with status 1 at the first check that fails.
Needs the extra `dev` (pip install '.[dev]') and a Chromium (Debian: apt install chromium).
With --classic it uses the classic Notebook 6 and ipywidgets 7 of another environment, which Colab has
(WORK/venv/bin/python of reliability/colab.py --work WORK).
"""
import argparse, json, os, secrets, shutil, socket, subprocess, sys, tempfile, time, urllib.request
from contextlib import contextmanager
from pathlib import Path
import numpy as np
from playwright.sync_api import sync_playwright
from chordkd_nb.annotation import Annotation
from chordkd_nb.edits import short_name
from chordkd_nb.player import ChordPlayer, player_html

root = Path(__file__).resolve().parent.parent
PLAYER, WIDGETS = '24_player.ipynb', '51_widgets.ipynb'
SR = 22050  # Hz, samples of the test songs
MINUTE = 60_000  # ms, as Playwright counts
FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
]
passed = 0


def check(what, ok, found=''):
    "Count a check, or stop"
    global passed
    print('ok    ' if ok else 'FAILED', what if found == '' else f'{what}: {found}', flush=True)
    if not ok: sys.exit(1)
    passed += 1


# Jupyter

def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding='utf-8')


def prepare(work):
    "Copy all notebooks, two of them without outputs; write settings: no lazy cells, no question about news"
    shutil.copytree(root/'nbs', work/'nb', ignore=shutil.ignore_patterns('.*'))
    shutil.copytree(root/'data/pictures', work/'data/pictures')  # the index shows one
    for name in (PLAYER, WIDGETS):
        nb = json.loads((root/'nbs'/name).read_text(encoding='utf-8'))
        for cell in nb['cells']:
            if cell['cell_type'] == 'code': cell['outputs'], cell['execution_count'] = [], None
        write_json(work/'nb'/name, nb)
    settings = work/'settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings'
    write_json(settings, dict(windowingMode='none'))
    news = '@jupyterlab/apputils-extension:announcements'
    write_json(work/'config/labconfig/page_config.json', dict(disabledExtensions={news: True}))


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def server_command(work, port, token, classic):
    "The command line of JupyterLab, or of the classic Notebook of the Python `classic`"
    common = ['--no-browser', '--allow-root', '--ip=127.0.0.1', f'--port={port}']
    if classic:
        own = [f'--notebook-dir={work/"nb"}', f'--NotebookApp.token={token}']
        return [classic, '-m', 'notebook', *common, *own]
    own = [f'--ServerApp.root_dir={work/"nb"}', f'--IdentityProvider.token={token}']
    own += ['--LabApp.expose_app_in_browser=True']
    return [sys.executable, '-m', 'jupyterlab', *common, *own]


def server_environment(work, classic):
    "Environment variables that keep the server's settings inside `work`"
    env = os.environ | dict(
        JUPYTERLAB_SETTINGS_DIR=str(work/'settings'),
        JUPYTER_CONFIG_DIR=str(work/'config'),
        JUPYTER_RUNTIME_DIR=str(work/'runtime'),
        IPYTHONDIR=str(work/'ipython'),
        OMP_NUM_THREADS='1', TQDM_DISABLE='1')
    own = ('PYTHONPATH', 'VIRTUAL_ENV') if classic else ()
    return {k: v for k, v in env.items() if k not in own}


def wait_for(server, url, log):
    "Wait for a minute until the server answers"
    for _ in range(120):
        if server.poll() is not None: sys.exit(f'Jupyter did not start:\n{log.read_text()}')
        try: return urllib.request.urlopen(url)
        except OSError: time.sleep(.5)
    sys.exit(f'Jupyter did not answer within a minute:\n{log.read_text()}')


@contextmanager
def jupyter(work, classic=None):
    "Start a Jupyter server on a free port; yields a function: name of a notebook → address"
    port, token, log = free_port(), secrets.token_hex(16), work/'jupyter.log'
    command = server_command(work, port, token, classic)
    with open(log, 'w') as f:
        server = subprocess.Popen(command, env=server_environment(work, classic), stdout=f, stderr=f)
    home = f'http://127.0.0.1:{port}'
    def address(name):   # a workspace of its own, so that JupyterLab does not restore the notebook before
        place = 'notebooks' if classic else f'lab/workspaces/{Path(name).stem}/tree'
        return f'{home}/{place}/{name}?token={token}'
    try:
        wait_for(server, f'{home}/api?token={token}', log)
        yield address
    finally:
        server.terminate()
        try: server.wait(20)
        except subprocess.TimeoutExpired: server.kill()


LAB_KERNEL = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"
LAB_CELLS = '''jupyterapp.shell.currentWidget.content.widgets
    .map(c => c.model).filter(m => m.type == 'code')'''
LAB_DONE = f'''() => {{
    const cells = {LAB_CELLS};
    const failed = m => m.outputs.toJSON().some(o => o.output_type == 'error');
    return cells.at(-1).executionCount || cells.some(failed);
}}'''
LAB_ERRORS = f'''{LAB_CELLS}.flatMap(m => m.outputs.toJSON())
    .filter(o => o.output_type == 'error').map(o => o.ename + ': ' + o.evalue)'''


def run_all(page, url):
    "Open a notebook in JupyterLab and run it to its end"
    page.goto(url)
    page.wait_for_selector('.jp-Notebook .jp-Cell', timeout=2*MINUTE)
    page.wait_for_function(LAB_KERNEL, timeout=2*MINUTE)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(LAB_DONE, timeout=10*MINUTE)
    errors = page.evaluate(LAB_ERRORS)
    check('the notebook runs to its end', not errors, errors or '')


LAB_WIDE = '''() => {
    const wide = e => e.scrollWidth > e.clientWidth + 1;
    const found = [...document.querySelectorAll('.jp-Notebook .cm-scroller, .jp-Notebook .jp-RenderedMarkdown')];
    return [document.querySelector('.jp-Notebook'), ...found].filter(wide).map(e => e.textContent.slice(0, 60));
}'''


def fits_the_window(page, url, name):
    "A notebook is as wide as the window: you never scroll sideways to read its text or its code"
    page.goto(url)
    page.wait_for_selector('.jp-Notebook .jp-RenderedMarkdown h1', timeout=2*MINUTE)
    page.evaluate("jupyterapp.shell.collapseLeft()")
    page.wait_for_timeout(1500)
    wide = page.evaluate(LAB_WIDE)
    check(f'{name} has no horizontal scroll bar', not wide, wide or '')


CLASSIC_KERNEL = 'window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.widget_manager'
CLASSIC_CELLS = "Jupyter.notebook.get_cells().filter(c => c.cell_type == 'code')"
CLASSIC_DONE = f'''() => {{
    const cells = {CLASSIC_CELLS};
    const done = c => Number.isInteger(c.input_prompt_number) || !c.get_text().trim();
    const failed = c => c.output_area.outputs.some(o => o.output_type == 'error');
    return cells.every(done) || cells.some(failed);
}}'''
CLASSIC_ERRORS = f'''{CLASSIC_CELLS}.flatMap(c => c.output_area.outputs)
    .filter(o => o.output_type == 'error').map(o => o.ename + ': ' + o.evalue)'''


def run_all_classic(page, url):
    "Open a notebook in the classic Notebook and run it to its end"
    page.goto(url)
    page.wait_for_function(CLASSIC_KERNEL, timeout=2*MINUTE)
    page.wait_for_timeout(3000)   # ipywidgets 7 is there before it can draw
    page.evaluate('Jupyter.notebook.execute_all_cells()')
    page.wait_for_function(CLASSIC_DONE, timeout=10*MINUTE)
    errors = page.evaluate(CLASSIC_ERRORS)
    check('the notebook runs to its end', not errors, errors or '')


# The player

def frames(page, title, within=''):
    "Find the players called `title` inside elements that match `within`, ready to play"
    found = page.query_selector_all(f'{within} iframe[title^="{title}"]')
    found = [element.content_frame() for element in found]
    for frame in found: frame.wait_for_selector('#play:enabled')
    return found


STATE = '''({
    t: player.audio.currentTime,
    paused: player.audio.paused,
    now: D.lanes.map(l => l.boxes.findIndex(b => b.classList.contains('now'))),
    big: D.lanes.map(l => l.card.querySelector('strong').textContent),
    width: document.getElementById('line').offsetWidth,
    play: document.getElementById('play').getAttribute('aria-label'),
    said: document.getElementById('line').getAttribute('aria-valuetext'),
    off: document.querySelectorAll('.card.off').length,
})'''


def click_and_play(page, frame, out):
    "Click a chord, then play with the space bar"
    segments = frame.evaluate('D.lanes[0].segments')
    start, _, label, notes, *_ = segments[3]
    label = short_name(label)
    s = frame.evaluate(STATE)
    check('it begins with the first chord', (s['t'], s['now']) == (0, [0]))
    frame.locator('.chord').nth(3).click()
    s = frame.evaluate(STATE)
    where = f'{s["t"]} s, chord from {start} s'
    check('a click moves the sound to the start of the chord', abs(s['t'] - start) < .01, where)
    check('the highlight and the large chord follow', (s['now'], s['big']) == ([3], [label]), s['big'])
    check('a screen reader is told', label in s['said'] and notes in s['said'], s['said'])
    page.screenshot(path=out/'player.png')
    page.keyboard.press('Space')
    frame.wait_for_function('player.audio.currentTime > D.lanes[0].segments[4][0] + .1', timeout=20_000)
    s = frame.evaluate(STATE)
    playing = not s['paused'] and s['now'][0] >= 4 and s['play'] == 'Pause'
    check('space plays it, and the highlight moves on', playing, f'{s["t"]:.2f} s')
    page.keyboard.press('Space')
    frame.wait_for_function('player.audio.paused')
    paused_at = frame.evaluate(STATE)['t']
    page.wait_for_timeout(300)
    s = frame.evaluate(STATE)
    check('space pauses it', s['t'] == paused_at and s['play'] == 'Play')


def keys_and_ruler(page, frame):
    "Move by keys, zoom, click the ruler"
    def press(*keys):
        for key in keys: page.keyboard.press(key)
        return frame.evaluate(STATE)
    segments = frame.evaluate('D.lanes[0].segments')
    s = press('Home', 'ArrowRight', 'ArrowRight')
    check('arrows move by chords', abs(s['t'] - segments[2][0]) < .01 and s['now'] == [2], f'{s["t"]:.2f} s')
    check('… and back', press('ArrowLeft')['now'] == [1])
    check('… or by a second', abs(press('Shift+ArrowRight')['t'] - segments[1][0] - 1) < .01)
    width = frame.evaluate(STATE)['width']
    check('+ zooms in', press('+')['width'] > 1.4*width)
    check('0 shows all again', press('0')['width'] == width)
    box = frame.locator('#ruler').bounding_box()
    page.mouse.click(box['x'] + box['width']/2, box['y'] + 8)
    t = frame.evaluate(STATE)['t']
    check('a click on the ruler goes to the exact place', abs(t - frame.evaluate('D.seconds')/2) < .05, f'{t:.2f} s')


def compare_chords(page, frame, out):
    "Jump to the differences"
    first = min(frame.evaluate('D.lanes.flatMap(l => (l.differences || []).map(d => d[0]))'))
    frame.locator('#line').focus()
    page.keyboard.press('d')
    s = frame.evaluate(STATE)
    there = abs(s['t'] - first) < .01 and s['off'] > 0
    check('d goes to the first difference, and a card marks it', there, s['big'])
    page.screenshot(path=out/'compare.png')


def set_theme(page, name):
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {name}'}})")
    light = 'true' if name == 'Light' else 'false'
    page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state='attached')


def darkness(page, frame, out):
    "JupyterLab's theme becomes dark, and the player with it"
    set_theme(page, 'Dark')
    frame.locator('#now').hover()
    frame.wait_for_function("document.documentElement.classList.contains('dark')")
    check('dark where JupyterLab is dark', True)
    page.wait_for_timeout(500)
    page.screenshot(path=out/'compare-dark.png')
    set_theme(page, 'Light')


# The panels

def explorer(page, out):
    "Filter the segments and listen to one"
    table = page.locator('.chordkd-rows select').first
    table.scroll_into_view_if_needed()
    before = table.locator('option').count()
    page.locator('.widget-dropdown:has-text("quality") select').first.select_option('min')
    changed = 'n => document.querySelector(".chordkd-rows select").options.length != n'
    page.wait_for_function(changed, arg=before)
    after = table.locator('option').count()
    check('the explorer filters', after > 1, f'{before-1} segments, then {after-1}')
    table.select_option(index=1)
    page.wait_for_selector('.widget-html iframe[title^="demo0"]')
    heard = frames(page, 'demo0', within='.widget-html')[0]
    heard.locator('.chord').nth(1).click()
    start = heard.evaluate('D.lanes[0].segments[1][0]')
    check('you can listen to a segment', heard.evaluate('player.audio.currentTime') == start, heard.evaluate('D.title'))
    page.locator('.widget-html iframe[title^="demo0"]').scroll_into_view_if_needed()
    page.screenshot(path=out/'explorer.png')


def playground(page, out):
    "Move a slider"
    image = page.locator('.widget-image').last
    image.scroll_into_view_if_needed()
    before = image.get_attribute('src')
    handle = ':is(.noUi-handle, .ui-slider-handle)'
    page.locator(f'.widget-hslider:has(.widget-label:text-is("T")) {handle}').last.focus()
    page.keyboard.press('ArrowLeft')
    changed = 'before => [...document.querySelectorAll(".widget-image")].at(-1).src != before'
    page.wait_for_function(changed, arg=before)
    check('the playground answers a slider', True)
    page.wait_for_timeout(300)
    page.screenshot(path=out/'playground.png')


# Sound, and frames with few rights

HEARD = '''async from => {
    const c = new AudioContext(), p = c.createScriptProcessor(256, 1, 1);
    let heard = null;
    c.createMediaElementSource(player.audio).connect(p);
    p.connect(c.destination);
    p.onaudioprocess = e => {
        const loud = e.inputBuffer.getChannelData(0).some(v => Math.abs(v) > .3);
        if (heard === null && loud) heard = player.audio.currentTime;
    };
    player.seek(from);
    await new Promise(r => player.audio.onseeked = r);
    await player.audio.play();
    await new Promise(r => player.audio.onended = r);
    return heard;
}'''


def sound_in_time(page, work):
    "A click at 2 s sounds at 2 s after a jump to 1.5 s"
    y = np.zeros(4*SR, np.float32)
    y[2*SR:2*SR+200] = .9*np.sin(np.arange(200))
    chords = Annotation([(0, 2), (2, 4)], ['N', 'C'])
    (work/'click.html').write_text(player_html(y, {'': chords}, orig_sr=SR), encoding='utf-8')
    page.goto((work/'click.html').as_uri())
    page.wait_for_selector('#play:enabled')
    page.locator('.chord').first.click()
    heard = page.evaluate(HEARD, 1.5)
    found = f'a click at 2 s, heard at {heard:.3f} s'
    check('after a jump the sound agrees with the clock', abs(heard - 2) < .03, found)


SANDBOXES = {
    'Colab': '''allow-downloads allow-forms allow-pointer-lock allow-popups
        allow-popups-to-escape-sandbox allow-same-origin allow-scripts
        allow-storage-access-by-user-activation allow-top-navigation-by-user-activation''',
    'VS Code': '''allow-same-origin allow-scripts allow-forms allow-modals
        allow-pointer-lock allow-downloads allow-popups''',
    'whoever trusts nothing': 'allow-scripts',
}


def sandboxed(page, work):
    "Put an output into a frame with few rights: a stand-in for notebooks that we cannot start here"
    y = np.sin(np.arange(6*SR)/20).astype(np.float32)/2
    chords = Annotation([(0, 2), (2, 4), (4, 6)], ['C', 'G', 'A:min'])
    shown = json.dumps(ChordPlayer(y, chords, orig_sr=SR)._repr_html_()).replace('</', '<\\/')
    output = f'<body><script>document.body.innerHTML = {shown}</script>'
    (work/'output.html').write_text(output, encoding='utf-8')
    for name, rights in SANDBOXES.items():
        frame = f'<iframe sandbox="{rights}" allow="autoplay" src="output.html" width="900" height="400">'
        (work/'page.html').write_text(f'{frame}</iframe>', encoding='utf-8')
        page.goto((work/'page.html').as_uri())
        play_in_frame(page, name)


def play_in_frame(page, name):
    "Click the second chord and play into the third"
    output = page.wait_for_selector('iframe').content_frame()
    frame = output.wait_for_selector('iframe').content_frame()
    frame.wait_for_selector('#play:enabled')
    frame.locator('.chord').nth(1).click()
    clicked = frame.evaluate('player.audio.currentTime')
    page.keyboard.press('Space')
    frame.wait_for_function('player.audio.currentTime > 4.1', timeout=20_000)
    s = frame.evaluate(STATE)
    page.keyboard.press('Space')
    ok = clicked == 2 and s['now'] == [2] and not s['paused']
    check(f'it plays in a frame with the rights that {name} gives', ok, f'{s["t"]:.2f} s')


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path, help='where screenshots go')
    p.add_argument('--chromium', default='chromium', help='the browser; default: chromium')
    p.add_argument('--classic', metavar='PYTHON', help='the Python of an environment with Notebook 6, '
                   'ipywidgets 7 and this package; default: JupyterLab of this one')
    return p.parse_args()


def notebooks(page, work, out, classic):
    "Run both notebooks and click through their widgets"
    run = run_all_classic if classic else run_all
    with jupyter(work, classic) as address:
        run(page, address(PLAYER))
        one, several = frames(page, 'synthetic song')
        click_and_play(page, one, out)
        keys_and_ruler(page, one)
        compare_chords(page, several, out)
        if not classic: darkness(page, several, out)
        run(page, address(WIDGETS))
        explorer(page, out)
        playground(page, out)
        if not classic:
            for path in sorted((root/'nbs').glob('[0-9]*.ipynb')): fits_the_window(page, address(path.name), path.name)
        page.goto('about:blank')


def main():
    a = arguments()
    chromium = shutil.which(a.chromium)
    if not chromium: sys.exit(f'{a.chromium}: no such browser; give its path with --chromium')
    a.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d, sync_playwright() as playwright:
        work, errors = Path(d), []
        prepare(work)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=dict(width=1280, height=900))
        page.on('pageerror', lambda e: errors.append(str(e)))
        page.on('dialog', lambda dialog: dialog.accept())   # "leave the page?"
        notebooks(page, work, a.folder, a.classic)
        if not a.classic:
            sound_in_time(page, work)
            sandboxed(page, work)
        check('no error in the page', not errors, errors or '')
        browser.close()
    print(f'{passed} checks passed, screenshots in {a.folder}')


if __name__ == '__main__': main()
