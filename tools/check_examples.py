"""Run examples/ as another project would: from the wheel, in another folder, in a virtual environment of its own.

The wheel is built from a copy of the files under version control and installed into an empty environment outside the
repository. It must hold weights, licence and types. Other packages are borrowed from the running environment by a .pth
file, so nothing is downloaded. Python does not follow .pth files of a borrowed folder, so an editable install of the
checkout stays invisible, and every example must prove that chordkd_nb came from the wheel. Pyright then reads the
examples as it would in another project.
With --fresh nothing is borrowed: torch and the wheel are installed from the package index, with the extras that each
example's docstring names. This also tests that the requirements are complete.
usage: check_examples.py [--fresh]"""
import os, re, subprocess, sys, tempfile, time, venv, zipfile
from pathlib import Path
from check_types import pyright

root = Path(__file__).resolve().parent.parent
env = {k: v for k,v in os.environ.items() if k != 'PYTHONPATH'}
env |= dict(OMP_NUM_THREADS='1', PIP_DISABLE_PIP_VERSION_CHECK='1')
SOURCES = ('settings.ini', 'setup.py', 'MANIFEST.in', 'tools/stubs.py', 'README.md', 'LICENSE')
EXPECTED = [  # patterns of names in the wheel
    r'chordkd_nb/weights/[^/]+/model\.safetensors',
    r'chordkd_nb/weights/[^/]+/config\.json',
    r'chordkd_nb/weights/README\.md',
    r'.*/LICENSE',
    r'chordkd_nb/py\.typed',
    r'chordkd_nb/(__init__|annotation|evaluation)\.pyi']
RUN = """import runpy, sys
runpy.run_path(sys.argv[1], run_name='__main__')
ours = {n: m.__file__ for n,m in sys.modules.items() if n.split('.')[0] == 'chordkd_nb'}
odd = {n: f for n,f in ours.items() if not f.startswith(sys.prefix)}
sys.exit(f'not from the wheel: {odd}' if odd or not ours else 0)"""


def run(*cmd, cwd=None):
    "Run a command: its output; RuntimeError with that output if it fails"
    output = dict(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    r = subprocess.run(list(map(str, cmd)), cwd=cwd, env=env, text=True, **output)
    if r.returncode: raise RuntimeError(f'{r.stdout}\n{Path(cmd[0]).name} ended with status {r.returncode}')
    return r.stdout


def python_of(environment): return next(environment.glob('[bS]*/python*'))


def pip_install(python, *what): run(sys.executable, '-m', 'pip', '--python', python, 'install', '-q', *what)


def build_wheel(folder):
    "Build the wheel of the checkout and look at what is in it: its path"
    for f in run('git', 'ls-files', '-co', '--exclude-standard', cwd=root).splitlines():
        if not f.startswith(('chordkd_nb/', 'data/weights/')) and f not in SOURCES: continue
        copy = folder/'src'/f
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((root/f).read_bytes())
    run(sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '-w', folder, folder/'src')
    path, = folder.glob('*.whl')
    names = set(zipfile.ZipFile(path).namelist())
    lacks = [pattern for pattern in EXPECTED if not any(re.fullmatch(pattern, n) for n in names)]
    lacks += sorted({str(p.relative_to(root)) for p in (root/'chordkd_nb').rglob('*.py')} - names)
    if lacks: raise RuntimeError(f'{path.name} lacks {lacks}')
    return path


def borrowing_environment(folder, wheel):
    "An environment with the wheel in it and the packages of the running one in view: its python"
    venv.create(folder, with_pip=False)
    python = python_of(folder)
    pip_install(python, '--no-deps', '--no-index', wheel)
    packages = run(python, '-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])').strip()
    borrowed = [p for p in sys.path if Path(p).name in ('site-packages', 'dist-packages')]
    Path(packages, 'borrowed.pth').write_text(''.join(f'{p}\n' for p in borrowed))
    return python


def extras(example):
    "Extras that the docstring's `pip install` names, with commas between them"
    found = re.search(r"pip install '?chordkd_nb(?:\[([\w,]+)\])?", example.read_text())
    if not found: raise RuntimeError(f'{example.name}: its docstring has no line `pip install chordkd_nb`')
    return found[1] or ''


def fresh_environment(folder, wheel, extra):
    "The wheel and its extras in an environment, all from the package index; with extras, torch first: its python"
    if not folder.exists(): venv.create(folder, with_pip=False)
    if extra:
        default = re.search(r'^TORCH\s*\?=\s*(.*)$', (root/'Makefile').read_text(), re.M)[1]
        pip_install(python_of(folder), *os.environ.get('TORCH', default).split())
    pip_install(python_of(folder), f'{wheel}[{extra}]' if extra else wheel)
    return python_of(folder)


def failure(f, *args):
    "(result, None, seconds), or (None, why it failed, seconds)"
    started = time.time()
    try: return f(*args), None, time.time()-started
    except RuntimeError as e: return None, str(e), time.time()-started


def check(new=False):
    "Yield (name, why it failed or None, seconds) for the wheel, for every example, and for their types"
    with tempfile.TemporaryDirectory() as d:
        folder = Path(d).resolve()
        wheel, why, seconds = failure(build_wheel, folder)
        yield 'wheel', why, seconds
        if why: return
        if not new: borrowing_environment(folder/'venv', wheel)
        elsewhere = folder/'elsewhere'
        elsewhere.mkdir()
        # examples without extras first, so that a missing requirement shows
        for example in sorted((root/'examples').glob('*.py'), key=lambda p: (extras(p), p.name)):
            copy = elsewhere/example.name
            copy.write_bytes(example.read_bytes())
            python = fresh_environment(folder/'venv', wheel, extras(example)) if new else python_of(folder/'venv')
            _, why, seconds = failure(lambda: run(python, '-c', RUN, copy, cwd=elsewhere))
            yield f'examples/{example.stem}', why, seconds
        why, _, seconds = failure(pyright, elsewhere, python_of(folder/'venv'))
        yield 'types of the examples', why, seconds


if __name__ == '__main__':
    failed = False
    for name,why,seconds in check('--fresh' in sys.argv):
        failed = failed or why is not None
        print(f'{"FAILED" if why else "ok    "} {name:34} {seconds:6.1f} s', why or '', flush=True)
    sys.exit(failed)
