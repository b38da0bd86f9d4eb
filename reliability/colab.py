"""Every notebook as Colab opens it: in an environment with the versions that Colab publishes, first the notebook's own install cell, then each
cell from top to bottom, those marked slow too (Colab knows no marks), in a folder that stands for /content.

FREEZE is pip-freeze.txt of github.com/googlecolab/backend-info. The package comes from this clone's last commit in place of the address that
the install cells name. A notebook fails if a cell does, or if its install cell changed a version that Colab has (ONNX wants a newer protobuf,
so the three notebooks that export to it may bring one). Only those of Colab's packages are installed that ours or a Jupyter kernel need. Rows go to data/results/reliability/colab.csv.
Needs `pip install uv packaging`, the Python of --python, or a network from which uv may fetch it, and 8 GB (the plain torch of Linux brings CUDA)."""
import argparse, json, os, re, shutil, subprocess, sys, tempfile
from datetime import datetime
from pathlib import Path
from packaging.utils import canonicalize_name
from common import root, save

KERNEL = ['notebook', 'nbconvert', 'ipykernel', 'ipython', 'jupyter-client', 'ipython-genutils', 'pip', 'setuptools']   # besides what ours needs
ONNX, ITS = ('14_onnx', '34_cli', '42_your_own_music'), {'protobuf'}   # who may change what
LIMIT = 180   # seconds; a notebook that takes more says so, and does not fail, as machines differ
cuda = lambda n: n.startswith(('nvidia', 'cuda', 'triton'))   # of the torch at hand, which is not Colab's build


def pins(freeze):
    "name → version of a pip freeze, those given by the address of a wheel too"
    found = re.findall(r'^([\w.-]+)==(\S+)$', freeze, re.M) + re.findall(r'^([\w.-]+) @ \S*/[\w.]+-(\d[\w.]*)%2B\w+-', freeze, re.M)
    return {canonicalize_name(n): v for n, v in found}


def environment(folder, colab, python):
    "A virtual environment with Colab's versions of what our package and a kernel need: its folder of programs"
    uv = lambda *cmd: subprocess.run([sys.executable, '-m', 'uv', '-q', *map(str, cmd)], check=True, capture_output=True, text=True, cwd=root).stdout
    venv = folder/'venv'; py = venv/'bin/python'
    if not py.exists():
        uv('venv', '--python', python, '--seed', venv)
        (folder/'wanted.txt').write_text('\n'.join(KERNEL))
        needed = uv('pip', 'compile', '--python', py, 'setup.py', '--extra', 'notebooks', '--extra', 'onnx', folder/'wanted.txt', '--no-header', '--no-annotate')
        ours = {canonicalize_name(n) for n in re.findall(r'^([\w.-]+)==', needed, re.M)} | set(KERNEL)
        (folder/'colab.txt').write_text('\n'.join(f'{n}=={v}' for n, v in colab.items() if n in ours and not cuda(n)))
        (folder/'versions.txt').write_text('\n'.join(f'{n}=={v}' for n, v in colab.items() if not cuda(n)))
        uv('pip', 'install', '--python', py, '-r', folder/'colab.txt', '-c', folder/'versions.txt')
    return venv/'bin'


def run(notebook, folder, bin, colab):
    "One notebook, all its cells: seconds of the install cell, of the others, and what was wrong, or none"
    content = folder/'content'; shutil.rmtree(content, ignore_errors=True); content.mkdir()
    nb = json.loads(notebook.read_text(encoding='utf-8')); install = None
    for c in nb['cells']:
        text = ''.join(c['source'])
        if c['cell_type'] == 'code' and '[ -e /content ]' in text: c['source'] = install = text.replace('/content', str(content))
    (content/notebook.name).write_text(json.dumps(nb), encoding='utf-8')
    env = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'VIRTUAL_ENV')} | dict(PATH=f'{bin}{os.pathsep}{os.environ["PATH"]}', OMP_NUM_THREADS='1',
        GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0=f'url.file://{root}.insteadOf', GIT_CONFIG_VALUE_0='https://github.com/chordkd/chordkd_nb', PIP_DISABLE_PIP_VERSION_CHECK='1')
    freeze = lambda: pins(subprocess.run([bin/'python', '-m', 'pip', 'freeze', '--all'], env=env, capture_output=True, text=True, check=True).stdout)
    before, done = freeze(), content/'done.ipynb'
    r = subprocess.run([bin/'python', '-m', 'nbconvert', '--execute', '--to', 'notebook', '--output', done.name, '--allow-errors', '--ExecutePreprocessor.record_timing=True',
                        '--ExecutePreprocessor.timeout=1800', content/notebook.name], env=env, cwd=content, capture_output=True, text=True)
    if not done.exists(): return 0, 0, f'{r.stderr[-1500:]}\nnbconvert ended with status {r.returncode}'
    seconds, bad = {True: 0., False: 0.}, []
    stamp = lambda c, k: datetime.fromisoformat(c['metadata']['execution'][f'iopub.status.{k}'].replace('Z', '+00:00')).timestamp()
    for i, c in enumerate(json.loads(done.read_text(encoding='utf-8'))['cells']):
        if c['cell_type'] != 'code' or 'execution' not in c['metadata']: continue
        text = ''.join(c['source']); seconds[text == install] += stamp(c, 'idle') - stamp(c, 'busy')
        if text == install: bad += [l for o in c['outputs'] for l in ''.join(o.get('text', '')).splitlines() if re.match('ERROR|error|fatal', l)]   # a shell's failure is no exception
        bad += [f'cell {i}: {o["ename"]}: {o["evalue"][:300]}' for o in c['outputs'] if o['output_type'] == 'error']
    after = freeze()
    changed = {n: f'{n} {before[n]} became {after.get(n, "nothing")}' for n in before if n in colab and after.get(n) != before[n]}
    bad += [v for n, v in changed.items() if not (notebook.stem in ONNX and n in ITS) and not cuda(n)]
    return seconds[True], seconds[False], '\n'.join(bad) or None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('freeze', type=Path, help="Colab's list of versions, a file"); p.add_argument('notebooks', nargs='*', help='their names, such as 35_widgets; default: all')
    p.add_argument('--python', default='3.13', help="Colab's Python; default 3.13 (os-info.txt beside the list says which)")
    p.add_argument('--work', type=Path, help='keep the environment and the last notebook here, and go on from there; default: a temporary folder')
    a = p.parse_intermixed_args()
    colab = pins(a.freeze.read_text()); paths = {q.stem: q for q in sorted((root/'nbs').glob('[0-9]*.ipynb'))}
    if 'ipykernel' not in colab: sys.exit(f"{a.freeze}: not a list of Colab's versions (no ipykernel in it)")
    if odd := set(a.notebooks) - set(paths): sys.exit(f'{", ".join(odd)}: no such notebook; there are {", ".join(paths)}')
    if subprocess.run(['git', 'status', '--porcelain', '--untracked-files=no'], cwd=root, capture_output=True, text=True).stdout: print('Changes that are not committed are not installed.')
    with tempfile.TemporaryDirectory() as d:
        work = (a.work or Path(d)).resolve(); work.mkdir(parents=True, exist_ok=True); rows = []
        bin = environment(work, colab, a.python)
        for n in sorted(a.notebooks or paths, key=ONNX.__contains__):   # those last, for what they change
            installing, running, why = run(paths[n], work, bin, colab)
            rows.append(dict(notebook=n, passed=not why, install=round(installing), seconds=round(running)))
            print(f'{"ok    " if not why else "FAILED"} {n:22} install {installing:4.0f} s, cells {running:4.0f} s{"  (over three minutes)" if running > LIMIT else ""}', *(['\n'+why] if why else []), flush=True)
    if not a.notebooks: save('colab', rows, versions={n: colab[n] for n in ('ipykernel', 'ipython', 'ipywidgets', 'numpy', 'torch', 'librosa')}, colab_python=a.python)
    good = sum(r['passed'] for r in rows); print(f'{good} passed, {len(rows)-good} failed'); sys.exit(good < len(rows))


if __name__ == '__main__': main()
