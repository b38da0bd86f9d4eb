"""Build, fetch or check a corpus of songs.

A corpus is a folder with audio/ and, if the chords are known, chordlab/.
Run a command again to continue where it stopped.
"""
from pathlib import Path
from chordkd_nb.cli._arguments import add_command, add_workers, count, number, seed
from chordkd_nb.cli._common import in_options, is_store, report, report_store, require_pictures
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd corpus demo songs/',
    'chordkd corpus demo guitars/ --kind guitar --songs 200 --seconds 60',
    'chordkd corpus demo performed/ --chords billboard-store/ --kind sung --soundfonts fonts/*.sf2',
    'chordkd corpus soundfonts fonts/',
    'chordkd corpus pop909 renders/ --source POP909/ --songs 100 --soundfonts fonts/*.sf2',
    'chordkd corpus pop909 more/ --source POP909/ --without split.json:test --style rock',
    'chordkd corpus debian music/ --packages wesnoth-1.16-music singularity-music',
    'chordkd corpus billboard billboard-store/ --source billboard_chroma.npz',
    'chordkd corpus mirdata guitarset/ --dataset guitarset --source mir_datasets/guitarset',
    'chordkd corpus check music/ --out report/ --write-ids keep.json',
    'chordkd corpus check renders/ --out report/ --compare songs/']


def add_parser(commands):
    p = add_command(commands, 'corpus', lambda args: p.print_help(), __doc__, EXAMPLES)
    kinds = p.add_subparsers(metavar='KIND')
    for add_its_parser in (add_demo, add_pop909, add_debian, add_billboard, add_mirdata,
                           add_soundfonts, add_check):
        add_its_parser(kinds)


def add_kind(kinds, name, run, about):
    "Add the sub-command of one kind of corpus, with its own examples"
    examples = [example for example in EXAMPLES if example.startswith(f'chordkd corpus {name} ')]
    return add_command(kinds, name, run, about, examples)


def add_out(parser):
    parser.add_argument('out', help='folder to write')


def add_packages(parser, default):
    parser.add_argument(
        '--packages', action='extend', nargs='+', metavar='PACKAGE',
        help=f'Debian packages (default: {default})')


def print_report(corpus):
    "Print which songs a corpus has, and return the exit status: 1 if songs failed"
    print(in_words_of_label(corpus))
    return 1 if corpus.failed else 0


def in_words_of_label(report):
    "Name the command that has the options which the messages of a report name"
    return in_options(str(report)).replace('with --repair', "with 'chordkd label … --repair'")


# corpus demo

def add_demo(kinds):
    p = add_kind(kinds, 'demo', run_demo, 'Compose songs and render them, with their chords.')
    add_out(p)
    p.add_argument(
        '--kind', choices=('band', 'guitar', 'fading', 'sung', 'noise'), default='band',
        help='a band; a guitar; single chords that die away; a band with a singer, in the noise of '
             'life; speech and other sounds without a chord (default: band)')
    p.add_argument(
        '--chords', metavar='FOLDER',
        help='perform these chords, each song once, instead of composing: a folder of .lab or '
             '.jams files, or a store')
    p.add_argument(
        '--ids', metavar='FILE.json:PART',
        help='of --chords, only these songs; PART+PART for several parts')
    p.add_argument(
        '--songs', type=count, metavar='N',
        help='how many (default: 60, or all of --chords)')
    p.add_argument(
        '--seconds', type=number(4), default=30.0, metavar='S',
        help='length of each song in s (default: 30)')
    p.add_argument(
        '--seed', type=seed, default=0,
        help='the same seed gives the same songs (default: 0)')
    p.add_argument(
        '--soundfonts', action='extend', nargs='+', metavar='FILE.sf2',
        help='instruments; song by song, they take turns (default: TimGM6mb, which comes with '
             'pretty_midi)')
    add_workers(p)


def run_demo(args):
    from chordkd_nb.make_songs import make_demo_corpus
    from chordkd_nb.no_chord import KINDS
    from chordkd_nb.real_life import make_performed_corpus
    if args.kind in ('fading', 'noise') and args.chords:
        raise ValueError(f'--kind {args.kind} draws its sounds. Leave out --chords, or give another kind.')
    if args.ids and not args.chords:
        raise ValueError('--ids chooses songs of --chords. Give both, or leave --ids out.')
    settings: dict = dict(
        seconds=args.seconds, seed=args.seed, soundfonts=args.soundfonts, workers=args.workers,
        make=KINDS[args.kind])
    if args.chords: return print_report(make_performed_corpus(read_chords(args), args.out, **settings))
    return print_report(make_demo_corpus(args.out, songs=args.songs or 60, **settings))


def read_chords(args):
    "Read the annotations of --chords: id → `Annotation`"
    from chordkd_nb.songs import label_files, read_labels
    from chordkd_nb.splits import choose_ids
    from chordkd_nb.store import Store
    folder = Path(args.chords)
    if is_store(folder): chords = {song.id: song.annotation for song in Store(folder) if song.annotation is not None}
    else:
        files = label_files(folder)
        chords = {path.stem: read_labels(path) for path in files.values()}
        if len(chords) < len(files): raise ValueError(f'{folder}: label files in several folders have the same name.')
    if not chords: raise ValueError(f'{folder}: neither a folder with label files nor a store with annotations')
    return {song: chords[song] for song in choose_ids(args.ids, chords)[:args.songs]}


# corpus pop909

def add_pop909(kinds):
    about = 'Arrange and render songs of POP909, with their chords.'
    p = add_kind(kinds, 'pop909', run_pop909, about)
    add_out(p)
    p.add_argument('--source', required=True, metavar='POP909', help='folder or archive of POP909')
    p.add_argument(
        '--songs', type=count, metavar='N',
        help='draw this number of songs (default: all but the eight of POP909_HELD_OUT)')
    p.add_argument(
        '--ids', action='extend', nargs='+', metavar='ID',
        help="these songs, e.g. 001 002, or FILE.json:PART for those of a split")
    p.add_argument(
        '--without', metavar='FILE.json:PART',
        help='all songs but those in a part of a split, e.g. your test songs')
    p.add_argument(
        '--seed', type=seed, default=0,
        help='of songs, arrangements and sound (default: 0)')
    p.add_argument(
        '--soundfonts', action='extend', nargs='+', metavar='FILE.sf2',
        help='instruments (default: TimGM6mb, which comes with pretty_midi)')
    p.add_argument(
        '--versions', type=count, default=1, metavar='N',
        help='different renderings of each song (default: 1)')
    p.add_argument(
        '--style',
        help="one band for all songs: pop, rock, ballad, …, or 'as written', which is one piano "
             '(default: drawn for each song)')
    p.add_argument('--lossy', action='store_true', help='send some songs through a lossy codec')
    p.add_argument(
        '--clean', action='store_true',
        help='leave the sound as the synthesiser makes it: no detuning, rooms, noise or codecs')
    p.add_argument(
        '--no-pedal', action='store_true',
        help='leave out the sustain pedal of the files, as versions before 0.11 did')
    add_workers(p)


def run_pop909(args):
    from chordkd_nb.pop909 import extract_pop909, make_pop909_corpus
    if sum(map(bool, (args.ids, args.songs, args.without))) > 1:
        raise ValueError('--ids, --without and --songs each say which songs. Give one of them.')
    source = args.source
    if Path(source).is_file():
        extract_pop909(source, Path(args.out)/'POP909')
        source = Path(args.out)/'POP909'
    return print_report(make_pop909_corpus(
        source, args.out, songs=choose_pop909(args, source), seed=args.seed,
        soundfonts=args.soundfonts, versions=args.versions, lossy=args.lossy, style=args.style,
        clean=args.clean, pedal=not args.no_pedal, workers=args.workers))


def choose_pop909(args, source):
    "Song ids, a number of songs, or None for all"
    from chordkd_nb.pop909 import pop909_songs
    if args.without:
        left_out = pop909_ids(args.without)
        return [song for song in pop909_songs(source) if song not in left_out]
    if args.ids and '.json' in args.ids[0]: return pop909_ids(*args.ids)
    return args.ids or args.songs


def pop909_ids(part, *others):
    "Songs of POP909 in a part of a split; its ids may name a corpus and a version: piano/001_v0"
    from chordkd_nb.splits import choose_ids, load_split
    if others: raise ValueError(f'--ids {part}: give one part of a split (PART+PART for several).')
    file, _, names = part.rpartition(':')
    split = load_split(file or part)
    ids = choose_ids(part, [i for ids in split.values() for i in ids])
    return sorted({i.rpartition('/')[2].partition('_')[0] for i in ids})


# corpus debian

def add_debian(kinds):
    about = 'Fetch free music, without chords, from Debian packages.'
    p = add_kind(kinds, 'debian', run_debian, about)
    add_out(p)
    add_packages(p, 'all that we know, 3.9 GB to download')


def run_debian(args):
    from chordkd_nb.debian import DEBIAN_MUSIC, fetch_debian_music
    return print_report(fetch_debian_music(args.out, args.packages or list(DEBIAN_MUSIC)))


# corpus soundfonts

def add_soundfonts(kinds):
    p = add_kind(kinds, 'soundfonts', run_soundfonts, 'Fetch free soundfonts from Debian packages.')
    add_out(p)
    add_packages(p, 'all that we know')


def run_soundfonts(args):
    from chordkd_nb.debian import SOUNDFONTS, fetch_soundfonts
    return print_report(fetch_soundfonts(args.out, args.packages or tuple(SOUNDFONTS)))


# corpus billboard

def add_billboard(kinds):
    about = 'Make a store of the published features and chords of McGill Billboard.'
    p = add_kind(kinds, 'billboard', run_billboard, about)
    add_out(p)
    p.add_argument(
        '--source', required=True, metavar='PATH',
        help='billboard_chroma.npz, or the folder of the public release')
    p.add_argument(
        '--contract', default='nnls-chroma', choices=('nnls-chroma', 'nnls-chroma-6'),
        help='features: 24 numbers a frame, or six rows of them (default: nnls-chroma, the 24 '
             'numbers)')


def run_billboard(args):
    require('pyarrow')
    from chordkd_nb.store import build_store
    from chordkd_nb.features import CONTRACTS
    from chordkd_nb.billboard import billboard_from_release, billboard_songs
    read = billboard_from_release if Path(args.source).is_dir() else billboard_songs
    songs = read(args.source, contract=CONTRACTS[args.contract])
    return report_store(build_store(songs, args.out, songs[0].contract))


# corpus mirdata

def add_mirdata(kinds):
    about = 'Make a corpus of your audio and the annotations of a data set that mirdata knows.'
    p = add_kind(kinds, 'mirdata', run_mirdata, about)
    add_out(p)
    p.add_argument(
        '--dataset', required=True, metavar='NAME',
        help='beatles, queen, rwc_popular, billboard or guitarset')
    p.add_argument(
        '--source', required=True, metavar='FOLDER',
        help="mirdata's data_home, with annotations and your audio; nothing is changed there")


def run_mirdata(args):
    require('mirdata')
    from chordkd_nb.mirdata import mirdata_corpus
    return print_report(mirdata_corpus(args.out, args.dataset, args.source))


# corpus check

def add_check(kinds):
    about = 'Look for copies, silence and speech among songs, and count their chords.'
    p = add_kind(kinds, 'check', run_check, about)
    p.add_argument('songs', help='folder of songs, or a store')
    p.add_argument(
        '-o', '--out', metavar='FOLDER',
        help='where to write tables and pictures (default: nowhere)')
    p.add_argument(
        '--write-ids', metavar='FILE.json',
        help="where to write the ids by finding; use it as --ids FILE.json:keep with 'split' and "
             "'label'")
    p.add_argument(
        '--compare', action='extend', nargs='+', metavar='FOLDER',
        help='corpora whose chords --out shows together with these')
    add_workers(p, default='1')


def run_check(args):
    require('pandas', 'scipy', *(['pyarrow'] if is_store(args.songs) else []))
    from chordkd_nb._files import require_writable
    from chordkd_nb.check_songs import check_songs, write_ids
    refuse_compare(args.compare or [], args.out)
    if args.out: require_pictures(args.out)
    if args.write_ids: require_writable(args.write_ids)
    songs = open_songs(args.songs)
    found = check_songs(songs, 1 if args.workers is None else args.workers)
    if args.write_ids: write_ids(found, args.write_ids)
    if args.out: save_report(found, args.out, args.compare or [])
    print(in_words_of_label(found))
    if answers := written_by_programs(songs):
        report(f"note: {len(answers)} annotations are the answers of a program, e.g. of {answers[:3]}; 'label' refuses "
               'them unless you give --program-labels.')
    return 1 if 'failed' in found.parts else 0


def refuse_compare(others, out):
    "Raise if we could not show the chords of other corpora"
    if others and not out: raise ValueError('--compare is about --out. Give --out FOLDER, or leave --compare out.')
    for path in others:
        if not Path(path).is_dir(): raise ValueError(f'--compare {path}: no such folder.')
    if len({Path(path).name for path in others}) < len(others):
        raise ValueError('--compare: two of the folders have the same name. Rename one.')


def open_songs(path):
    from chordkd_nb.songs import find_songs
    from chordkd_nb.store import Store
    return Store(path) if is_store(path) else find_songs(path, program_labels=True)


def written_by_programs(songs):
    "List the ids of songs whose annotation a program wrote"
    found = []
    for song in songs:
        try: annotation = song.annotation
        except (ValueError, OSError): continue  # among the failed songs
        if annotation and annotation.source: found.append(song.id)
    return found


def save_report(found, out, others):
    "Write tables and pictures of what was found, together with the chords of other corpora"
    from chordkd_nb.class_statistics import durations
    from chordkd_nb.check_songs import save_audit
    chords = {}
    for path in others:
        annotations = [s.annotation for s in open_songs(path) if s.annotation]
        chords[Path(path).name] = durations(annotations)
    save_audit(found, out, chords)
