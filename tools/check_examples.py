"""Run examples/ as another project would: from the wheel, in another folder, in a virtual environment of its own.

The wheel is built from a copy of the files under version control, must hold weights, licence and `py.typed`, and is
installed into an empty environment outside the repository. Third-party packages are those of the running environment,
which a .pth line makes visible, so that nothing is downloaded; .pth files of that folder are not followed, hence an
editable install of the checkout in it stays invisible, and every example must prove that chordkd_nb came from the wheel.
Pyright then reads the examples as it would there, so that types reach whoever uses the package.
With --fresh nothing is borrowed: torch (the one the Makefile names, or $TORCH) and the wheel with the extras that an
example's docstring asks for are installed from the package index, which also tests that the requirements are complete.
usage: check_examples.py [--fresh]"""
import os, re, subprocess, sys, tempfile, time, venv, zipfile
from pathlib import Path
from check_types import pyright

root = Path(__file__).resolve().parent.parent
env = {k:v for k,v in os.environ.items() if k != 'PYTHONPATH'} | dict(OMP_NUM_THREADS='1', PIP_DISABLE_PIP_VERSION_CHECK='1')
HOLDS = [r'chordkd_nb/weights/[^/]+/model\.safetensors', r'chordkd_nb/weights/[^/]+/config\.json', r'chordkd_nb/weights/README\.md', r'.*/LICENSE', r'chordkd_nb/py\.typed', r'chordkd_nb/(__init__|chords|evaluation)\.pyi']
RUN = """import runpy, sys
runpy.run_path(sys.argv[1], run_name='__main__')
ours = {n:m.__file__ for n,m in sys.modules.items() if n.split('.')[0] == 'chordkd_nb'}
odd = {n:f for n,f in ours.items() if not f.startswith(sys.prefix)}
sys.exit(f'not from the wheel: {odd}' if odd or not ours else 0)"""


def run(*cmd, cwd=None):
    "Output of a command; RuntimeError with that output if it fails"
    r = subprocess.run(list(map(str, cmd)), cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if r.returncode: raise RuntimeError(f'{r.stdout}\n{Path(cmd[0]).name} ended with status {r.returncode}')
    return r.stdout


def wheel(d):
    "Build the wheel of the checkout in folder `d`, and look what is in it: its path"
    tracked = run('git', 'ls-files', '-co', '--exclude-standard', cwd=root).splitlines()
    for f in tracked:
        if f.startswith(('chordkd_nb/', 'data/weights/')) or f in ('settings.ini', 'setup.py', 'tools/stubs.py', 'README.md', 'LICENSE'):
            (d/'src'/f).parent.mkdir(parents=True, exist_ok=True); (d/'src'/f).write_bytes((root/f).read_bytes())
    run(sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '-w', d, d/'src')
    path, = d.glob('*.whl')
    names = zipfile.ZipFile(path).namelist()
    lack = [h for h in HOLDS if not any(re.fullmatch(h, n) for n in names)]
    code = {f'chordkd_nb/{p.name}' for p in (root/'chordkd_nb').glob('*.py')} - set(names)
    if lack or code: raise RuntimeError(f'{path.name} lacks {lack + sorted(code)}')
    return path


def environment(d, whl):
    "An empty environment in `d` with the wheel in it and the packages of the running one in view: its python"
    venv.create(d, with_pip=False)
    python = next(d.glob('[bS]*/python*'))
    run(sys.executable, '-m', 'pip', '--python', python, 'install', '-q', '--no-deps', '--no-index', whl)
    here = run(python, '-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])').strip()
    Path(here, 'borrowed.pth').write_text(''.join(f'{p}\n' for p in sys.path if Path(p).name in ('site-packages', 'dist-packages')))
    return python


def extras(example):
    "Extras that the docstring's `pip install` names"
    m = re.search(r"pip install '?chordkd_nb(?:\[([\w,]+)\])?", example.read_text())
    if not m: raise RuntimeError(f'{example.name}: its docstring says no `pip install chordkd_nb`')
    return m[1] or ''


def fresh(d, whl, extra):
    "Torch, the wheel and an extra in the environment `d`, all from the package index: its python"
    if not d.exists():
        venv.create(d, with_pip=False)
        torch = os.environ.get('TORCH') or re.search(r'^TORCH\s*\?=\s*(.*)$', (root/'Makefile').read_text(), re.M)[1]
        run(sys.executable, '-m', 'pip', '--python', next(d.glob('[bS]*/python*')), 'install', '-q', *torch.split())
    python = next(d.glob('[bS]*/python*'))
    run(sys.executable, '-m', 'pip', '--python', python, 'install', '-q', f'{whl}[{extra}]' if extra else whl)
    return python


def check(new=False):
    "Yield (name, reason of failure or none, seconds): the wheel, every example, those without extras first, their types"
    with tempfile.TemporaryDirectory() as d:
        d, t = Path(d).resolve(), time.time()
        try: whl = wheel(d); python = None if new else environment(d/'venv', whl)
        except RuntimeError as e: yield 'wheel', str(e), time.time()-t; return
        yield whl.name, None, time.time()-t
        (d/'elsewhere').mkdir()
        for p in sorted((root/'examples').glob('*.py'), key=lambda p: (extras(p), p.name)):
            t, copy, why = time.time(), d/'elsewhere'/p.name, None
            copy.write_bytes(p.read_bytes())
            try: run(fresh(d/'venv', whl, extras(p)) if new else python, '-c', RUN, copy, cwd=d/'elsewhere')
            except RuntimeError as e: why = str(e)
            yield f'examples/{p.stem}', why, time.time()-t
        t, python = time.time(), next((d/'venv').glob('[bS]*/python*'))
        yield 'types of the examples', pyright(d/'elsewhere', python), time.time()-t


if __name__ == '__main__':
    bad = 0
    for name, why, seconds in check('--fresh' in sys.argv):
        bad += why is not None
        print(f'{"ok    " if why is None else "FAILED"} {name:34} {seconds:6.1f} s', *(['\n'+why] if why else []), flush=True)
    sys.exit(bool(bad))
