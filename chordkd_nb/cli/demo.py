"""Run the two-stage method end to end on composed songs: corpus, teacher, students, table.

It takes some minutes on a laptop, and needs no data. Run it again to continue, or to see
the table again.
"""
from chordkd_nb.cli._arguments import add_command, count, seed

EXAMPLES = [
    'chordkd demo',
    'chordkd demo --out somewhere --seed 1']


def add_parser(commands):
    p = add_command(commands, 'demo', run, __doc__, EXAMPLES)
    p.add_argument('-o', '--out', default='demo', help='folder to write (default: demo)')
    p.add_argument(
        '--seed', type=seed, default=0,
        help='of the songs and the split (default: 0)')
    p.add_argument('-w', '--workers', type=count, default=2, help='processes (default: 2)')


def run(args):
    from chordkd_nb.demo import demo
    demo(args.out, seed=args.seed, workers=args.workers)
