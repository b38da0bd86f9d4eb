"""Timing shared by the benchmarks: competitors take turns within one run, so that whatever else the machine does hits them alike."""
import os, resource, statistics, time


def one_thread(n=1):
    "Before numpy and torch are imported: n threads for all of them"
    for k in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS'): os.environ[k] = str(n)


def cpu():
    "Seconds of CPU that this process and its finished children have used"
    return sum(r.ru_utime+r.ru_stime for r in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


def alternate(functions, rounds, warm=1):
    "name → [(wall, CPU) seconds of each round]; the order turns round every time"
    times = {n: [] for n in functions}
    for r in range(-warm, rounds):
        for n in list(functions)[::1-2*(r%2)]:
            w, c = time.perf_counter(), cpu(); functions[n]()
            if r >= 0: times[n].append((time.perf_counter()-w, cpu()-c))
    return times


def median(ts, i): return statistics.median(t[i] for t in ts)


def ratio(slow, fast):
    "'x3.2 (3.0-3.5) CPU, x3.1 (2.8-3.9) wall': median, smallest and largest of the rounds' ratios"
    out = []
    for i, what in ((1, 'CPU'), (0, 'wall')):
        q = [s[i]/f[i] for s, f in zip(slow, fast)]
        out.append(f'x{statistics.median(q):.3g} ({min(q):.3g}-{max(q):.3g}) {what}')
    return ', '.join(out)


def demo_audio(folder, n, seconds):
    "n songs of the demo generator as stereo 44.1 kHz wav files, made once"
    import numpy as np, soundfile as sf
    from chordkd_nb.synth import demo_song
    os.makedirs(folder, exist_ok=True); paths = [os.path.join(folder, f'song{i}-{seconds:g}s.wav') for i in range(n)]
    for i, p in enumerate(paths):
        if not os.path.exists(p): y = demo_song((7, i), seconds, sr=44100)[0]; sf.write(p, np.stack([y, y], 1), 44100, subtype='PCM_16')
    return paths


def machine():
    "What ran, on what, and how busy it was"
    import platform
    name = next((l.split(':', 1)[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name')), platform.processor()) if os.path.exists('/proc/cpuinfo') else platform.processor()
    load = f', load average {os.getloadavg()[0]:.1f}' if hasattr(os, 'getloadavg') else ''
    return f'{name}, {os.cpu_count()} cores{load}, Python {platform.python_version()}'
