"""Many files, and many hours: does memory stay flat, is everything done, is everything that could not be done named?

    python reliability/load.py files                       # 1,000 files of 3 s, 3 % of them bad, through `chordkd recognize`
    python reliability/load.py hours --hours 200           # as much audio through `chordkd label`

The audio of `hours` is 4 songs of four minutes of the demo generator, hard-linked under as many ids as it takes; `label` does not look for copies, so each is decoded, analysed and
labelled. Twice a second the memory of all processes of the command is added up: what is theirs alone (RssAnon; files mapped into memory, which the kernel may take back at any time, are
not counted). The time of the work is cut in three; the median of the last third may exceed that of the first by a tenth and 20 MB. The exit status is 1 if anything was not as it should be."""
import argparse, collections, os, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import numpy as np, soundfile as sf
from common import chordkd, done, save, songs
from soak import members

BAD = {'.wav': b'', '.mp3': b'not music '*50, '.flac': b'fLaC\0\0\0\x22', '.ogg': bytes(range(256))*40}


def tones(i, seconds, sr=22050):
    "A few chords as sums of sines: cheap, and no two files alike"
    rng, t = np.random.default_rng(i), np.arange(int(seconds*sr))/sr
    root = np.repeat(rng.integers(0, 12, 3), -(-len(t)//3))[:len(t)]
    y = sum(np.sin(2*np.pi*110*2**((root+s)/12)*t)/(k+2) for k, s in enumerate((0, 7, 12, 16, 19)))
    return (.2*y+.003*rng.standard_normal(len(t))).astype(np.float32)


def anonymous(pid):
    try: return next(int(l.split()[1]) for l in Path(f'/proc/{pid}/status').read_text().splitlines() if l.startswith('RssAnon'))/1024
    except (OSError, StopIteration): return 0.


def watched(args, progress):
    "Run a command: (its process, what it printed, [(s, MB, progress)], CPU s)"
    t0, before, samples = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN), []
    with tempfile.TemporaryFile('w+') as f:
        p = chordkd(*args, stdout=f, stderr=subprocess.STDOUT)
        while p.poll() is None:
            samples.append((round(time.monotonic()-t0, 1), round(anonymous(p.pid)+sum(anonymous(q.pid) for q in members(p)), 1), progress())); time.sleep(.1)
        f.seek(0); text = f.read()
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return p, text, samples, r.ru_utime+r.ru_stime-before.ru_utime-before.ru_stime


def thirds(samples):
    "Median MB of the first and of the last third of the time in which work was done"
    work = [s for s in samples if s[2] > 0] or samples; work = [s for s in work if s[2] < work[-1][2]] or work
    n = max(1, len(work)//3)
    return statistics.median(s[1] for s in work[:n]), statistics.median(s[1] for s in work[-n:])


def flat(first, last): return last <= 1.1*first+20


def files(folder, n=1000, share=.03, seconds=3., workers=2):
    "(row, what was wrong): short files, some of them bad, through `recognize`"
    music, out, wrong = Path(folder)/'music', Path(folder)/'chords', []; music.mkdir(parents=True)
    bad = {f'd{i % 7}/s{i:05d}' for i in range(n) if i % round(1/share) == 7}
    for i in range(n):
        p = music/f'd{i % 7}'/f's{i:05d}'; p.parent.mkdir(exist_ok=True)
        if f'd{i % 7}/s{i:05d}' in bad: e, data = list(BAD.items())[i//round(1/share) % len(BAD)]; p.with_suffix(e).write_bytes(data)
        else: sf.write(p.with_suffix('.wav'), tones(i, seconds), 22050)
    p, text, samples, cpu = watched(['recognize', music, '--out', out, '--workers', workers], lambda: sum(1 for _ in out.rglob('*.lab')) if out.exists() else 0)
    there = {q.relative_to(out).with_suffix('').as_posix() for q in out.rglob('*') if q.is_file()}
    ends = [float(q.read_text().splitlines()[-1].split('\t')[1]) for q in out.rglob('*.lab')]
    listed = {m for l in text.splitlines() if l.startswith('failed: ') for m in bad if m in l}
    good = n-len(bad)
    if p.returncode != 1: wrong.append(f'exit status {p.returncode}')
    if len(there) != good or there & bad: wrong.append(f'{len(there)} results of {good}')
    if any(abs(e-seconds) > .01 for e in ends): wrong.append('a result does not end with its song')
    if listed != bad: wrong.append(f'{len(listed)} of {len(bad)} bad files are named')
    if f'{good} of {n} songs recognised, {len(bad)} failed' not in text: wrong.append(text[-300:])
    if not there: return dict(what='files', status=p.returncode), [*wrong, text[-600:]], samples
    a, b = thirds(samples)
    if not flat(a, b): wrong.append(f'memory grows from {a} to {b} MB')
    return dict(what='files', command='recognize', files=n, bad=len(bad), named=len(listed), done=len(there), status=p.returncode, workers=workers, wall_s=round(samples[-1][0]), cpu_s=round(cpu),
                first_MB=a, last_MB=b, peak_MB=max(s[1] for s in samples)), wrong, samples


def hours(folder, n=200., teacher='btc-small', workers=2, seconds=240., kinds=4):
    "(row, what was wrong): hours of audio through `label`"
    from chordkd_nb.corpus import Store
    folder, wrong = Path(folder), []; count = max(1, round(n*3600/seconds)); out = folder/'store'
    done('corpus', 'demo', folder/'songs', '--songs', min(kinds, count), '--seconds', seconds, '--workers', workers)
    pool = songs(folder/'pool', count, folder/'songs'); size = lambda: sum(1 for _ in out.glob('part-*.arrow'))
    p, text, samples, cpu = watched(['label', pool, out, '--teacher', teacher, '--workers', workers], size)
    if p.returncode: wrong.append(text[-600:]); return dict(what='hours', status=p.returncode), wrong, samples
    s = Store(out); h = s.hours
    if len(s) != count or s.failed: wrong.append(f'{len(s)} of {count} songs, {len(s.failed)} failed')
    same = collections.defaultdict(set)
    for k, i in enumerate(s.ids): same[k % min(kinds, count)].add(s[i].top_prob.tobytes())
    if max(map(len, same.values())) > 1: wrong.append('copies of a song have other labels')
    a, b = thirds(samples)
    if not flat(a, b): wrong.append(f'memory grows from {a} to {b} MB')
    return dict(what='hours', command=f'label --teacher {teacher}', files=count, hours=round(h, 2), done=len(s), status=p.returncode, workers=workers, wall_s=round(samples[-1][0]), cpu_s=round(cpu),
                real_times=round(h*3600/samples[-1][0]), real_times_per_cpu=round(h*3600/cpu), first_MB=a, last_MB=b, peak_MB=max(s[1] for s in samples)), wrong, samples


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=('files', 'hours')); p.add_argument('--files', type=int, default=1000); p.add_argument('--bad', type=float, default=.03); p.add_argument('--hours', type=float, default=200.)
    p.add_argument('--teacher', default='btc-small'); p.add_argument('--workers', type=int, default=os.cpu_count())
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        row, wrong, samples = files(d, a.files, a.bad, workers=a.workers) if a.what == 'files' else hours(d, a.hours, a.teacher, a.workers)
    print(' '.join(f'{k}={v}' for k, v in row.items()), *wrong, sep='\n    ')
    step = max(1, len(samples)//100)
    save(f'load-{a.what}', [dict(row, ok=not wrong)], memory=dict(columns=['s', 'MB', 'results' if a.what == 'files' else 'shards'], samples=samples[::step]))
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
