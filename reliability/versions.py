"""The package in other environments: the oldest and newest of what settings.ini allows, and what lies between.

Each row of ENVIRONMENTS is resolved by uv from settings.ini, built with the package as a wheel, and checked: `lowest` must have
exactly the bounds that are declared; every module must import; the examples must run; songs go from audio to scores by the command
line (inside.py), with the chords that the first environment has and nearly its log-probabilities; notebooks and tests/ run.
One environment is there at a time. Rows go to data/results/reliability/versions.csv; exit status 1 if any check failed.
Needs `pip install uv packaging numpy`, and the Pythons of the table in PATH, or a network from which uv may fetch them (UV_FIND_LINKS: wheels
on disk). The plain torch of Linux brings CUDA, 6 GB an environment.
usage: versions.py [NAME ...] [--work FOLDER]     (default: all; FOLDER keeps the answers of the first, and logs)"""
import argparse, csv, json, os, re, subprocess, sys, tempfile, time
from configparser import ConfigParser
from pathlib import Path

here = Path(__file__).resolve().parent; root = here.parent; sys.path.insert(0, str(root/'tools'))
import check_examples

NOTEBOOKS = ['01_features', '02_corpus', '03_synth', '12_checkpoints', '14_onnx', '20_teachers', '23_training', '30_export', '31_evaluation', '35_widgets']
# those that lean on other packages; the remaining ones need numpy and torch alone
EXTRAS = ['train', 'teachers', 'music', 'data', 'widgets', 'onnx']
ENVIRONMENTS = {   # name: (Python, which of the allowed versions, further pins, extras, notebooks); the first is that of the Makefile
    'make':        ('3.11', 'highest', ['torch==2.13.0'], EXTRAS, []),
    'lowest':      ('3.10', 'lowest-direct', ['onnx>=1.17', 'onnxruntime>=1.20'], EXTRAS[:-1], [n for n in NOTEBOOKS if n != '14_onnx']),
    'lowest-onnx': ('3.10', 'lowest-direct', [], EXTRAS, ['14_onnx']),   # its exporter needs a newer torch than all else
    'newest':      ('3.13', 'highest', [], EXTRAS, NOTEBOOKS),
    '3.10':        ('3.10', 'highest', [], EXTRAS, []),
    'numpy-1':     ('3.12', 'highest', ['numpy<2', 'librosa<0.11', 'pyarrow<20'], EXTRAS, []),   # the newest pyarrow imports no numpy 1, and does not say so to pip
    '3.13-old':    ('3.13', 'lowest-direct', [], EXTRAS, []),
}
TESTS = ['datasets>=2.19', 'pytest>=7', 'hypothesis>=6']   # of the dev extra: 02_corpus and tests/ ask for them
CLOSE = dict(magnitudes=1e-5, networks=1e-3, trained=2e-2)   # how far apart answers may be: CQT magnitudes, log-probabilities of shipped networks,
# and of networks trained in the environment, where each step adds to what rounding began
TIMEOUT = 1800   # seconds a check
RESULTS = root/'data/results/reliability/versions.csv'
env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'} | dict(OMP_NUM_THREADS='1', MPLBACKEND='agg', TQDM_DISABLE='1', IN_TEST='1')
name_of = lambda r: re.split(r'[\[<>=!~; ]', r)[0].lower().replace('_', '-')


def declared(extras):
    "Requirements of the library and some extras"
    ini = ConfigParser(delimiters=['=']); ini.read(root/'settings.ini', encoding='utf-8'); cfg = ini['DEFAULT']
    return sum((cfg[k].split() for k in ('requirements', *(f'{e}_requirements' for e in extras))), [])


def run(*cmd, log, **kw):
    "Run a command, its output to the file `log`: nothing, or the end of that output if it failed"
    with open(log, 'w') as f:
        try: status = subprocess.run(list(map(str, cmd)), stdout=f, stderr=subprocess.STDOUT, env=env, timeout=TIMEOUT, **kw).returncode
        except subprocess.TimeoutExpired: status = f'none, within {TIMEOUT} s'
    return f'{Path(log).read_text()[-3000:]}\n{Path(cmd[0]).name} ended with status {status}' if status else None


def build(name, d, work):
    "Environment `name` in folder `d`: its python, and the versions in it"
    python, which, pins, extras, _ = ENVIRONMENTS[name]
    (d/'pins.txt').write_text('\n'.join(declared(extras) + TESTS + pins))
    py = d/'venv/bin/python'
    def do(*cmd):
        if why := run(sys.executable, '-m', 'uv', '-q', *cmd, log=work/f'{name}-build.log'): raise RuntimeError(why)
    do('venv', '--python', python, d/'venv')
    do('pip', 'compile', '--python', py, '--resolution', which, '--only-binary', ':all:', '--no-header', '--no-annotate', d/'pins.txt', '-o', d/'lock.txt')
    do('pip', 'install', '--python', py, '-r', d/'lock.txt')
    (d/'wheel').mkdir()
    do('pip', 'install', '--python', py, '--no-deps', check_examples.wheel(d/'wheel'), 'crema==0.2.0')
    return py, dict(re.findall(r'^([\w.-]+)==(\S+)', (d/'lock.txt').read_text(), re.M))


def bounds(requirements, versions):
    "The environment holds exactly the oldest versions that are declared: reason, or none"
    from packaging.version import Version
    low = {}   # of two bounds for one package the higher counts
    for r in requirements:
        if ';' in r: continue   # for other Pythons
        if not (v := re.search(r'>=([\w.]+)', r)): return f'{r} has no lower bound'
        low[name_of(r)] = max(low.get(name_of(r), Version('0')), Version(v[1]))
    return '\n'.join(f'{n}: {v} is declared, {versions[n]} is the oldest to be had' for n, v in low.items()
                     if (v.release + (0,)*3)[:4] != (Version(versions[n]).release + (0,)*3)[:4]) or None


def compare(answers, ref):
    "Chords equal those of the reference and log-probabilities are close: largest differences, and reason or none"
    import numpy as np
    a, b = np.load(answers), np.load(ref)
    bad = [k for k in b if k.startswith('chords') and not np.array_equal(a[k], b[k])]
    far = {column: max(float(np.abs(a[k] - b[k]).max()) for k in b if k.split()[0] == column) for column in CLOSE}
    bad += [f'{k} by {v:.1e}' for k, v in far.items() if not v <= CLOSE[k]]
    return far, f'other than in the first environment: {", ".join(bad)}' if bad else None


def check(name, work):
    "Build and check one environment: a row of the table"
    with tempfile.TemporaryDirectory(dir=work) as d:
        d, results, far, (python, _, _, extras, notebooks) = Path(d), [], {}, ENVIRONMENTS[name]
        def report(what, why, t):
            results.append((what, why)); print(f'{"ok    " if why is None else "FAILED"} {name:9} {what:34} {time.time()-t:6.1f} s', *(['\n'+why] if why else []), flush=True)
        t = time.time()
        try: py, versions = build(name, d, work)
        except RuntimeError as e: report('build', str(e), t); return dict(environment=name, python=python, passed=0, failed=1, failures='build')
        report('build', None, t)
        if name.startswith('lowest'): report('bounds', bounds(declared(extras), versions), time.time())
        t = time.time(); why = run(py, here/'inside.py', 'probe', d/'probe', log=work/f'{name}-probe.log', cwd=d); report('audio to scores', why, t)
        ref, first = work/'answers.npz', name == next(iter(ENVIRONMENTS))
        if not why and first: ref.write_bytes((d/'probe/answers.npz').read_bytes())
        if not why and not first: t = time.time(); far, why = compare(d/'probe/answers.npz', ref) if ref.exists() else ({}, 'the first environment has no answers'); report('the same answers', why, t)
        for p in sorted((root/'examples').glob('*.py')): t = time.time(); report(f'examples/{p.stem}', run(py, p, log=work/f'{name}-{p.stem}.log', cwd=d), t)
        for n in notebooks: t = time.time(); report(n, run(py, here/'inside.py', 'notebook', root/f'nbs/{n}.ipynb', log=work/f'{name}-{n}.log', cwd=d), t)
        for p in sorted(set((root/'tests').glob('test_*.py')) - {root/'tests/test_reliability.py'}) if notebooks else ():   # that one runs the checkout
            t = time.time(); report(p.stem, run(py, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', p, log=work/f'{name}-{p.stem}.log', cwd=d), t)
        bad = [w for w, why in results if why]
    seen = {n: versions.get(n, '') for n in dict.fromkeys(map(name_of, declared(EXTRAS)))}
    return dict(environment=name, python=python, passed=len(results)-len(bad), failed=len(bad), failures='; '.join(bad),
                **{k: f'{far[k]:.1e}' if far else '' for k in CLOSE}) | seen


def main():
    p = argparse.ArgumentParser(usage=__doc__); p.add_argument('names', nargs='*'); p.add_argument('--work', type=Path)
    a = p.parse_args()
    if odd := set(a.names) - set(ENVIRONMENTS): sys.exit(f'{", ".join(odd)}: no such environment; there are {", ".join(ENVIRONMENTS)}')
    work = (a.work or Path(tempfile.mkdtemp())).resolve(); work.mkdir(parents=True, exist_ok=True)
    names = a.names or list(ENVIRONMENTS); first = next(iter(ENVIRONMENTS))
    if first not in names and not (work/'answers.npz').exists(): names.insert(0, first)
    passed = failed = 0
    for name in sorted(names, key=list(ENVIRONMENTS).index):
        row = check(name, work); passed += row['passed']; failed += row['failed']
        rows = {r['environment']: r for r in csv.DictReader(RESULTS.open())} if RESULTS.exists() else {}
        rows[name] = row; RESULTS.parent.mkdir(parents=True, exist_ok=True)
        with RESULTS.open('w', newline='') as f:
            w = csv.DictWriter(f, max(rows.values(), key=len).keys(), lineterminator='\n', extrasaction='ignore', restval=''); w.writeheader(); w.writerows(rows[n] for n in ENVIRONMENTS if n in rows)
    print(f'{passed} passed, {failed} failed'); sys.exit(bool(failed))


if __name__ == '__main__': main()
