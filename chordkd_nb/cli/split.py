"""Draw a split of songs and write it to a file.

Versions of one song (the same file twice, or what a groups.json lists) stay on one side.
These groups are written to split.groups.json next to split.json, for commands that read the split.
"""
from pathlib import Path
from chordkd_nb.cli._arguments import add_command, as_dict, count, name_share, name_text, seed
from chordkd_nb.cli._common import is_store

EXAMPLES = [
    'chordkd split songs/ split.json train=.7 valid=.1 test=.2',
    'chordkd split renders/ split.json labelled=60 test=40 --group-until _v',
    'chordkd split half-labelled/ split.json train=.8 test=.2 --annotated',
    'chordkd split labelled/ split.json train=7 valid=1 --extra train=composed/']


def add_parser(commands):
    p = add_command(commands, 'split', run, __doc__, EXAMPLES)
    p.add_argument('input', help='folder of songs, or a store')
    p.add_argument('out', help='.json file to write')
    p.add_argument(
        'parts', nargs='+', type=name_share, metavar='NAME=SHARE',
        help='parts and their relative sizes: train=.8 test=.2 and train=80 test=20 mean the same')
    p.add_argument(
        '--seed', type=seed, default=42,
        help='the same seed gives the same split (default: 42)')
    p.add_argument(
        '--ids', metavar='FILE.json:PART',
        help='split only the songs of one part of another split')
    p.add_argument(
        '--annotated', action='store_true',
        help='split only songs that have an annotation')
    p.add_argument(
        '--group-until', metavar='TEXT',
        help='songs whose ids agree up to TEXT are versions of one song (default: groups.json of '
             'the folder)')
    p.add_argument(
        '--groups', metavar='FILE.json',
        help="id → group of versions, as 'chordkd corpus check' writes it")
    p.add_argument(
        '--extra', type=name_text, metavar='NAME=FOLDER',
        help='also put songs of another folder or store into this part: those that INPUT lacks')
    p.add_argument(
        '--extra-songs', type=count, metavar='N',
        help='only the first N of these (default: all)')


def run(args):
    from chordkd_nb._files import require_writable
    from chordkd_nb.splits import choose_ids, load_split, save_split, split_songs
    if args.groups and args.group_until:
        raise ValueError('--groups and --group-until both say which songs are versions of each '
                         'other. Give one of the two.')
    if args.extra_songs and not args.extra:
        raise ValueError('--extra-songs counts the songs of --extra NAME=FOLDER. Give that too.')
    require_writable(args.out)
    ids, annotated, groups = read_songs(args)
    chosen = choose_ids(args.ids, ids)
    if args.annotated: chosen = sorted(set(chosen) & set(annotated))

    split = split_songs(chosen, as_dict(args.parts, 'parts'), args.seed, groups)
    for part, songs in split.items():
        if songs: continue
        raise ValueError(f"{len(chosen)} songs are too few: no song would be in '{part}'.")
    if args.extra: groups = add_extra(split, ids, groups, args.extra, args.extra_songs)
    if Path(args.out).exists() and load_split(args.out) != split:
        raise ValueError(f'{args.out} holds another split, and models may have been trained with '
                         'it. Delete it, or choose another name.')
    save_split(split, args.out, groups)

    sizes = {part: len(songs) for part, songs in split.items()}
    n_groups = len({groups.get(i, i) for songs in split.values() for i in songs})
    print(args.out, sizes, f'({n_groups} groups of versions)' if groups else '')


def read_songs(args):
    "List the ids of all songs and of those with an annotation, and map id → group of versions"
    from chordkd_nb.songs import read_groups
    ids, annotated, groups = read_folder(args.input, args.annotated)
    if args.groups: groups = read_groups(args.groups)
    if args.group_until: groups = {i: i.split(args.group_until)[0] for i in ids}
    return ids, annotated, groups


def read_folder(path, need_annotations=False):
    "The same for a folder or a store, as it knows its groups itself"
    from chordkd_nb.songs import find_songs
    from chordkd_nb.splits import same_files
    from chordkd_nb.store import Store
    if is_store(path):
        songs = Store(path)
        groups = songs.groups
        annotated = [s.id for s in songs if s.lab]
    else:
        songs = find_songs(path, None if need_annotations else False)
        groups = same_files(songs)
        annotated = [s.id for s in songs if s.labelled]
    return [s.id for s in songs], annotated, groups


def add_extra(split, ids, groups, extra, limit):
    "Put songs of another folder into a part of the split, and return the groups of all songs"
    part, path = extra
    if part not in split:
        raise ValueError(f"--extra {part}={path}: no part '{part}'; there are {', '.join(split)}.")
    others, _, their_groups = read_folder(path)
    new = [i for i in others if i not in set(ids)]
    if not new: raise ValueError(f'--extra {part}={path}: the input has all of its songs.')
    split[part] = split[part] + new[:limit]
    return their_groups | groups
