"""Timing shared by the benchmarks.

Competitors take turns within one run, so whatever else the machine does affects them alike."""
import os, platform, resource, statistics, time
from pathlib import Path

THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS')


def limit_threads(n=1):
    "Give numerical libraries `n` threads; call it before numpy and torch are imported"
    for variable in THREADS: os.environ[variable] = str(n)


def cpu_seconds():
    "Seconds of CPU that this process and its finished children have used"
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime+r.ru_stime for r in both)


def alternate(functions, rounds, warm=1):
    "name -> [(wall, CPU) seconds of each round]; the order is reversed in every other round"
    times = {name: [] for name in functions}
    for r in range(-warm, rounds):
        for name in list(functions)[::1-2*(r%2)]:
            wall, cpu = time.perf_counter(), cpu_seconds()
            functions[name]()
            if r >= 0: times[name].append((time.perf_counter()-wall, cpu_seconds()-cpu))
    return times


def median(times, i): return statistics.median(t[i] for t in times)


def ratio(slow, fast):
    "'x3.2 (3.0-3.5) CPU, x3.1 (2.8-3.9) wall': median, smallest and largest of the rounds' ratios"
    parts = []
    for i,what in ((1, 'CPU'), (0, 'wall')):
        q = [s[i]/f[i] for s,f in zip(slow, fast)]
        parts.append(f'x{statistics.median(q):.3g} ({min(q):.3g}-{max(q):.3g}) {what}')
    return ', '.join(parts)


def demo_audio(folder, n, seconds):
    "`n` songs of the demo generator as stereo 44.1 kHz wav files, made once"
    import numpy as np, soundfile as sf
    from chordkd_nb.make_songs import demo_song
    os.makedirs(folder, exist_ok=True)
    paths = [os.path.join(folder, f'song{i}-{seconds:g}s.wav') for i in range(n)]
    for i,path in enumerate(paths):
        if os.path.exists(path): continue
        y = demo_song((7, i), seconds, sr=44100)[0]
        sf.write(path, np.stack([y, y], 1), 44100, subtype='PCM_16')
    return paths


def processor():
    "The processor's name"
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(':', 1)[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()


def machine():
    "The processor, how many cores it has, how busy it was, and the version of Python"
    load = f', load average {os.getloadavg()[0]:.1f}' if hasattr(os, 'getloadavg') else ''
    return f'{processor()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}'
