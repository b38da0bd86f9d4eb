"""Many files, and many hours: does memory stay flat, and is every file either done or named as bad?

    python reliability/load.py files                 # 1,000 files of 3 s, 3 % of them bad, through `chordkd recognize`
    python reliability/load.py hours --hours 200     # as much audio through `chordkd label`

The audio of `hours` is four songs of four minutes of the demo generator, hard-linked under as many ids as it takes.
`label` does not look for copies, so each is decoded, analysed and labelled. Ten times a second we add up the memory of
all processes of the command that is theirs alone (RssAnon; the kernel can take mapped files back at any time). We cut
the time of the work in three; the median of the last third may exceed that of the first by a tenth and 20 MB. The exit
status is 1 if anything was wrong."""
import argparse, collections, os, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import numpy as np, soundfile as sf
from common import chordkd, done, print_row, save, songs
from soak import members

BAD = [('.wav', b''), ('.mp3', b'not music '*50), ('.flac', b'fLaC\0\0\0\x22'), ('.ogg', bytes(range(256))*40)]


def tones(i, seconds, sr=22050):
    "A few chords as sums of sines: cheap, and no two files alike"
    rng, t = np.random.default_rng(i), np.arange(int(seconds*sr))/sr
    root = np.repeat(rng.integers(0, 12, 3), -(-len(t)//3))[:len(t)]
    y = sum(np.sin(2*np.pi*110*2**((root+s)/12)*t)/(k+2) for k,s in enumerate((0, 7, 12, 16, 19)))
    return (.2*y + .003*rng.standard_normal(len(t))).astype(np.float32)


def anonymous_memory(pid):
    "MB of memory that belongs to a process alone; 0 if it has ended"
    try: lines = Path(f'/proc/{pid}/status').read_text().splitlines()
    except OSError: return 0.
    sizes = [int(line.split()[1]) for line in lines if line.startswith('RssAnon')]
    return sizes[0]/1024 if sizes else 0.


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime+usage.ru_stime


def watched(args, progress):
    "Run a command: (its process, what it printed, [(s, MB, progress)], CPU s)"
    started, cpu, samples = time.monotonic(), children_cpu(), []
    with tempfile.TemporaryFile('w+') as f:
        p = chordkd(*args, stdout=f, stderr=subprocess.STDOUT)
        while p.poll() is None:
            memory = anonymous_memory(p.pid) + sum(anonymous_memory(q.pid) for q in members(p))
            samples.append((round(time.monotonic()-started, 1), round(memory, 1), progress()))
            time.sleep(.1)
        f.seek(0)
        text = f.read()
    return p, text, samples, children_cpu()-cpu


def thirds(samples):
    "Median MB of the first and of the last third of the time in which work was done"
    work = [s for s in samples if s[2] > 0] or samples
    work = [s for s in work if s[2] < work[-1][2]] or work
    n = max(1, len(work)//3)
    return statistics.median(s[1] for s in work[:n]), statistics.median(s[1] for s in work[-n:])


def is_flat(first, last): return last <= 1.1*first + 20


def make_files(music, n, share, seconds):
    "Short files, some of them bad: the ids of the bad ones"
    every, bad = round(1/share), set()
    for i in range(n):
        path = music/f'd{i%7}'/f's{i:05d}'
        path.parent.mkdir(parents=True, exist_ok=True)
        if i%every == 7:
            ending, data = BAD[i//every%len(BAD)]
            path.with_suffix(ending).write_bytes(data)
            bad.add(f'd{i%7}/s{i:05d}')
        else: sf.write(path.with_suffix('.wav'), tones(i, seconds), 22050)
    return bad


def file_faults(out, bad, n, seconds, status, text):
    "What is wrong with the results of `files`"
    found = {p.relative_to(out).with_suffix('').as_posix() for p in out.rglob('*') if p.is_file()}
    ends = [float(p.read_text().splitlines()[-1].split('\t')[1]) for p in out.rglob('*.lab')]
    good, named = n-len(bad), named_as_bad(text, bad)
    if status != 1: yield f'exit status {status}'
    if len(found) != good or found & bad: yield f'{len(found)} results of {good}'
    if any(abs(end-seconds) > .01 for end in ends): yield 'a result does not end with its song'
    if named != bad: yield f'{len(named)} of {len(bad)} bad files are named'
    if f'{good} of {n} songs recognised, {len(bad)} failed' not in text: yield text[-300:]


def named_as_bad(text, bad):
    lines = [line for line in text.splitlines() if line.startswith('failed: ')]
    return {name for line in lines for name in bad if name in line}


def memory_row(samples, cpu, workers):
    "(columns about time and memory, what was wrong with it)"
    first, last = thirds(samples)
    peak = max(s[1] for s in samples)
    time_columns = dict(workers=workers, wall_s=round(samples[-1][0]), cpu_s=round(cpu))
    row = time_columns | dict(first_MB=first, last_MB=last, peak_MB=peak)
    return row, [] if is_flat(first, last) else [f'memory grows from {first} to {last} MB']


def files(folder, n=1000, share=.03, seconds=3., workers=2):
    "(row, what was wrong, samples): short files, some of them bad, through `recognize`"
    music, out = Path(folder)/'music', Path(folder)/'chords'
    bad = make_files(music, n, share, seconds)
    def progress(): return sum(1 for _ in out.rglob('*.lab')) if out.exists() else 0
    p, text, samples, cpu = watched(['recognize', music, '--out', out, '--workers', workers], progress)
    wrong = list(file_faults(out, bad, n, seconds, p.returncode, text))
    if not progress(): return dict(what='files', status=p.returncode), [*wrong, text[-600:]], samples
    row = dict(what='files', command='recognize', files=n, bad=len(bad), named=len(named_as_bad(text, bad)))
    row |= dict(done=sum(p.is_file() for p in out.rglob('*')), status=p.returncode)
    memory, growing = memory_row(samples, cpu, workers)
    return row|memory, wrong+growing, samples


def store_faults(store, count, kinds):
    "What is wrong with the store of `hours`: songs are missing, or copies of a song have different labels"
    if len(store) != count or store.failed: yield f'{len(store)} of {count} songs, {len(store.failed)} failed'
    answers = collections.defaultdict(set)
    for k,song in enumerate(store): answers[k%kinds].add(song.top_prob.tobytes())
    if max(map(len, answers.values())) > 1: yield 'copies of a song have other labels'


def hours(folder, n=200., teacher='btc-small', workers=2, seconds=240., kinds=4):
    "(row, what was wrong, samples): hours of audio through `label`"
    from chordkd_nb import Store
    folder = Path(folder)
    out, count = folder/'store', max(1, round(n*3600/seconds))
    kinds = min(kinds, count)
    done('corpus', 'demo', folder/'songs', '--songs', kinds, '--seconds', seconds, '--workers', workers)
    pool = songs(folder/'pool', count, folder/'songs')
    def progress(): return sum(1 for _ in out.glob('part-*.arrow'))
    p, text, samples, cpu = watched(['label', pool, out, '--teacher', teacher, '--workers', workers], progress)
    if p.returncode: return dict(what='hours', status=p.returncode), [text[-600:]], samples
    store = Store(out)
    wrong = list(store_faults(store, count, kinds))
    memory, growing = memory_row(samples, cpu, workers)
    row = dict(what='hours', command=f'label --teacher {teacher}', files=count, hours=round(store.hours, 2))
    row |= dict(done=len(store), status=p.returncode)
    speed = dict(real_times=round(store.hours*3600/samples[-1][0]), real_times_per_cpu=round(store.hours*3600/cpu))
    return row|memory|speed, wrong+growing, samples


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=('files', 'hours'), help='many files, or many hours')
    p.add_argument('--files', type=int, default=1000, help='number of files (default: 1000)')
    p.add_argument('--bad', type=float, default=.03, help='share of bad files (default: .03)')
    p.add_argument('--hours', type=float, default=200., help='hours of audio (default: 200)')
    p.add_argument('--teacher', default='btc-small', help='teacher of `hours` (default: btc-small)')
    p.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (default: all cores)')
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        if args.what == 'files': row, wrong, samples = files(d, args.files, args.bad, workers=args.workers)
        else: row, wrong, samples = hours(d, args.hours, args.teacher, args.workers)
    print_row(row, *wrong)
    columns = ['s', 'MB', 'results' if args.what == 'files' else 'shards']
    memory = dict(columns=columns, samples=samples[::max(1, len(samples)//100)])
    save(f'load-{args.what}', [dict(row, ok=not wrong)], memory=memory)
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
