"""Execute notebooks in place, so that readers see their outputs; then clean them for committing.
usage: run_notebooks.py [--slow] [NOTEBOOK ...]     (default: all in nbs/; --slow: also the cells marked so, whose outputs are else left as they are)"""
import os, re, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ |= dict(TQDM_DISABLE='1', OMP_NUM_THREADS='1')
from execnb.nbio import read_nb, write_nb
from execnb.shell import CaptureShell
from fastcore.xtras import working_directory
from nbdev.config import get_config
from nbdev.process import extract_directives

cfg = get_config()
slow = ['--slow']*('--slow' in sys.argv)
skip = set(cfg.tst_flags.split()) if not slow else set()
WIDGET = 'application/vnd.jupyter.widget-view+json'   # names a model that dies with its kernel
TEMPORARY = re.compile(re.escape(tempfile.gettempdir()) + r'/tmp\w{8}')


def run(path):
    "Run the cells that nbdev_test would run, keeping outputs; stop at an error"
    nb, shell = read_nb(path), CaptureShell(path, mpl_format='png')
    def left_out(cell):
        if cell.cell_type != 'code': return True
        d = extract_directives(cell, remove=False)
        return d.get('eval:', [''])[0] == 'false' or bool(skip & d.keys())
    with working_directory(path.parent): shell.run_all(nb, exc_stop=True, preproc=left_out)
    for c in nb.cells:
        for o in c.get('outputs', []):
            o.get('data', {}).pop(WIDGET, None)
            for d in (o, o.get('data', {})):
                for k in d.keys() & {'text', 'text/plain', 'text/html'}: d[k] = [TEMPORARY.sub('…', t) for t in ([d[k]] if isinstance(d[k], str) else d[k])]
    write_nb(nb, path)


def one(path):
    "Run a notebook in a process of its own, so that no figure or module of another leaks into it"
    t = time.time()
    r = subprocess.run([sys.executable, __file__, '--one', path, *slow])
    print(f'{path.name:28} {time.time()-t:6.1f} s {path.stat().st_size/1000:6.0f} kB{"" if r.returncode == 0 else "  FAILED"}', flush=True)
    return r.returncode


if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']: sys.exit(run(Path(sys.argv[2])))
    paths = [Path(a).resolve() for a in sys.argv[1:] if a != '--slow'] or sorted(cfg.nbs_path.glob('*.ipynb'))
    with ThreadPoolExecutor(2) as pool: failed = sum(map(bool, pool.map(one, paths)))
    subprocess.run([Path(sys.executable).parent/'nbdev_clean'], check=True)
    sys.exit(bool(failed))
