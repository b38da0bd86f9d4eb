"Shared by the checks of this folder: commands, small songs, the content of a folder, results as files"
import csv, hashlib, io, json, os, platform, subprocess, sys, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
results = root/'data'/'results'/'reliability'
PYTHONPATH = os.pathsep.join([str(root), *filter(None, [os.environ.get('PYTHONPATH')])])
ENV = os.environ | dict(TQDM_DISABLE='1', PYTHONPATH=PYTHONPATH)
THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')
NETWORK = ['--size', 'num_layers=1', 'hidden_size=16', 'num_heads=2', 'total_key_depth=16', 'total_value_depth=16',
           'filter_size=16']
RECIPE = ['--set', 'epochs=3', 'batch_size=4', 'warmup_epochs=0']


def chordkd(*args, threads=1, **kwargs):
    "Start a command, in a session of its own"
    command = [sys.executable, '-m', 'chordkd_nb.cli', *map(str, args)]
    env = ENV | dict.fromkeys(THREADS, str(threads))
    return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, start_new_session=True, **kwargs)


def done(*args, threads=1, status=0):
    "Run a command to its end: what it printed; another exit status is an error"
    p = chordkd(*args, threads=threads, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    text, _ = p.communicate()
    command = f'chordkd {" ".join(map(str, args))}'
    assert p.returncode == status, f'{command}: ended with {p.returncode}, not {status}\n{text[-3000:]}'
    return text


def songs(folder, n, of):
    "`n` songs under ids of their own: hard links to those of the corpus `of`"
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    audio = sorted((Path(of)/'audio').glob('*.flac'))
    for i in range(n):
        link = folder/f's{i:05d}.flac'
        if not link.exists(): os.link(audio[i%len(audio)], link)
    return folder


def without_seconds(rows): return [{k: v for k,v in row.items() if k != 'seconds'} for row in rows]


def comparable(path):
    "The bytes of a file, without how long an epoch took"
    data = path.read_bytes()
    if path.name == 'history.csv':
        return json.dumps(without_seconds(csv.DictReader(io.StringIO(data.decode())))).encode()
    if path.name == 'state.json':
        state = json.loads(data)
        return json.dumps(state | dict(history=without_seconds(state['history']))).encode()
    return data


def hashes(folder):
    "name -> hash of every file below a folder, hidden ones too, but not the lock and the random states of a run"
    def compared(p): return p.is_file() and p.name != '.lock' and not p.name.startswith('random_states')
    files = [p for p in sorted(Path(folder).rglob('*')) if compared(p)]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(comparable(p)).hexdigest() for p in files}


def different(a, b):
    "How two folders differ, in words; empty if they are equal"
    a, b = hashes(a), hashes(b)
    missing = [f'{name} is missing' for name in sorted(set(a)-set(b))]
    added = [f'{name} is too much' for name in sorted(set(b)-set(a))]
    changed = [f'{name} differs' for name in sorted(set(a)&set(b)) if a[name] != b[name]]
    return ', '.join(missing+added+changed)


def machine():
    "Cores and versions"
    from importlib.metadata import version
    versions = {package: version(package) for package in ('numpy', 'torch', 'pyarrow')}
    return dict(cores=os.cpu_count(), system=platform.system(), python=platform.python_version(), **versions)


def write_rows(rows, path, fields):
    with open(path, 'w', newline='') as f:
        writer = csv.DictWriter(f, fields, lineterminator='\n', restval='', extrasaction='ignore')
        writer.writeheader()
        writer.writerows(rows)


def print_row(row, *wrong):
    "A row of a table, and what was wrong on lines of their own"
    print(' '.join(f'{k}={v}' for k,v in row.items()), *filter(None, wrong), sep='\n    ', flush=True)


def save(name, rows, **about):
    "Write rows as NAME.csv, and everything as NAME.json, into the folder of results"
    results.mkdir(parents=True, exist_ok=True)
    write_rows(rows, results/f'{name}.csv', list(dict.fromkeys(k for r in rows for k in r)))
    everything = dict(machine=machine(), date=time.strftime('%Y-%m-%d'), **about, rows=rows)
    (results/f'{name}.json').write_text(json.dumps(everything, indent=1)+'\n')
    print(f"written: {(results/name).relative_to(root)}.csv, .json")
