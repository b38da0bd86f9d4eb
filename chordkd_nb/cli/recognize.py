"""Write the chords of songs.

The chords of one song go to standard output; those of several songs or of folders go to --out.
Songs that already have a result are skipped, so you can run it again after an interruption.
If a song cannot be read, it is reported, the others are still done, and the exit status is 1.
"""
import os
import sys
from pathlib import Path
from chordkd_nb.cli._arguments import (
    add_command, add_workers, count, import_modules, not_negative, number, raise_first)
from chordkd_nb.cli._common import report, report_above, report_failure
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd recognize song.mp3                                      # start, end, chord',
    'chordkd recognize song.mp3 --out song.mid                       # to hear them with the song',
    'chordkd recognize song.mp3 --out song.html                      # a page with a player',
    'chordkd recognize song.mp3 --format json --top-k 3 | jq .       # confidence and alternatives',
    'chordkd recognize song.mp3 --simplify triads --spelling key     # for a player',
    'chordkd recognize song.mp3 --format chordpro --beats song.beats # lead sheet (beat_this, madmom)',
    'chordkd recognize song.mp3 --out song.musicxml --beats track    # the same for MuseScore',
    'chordkd recognize song.mp3 --names pop                          # Am7, not A:min7 (jazz: A-7)',
    'chordkd recognize song.mp3 --capo auto --transpose -2           # shapes for a guitar',
    'chordkd recognize song.mp3 --confidence 0.5                     # uncertain chords become X',
    'chordkd recognize album/ --out chords/ --format jams            # all cores; rerun to continue',
    'chordkd recognize song.wav --model runs/s2 --min-duration 0.5   # your own model']
FORMAT_NAMES = ('lab', 'jams', 'json', 'csv', 'midi', 'chordpro', 'musicxml', 'audacity', 'html')
HIGHEST_CAPO = 7  # fret, as in edits.py, which we do not import for --help
WITH_ALTERNATIVES = ('json', 'csv', 'jams')  # formats with room for more than one label
LIBRARIES = dict(midi=['pretty_midi'], musicxml=['music21'])  # that a format needs


def add_parser(commands):
    p = add_command(commands, 'recognize', run, __doc__, EXAMPLES, imports=True)
    p.add_argument('files', nargs='+', help='audio files or folders; - is standard input')
    p.add_argument(
        '-m', '--model',
        help='run, checkpoint folder, name or .onnx file (default: the one that comes with the '
             'package)')
    add_output(p.add_argument_group('where results go'))
    add_finishing(p.add_argument_group('which chords to write'))
    add_naming(p.add_argument_group('how to write them'))
    add_beats(p.add_argument_group('beats'))
    add_decoding(p.add_argument_group('how to listen'))


def add_output(group):
    group.add_argument(
        '-o', '--out',
        help='folder of results, or a file for one song: .lab .jams .json .csv .mid .cho .musicxml'
             ' .txt (Audacity) .html (a page that plays it)')
    group.add_argument(
        '--format', choices=FORMAT_NAMES,
        help='of the results (default: as --out ends, else lab)')
    group.add_argument('--overwrite', action='store_true', help='also do songs that have a result')
    add_workers(group)
    group.add_argument(
        '--threads', type=count, default=1, metavar='N',
        help='of numerical libraries, for each song (default: 1; more seldom pay)')


def add_finishing(group):
    group.add_argument(
        '--simplify', choices=('full', 'sevenths', 'triads', 'majmin'),
        help='leave out detail: down to seventh chords, to triads, or to major and minor; the bass '
             'goes, too')
    bass = group.add_mutually_exclusive_group()
    bass.add_argument(
        '--no-bass', dest='bass', action='store_const', const='none',
        help='write C where the bass makes it C/3 (default: write the bass if the model hears it '
             'and if it belongs to the chord)')
    bass.add_argument(
        '--any-bass', dest='bass', action='store_const', const='any',
        help='also write basses that do not belong to the chord: F/2, which is F over G')
    group.add_argument(
        '--top-k', type=count, default=0, metavar='K',
        help='also write the K most probable labels of each segment (json, csv, jams)')
    group.add_argument(
        '--confidence', type=number(0, 1), metavar='LEAST',
        help='write segments with less confidence than this, from 0 to 1, as X (unknown); the '
             'confidence is still that of the original chord')


def add_naming(group):
    add_names(group)
    group.add_argument(
        '--spelling', choices=('sharps', 'flats', 'key'),
        help="names of roots; 'key': as in the key around each chord (default: 'key' for names like Am7 "
             'and if you transpose; labels like A:min7 stay as the model has them)')
    group.add_argument(
        '--transpose', type=number(-24, 24, int), default=0, metavar='N',
        help='write the chords N semitones higher, or lower if N is negative')
    add_capo(group)


def add_names(group):
    group.add_argument(
        '--names', choices=('harte', 'pop', 'jazz'),
        help='A:min7, Am7 or A-7 (default: pop for html, chordpro, midi and audacity, else harte; '
             'lab and jams are always harte, musicxml is pop)')


def add_capo(group):
    group.add_argument(
        '--capo', type=fret, default=0, metavar='auto|N',
        help='show the shapes to play with a capo on fret N, or on the fret with the most open '
             'chords (json, csv, audacity, chordpro, html)')


def fret(text):
    "Read the fret of a capo: 'auto', or a whole number"
    return text if text == 'auto' else number(0, HIGHEST_CAPO, int)(text)


def add_beats(group):
    group.add_argument(
        '--beats', metavar='FILE|track',
        help='move boundaries to nearby beats, from a text file, from a folder with one for each '
             "song, or 'track', which finds them")
    group.add_argument(
        '--reach', type=not_negative, metavar='S',
        help='how far in s a boundary may move to a beat (default: 0.2)')
    group.add_argument(
        '--meter', type=int, choices=(3, 4),
        help='beats in a bar, for chordpro and midi, if the file of beats does not give them '
             '(default: found from the changes of chord)')


def add_decoding(group):
    group.add_argument(
        '--penalty', type=not_negative,
        help='cost of a change of chord; more makes fewer changes (default: as stored with the '
             'model)')
    group.add_argument(
        '--min-duration', type=not_negative, metavar='S',
        help='merge shorter chords, in s, into a neighbour (default: as stored with the model)')
    group.add_argument(
        '--overlap', type=number(0, 0.99), metavar='SHARE',
        help='how far windows overlap, from 0 to 0.99 (default: as stored with the model)')
    add_tuning(group)


def add_tuning(group):
    group.add_argument(
        '--tuning', type=number(-100, 100), metavar='CENTS',
        help='of the recording, above A4 = 440 Hz (default: estimated)')


def run(args):
    from chordkd_nb._files import require_writable
    from chordkd_nb.recognition import get_model
    songs = find_audio(args.files)
    is_file = out_is_file(args, songs)
    args.format = choose_format(args, is_file)
    raise_first(problems(args, songs))
    require(*LIBRARIES.get(args.format, ()))
    if args.out is not None: require_writable(args.out, folder=not is_file)
    model = get_model(args.model)  # so that a wrong name is one error, not one for each song
    if args.bass == 'any' and not model.has_bass:
        raise ValueError(f'--any-bass: {args.model or "the default model"} does not hear the bass.')

    return write_all(songs, args, is_file, recognize_song, 'recognize', 'recognised')


def write_all(songs, args, is_file, work, name, done):
    "Let `work` write the result of each song that has none; return the exit status"
    from chordkd_nb._files import without_leftovers
    jobs, failed, results = plan(songs, args, is_file)
    with without_leftovers(*{path.parent for path in results}):  # deletes files of interrupted writes
        if len(songs) == 1 and jobs:
            if note := work(*jobs[0], args): report(note)
            return 0
        for song, error in failed: report_failure(song, error)
        n_failed = len(failed) + work_on_all(work, jobs, args, name, args.workers)
    n_there = len(songs)-len(jobs)-len(failed)
    if len(songs) == n_there == 1: report(f'{results[0]} is there already, and was kept (--overwrite replaces it).')
    else: report_counts(len(songs), n_failed, n_there, done)
    return 1 if n_failed else 0


# Which songs

def find_audio(paths):
    "List (audio file, its path within the folder of results) for files, folders and patterns"
    for path in paths:
        if '://' in path:
            raise ValueError(f'{path} is an address. Download the file and give its name, '
                             'or pipe it: curl … | chordkd recognize -')
    if '-' in paths:
        if len(paths) > 1:
            raise ValueError("'-', standard input, is one song. Give no other songs with it.")
        return [(Path('-'), Path('stdin'))]
    found = list(dict.fromkeys(pair for path in paths for pair in audio_at(Path(path))))  # each once
    if not found:
        raise ValueError(f"No audio files in {', '.join(paths)}, as .wav, .mp3, .m4a or .mp4. "
                         'You can give files with other endings one by one.')
    return found


def audio_at(path):
    "List (audio file, its path within the folder of results) for one file, folder or pattern"
    from glob import glob, has_magic
    from chordkd_nb.songs import audio_files
    if path.is_dir():
        os.scandir(path).close()  # if it cannot be read, this says so
        return [(file, file.relative_to(path)) for file in audio_files(path)]
    is_pattern = has_magic(str(path)) and not path.exists()  # not every shell replaces *
    files = sorted(map(Path, glob(str(path)))) if is_pattern else []
    return [(file, Path(file.name)) for file in files or [path]]


# Errors that concern all songs: we raise them once, before the first song

def out_is_file(args, songs):
    "Check whether --out is the file of one song, and not a folder"
    from chordkd_nb.formats import ENDINGS
    if args.out is None or Path(args.out).is_dir() or args.out.endswith(('/', os.sep)): return False
    ending = Path(args.out).suffix.lower()
    if len(songs) == 1 and not Path(args.files[0]).is_dir(): return ending != ''
    if ending not in ENDINGS: return False
    raise ValueError(f'--out {args.out} is a file, and the songs need a folder. If you mean one of this name, end it '
                     'with /.')


def choose_format(args, is_file):
    "Choose the format by --format, or by the ending of --out; for a terminal, by what it has to show"
    from chordkd_nb.formats import ENDINGS, format_of
    for_people = args.out is None and (args.names in ('pop', 'jazz') or args.capo)
    if not is_file: return args.format or ('audacity' if for_people else 'lab')
    ending = Path(args.out or '').suffix
    if ending.lower() not in ENDINGS:
        raise ValueError(f"{args.out}: '{ending}' is no ending of a result. There are "
                         f"{', '.join(ENDINGS)}. If you mean a folder, end its name with /.")
    return format_of(args.out, args.format) or 'lab'


def problems(args, songs):
    "Name what is missing, or arguments that exclude each other"
    from chordkd_nb.formats import naming_problem
    n, beats = len(songs), args.beats
    if args.top_k and args.format not in WITH_ALTERNATIVES:
        yield f'--top-k: {args.format} has no place for other labels; json, csv and jams have.'
    for option in ('reach', 'meter'):
        if getattr(args, option) is not None and not beats:
            yield f'--{option} is about beats: give --beats FILE, or --beats track.'
    if problem := naming_problem(args.format, args.names, args.capo): yield problem
    if args.out is None and n > 1: yield f'{n} files: give --out FOLDER for the results.'
    if args.out is None and args.format == 'midi' and sys.stdout.isatty():
        yield ('MIDI is not for a terminal: give --out song.mid, '
               'or redirect it: chordkd recognize … > song.mid')
    if args.format in ('chordpro', 'musicxml') and not beats:
        yield 'A lead sheet needs beats: give --beats FILE, or --beats track.'
    if beats not in (None, 'track') and not Path(beats).exists():
        yield f'{beats}: no such file of beats (to find them: --beats track).'
    if n > 1 and beats and Path(beats).is_file():
        yield (f'{beats}: {n} songs cannot share a file of beats. '
               'Give a folder with one for each, or --beats track.')


def plan(songs, args, is_file):
    "List jobs (song, place, result), failures (song, reason), and the paths of all results"
    from chordkd_nb.formats import FORMATS
    from chordkd_nb._unicode import nfc, told_apart
    if args.out is None: return [(song, place, None) for song, place in songs], [], []
    ending, _ = FORMATS[args.format]
    jobs, failed = [], []
    owners = {}  # name of a result → (song, result); a.mp3 and a.wav would have the same
    for song, place in songs:
        out = Path(args.out) if is_file else Path(args.out)/place.with_suffix(ending)
        owner, _ = owners.get(nfc(str(out)), (None, None))
        if owner is None:
            owners[nfc(str(out))] = song, out
            if args.overwrite or not os.path.exists(out): jobs.append((song, place, out))
        else:
            song, owner = told_apart([str(song), str(owner)])
            failed.append((song, f'{out} is already the result of {owner}; rename one of them'))
    return jobs, failed, [out for _, out in owners.values()]


# One song

def recognize_song(song, place, out, args):
    "Recognise a song and write the result to `out`, or to standard output if that is None; there is nothing to note"
    from chordkd_nb.recognition import recognize
    song, title = open_song(song, place)
    # a simpler chord has the probability of all labels that it replaces, so we need them all
    top_k = sys.maxsize if args.simplify else args.top_k
    chords = recognize(
        song, args.model, top_k=top_k, tuning=args.tuning, threads=args.threads, penalty=args.penalty,
        min_duration=args.min_duration, overlap=args.overlap, bass=args.bass)
    write_song(chords, song, title, place, out, args)


def open_song(song, place):
    "Read standard input, or leave a file as it is: (song, its title)"
    from chordkd_nb.audio import title_of
    if str(song) == '-': return sys.stdin.buffer.read(), place.stem
    return song, title_of(song) or place.stem


def write_song(chords, song, title, place, out, args):
    "Finish the chords of a song and write them to `out`, or to standard output if that is None"
    from dataclasses import replace
    from chordkd_nb.beats import Beats, MAX_BEAT_SHIFT, position_in_bar
    from chordkd_nb.edits import best_capo, keep_top_k, postprocess, transpose
    from chordkd_nb.formats import chords_as, save_chords
    beats = find_beats(args.beats, song, place)
    reach = MAX_BEAT_SHIFT if args.reach is None else args.reach
    spelling = spelling_of(args)
    chords = postprocess(chords, args.simplify, args.confidence, spelling, beats, reach)
    if beats and args.meter:
        if beats.position_in_bar is not None:
            raise ValueError('--meter: the file of beats tells their positions in the bar.')
        beats = Beats(beats.times, position_in_bar(chords, beats, args.meter))
    if args.simplify and args.top_k: chords = keep_top_k(chords, args.top_k)
    elif args.simplify: chords = replace(chords, alternatives=None)

    if args.transpose: chords = transpose(chords, args.transpose, spelling or 'key')
    capo = best_capo(chords) if args.capo == 'auto' else args.capo
    if args.capo == 'auto' and args.format == 'audacity':  # other formats hold the fret themselves
        report(f'{title}: capo on fret {capo}' if capo else f'{title}: no capo')
    naming:dict = dict(names=args.names, capo=capo, transposed=args.transpose)
    if out is not None: save_chords(chords, out, args.format, title, beats, song, **naming)
    else: print_bytes(chords_as(chords, args.format, title, beats, song, **naming))


def spelling_of(args):
    "Choose how to spell roots: names for musicians follow the key; None: leave them as they are"
    from chordkd_nb.formats import default_names
    if args.spelling == 'written': return None   # of a chart
    names = args.names or default_names(args.format)
    return args.spelling or (None if names == 'harte' else 'key')


def find_beats(beats, song, place):
    "Track the beats of a song, or read them from a file or from its file in a folder"
    from chordkd_nb.beats import read_beats, track_beats
    from chordkd_nb._unicode import find_file
    if beats is None: return None
    if beats == 'track': return track_beats(song)
    if Path(beats).is_file(): return read_beats(beats)
    if path := find_file(Path(beats)/place.with_suffix('.beats'), '.txt', '.csv'): return read_beats(path)
    raise ValueError(f'no beats for it in {beats}: expected {place.with_suffix(".beats")}, .txt or .csv')


def print_bytes(data):
    "Write bytes to standard output, unchanged"
    if sys.stdout is None: raise OSError('standard output is closed. Give --out FILE.')
    if not hasattr(sys.stdout, 'buffer'):  # replaced, by Jupyter or a test
        sys.stdout.write(data.decode())
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


# Many songs

def work_on_all(work, jobs, args, name, workers):
    "Let `work` write the results of songs, in several processes; report notes and failures, and count failures"
    from chordkd_nb._processes import WorkerDied, cpu_count, map_in_processes
    from chordkd_nb._progress import progress_bar
    if not jobs: return 0
    if workers is None: workers = cpu_count()
    tasks = [(work, *job, args) for job in jobs]
    results = map_in_processes(try_song, tasks, min(workers, len(jobs)), ordered=False)
    n_failed = 0
    for (_, song, *_), result in progress_bar(results, len(tasks), name=name):
        error, note = (result, '') if isinstance(result, WorkerDied) else result
        if error: report_failure(song, error)
        elif note: report_above(note)
        n_failed += bool(error)
    return n_failed


def try_song(task):
    "Work on a song in a process of its own; return the error as text, '' if there is none, and what `work` notes"
    work, song, place, out, args = task
    try:
        import_modules(args.modules)
        return '', work(song, place, out, args)
    except (ValueError, OSError, ImportError) as error: return str(error), None
    except Exception as error: return f'{type(error).__name__}: {error}', None


def report_counts(n, n_failed, n_there, done):
    text = f'{n-n_there-n_failed} of {n} songs {done}, {n_failed} failed'
    if n_there:
        text += (f', {n_there} had a result already, which stays '
                 '(--overwrite makes it anew, with these options)')
    report(f'{text}.')
