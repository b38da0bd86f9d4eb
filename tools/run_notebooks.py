"""Execute notebooks in place, so that readers see their outputs; then clean them for committing.
usage: run_notebooks.py [NOTEBOOK ...]     (default: all in nbs/)"""
import os, subprocess, sys, time
from pathlib import Path

os.environ.setdefault('TQDM_DISABLE', '1')
from execnb.nbio import read_nb, write_nb
from execnb.shell import CaptureShell
from fastcore.xtras import working_directory
from nbdev.config import get_config
from nbdev.process import extract_directives

cfg = get_config()
skip = set(cfg.tst_flags.split())


def run(path):
    "Run the cells that nbdev_test would run, keeping outputs; stop at an error"
    nb, shell = read_nb(path), CaptureShell(path, mpl_format='png')
    def left_out(cell):
        if cell.cell_type != 'code': return True
        d = extract_directives(cell, remove=False)
        return d.get('eval:', [''])[0] == 'false' or bool(skip & d.keys())
    with working_directory(path.parent): shell.run_all(nb, exc_stop=True, preproc=left_out)
    write_nb(nb, path)


for p in [Path(a).resolve() for a in sys.argv[1:]] or sorted(cfg.nbs_path.glob('*.ipynb')):
    t = time.time(); run(p); print(f'{p.name:28} {time.time()-t:6.1f} s {p.stat().st_size/1000:6.0f} kB', flush=True)
subprocess.run([Path(sys.executable).parent/'nbdev_clean'], check=True)
