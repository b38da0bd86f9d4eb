"""What training costs on an NVIDIA GPU, for nbs/64_scale.ipynb: time of a step, loss curves, and resumed runs.

usage: scale_gpu.py SONGS WORK [--only PART …] [--songs N] [--results FOLDER]     (SONGS: a folder of audio)"""
import json
import os
import shutil
import subprocess
import sys
import time
from scale import CHORDKD, NO_DROPOUT, arguments, curve, label, measured, measure_labelling, options
from scale import read_history, root, run_parts

PRECISIONS = ('no', 'bf16', 'fp16')
COLUMNS = ('epoch', 'train_loss', 'valid_loss', 'valid_accuracy', 'seconds')
ON_CPU = dict(ACCELERATE_USE_CPU='true', OMP_NUM_THREADS=str(os.cpu_count()))
STOPPED = 9  # exit status of a run that we stop


def gpu_store(job):
    "A store for the loss curves, made once"
    store = job.work/'gpu-store'
    if not store.exists():
        measure_labelling(job.music, store, 'btc-small', os.cpu_count(), more=['--limit', job.songs])
    return store


def time_step(arch, sizes, batch, precision):
    "Milliseconds of a step, frames a second, and megabytes"
    import torch
    from torch.nn import functional as F
    from chordkd_nb.checkpoints import build_model
    dtype = dict(no=torch.float32, bf16=torch.bfloat16, fp16=torch.float16)[precision]
    torch.manual_seed(0)
    model = build_model(arch, **sizes).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    scaler = torch.amp.GradScaler('cuda', enabled=precision == 'fp16')
    x, y = torch.randn(batch, 108, 144, device='cuda'), torch.randint(170, (batch, 108), device='cuda')
    mask = torch.ones(batch, 108, dtype=torch.bool, device='cuda')

    def step():
        with torch.autocast('cuda', dtype, enabled=precision != 'no'): logits = model(x, mask)
        loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten())
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()

    for _ in range(5): step()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    started, n = time.time(), 0
    while n < 5 or time.time()-started < 1.5:
        step()
        n += 1
        torch.cuda.synchronize()
    seconds = (time.time()-started)/n
    return dict(ms_per_step=round(1000*seconds, 2), frames_per_s=round(batch*108/seconds),
                peak_mb=round(torch.cuda.max_memory_allocated()/2**20))


def steps(job):
    "Time of a training step"
    from chordkd_nb.recipes import MODEL_SIZES
    rows = []
    for (preset, arch), sizes in MODEL_SIZES.items():
        if preset == 'best': continue  # the sizes of 'laptop'
        for batch in (32, 256):
            for precision in PRECISIONS:
                same = dict(arch=arch, preset=preset, precision=precision, batch=batch)
                rows.append(same | time_step(arch, sizes, batch, precision))
    job.write(rows, 'gpu-steps')


def curves(job):
    "Loss curves on the CPU and on the GPU, without dropout, so that all runs are the same sums"
    store, rows = gpu_store(job), []
    still = {'btc': NO_DROPOUT, '2e1d': dict(dropout=0)}
    runs = {'CPU, float32': (ON_CPU, {}), 'GPU, float32': ({}, {}),
            'GPU, bf16': ({}, dict(mixed_precision='bf16')),
            'GPU, fp16': ({}, dict(mixed_precision='fp16'))}
    for arch, rates in still.items():
        for name, (environment, precision) in runs.items():
            run = job.work/'runs'/f'{arch}-{name}'.replace(' ', '-').replace(',', '')
            shutil.rmtree(run, ignore_errors=True)
            chosen = dict(epochs=8, batch_size=64, lr=.001, warmup_epochs=1) | precision
            before = dict(os.environ)
            os.environ.update(environment)
            spent = measured([
                *CHORDKD, 'train', 'stage1', store, '--preset', 'paper', '--arch', arch, '--out', run,
                '--set', *options(**chosen), '--size', *options(**rates)])
            os.environ.clear()
            os.environ.update(before)
            windows = json.loads((run/'recipe.json').read_text())['windows']
            end = dict(total_wall_s=spent['wall_s'], windows=windows)
            rows += [dict(arch=arch, run=name) | row | end for row in curve(read_history(run), COLUMNS)]
    job.write(rows, 'gpu-curves')


RUN = f'''
import os, sys
from chordkd_nb.stages import stage1
from chordkd_nb.trainer import Callback
store, run, precision, stop = sys.argv[1:]
class Stop(Callback):
    def on_step(self, metrics):
        if metrics['step'] == int(stop): os._exit({STOPPED})
changes = dict(epochs=3, batch_size=64, mixed_precision=precision, ema=.99)
stage1(store, run, 'btc', changes=changes, save_every=3, progress=False, callbacks=[Stop()])
'''


def train_once(store, run, precision, stop=None):
    "Train in a new process, which may stop in the middle of the second epoch and go on: the weights"
    from chordkd_nb.published import load_checkpoint
    shutil.rmtree(run, ignore_errors=True)
    command = [sys.executable, '-c', RUN, str(store), str(run), precision]
    if stop:
        assert subprocess.run([*command, str(stop)]).returncode == STOPPED
        assert (run/'state.json').exists()
    subprocess.run([*command, '-1'], check=True)
    return load_checkpoint(run).model.state_dict()


def largest_difference(a, b): return max(float((a[k].double()-b[k].double()).abs().max()) for k in a)


def resume(job):
    "Is a run that was stopped and resumed the one that was not, and is a run that is repeated?"
    rows, store = [], gpu_store(job)
    for precision in PRECISIONS:
        run = job.work/'runs'/f'again-{precision}'
        once = train_once(store, run.with_name(f'{run.name}-0'), precision)
        again = train_once(store, run.with_name(f'{run.name}-1'), precision)
        resumed = train_once(store, run.with_name(f'{run.name}-2'), precision, stop=13)
        rows.append(dict(precision=precision, again=largest_difference(once, again),
                         resumed=largest_difference(once, resumed)))
    job.write(rows, 'gpu-resume')


PARTS = dict(label=label, steps=steps, curves=curves, resume=resume)


def main():
    import torch
    args = arguments(PARTS, root/'data/results/scale-gpu', __doc__)
    if not torch.cuda.is_available(): sys.exit('no CUDA device here')
    run_parts(PARTS, args, gpu=torch.cuda.get_device_name())


if __name__ == '__main__': main()
