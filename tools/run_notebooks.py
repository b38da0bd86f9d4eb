"""Execute notebooks in place, so that readers see their outputs; then clean them for committing.
usage: run_notebooks.py [--slow] [NOTEBOOK ...]     (default: all in nbs/)
--slow: also the slow cells; without it their outputs stay as they are."""
import base64, io, os, re, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ |= dict(TQDM_DISABLE='1', OMP_NUM_THREADS='1')
from execnb.nbio import read_nb, write_nb
from execnb.shell import CaptureShell
from fastcore.xtras import working_directory
from nbdev.config import get_config
from nbdev.process import extract_directives
from PIL import Image
import soundfile

config = get_config()
slow = ['--slow'] if '--slow' in sys.argv else []
skipped = set() if slow else set(config.tst_flags.split())
WIDGET = 'application/vnd.jupyter.widget-view+json'   # names a model that dies with its kernel
LARGE = 40_000  # characters
SOUND = re.compile('(?<=data:audio/mpeg;base64,)[A-Za-z0-9+/=]+')
TEMPORARY = re.compile(re.escape(tempfile.gettempdir()) + r'/tmp\w{8}')


def left_out(cell):
    "Whether nbdev_test would not run this cell"
    if cell.cell_type != 'code': return True
    directives = extract_directives(cell, remove=False)
    return directives.get('eval:', [''])[0] == 'false' or bool(skipped & directives.keys())


def without_traces(texts):
    "Outputs without the names of temporary folders"
    texts = [texts] if isinstance(texts, str) else texts
    return [TEMPORARY.sub('…', t).replace(f'{config.config_path}/', '') for t in texts]


def smaller(png):
    "A large picture, as base64, with 128 colours instead of millions"
    if len(png) < LARGE: return png
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert('RGB').quantize(128)
    out = io.BytesIO()
    picture.save(out, 'PNG', optimize=True)
    return min(png, base64.b64encode(out.getvalue()).decode(), key=len)


def smaller_sound(match):
    "A sound, as base64, in the lowest quality of MP3"
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(match[0])))
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format='MP3', bitrate_mode='VARIABLE', compression_level=.99)
    return min(match[0], base64.b64encode(out.getvalue()).decode(), key=len)


def clean(output):
    "Remove from an output what is different in every run, and make large pictures and sounds smaller"
    data = output.get('data', {})
    data.pop(WIDGET, None)
    if 'image/png' in data: data['image/png'] = smaller(data['image/png'])
    for d in (output, data):
        for key in d.keys() & {'text', 'text/plain', 'text/html'}: d[key] = without_traces(d[key])
    if 'text/html' in data: data['text/html'] = [SOUND.sub(smaller_sound, t) for t in data['text/html']]


def run(path):
    "Run the cells that nbdev_test would run, and keep their outputs; stop at an error"
    nb, shell = read_nb(path), CaptureShell(path, mpl_format='png')
    for cell in nb.cells:
        if not left_out(cell): cell.outputs = []  # execnb keeps the old ones of a cell that now has none
    with working_directory(path.parent): shell.run_all(nb, exc_stop=True, preproc=left_out)
    for cell in nb.cells:
        for output in cell.get('outputs', []): clean(output)
    write_nb(nb, path)


def run_alone(path):
    "Run a notebook in a process of its own, so that no figure or module of another leaks into it"
    started = time.time()
    r = subprocess.run([sys.executable, __file__, '--one', path, *slow])
    size = path.stat().st_size/1000
    print(f'{path.name:28} {time.time()-started:6.1f} s {size:6.0f} kB', '  FAILED'*bool(r.returncode), flush=True)
    return r.returncode


def main():
    paths = [Path(a).resolve() for a in sys.argv[1:] if a != '--slow'] or sorted(config.nbs_path.glob('*.ipynb'))
    with ThreadPoolExecutor(2) as pool: failed = any(pool.map(run_alone, paths))
    subprocess.run([Path(sys.executable).parent/'nbdev_clean'], check=True)
    sys.exit(failed)


if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']: run(Path(sys.argv[2]))
    else: main()
