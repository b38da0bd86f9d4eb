"""Draw a split of songs and write it to a file.

Versions of one song (the same file twice, or what a groups.json lists) stay on one side.
These groups are written to split.groups.json next to split.json, for commands that read the split.
With --folds, OUT is a folder of splits, fold1.json and so on, in which each song is in 'test' once; folds.json
says in which. Train with each, and give the runs the names of the folds: runs/s1/fold1. Then
'chordkd evaluate --folds' pools their answers.
"""
import argparse
from pathlib import Path
from typing import NamedTuple
from chordkd_nb.cli._arguments import add_command, as_dict, count, name_share, name_text, number
from chordkd_nb.cli._arguments import raise_first, seed
from chordkd_nb.cli._common import is_store

EXAMPLES = [
    'chordkd split songs/ split.json train=.7 valid=.1 test=.2',
    'chordkd split renders/ split.json labelled=60 test=40 --group-until _v',
    'chordkd split half-labelled/ split.json train=.8 test=.2 --annotated',
    'chordkd split labelled/ split.json train=7 valid=1 --extra train=composed/',
    'chordkd split labelled/ folds/ --folds 5']


def add_parser(commands):
    p = add_command(commands, 'split', run, __doc__, EXAMPLES)
    p.add_argument('input', help='folder of songs, or a store')
    p.add_argument('out', help='.json file to write; with --folds a folder')
    parts = p.add_argument(
        'parts', nargs='+', type=name_share, metavar='NAME=SHARE',
        help='parts and their relative sizes: train=.8 test=.2 and train=80 test=20 mean the same; '
             'with --folds the parts of the songs that are not tested (default: train=7 valid=1)')
    p.add_argument(
        '--folds', action=without(parts), type=number(2, read=int), metavar='N',
        help='cross-validation: write N splits, each of which tests other songs')
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


def without(positional):
    "Make the action of an option that lets you leave out a positional argument; '*' would end it at an option"
    class Store(argparse.Action):
        def __call__(self, parser, namespace, values, option_string=None):
            setattr(namespace, self.dest, values)
            positional.required = False
    return Store


def run(args):
    from chordkd_nb._files import require_writable
    from chordkd_nb.splits import choose_ids, load_split, save_folds, save_split
    raise_first(problems(args))
    require_writable(args.out, folder=bool(args.folds))
    ids, annotated, groups = read_songs(args)
    chosen = choose_ids(args.ids, ids)
    if args.annotated: chosen = sorted(set(chosen) & set(annotated))

    splits = draw(args, chosen, groups)
    extra = read_extra(args, ids, splits) if args.extra else None
    for file, split in splits.items():
        for part, songs in split.items():
            if songs: continue
            grouped = f' in {len({groups.get(i, i) for i in chosen})} groups' if groups else ''
            raise ValueError(f"{len(chosen)} songs{grouped} are too few: no song would be in '{part}'. "
                             'Name other shares, such as train=3 valid=1.')
        if extra: split[extra.part] += extra.songs
        if Path(file).exists() and load_split(file) != split:
            raise ValueError(f'{file} holds another split, and models may have been trained with '
                             'it. Delete it, or choose another name.')
    if extra: groups = extra.groups | groups
    if args.folds: save_folds({Path(file).stem: split for file, split in splits.items()}, args.out, groups)
    else: save_split(splits[args.out], args.out, groups)
    for file, split in splits.items():
        sizes = {part: len(songs) for part, songs in split.items()}
        n_groups = len({groups.get(i, i) for songs in split.values() for i in songs})
        print(file, sizes, f'({n_groups} groups of versions)' if groups else '')


def problems(args):
    "Name what is missing, or arguments that exclude each other"
    if args.groups and args.group_until:
        yield '--groups and --group-until both say which songs are versions of each other. Give one of the two.'
    if args.extra_songs and not args.extra:
        yield '--extra-songs counts the songs of --extra NAME=FOLDER. Give that too.'
    parts = [name for name, _ in args.parts or []]
    if args.folds and 'test' in parts: yield "--folds: the songs of a fold are its 'test'; give the other parts only."
    if args.folds and args.extra and args.extra[0] == 'test':
        yield '--extra: songs for the test would be tested in each fold. Put them into another part.'


def draw(args, ids, groups):
    "Draw the splits that are to be written: file → split"
    from chordkd_nb.splits import split_folds, split_songs
    shares = as_dict(args.parts, 'parts')
    if not args.folds: return {args.out: split_songs(ids, shares, args.seed, groups)}
    folds = split_folds(ids, args.folds, shares, args.seed, groups)
    splits = {str(Path(args.out)/f'{name}.json'): split for name, split in folds.items()}
    others = {str(path) for path in Path(args.out).glob('fold[0-9]*.json') if not path.name.endswith('.groups.json')}
    if old := sorted(others - splits.keys()):
        raise ValueError(f'{args.out} holds other folds, e.g. {old[0]}. Delete them, or choose another folder.')
    return splits


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


class Extra(NamedTuple):
    "Songs of another folder"
    part: str  # of the split, to which they are added
    songs: list  # ids
    groups: dict  # id → group


def read_extra(args, ids, splits):
    "Read which songs --extra adds to a part of each split"
    part, path = args.extra
    parts = next(iter(splits.values()))
    if part not in parts: raise ValueError(f"--extra {part}={path}: no part '{part}'; there are {', '.join(parts)}.")
    others, _, groups = read_folder(path)
    if args.group_until: groups = {i: i.split(args.group_until)[0] for i in others}
    new = [i for i in others if i not in set(ids)]
    if not new: raise ValueError(f'--extra {part}={path}: the input has all of its songs.')
    return Extra(part, new[:args.extra_songs], groups)
