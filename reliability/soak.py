"""Kill the long commands at random moments, run them again to the end, and compare with an undisturbed run.

    python reliability/soak.py     # every command, every kind of death: 55 kills, 8 full disks, five minutes of CPU
    python reliability/soak.py --only label --ways group parent --times 10 --seed 1

Commands: corpus, label, stage1, stage2, recognize. Ways to die:
    group     SIGKILL to the whole process group, up to four times before a run is let through
    parent    SIGKILL to the process that we started, alone; its workers must end by themselves
    worker    SIGKILL to one worker; the command must continue without a restart
    ctrl-c    SIGINT to the process group, as a terminal sends it; one line must say so
    disk      the disk is full (a small tmpfs for root, else a limit on the size of a file); one line must say so,
              then there is room
    twin      the same command a second time in the same folder, at the same time

We draw the moment (seeded) over the time from the first file in the folder to the end; one in four falls into the time
before that. After every kill, each file must be sound: it has the bytes of the undisturbed run, or, if it changes
during a run, it is complete. After the last run the folders must be equal to the byte, apart from the lock file,
the saved random states and, in history.csv and state.json, how long an epoch took. The exit status is 1 if anything
was wrong."""
import argparse, contextlib, hashlib, json, os, random, resource, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path
import psutil
from common import NETWORK, RECIPE, chordkd, different, done, hashes, print_row, results, save, songs

GROWS = ('manifest.json', 'state.json', 'history.csv', 'history.png', 'groups.json', 'recipe.json', 'split.json')
PLAN = {  # how often each command dies in each way
    'corpus': {'group': 8, 'parent': 4, 'worker': 3, 'disk': 2, 'twin': 1, 'ctrl-c': 3},
    'label': {'group': 4, 'parent': 2, 'worker': 2, 'disk': 1, 'twin': 1, 'ctrl-c': 2},
    'stage1': {'group': 4, 'disk': 2, 'twin': 1, 'ctrl-c': 2},
    'stage2': {'group': 3, 'disk': 1, 'twin': 1, 'ctrl-c': 1},
    'recognize': {'group': 8, 'parent': 3, 'worker': 3, 'disk': 2, 'twin': 1, 'ctrl-c': 3}}
WAYS = list(PLAN['label'])
MESSAGES = {'ctrl-c': ('interrupted',), 'disk': ('No space left', 'File too large', 'disk full')}
OUT = '{out}'  # stands for the folder of results in a command


class Job:
    "A command, its folder of results, and what an undisturbed run makes"
    def __init__(self, name, base, size=1., workers=2):
        self.name, self.base = name, Path(base)
        self.base.mkdir(parents=True, exist_ok=True)
        self.args = self.prepare(size, workers)
        self.truth = self.base/f'{name}-undisturbed'/'out'   # the folder's name is part of a picture
        self.first, self.seconds = 0., 0.

    def prepare(self, size, workers):
        "Make what the command needs: its arguments"
        corpus, store, student = self.base/'songs', self.base/'store', self.base/'student'
        if not (corpus/'manifest.json').exists():
            done('corpus', 'demo', corpus, '--songs', 6, '--seconds', 8, '--workers', 1)
        pool = songs(self.base/'pool', round(72*size), corpus)
        if self.name.startswith('stage') and not (store/'statistics.csv').exists():
            done('label', corpus, store, '--teacher', 'btc-small', '--probs', 'full', '--workers', 1)
        if self.name == 'stage2' and not (student/'best').exists():
            done('train', 'stage1', store, '--out', student, *NETWORK, *RECIPE)
        train = ['--out', OUT, *RECIPE, '--save-every', 1]
        fast = ['--workers', workers, '--model', 'btc-small']
        return dict(
            corpus=['corpus', 'demo', OUT, '--songs', round(10*size), '--seconds', 8, '--workers', workers],
            label=['label', pool, OUT, '--teacher', 'btc-small', '--workers', workers],
            stage1=['train', 'stage1', store, *train, *NETWORK],
            stage2=['train', 'stage2', store, '--student', student, *train],
            recognize=['recognize', pool, '--out', OUT, '--format', 'json', *fast],
        )[self.name]

    def command(self, out): return [out if a == OUT else a for a in self.args]

    def start(self, out, **kwargs):
        return chordkd(*self.command(out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)

    def undisturbed(self):
        "Run it to the end, and note when its folder was begun"
        if self.truth.exists(): shutil.rmtree(self.truth)
        started, p = time.monotonic(), self.start(self.truth)
        while p.poll() is None and not begun(self.truth): time.sleep(.01)
        self.first = time.monotonic()-started
        text, _ = p.communicate()
        self.seconds = time.monotonic()-started
        assert p.returncode == 0, text
        return self

    def unsound(self, out):
        "Files of an unfinished folder that are not sound"
        if not Path(out).exists(): return []
        truth = hashes(self.truth)
        return [name for name,digest in hashes(out).items() if not is_sound(Path(out), name, digest, truth.get(name))]


def is_sound(out, name, digest, true_digest):
    "Whether a file of an unfinished folder may be as it is"
    path = out/name
    unfinished = name.endswith('.part') or name.startswith(('state-', '.best'))   # nobody reads these
    if unfinished: return True
    if name == 'best/config.json':
        weights = path.with_name('model.safetensors').read_bytes()
        return json.loads(path.read_text())['weights']['sha256'] == hashlib.sha256(weights).hexdigest()
    if name.startswith('best/'): return True
    if path.name in GROWS:
        if path.suffix == '.json': json.loads(path.read_text())
        return True
    return digest == true_digest


def begun(out):
    "Whether a command has written its first file"
    return out.exists() and any(p.is_file() and p.name != '.lock' and p.suffix != '.part' for p in out.rglob('*'))


def belongs_to(process, leader):
    "Whether a process lives in the session that `leader` leads"
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.pid != leader.pid and os.getsid(process.pid) == leader.pid
    except (psutil.Error, OSError): return False


def members(leader): return [p for p in psutil.process_iter() if belongs_to(p, leader)]


def workers(leader): return [p for p in members(leader) if 'spawn_main' in ' '.join(p.cmdline())]


def wait_until(true, seconds=60):
    end = time.monotonic()+seconds
    while not true():
        if time.monotonic() > end: return False
        time.sleep(.02)
    return True


def wait_for_moment(job, p, out, rng):
    "Wait for a random moment of the run"
    if rng.random() < .25:
        time.sleep(rng.uniform(0, job.first))
        return
    while p.poll() is None and not begun(out): time.sleep(.01)
    time.sleep(rng.uniform(0, job.seconds-job.first))


@contextlib.contextmanager
def small_disk(out, size):
    "Put `out` on a disk of `size` bytes: (what limits a process, what makes room)"
    out.mkdir(parents=True)
    mount = ['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', out]
    tmpfs = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    def limit(): resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    def more_room(): subprocess.run(['mount', '-o', 'remount,size=512m', out], check=True)
    if not tmpfs:   # not root: no file may be larger at first
        yield limit, lambda: None
        return
    try: yield None, more_room
    finally: subprocess.run(['umount', '-l', out])


class Trial:
    "One folder, disturbed some times and then brought to its end"
    def __init__(self, job, way, rng, out):
        self.job, self.way, self.rng, self.out = job, way, rng, out
        self.hits, self.wrong = 0, []

    def check(self, ok, what):
        if not ok: self.wrong.append(what)

    def check_message(self, text):
        good = any(m in text for m in MESSAGES[self.way]) and 'Traceback' not in text
        self.check(good, f'not said in a line: {text[-600:]!r}')

    def check_files(self, after):
        unsound = self.job.unsound(self.out)
        self.check(not unsound, f'after {after}: {unsound}')

    def fill_disk(self, limit):
        p = self.job.start(self.out, **({'preexec_fn': limit} if limit else {}))
        text, _ = p.communicate()
        self.hits += 1
        self.check(p.returncode != 0, 'a full disk, and the exit status is 0')
        self.check_message(text)
        self.check(not list(self.out.rglob('.*.part')), 'parts are left on a full disk')
        self.check_files('a full disk')

    def kill_worker(self):
        p = self.job.start(self.out)
        while p.poll() is None and not workers(p): time.sleep(.01)
        time.sleep(self.rng.uniform(0, max(.1, self.job.seconds-self.job.first)))
        found = workers(p)
        if found and p.poll() is None:
            self.rng.choice(found).send_signal(signal.SIGKILL)
            self.hits += 1
        text, _ = p.communicate()
        self.check(p.returncode == 0, f'after the death of a worker it ended with {p.returncode}: {text[-600:]!r}')

    def send_signal(self, p):
        self.hits += 1
        if self.way == 'ctrl-c': os.killpg(p.pid, signal.SIGINT)
        elif self.way == 'parent': p.send_signal(signal.SIGKILL)
        else: os.killpg(p.pid, signal.SIGKILL)

    def kill(self):
        p = self.job.start(self.out)
        wait_for_moment(self.job, p, self.out, self.rng)
        if p.poll() is None: self.send_signal(p)
        text, _ = p.communicate()
        if self.way == 'ctrl-c':
            # 0: it was done already; -SIGINT: Python itself was not yet up
            if p.returncode == 1: self.check_message(text)
            else: self.check(p.returncode in (0, -signal.SIGINT), f'after Ctrl-C it ended with {p.returncode}')
        alone = wait_until(lambda: not members(p))
        self.check(alone, 'workers live on without their parent')
        for q in [] if alone else members(p): q.kill()
        self.check_files('a kill')

    def finish(self):
        p = self.job.start(self.out)
        text, _ = p.communicate()
        self.check(p.returncode == 0, f'the last run ended with {p.returncode}: {text[-600:]!r}')
        difference = different(self.job.truth, self.out)
        self.check(not difference, difference)

    def disk_size(self):
        "A size that the results do not fit into, in bytes: for all files together as root, else for the largest"
        sizes = [p.stat().st_size for p in self.job.truth.rglob('*') if p.is_file()]
        most = sum(sizes) if os.geteuid() == 0 else max(sizes)
        return int(self.rng.uniform(.05, .9)*most)//4096*4096 + 4096


def trial(job, way, kills, rng, out):
    "(kills that met a living run, what was wrong) of one folder"
    t = Trial(job, way, rng, out)
    if way == 'disk':
        with small_disk(out, t.disk_size()) as (limit, more_room):
            for _ in range(kills): t.fill_disk(limit)
            more_room()
            t.finish()
        return t.hits, t.wrong
    for _ in range(kills): t.kill_worker() if way == 'worker' else t.kill()
    t.finish()
    return t.hits, t.wrong


def twin(job, out):
    "Two at once: (what the second one got, what was wrong)"
    pair = [job.start(out) for _ in range(2)]
    texts = [p.communicate()[0] for p in pair]
    codes = [p.returncode for p in pair]
    def is_refusal(code, text):
        return code == 1 and 'another process is writing to this folder' in text and 'Traceback' not in text
    refused = [is_refusal(c, t) for c,t in zip(codes, texts)]
    fine = all(c == 0 or r for c,r in zip(codes, refused)) and not all(refused)
    wrong = [] if fine else [f'ended with {codes}: {texts}']
    if any(refused): done(*job.command(out))
    difference = different(job.truth, out)
    return 'refused' if any(refused) else 'both safe', wrong + [difference]*bool(difference)


def twin_row(job, base):
    folder = Path(base)/f'{job.name}-twin'
    note, wrong = twin(job, folder/'out')
    shutil.rmtree(folder)
    return dict(command=job.name, way='twin', runs=2, kills=0, identical=not wrong, note=note), wrong


def kill_row(job, base, way, n, rng):
    "Trials until `n` kills have met a living run"
    hits, runs, tries, wrong = 0, 0, 0, []
    while hits < n and tries < 4*n:
        out = Path(base)/f'{job.name}-{way}-{tries}'/'out'
        kills = 1 if way in ('worker', 'disk') else min(n-hits, rng.randint(2, 4))
        new_hits, new_wrong = trial(job, way, kills, rng, out)
        hits, wrong, tries, runs = hits+new_hits, wrong+new_wrong, tries+1, runs+kills+(way != 'worker')
        if not new_wrong: shutil.rmtree(out.parent, ignore_errors=True)
    disk = 'tmpfs' if os.geteuid() == 0 else 'RLIMIT_FSIZE'
    note = disk if way == 'disk' else ''
    return dict(command=job.name, way=way, runs=runs, kills=hits, identical=not wrong, note=note), wrong


def soak(base, names, ways=None, times=1, seed=0):
    "Rows of the table: command, way, runs, kills, result"
    rows = []
    for name in names:
        job, rng = Job(name, base).undisturbed(), random.Random(f'{seed}{name}')
        for way,n in PLAN[name].items():
            if ways and way not in ways: continue
            row, wrong = twin_row(job, base) if way == 'twin' else kill_row(job, base, way, n*times, rng)
            rows.append(row)
            print_row(row, *wrong)
    return rows


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--only', nargs='+', choices=PLAN, default=list(PLAN),
                   help='these commands; rows of others stay in the table')
    p.add_argument('--ways', nargs='+', choices=WAYS, help='these ways to die')
    p.add_argument('--times', type=int, default=1, help='as many times as usual')
    p.add_argument('--seed', type=int, default=0, help='of the moments')
    p.add_argument('--folder', help='where to work (default: a temporary folder, removed at the end)')
    return p.parse_args()


def merged_with_saved(rows):
    "New rows, and rows of the table that were not run this time, in the order of the plan"
    saved = results/'soak.json'
    old = json.loads(saved.read_text())['rows'] if saved.exists() else []
    new = {(r['command'], r['way']) for r in rows}
    kept = [r for r in old if (r['command'], r['way']) not in new]
    return sorted(kept+rows, key=lambda r: (list(PLAN).index(r['command']), WAYS.index(r['way'])))


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as d:
        rows = soak(Path(args.folder or d), args.only, args.ways, args.times, args.seed)
    good = all(r['identical'] for r in rows)
    rows = merged_with_saved(rows)
    disks = sum(r['kills'] for r in rows if r['way'] == 'disk')
    kills = sum(r['kills'] for r in rows) - disks
    verdict = 'every result was identical' if good else 'NOT ALL IDENTICAL'
    print(f'in the table: {kills} kills and {disks} full disks; this time {verdict}')
    identical = all(r['identical'] for r in rows)
    save('soak', rows, seed=args.seed, kills=kills, full_disks=disks, identical=identical)
    sys.exit(not good)


if __name__ == '__main__': main()
