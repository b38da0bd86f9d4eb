"""Run every notebook as a test, the pytest tests of tests/ and every example as another project would (check_examples.py), and check
that types are right, that the exported code and the README are in sync, and that every notebook opens on Colab.
Ends with a line `N passed, M failed`; exits with 1 if anything failed or nothing ran.
With --slow also the cells marked so, and the examples in an environment installed from the package index.
usage: check.py [--slow] [NOTEBOOK ...]"""
import json, os, re, shutil, subprocess, sys, tempfile, time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import check_examples, check_types

root = Path(__file__).resolve().parent.parent
bin_ = Path(sys.executable).parent
TIMEOUT = 1200  # seconds a notebook
ALONE = ('01_features', '20_teachers')  # librosa compiles here on a new machine; two processes writing numba's cache at once can spoil it
env = os.environ | dict(OMP_NUM_THREADS='1', MPLBACKEND='agg', TQDM_DISABLE='1', PATH=f'{bin_}{os.pathsep}{os.environ["PATH"]}')


def notebook(path, slow=False):
    "Run one notebook by nbdev_test: (name, reason of failure or none, seconds)"
    t = time.time()
    cmd = [bin_/'nbdev_test', '--path', path] + (['--flags', 'slow'] if slow else [])
    try: r = subprocess.run(cmd, cwd=root, env=env, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired: return path.name, f'did not end within {TIMEOUT} s', time.time()-t
    return path.name, None if r.returncode == 0 else f'{r.stdout}{r.stderr}\nnbdev_test ended with status {r.returncode}', time.time()-t


def in_sync():
    "A fresh export of the committed notebooks changes nothing: reason, or none"
    with tempfile.TemporaryDirectory() as d:
        copy = Path(d)/root.name
        tracked = subprocess.run(['git','ls-files','-co','--exclude-standard'], cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
        for f in tracked:
            if (root/f).is_file() and f.split('/')[0] in ('settings.ini','setup.py','nbs','README.md'): (copy/f).parent.mkdir(parents=True, exist_ok=True); shutil.copy2(root/f, copy/f)
        (copy/'chordkd_nb').mkdir()
        for cmd in ('nbdev_export','nbdev_clean'):
            r = subprocess.run([bin_/cmd], cwd=copy, env=env, capture_output=True, text=True)
            if r.returncode: return f'{cmd}: {r.stdout}{r.stderr}'
        diffs = [subprocess.run(['diff','-rq','-x','__pycache__','-x','.ipynb_checkpoints','-x','py.typed',str(root/p),str(copy/p)], capture_output=True, text=True).stdout for p in ('nbs','chordkd_nb')]
    return ''.join(diffs).replace(str(root)+'/','').strip() or None


def readme_fresh():
    "README.md is what tools/readme.py makes of nbs/index.ipynb: reason, or none"
    r = subprocess.run([sys.executable, root/'tools/readme.py', '--check'], capture_output=True, text=True)
    return None if r.returncode == 0 else r.stdout+r.stderr


def opens_anywhere():
    "Every numbered notebook has a title and a summary, its own badge, and a cell that brings on Colab what it needs; reason, or none"
    bad = []
    for p in sorted((root/'nbs').glob('[0-9]*.ipynb')):
        cells = json.loads(p.read_text(encoding='utf-8'))['cells']; texts = [''.join(c['source']) for c in cells]
        install = next((t for t in texts[:6] if t.startswith('#| hide\n#| eval: false\n! [ -e /content ] && ') and 'pip install' in t), None)
        reads = any(c['cell_type']=='code' and re.search(r"\.\./(data|experiments)|'data/", t) for c,t in zip(cells,texts) if '#| slow' not in t)
        bad += [f'{p.name}: {what}' for what,ok in (('does not begin with "# title" and "> summary"', re.match(r'# .+\n+> .+', texts[0])),
            ('no badge that opens it', any(f'/blob/main/nbs/{p.name})' in t for t in texts[:4])),
            ('no install cell for Colab among the first six', install),
            ('reads files of the repository, and its install cell does not clone it', not reads or 'git clone' in (install or ''))) if not ok]
    return '\n'.join(bad) or None


def pytests(path):
    "Run one file of tests by pytest: [(name, reason of failure or none, seconds)], one for each test that ran"
    with tempfile.TemporaryDirectory() as d:
        xml, t = Path(d)/'report.xml', time.time()
        try: r = subprocess.run([sys.executable,'-m','pytest','-q','-p','no:cacheprovider',f'--junitxml={xml}',str(path)], cwd=root, env=env, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired: return [(path.name, f'did not end within {TIMEOUT} s', time.time()-t)]
        cases = list(ET.parse(xml).getroot().iter('testcase')) if xml.exists() else []
    done = [(f'{path.stem}: {c.get("name")}', next((e.text or e.get('message') or e.tag for e in c if e.tag in ('failure','error')), None), float(c.get('time') or 0))
            for c in cases if c.find('skipped') is None]
    if r.returncode and not any(why for _,why,_ in done) or not done: done.append((path.name, f'{r.stdout}{r.stderr}\npytest ended with status {r.returncode}', time.time()-t))
    return done


def main():
    slow = '--slow' in sys.argv
    chosen = [Path(a).resolve() for a in sys.argv[1:] if a != '--slow']
    nbs, tests = chosen or sorted((root/'nbs').glob('*.ipynb')), [] if chosen else sorted((root/'tests').glob('test_*.py'))
    results = []
    def report(name, why, seconds):
        results.append(why is None)
        print(f'{"ok    " if why is None else "FAILED"} {name:60} {seconds:6.1f} s', flush=True)
        if why: print(why, flush=True)
    print(f'Testing {len(nbs)} notebooks and {len(tests)} files of tests, two at a time', flush=True)
    if not chosen:
        for name,check in (('export in sync', in_sync), ('README in sync', readme_fresh), ('notebooks open anywhere', opens_anywhere), ('types', check_types.check)): t = time.time(); report(name, check(), time.time()-t)
        for r in check_examples.check(new=slow): report(*r)
    first = [p for p in nbs if p.stem in ALONE]
    for p in first: report(*notebook(p, slow))
    with ThreadPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        for done in pool.map(lambda p: pytests(p) if p.suffix=='.py' else [notebook(p, slow)], [p for p in nbs if p not in first]+tests):
            good = [r for r in done if r[0].startswith('test_') and r[1] is None]
            if good: results += [True]*len(good); print(f'ok     {good[0][0].split(":")[0]+f": {len(good)} tests":60} {sum(r[2] for r in good):6.1f} s', flush=True)   # a line for each that failed, one for the rest
            for r in done:
                if r not in good: report(*r)
    failed = results.count(False)
    print(f'{results.count(True)} passed, {failed} failed')
    sys.exit(bool(failed or not nbs))


if __name__ == '__main__': main()
