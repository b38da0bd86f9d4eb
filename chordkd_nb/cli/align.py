"""Give the chords of charts their times in recordings.

A chart says which chords come in which order: ChordPro, chords over words, bars, a list, .lab or
JAMS (times are ignored), MusicXML, MIDI. It may be in another key, and have mistakes: where the
song does not follow it, you get what the recogniser is sure of, else X. A chart of triads alone
gets the sevenths and sixths that are heard clearly. A song that does not follow its chart is an
error.
With folders, a song and its chart have the same name: music/one.mp3 and charts/one.cho. If none
has, a chart is taken whose name is alike: 'Let it be.cho' for '01 - Let It Be.mp3' or
'The Beatles - Let It Be.mp3'.
Songs that already have a result are skipped, so you can run it again after an interruption.
If a song fails, it is reported, the others are still done, and the exit status is 1.
"""
import re
import unicodedata
from pathlib import Path
from chordkd_nb.cli import recognize
from chordkd_nb.cli._arguments import add_command, number, raise_first
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd align song.mp3 song.cho                         # start, end, chord',
    'chordkd align song.mp3 song.cho --out song.lab',
    'chordkd align song.mp3 song.txt --out song.html         # a page with a player',
    'chordkd align song.mp3 song.cho --out song.json         # with the confidence of each chord',
    'chordkd align song.mp3 song.cho --confidence 0.8        # less certain chords become X',
    'chordkd align music/ charts/ --out labs/                # all cores; rerun to continue',
    "chordkd align 'live/*.flac' song.cho --out labs/        # several recordings of one song",
    'chordkd align music/ charts/ --out labs/ --format jams --model runs/s2']
DOUBTFUL = .9  # belief in a chart; below, we ask
NO_CHOICE = dict(  # options of recognize
    simplify=None, confidence=None, top_k=0, bass=None, transpose=0, spelling='written')


def add_parser(commands):
    p = add_command(commands, 'align', run, __doc__, EXAMPLES, imports=True)
    p.set_defaults(**NO_CHOICE)
    p.add_argument('files', nargs='+', metavar='songs', help='audio files or folders; - is standard input')
    p.add_argument('chart', help='chart of all these songs, or a folder with a chart for each')
    p.add_argument(
        '-m', '--model',
        help='run, checkpoint folder, name or .onnx file (default: the one that comes with the '
             'package)')
    recognize.add_output(p.add_argument_group('where results go'))
    group = p.add_argument_group('how to write them')
    group.add_argument(
        '--confidence', dest='unsure', type=number(0, 1), metavar='LEAST',
        help='write chords with less confidence than this, from 0 to 1, as X (default: 0.5)')
    add_least_belief(group, 'refuse')
    recognize.add_names(group)
    recognize.add_capo(group)
    recognize.add_beats(p.add_argument_group('beats'))
    recognize.add_tuning(p.add_argument_group('how to listen'))


def add_least_belief(group, refuse):
    group.add_argument(
        '--least-belief', type=number(0, 1), metavar='LEAST',
        help=f'{refuse} a chart if the song follows it with a lower probability, from 0 to 1; 0 takes any '
             '(default: 0.6)')


def least_belief(args):
    "What --least-belief says, or the default of `align`"
    from chordkd_nb.alignment import LEAST_BELIEF
    return LEAST_BELIEF if args.least_belief is None else args.least_belief


def run(args):
    from chordkd_nb._files import require_writable
    from chordkd_nb.recognition import get_model
    songs = recognize.find_audio(args.files)
    is_file = recognize.out_is_file(args, songs)
    args.format = recognize.choose_format(args, is_file)
    raise_first(recognize.problems(args, songs))
    require(*recognize.LIBRARIES.get(args.format, ()))
    if not Path(args.chart).exists(): raise ValueError(f'{args.chart}: no such chart, or folder of charts.')
    if args.out is not None: require_writable(args.out, folder=not is_file)
    get_model(args.model)  # so that a wrong name is one error, not one for each song
    return recognize.write_all(songs, args, is_file, align_song, 'align', 'aligned')


def align_song(song, place, out, args):
    "Align a song and write the result to `out`, or to standard output if that is None; return what to note, or ''"
    from chordkd_nb.alignment import UNSURE, align
    path = find_chart(args.chart, place)
    chart = chart_of(path)
    song, title = recognize.open_song(song, place)
    unsure = UNSURE if args.unsure is None else args.unsure
    chords = align(song, chart, args.model, unsure=unsure, least_belief=least_belief(args), tuning=args.tuning,
                   threads=args.threads)
    recognize.write_song(chords, song, title, place, out, args)
    return '\n'.join(notes(path, place, chart, chords.source or {}, args.chart))


def chart_of(path):
    "Read a chart; without a title it has the name of its file"
    from chordkd_nb.charts import read_chart
    chart = read_chart(path)
    chart.title = chart.title or Path(path).stem
    return chart


def find_chart(chart, place):
    "Find the chart of a song: the only one, or the one with its name, or one like it, in a folder"
    from chordkd_nb._unicode import find_file
    from chordkd_nb.charts import CHART_ENDINGS
    if not Path(chart).is_dir(): return chart
    usual, *others = CHART_ENDINGS
    for wanted in (Path(chart)/place, Path(chart)/place.name):
        if found := find_file(wanted.with_suffix(usual), *others): return str(found)
    alike = charts_alike(chart, place.stem)
    if len(alike) == 1: return str(alike[0])
    names = f'; several are alike: {", ".join(str(path) for path in alike[:3])}' if alike else ''
    raise ValueError(f'no chart for it in {chart}: expected {place.with_suffix(usual)}, or another ending '
                     f'of {", ".join(others)}{names}')


def charts_alike(folder, name):
    "List the charts below a folder whose names are most like that of a song"
    from chordkd_nb.charts import CHART_ENDINGS
    charts = [path for path in sorted(Path(folder).rglob('*')) if path.suffix.lower() in CHART_ENDINGS]
    for ours in bare_names(name):
        if alike := [path for path in charts if ours and ours in bare_names(path.stem)]: return alike
    return []


def bare_names(name):
    "The letters and digits of a name without its track number, and of what comes after its last ' - '"
    whole = re.sub(r'^\d{1,3}[\s._-]+', '', unicodedata.normalize('NFKD', name).casefold())
    return [''.join(filter(str.isalnum, part)) for part in (whole, whole.rpartition(' - ')[2])]


def notes(path, place, chart, aligned, given):
    "Say what a user should know about a chart; `aligned` is the source of the alignment, `given` the chart or folder"
    from chordkd_nb._unicode import nfc
    in_folder = Path(given).is_dir()
    if in_folder and nfc(Path(path).stem) != nfc(place.stem):
        yield f'{path}: taken as the chart of {place}, since the names are alike'
    if in_folder and (others := same_name(Path(path))):
        yield f'{path}: this chart is read, and not the other with its name: {", ".join(others)}'
    if aligned['belief'] < DOUBTFUL:
        yield f"{path}: is it the chart of this song? We are only {aligned['belief']:.0%} sure"
    if aligned['follows'] < .5:
        share = f"{aligned['follows']:.0%}"
        yield f'{path}: only {share} of the recording follows it; elsewhere you get what the recogniser hears'
    if (transposed := aligned['transposed']) and transposed != chart.capo % 12:
        down = f' ({12 - transposed} lower)' if transposed > 6 else ''
        yield f'{path}: sounds {transposed} semitones higher than written{down}'
    shown = chart.unread[:1] if in_folder else chart.unread
    for line in shown: yield f'{path}: not read: {line.rstrip(".")}'
    if more := len(chart.unread) - len(shown): yield f'{path}: not read: {more} more; align it alone to see them'


def same_name(path):
    "List the other charts in the folder of a chart that have its name"
    from chordkd_nb.charts import CHART_ENDINGS
    files = sorted(path.parent.iterdir())
    return [file.name for file in files
            if file.stem == path.stem and file != path and file.suffix.lower() in CHART_ENDINGS]
