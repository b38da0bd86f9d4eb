"""What the checks of this folder share: commands, small songs, what a folder holds, results as files."""
import csv, hashlib, io, json, os, platform, subprocess, sys, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
results = root/'data'/'results'/'reliability'
ENV = os.environ | dict(TQDM_DISABLE='1', PYTHONPATH=os.pathsep.join([str(root), *filter(None, [os.environ.get('PYTHONPATH')])]))
NETWORK = ['--size', 'num_layers=1', 'hidden_size=16', 'num_heads=2', 'total_key_depth=16', 'total_value_depth=16', 'filter_size=16']
RECIPE = ['--set', 'epochs=3', 'batch_size=4', 'warmup_epochs=0']


def chordkd(*args, threads=1, **kwargs):
    "A command, started"
    env = ENV | {k: str(threads) for k in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')}
    return subprocess.Popen([sys.executable, '-m', 'chordkd_nb.cli', *map(str, args)], env=env, stdin=subprocess.DEVNULL, start_new_session=True, **kwargs)


def done(*args, threads=1, status=0):
    "A command, run to its end: what it printed; another exit status is an error"
    p = chordkd(*args, threads=threads, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    text, _ = p.communicate()
    assert p.returncode == status, f'chordkd {" ".join(map(str, args))}: ended with {p.returncode}, not {status}\n{text[-3000:]}'
    return text


def songs(folder, n, of):
    "`n` songs under ids of their own, hard links to those of the corpus `of`"
    folder = Path(folder); folder.mkdir(parents=True, exist_ok=True); audio = sorted((Path(of)/'audio').glob('*.flac'))
    for i in range(n):
        if not (folder/f's{i:05d}.flac').exists(): os.link(audio[i % len(audio)], folder/f's{i:05d}.flac')
    return folder


def plain(path):
    "The bytes of a file without what no two runs have in common: how long an epoch took"
    data = path.read_bytes()
    if path.name == 'history.csv': return json.dumps([{k: v for k, v in r.items() if k != 'seconds'} for r in csv.DictReader(io.StringIO(data.decode()))]).encode()
    if path.name == 'state.json':
        d = json.loads(data)
        for r in d['history']: del r['seconds']
        return json.dumps(d).encode()
    return data


def holds(folder):
    "name → hash of every file below a folder, hidden ones too; not the lock"
    folder = Path(folder)
    return {p.relative_to(folder).as_posix(): hashlib.sha256(plain(p)).hexdigest() for p in sorted(folder.rglob('*')) if p.is_file() and p.name != '.lock'}


def different(a, b):
    "What two folders differ in, in words; empty if in nothing"
    a, b = holds(a), holds(b)
    return ', '.join([f'{n} is missing' for n in sorted(set(a)-set(b))] + [f'{n} is too much' for n in sorted(set(b)-set(a))] + [f'{n} is another' for n in sorted(set(a) & set(b)) if a[n] != b[n]])


def machine():
    "Cores and versions"
    from importlib.metadata import version
    return dict(cores=os.cpu_count(), system=platform.system(), python=platform.python_version(), **{p: version(p) for p in ('numpy', 'torch', 'pyarrow')})


def save(name, rows, **about):
    "Rows as NAME.csv, and all as NAME.json, in the folder of results"
    results.mkdir(parents=True, exist_ok=True)
    fields = list(dict.fromkeys(k for r in rows for k in r))
    with open(results/f'{name}.csv', 'w', newline='') as f: w = csv.DictWriter(f, fields, lineterminator='\n'); w.writeheader(); w.writerows(rows)
    (results/f'{name}.json').write_text(json.dumps(dict(machine=machine(), date=time.strftime('%Y-%m-%d'), **about, rows=rows), indent=1)+'\n')
    print(f"written: {(results/name).relative_to(root)}.csv, .json")
