"""Kill the long commands at random moments, run them again to the end, and compare with a run that nobody disturbed.

    python reliability/soak.py                                  # every command, every kind of death: 55 kills and 8 full disks, five minutes of CPU
    python reliability/soak.py --only label --ways group parent --times 10 --seed 1

Commands: corpus, label, stage1, stage2, recognize. Ways to die:
    group     SIGKILL to the whole process group, up to four times before a run is let through
    parent    SIGKILL to the process that was started, alone; its workers must end by themselves
    worker    SIGKILL to one worker; the command must go on without being started again
    ctrl-c    SIGINT to the process group, as a terminal sends it; one line must say so
    disk      the disk is full (a small tmpfs for root, else a limit to the size of a file); one line must say so, then there is room
    twin      the same command a second time in the same folder, at the same time

The moment is drawn (seeded) over the time from the first file in the folder to the end; one in four falls into the time before that. After every kill, whatever has a name
must be sound: the bytes of the undisturbed run, or, for files that change as a run goes on, complete. After the last run the folders must be equal, to the byte; left out
are the lock file and, in history.csv and state.json, how long an epoch took. The exit status is 1 if anything was not as it should be."""
import argparse, contextlib, hashlib, json, os, random, resource, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path
import psutil
from common import NETWORK, RECIPE, chordkd, different, done, holds, results, save, songs

GROWS = ('manifest.json', 'state.json', 'history.csv', 'history.png', 'groups.json', 'recipe.json', 'split.json')
PLAN = dict(corpus=dict(group=8, parent=4, worker=3, disk=2, twin=1) | {'ctrl-c': 3}, label=dict(group=4, parent=2, worker=2, disk=1, twin=1) | {'ctrl-c': 2},
            stage1=dict(group=4, disk=2, twin=1) | {'ctrl-c': 2}, stage2=dict(group=3, disk=1, twin=1) | {'ctrl-c': 1},
            recognize=dict(group=8, parent=3, worker=3, disk=2, twin=1) | {'ctrl-c': 3})   # how often
SAYS = {'ctrl-c': ('interrupted',), 'disk': ('No space left', 'File too large', 'disk full')}


class Job:
    "A command, its folder of results, and what an undisturbed run makes"
    def __init__(self, name, base, size=1., workers=2):
        self.name, self.base = name, Path(base); self.base.mkdir(parents=True, exist_ok=True)
        corpus, store = self.base/'songs', self.base/'store'
        if not (corpus/'manifest.json').exists(): done('corpus', 'demo', corpus, '--songs', 6, '--seconds', 8, '--workers', 1)
        pool = songs(self.base/'pool', round(72*size), corpus)
        if name.startswith('stage') and not (store/'statistics.csv').exists(): done('label', corpus, store, '--teacher', 'btc-small', '--probs', 'full', '--workers', 1)
        train = ['--out', '{out}', *RECIPE, '--save-every', 1]
        if name == 'stage2' and not (self.base/'student/best').exists(): done('train', 'stage1', store, '--out', self.base/'student', *NETWORK, *RECIPE)
        self.args = dict(corpus=['corpus', 'demo', '{out}', '--songs', round(10*size), '--seconds', 8, '--workers', workers],
                         label=['label', pool, '{out}', '--teacher', 'btc-small', '--workers', workers],
                         stage1=['train', 'stage1', store, *train, *NETWORK],
                         stage2=['train', 'stage2', store, '--student', self.base/'student', *train],
                         recognize=['recognize', pool, '--out', '{out}', '--format', 'json', '--workers', workers, '--model', 'btc-small'])[name]
        self.truth, self.first, self.seconds = self.base/f'{name}-undisturbed'/'out', 0., 0.   # the name of the folder stands in a picture

    def start(self, out, **kwargs): return chordkd(*(out if a == '{out}' else a for a in self.args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)

    def undisturbed(self):
        "Run it to the end, and note when its folder was begun"
        if self.truth.exists(): shutil.rmtree(self.truth)
        t, p = time.monotonic(), self.start(self.truth)
        while p.poll() is None and not begun(self.truth): time.sleep(.01)
        self.first = time.monotonic()-t; text, _ = p.communicate(); self.seconds = time.monotonic()-t
        assert p.returncode == 0, text
        return self

    def sound(self, out):
        "What of an unfinished folder is not sound; empty if all is"
        bad, truth = [], holds(self.truth)
        for n, h in (holds(out) if Path(out).exists() else {}).items():
            p = Path(out)/n
            if n.endswith('.part') or p.name in ('.lock',) or n.startswith(('state-', '.best')): continue   # beginnings, which nobody reads
            if p.name.endswith('.json') and not n.startswith('best/') and p.name in GROWS: json.loads(p.read_text())
            elif n == 'best/config.json':
                weights = p.with_name('model.safetensors')
                if json.loads(p.read_text())['weights']['sha256'] != hashlib.sha256(weights.read_bytes()).hexdigest(): bad.append(n)
            elif p.name in GROWS or n.startswith('best/'): continue
            elif truth.get(n) != h: bad.append(n)
        return bad


def begun(out): return out.exists() and any(p.is_file() and p.name != '.lock' and p.suffix != '.part' for p in out.rglob('*'))


def members(p):
    "The processes of the session that `p` leads, itself left out"
    out = []
    for q in psutil.process_iter():
        try:
            if os.getsid(q.pid) == p.pid and q.pid != p.pid and q.status() != psutil.STATUS_ZOMBIE: out.append(q)
        except (psutil.Error, OSError): pass
    return out


def workers(p): return [q for q in members(p) if 'spawn_main' in ' '.join(q.cmdline())]


def wait_until(true, seconds=60):
    end = time.monotonic()+seconds
    while not true():
        if time.monotonic() > end: return False
        time.sleep(.02)
    return True


def until(job, p, out, rng):
    "Wait for a random moment of the run"
    if rng.random() < .25: time.sleep(rng.uniform(0, job.first))
    else:
        while p.poll() is None and not begun(out): time.sleep(.01)
        time.sleep(rng.uniform(0, job.seconds-job.first))


@contextlib.contextmanager
def small_disk(out, size):
    "`out` on a disk of `size` bytes, which then gets room; where that cannot be done (not root), no file may be larger at first"
    out.mkdir(parents=True)
    tmpfs = os.geteuid() == 0 and subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', out], capture_output=True).returncode == 0
    limit = None if tmpfs else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try: yield limit, (lambda: subprocess.run(['mount', '-o', 'remount,size=512m', out], check=True)) if tmpfs else (lambda: None), 'tmpfs' if tmpfs else 'RLIMIT_FSIZE'
    finally:
        if tmpfs: subprocess.run(['umount', '-l', out])


def trial(job, way, kills, rng, out):
    "(kills that met a living run, what was wrong) of one folder, brought to its end"
    wrong, hit = [], 0
    def check(ok, what):
        if not ok: wrong.append(what)
    def line(text): check(any(s in text for s in SAYS[way]) and 'Traceback' not in text, f'not said in a line: {text[-600:]!r}')
    with contextlib.ExitStack() as stack:
        room, limit, place = (lambda: None), None, out
        if way == 'disk':
            total = sum(p.stat().st_size for p in job.truth.rglob('*') if p.is_file()); largest = max(p.stat().st_size for p in job.truth.rglob('*') if p.is_file())
            can_mount = os.geteuid() == 0
            limit, room, _ = stack.enter_context(small_disk(out, int(rng.uniform(.05, .9)*(total if can_mount else largest))//4096*4096+4096))
        for k in range(kills):
            p = job.start(place, **({'preexec_fn': limit} if limit else {}))
            if way == 'disk':
                text, _ = p.communicate(); check(p.returncode not in (0, None), 'a full disk, and the exit status is 0'); line(text); hit += 1
                check(not list(out.rglob('.*.part')), 'parts are left on a full disk'); bad = job.sound(place); check(not bad, f'after a full disk: {bad}'); continue
            if way == 'worker':
                found = []
                while p.poll() is None and not (found := workers(p)): time.sleep(.01)
                time.sleep(rng.uniform(0, max(.1, job.seconds-job.first)))
                if (found := workers(p)) and p.poll() is None: rng.choice(found).send_signal(signal.SIGKILL); hit += 1
                text, _ = p.communicate(); check(p.returncode == 0, f'after the death of a worker it ended with {p.returncode}: {text[-600:]!r}')
                continue
            until(job, p, place, rng)
            if p.poll() is None:
                hit += 1
                if way == 'ctrl-c': os.killpg(p.pid, signal.SIGINT)
                elif way == 'parent': p.send_signal(signal.SIGKILL)
                else: os.killpg(p.pid, signal.SIGKILL)
            text, _ = p.communicate()
            if way == 'ctrl-c' and p.returncode == 1: line(text)
            elif way == 'ctrl-c': check(p.returncode in (0, -signal.SIGINT), f'after Ctrl-C it ended with {p.returncode}')   # done already, or Python itself was not yet up
            alone = wait_until(lambda: not members(p)); check(alone, 'workers live on without their parent')
            if not alone: [q.kill() for q in members(p)]
            bad = job.sound(place); check(not bad, f'after a kill: {bad}')
        room()
        p = job.start(place); text, _ = p.communicate(); check(p.returncode == 0, f'the last run ended with {p.returncode}: {text[-600:]!r}')
        d = different(job.truth, place); check(not d, d)
    return hit, wrong


def twin(job, out):
    "Two at once: (what the second one got, what was wrong)"
    wrong, pair = [], [job.start(out) for _ in range(2)]
    texts = [p.communicate()[0] for p in pair]; codes = [p.returncode for p in pair]
    refused = [c == 1 and 'another process is writing to this folder' in t and 'Traceback' not in t for c, t in zip(codes, texts)]
    if not all(c == 0 or r for c, r in zip(codes, refused)) or all(refused): wrong.append(f'ended with {codes}: {texts}')
    if any(refused): done(*(out if a == '{out}' else a for a in job.args))
    if d := different(job.truth, out): wrong.append(d)
    return 'refused' if any(refused) else 'both safe', wrong


def soak(base, names, ways=None, times=1, seed=0, size=1., say=print):
    "Rows of the table: command, way, runs, kills, what came out"
    rows = []
    for name in names:
        job, rng = Job(name, base, size).undisturbed(), random.Random(f'{seed}{name}')
        for way, n in PLAN[name].items():
            if ways and way not in ways: continue
            n, hits, wrong, runs, tries, note = n*times, 0, [], 0, 0, ''
            if way == 'twin': note, wrong = twin(job, Path(base)/f'{name}-twin'/'out'); runs, n = 2, 0; shutil.rmtree(Path(base)/f'{name}-twin')
            while hits < n and tries < 4*n:
                out = Path(base)/f'{name}-{way}-{tries}'/'out'; k = 1 if way in ('worker', 'disk') else min(n-hits, rng.randint(2, 4))
                h, w = trial(job, way, k, rng, out); hits += h; wrong += w; tries += 1; runs += k+(way != 'worker')
                if not w: shutil.rmtree(out.parent, ignore_errors=True)
            if way == 'disk': note = 'tmpfs' if os.geteuid() == 0 else 'RLIMIT_FSIZE'
            rows.append(dict(command=name, way=way, runs=runs, kills=hits, identical=not wrong, note=note))
            say(' '.join(f'{k}={v}' for k, v in rows[-1].items()), *wrong, sep='\n    ', flush=True)
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--only', nargs='+', choices=PLAN, default=list(PLAN), help='these commands; what others gave stays in the table'); p.add_argument('--ways', nargs='+', choices=PLAN['label'])
    p.add_argument('--times', type=int, default=1, help='as many kills')
    p.add_argument('--seed', type=int, default=0); p.add_argument('--folder', help='where to work (default: a temporary folder, removed at the end)')
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        rows = soak(Path(a.folder or d), a.only, a.ways, a.times, a.seed)
    old = json.loads((results/'soak.json').read_text())['rows'] if (results/'soak.json').exists() else []
    new = {(r['command'], r['way']) for r in rows}; good = all(r['identical'] for r in rows)
    rows = sorted([r for r in old if (r['command'], r['way']) not in new]+rows, key=lambda r: (list(PLAN).index(r['command']), list(PLAN['label']).index(r['way'])))
    kills, disks = (sum(r['kills'] for r in rows if (r['way'] == 'disk') == d) for d in (False, True))
    print(f'in the table: {kills} kills and {disks} full disks; this time {"every result was identical" if good else "NOT ALL IDENTICAL"}')
    save('soak', rows, seed=a.seed, kills=kills, full_disks=disks, identical=all(r['identical'] for r in rows))
    sys.exit(not good)


if __name__ == '__main__': main()
