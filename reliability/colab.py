"""Every notebook as Colab opens it.

In an environment with the versions that Colab publishes, we run first the notebook's own install cell, then each cell
from top to bottom, slow ones too (Colab does not know our marks), in a folder that stands for /content.
FREEZE is pip-freeze.txt of github.com/googlecolab/backend-info. The package comes from this clone's last commit instead
of the address that the install cells name. A notebook fails if a cell does, or if its install cell changed a version
that Colab has (ONNX wants a newer protobuf, so any notebook may bring one). We install only those of
Colab's packages that ours or a Jupyter kernel need. Rows go to data/results/reliability/colab.csv. You need
`pip install uv packaging`, the Python of --python or a network from which uv may fetch it, and 8 GB (the plain torch of
Linux brings CUDA)."""
import argparse, json, os, re, shutil, subprocess, sys, tempfile
from datetime import datetime
from pathlib import Path
from packaging.utils import canonicalize_name
from common import root, save

KERNEL = ['notebook', 'nbconvert', 'ipykernel', 'ipython', 'jupyter-client', 'ipython-genutils', 'pip', 'setuptools']
MAY_CHANGE = {'protobuf'}   # of which ONNX wants a newer one
LIMIT = 180   # s; a slower notebook is marked but does not fail, as machines differ
SHOWN = ('ipykernel', 'ipython', 'ipywidgets', 'numpy', 'torch', 'librosa')
REPOSITORY = 'https://github.com/chordkd/chordkd_nb'


def is_cuda(name):
    "Whether a package belongs to CUDA: the torch at hand is not Colab's build"
    return name.startswith(('nvidia', 'cuda', 'triton'))


def pins(freeze):
    "name -> version of a pip freeze, of wheels given by their address too"
    named = re.findall(r'^([\w.-]+)==(\S+)$', freeze, re.M)
    addressed = re.findall(r'^([\w.-]+) @ \S*/[\w.]+-(\d[\w.]*)%2B\w+-', freeze, re.M)
    return {canonicalize_name(n): v for n,v in named+addressed}


def uv(*cmd):
    command = [sys.executable, '-m', 'uv', '-q', *map(str, cmd)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout


def environment(folder, colab, python):
    "A virtual environment with Colab's versions of what our package and a kernel need: its folder of programs"
    venv = folder/'venv'
    py = venv/'bin/python'
    if py.exists(): return venv/'bin'
    uv('venv', '--python', python, '--seed', venv)
    (folder/'wanted.txt').write_text('\n'.join(KERNEL))
    needed = uv('pip', 'compile', '--python', py, 'setup.py', '--extra', 'notebooks',
                folder/'wanted.txt', '--no-header', '--no-annotate')
    ours = {canonicalize_name(n) for n in re.findall(r'^([\w.-]+)==', needed, re.M)}|set(KERNEL)
    versions = {n: v for n,v in colab.items() if not is_cuda(n)}
    (folder/'colab.txt').write_text('\n'.join(f'{n}=={v}' for n,v in versions.items() if n in ours))
    (folder/'versions.txt').write_text('\n'.join(f'{n}=={v}' for n,v in versions.items()))
    uv('pip', 'install', '--python', py, '-r', folder/'colab.txt', '-c', folder/'versions.txt')
    return venv/'bin'


def colab_env(programs):
    "Environment variables in which the install cells clone this checkout"
    env = {k: v for k,v in os.environ.items() if k not in ('PYTHONPATH', 'VIRTUAL_ENV')}
    git = dict(GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0=f'url.file://{root}.insteadOf', GIT_CONFIG_VALUE_0=REPOSITORY)
    path = f'{programs}{os.pathsep}{os.environ["PATH"]}'
    return env | git | dict(PATH=path, OMP_NUM_THREADS='1', PIP_DISABLE_PIP_VERSION_CHECK='1')


def installed(programs, env):
    command = [programs/'python', '-m', 'pip', 'freeze', '--all']
    return pins(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)


def place(notebook, content):
    "Copy a notebook into `content`, which stands for /content: the text of its install cell"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir()
    nb, install = json.loads(notebook.read_text(encoding='utf-8')), None
    for cell in nb['cells']:
        text = ''.join(cell['source'])
        if cell['cell_type'] != 'code' or '[ -e /content ]' not in text: continue
        cell['source'] = install = text.replace('/content', str(content))
    (content/notebook.name).write_text(json.dumps(nb), encoding='utf-8')
    return install


def cell_seconds(cell):
    def stamp(event):
        text = cell['metadata']['execution'][f'iopub.status.{event}']
        return datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()
    return stamp('idle')-stamp('busy')


def shell_errors(cell):
    "Lines in which an install cell complains: a shell's failure raises no exception"
    lines = [line for o in cell['outputs'] for line in ''.join(o.get('text', '')).splitlines()]
    return [line for line in lines if re.match('ERROR|error|fatal', line)]


def executed(path, install):
    "Seconds of the install cell, of the others, and errors, of a notebook that has run"
    installing, running, faults = 0., 0., []
    for i,cell in enumerate(json.loads(path.read_text(encoding='utf-8'))['cells']):
        if cell['cell_type'] != 'code' or 'execution' not in cell['metadata']: continue
        if ''.join(cell['source']) == install:
            installing += cell_seconds(cell)
            faults += shell_errors(cell)
        else: running += cell_seconds(cell)
        errors = [o for o in cell['outputs'] if o['output_type'] == 'error']
        faults += [f'cell {i}: {o["ename"]}: {o["evalue"][:300]}' for o in errors]
    return installing, running, faults


def run(notebook, folder, programs, colab):
    "Run all cells of one notebook: seconds of the install cell, of the others, and what was wrong, or None"
    content = folder/'content'
    install, env = place(notebook, content), colab_env(programs)
    before, done = installed(programs, env), content/'done.ipynb'
    convert = [programs/'python', '-m', 'nbconvert', '--execute', '--to', 'notebook', '--output', done.name]
    options = ['--allow-errors', '--ExecutePreprocessor.record_timing=True', '--ExecutePreprocessor.timeout=1800']
    command = [*convert, *options, content/notebook.name]
    r = subprocess.run(command, env=env, cwd=content, capture_output=True, text=True)
    if not done.exists(): return 0, 0, f'{r.stderr[-1500:]}\nnbconvert ended with status {r.returncode}'
    installing, running, faults = executed(done, install)
    after = installed(programs, env)
    changed = [n for n in before if n in colab and after.get(n) != before[n] and n not in MAY_CHANGE and not is_cuda(n)]
    faults += [f'{n} {before[n]} became {after.get(n, "nothing")}' for n in changed]
    return installing, running, '\n'.join(faults) or None


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('freeze', type=Path, help="Colab's list of versions, a file")
    p.add_argument('notebooks', nargs='*', help='their names, such as 51_widgets; default: all')
    p.add_argument('--python', default='3.13', help="Colab's Python (default: 3.13; os-info.txt has it)")
    p.add_argument('--work', type=Path, help='keep the environment here (default: a temporary folder)')
    return p.parse_intermixed_args()


def check_arguments(args, colab, paths):
    if 'ipykernel' not in colab: sys.exit(f"{args.freeze}: not a list of Colab's versions (no ipykernel in it)")
    if odd := set(args.notebooks)-set(paths):
        sys.exit(f'{", ".join(odd)}: no such notebook. There are {", ".join(paths)}.')
    status = ['git', 'status', '--porcelain', '--untracked-files=no']
    if subprocess.run(status, cwd=root, capture_output=True, text=True).stdout:
        print('Changes that are not committed are not installed.')


def main():
    args = arguments()
    colab = pins(args.freeze.read_text())
    paths = {p.stem: p for p in sorted((root/'nbs').glob('[0-9]*.ipynb'))}
    check_arguments(args, colab, paths)
    rows = []
    with tempfile.TemporaryDirectory() as d:
        work = (args.work or Path(d)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        programs = environment(work, colab, args.python)
        for name in sorted(args.notebooks or paths):
            installing, running, why = run(paths[name], work, programs, colab)
            rows.append(dict(notebook=name, passed=not why, install=round(installing), seconds=round(running)))
            verdict, slow = 'FAILED' if why else 'ok    ', '  (over three minutes)' if running > LIMIT else ''
            print(f'{verdict} {name:22} install {installing:4.0f} s, cells {running:4.0f} s{slow}')
            if why: print(why, flush=True)
    versions = {n: colab[n] for n in SHOWN}
    if not args.notebooks: save('colab', rows, versions=versions, colab_python=args.python)
    good = sum(r['passed'] for r in rows)
    print(f'{good} passed, {len(rows)-good} failed')
    sys.exit(good < len(rows))


if __name__ == '__main__': main()
