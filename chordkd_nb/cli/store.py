"""Work with stores of features, annotations and teachers' answers."""
from pathlib import Path
from chordkd_nb.cli._arguments import add_command
from chordkd_nb.cli._common import open_store, report_store
from chordkd_nb.cli.label import save_statistics
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd store merge pool/ pool-recordings/ pool-pianos/',
    'chordkd store merge all/ renders/ composed/ --prefix --no-answers',
    'chordkd store join pool/ parts/*',
    'chordkd store join pool/ s3://bucket/pool']


def add_parser(commands):
    p = add_command(commands, 'store', None, __doc__, EXAMPLES)
    actions = p.add_subparsers(required=True, metavar='ACTION')
    add_merge(actions)
    add_join(actions)


def add_merge(actions):
    about = "Make one store of several, with features, annotations and teachers' answers."
    p = add_command(actions, 'merge', run_merge, about, EXAMPLES[:2])
    p.add_argument('out', help='folder of the store to write')
    p.add_argument(
        'stores', nargs='+', metavar='STORE',
        help='stores with the same features and classes; either a teacher has labelled all, or none')
    p.add_argument(
        '--no-answers', action='store_true',
        help="leave the teachers' answers out, which is enough for supervised training and for "
             'evaluation')
    p.add_argument(
        '--prefix', action='store_true',
        help='put the name of its store before the id of each song, as in renders/001; needed if '
             'ids occur in several stores')


def run_merge(args):
    require('pyarrow', 'matplotlib', 'seaborn')
    from chordkd_nb.pseudo_labels import merge_stores
    stores = [open_store(path) for path in args.stores]
    merged = merge_stores(stores, args.out, not args.no_answers, args.prefix)
    if merged.manifest.get('teacher') is not None: save_statistics(merged, Path(args.out))
    return report_store(merged)


def add_join(actions):
    about = ("Make the store of a whole job from those of its parts ('label --shard'). The files are the same "
             'as if one machine had labelled all songs. With one store, copy it, for instance from an address.')
    p = add_command(actions, 'join', run_join, about, EXAMPLES[2:])
    p.add_argument('out', help='folder of the store to write; a new one')
    p.add_argument('stores', nargs='+', metavar='STORE', help='all parts, in any order; folders or addresses')


def run_join(args):
    require('pyarrow', 'matplotlib', 'seaborn')
    from chordkd_nb._join import join_stores
    joined = join_stores(args.stores, args.out)
    if joined.manifest.get('teacher') is not None: save_statistics(joined, Path(args.out))
    return report_store(joined)
