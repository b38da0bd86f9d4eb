"""Train a student.

  supervised  on annotations, from scratch
  stage1      on a teacher's pseudo-labels, from scratch
  stage2      on annotations, from a stage-1 student, with selective distillation

Run it again to continue after an interruption.
"""
import csv
from pathlib import Path
from chordkd_nb.cli._arguments import add_command, as_dict, count_or_zero, key_value, raise_first, seed
from chordkd_nb.cli._common import open_store, report, require_pictures, save_picture
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd train stage1 pool/ --arch btc --out runs/s1',
    'chordkd train stage2 labelled/ --student runs/s1 --out runs/s2',
    'chordkd train stage2 labelled/ --student runs/s1 --preset best --replay pool2/ --out runs/best',
    'chordkd train supervised labelled/ --arch 2e1d --out runs/sup --set epochs=20 lr=0.0005',
    'chordkd train stage2 annotated/ --student btc-v8 --set kd=none alpha=0 --out runs/tuned   '
    '(fine-tuning, without a teacher)',
    'chordkd train stage1 pool/ --preset paper --out runs/paper --set mixed_precision=bf16',
    'accelerate launch --multi_gpu --num_processes 2 -m chordkd_nb.cli train stage1 pool/ '
    '--out runs/two   (on CPUs: ACCELERATE_USE_CPU=true before it)']


def add_parser(commands):
    p = add_command(commands, 'train', run, __doc__, EXAMPLES, imports=True)
    p.add_argument(
        'regime', choices=('supervised', 'stage1', 'stage2'),
        help='where the targets come from, see above')
    p.add_argument('store', help="songs with features and targets, made by 'chordkd label'")
    p.add_argument('-o', '--out', required=True, help='folder of the run')
    add_songs(p.add_argument_group('songs'))
    add_network(p.add_argument_group('network and recipe'))
    add_running(p.add_argument_group('running'))
    add_card(p.add_argument_group('what the trained checkpoint says'))


def add_songs(group):
    group.add_argument('--split', metavar='FILE.json', help="use its parts 'train' and 'valid'")
    group.add_argument(
        '--ids', metavar='FILE.json:PART',
        help='use only these songs, one in eight of them for validation (default: all songs of the'
             ' store)')
    group.add_argument(
        '--replay', metavar='POOL',
        help='stage2: also replay songs of this labelled pool; --set replay_ratio= says how much')
    group.add_argument(
        '--replay-ids', metavar='FILE.json:PART',
        help='only these songs of the pool (default: all)')


def add_network(group):
    group.add_argument('--arch', help='architecture of the network: btc or 2e1d (default: btc)')
    group.add_argument(
        '--student', metavar='RUN',
        help='stage2: the stage-1 run or checkpoint to continue with (needed)')
    group.add_argument(
        '--preset', default='laptop', choices=('paper', 'laptop', 'best'),
        help="'paper': its settings and sizes; 'laptop': small; 'best': laptop sizes, and what we "
             'found to work better (default: laptop)')
    group.add_argument(
        '--set', action='extend', nargs='+', type=key_value, metavar='KEY=VALUE',
        help='change the recipe: epochs=20 lr=0.0005 alpha=.5 … (see Recipe in 33_recipes)')
    group.add_argument(
        '--size', action='extend', nargs='+', type=key_value, metavar='KEY=VALUE',
        help='change the network: num_layers=2 … (stage2: only dropout rates)')
    group.add_argument(
        '--seed', type=seed,
        help='the same as --set seed=; of weights, batches and validation songs (default: 42)')


def add_running(group):
    group.add_argument(
        '--save-every', type=count_or_zero, default=0, metavar='STEPS',
        help='save the state of the run every so many steps (default: every epoch)')
    group.add_argument(
        '-w', '--workers', type=count_or_zero, metavar='N',
        help='processes that prepare batches; the result is the same with any number (default: '
             'none on a CPU, up to 8 with a GPU)')


def add_card(group):
    group.add_argument(
        '--licence', metavar='TEXT',
        help='licence of the trained weights (default: not stated)')
    group.add_argument(
        '--author', metavar='TEXT',
        help='author of the trained weights (default: not stated)')
    group.add_argument(
        '--song-names', action='store_true',
        help='keep the names of training songs in songs.json (default: hashes, which do not tell them)')


def run(args):
    raise_first(problems(args))
    require('torch', 'accelerate', 'pyarrow')
    require_pictures(args.out)
    store = open_store(args.store, args.ids, args.split)
    changes = recipe_changes(args)
    split = choose_split(args, store, changes)
    ckpt = train(args, store, split, changes)

    from accelerate import PartialState
    if not PartialState().is_main_process: return
    save_history(args.out)
    kept, accuracy = ckpt.provenance['best_epoch'], ckpt.provenance['valid_accuracy']
    recipe = ckpt.provenance['recipe']
    if epochs_of(args.out) < recipe['epochs']:
        report(f"{args.out}: ended before epoch {recipe['epochs']}, since {recipe['patience']} epochs in a row brought"
               ' no improvement')
    print(f"{args.out}: kept epoch {kept} (the {recipe['keep']}), validation accuracy {accuracy:.4f}")


def epochs_of(run):
    "Count the epochs in the history of a run"
    with open(Path(run)/'history.csv', newline='') as f: return sum(1 for _ in csv.DictReader(f))


def problems(args):
    "Name what is missing, or arguments that exclude each other"
    stage2 = args.regime == 'stage2'
    if args.ids and args.split:
        yield '--ids and --split both choose the songs for training. Give one of the two.'
    if stage2 and args.arch:
        yield '--arch: stage2 continues with the network of its --student. Leave it out.'
    if stage2 and not args.student:
        yield 'stage2 continues with a stage-1 student: give --student RUN.'
    if args.student and not stage2:
        yield f'--student belongs to stage2; {args.regime} starts from scratch.'
    if args.replay and not stage2: yield '--replay belongs to stage2.'
    if args.replay_ids and not args.replay:
        yield '--replay-ids chooses among the songs of --replay POOL. Give that too.'


def recipe_changes(args):
    "Collect the fields of the recipe that --set and --seed change"
    pairs = list(args.set or [])
    if args.seed is not None: pairs.append(('seed', args.seed))
    changes = as_dict(pairs, '--set')
    if isinstance(changes.get('shifts'), list): changes['shifts'] = tuple(changes['shifts'])
    return changes


def choose_split(args, store, changes):
    "Choose songs for training and validation; None: the library draws them from the whole store"
    from chordkd_nb.splits import choose_ids, load_split
    from chordkd_nb.stages import train_valid
    if args.ids:
        ids = choose_ids(args.ids, store.ids, store.groups)
        return train_valid(ids, changes.get('seed', 42), store.groups)
    if not args.split: return None
    split = load_split(args.split, store.groups)
    for part in ('train', 'valid'):
        if part not in split:
            raise ValueError(f"{args.split}: no part '{part}' in it; it has {', '.join(split)}.")
    return dict(train=split['train'], valid=split['valid'])


def train(args, store, split, changes):
    "Train, and return the epoch that was kept as a `Checkpoint`"
    from chordkd_nb.stages import stage1, stage2, supervised
    sizes = as_dict(args.size, '--size')
    options = dict(
        split=split, changes=changes, save_every=args.save_every, workers=args.workers, licence=args.licence,
        author=args.author, song_names=args.song_names)
    if args.regime == 'stage2':
        pool, pool_ids = open_pool(args)
        student = open_student(args.student, sizes)
        return stage2(student, store, args.out, args.preset, pool=pool, pool_ids=pool_ids, **options)
    regime = supervised if args.regime == 'supervised' else stage1
    return regime(store, args.out, args.arch or 'btc', args.preset, sizes=sizes, **options)


def open_student(name, dropout):
    "Return the student of stage 2; with other rates of dropout, load and copy it"
    from chordkd_nb.published import load_checkpoint
    from chordkd_nb.stages import with_dropout
    return with_dropout(load_checkpoint(name), **dropout) if dropout else name


def open_pool(args):
    "Open the store to replay, and choose ids in it (None: all of them)"
    from chordkd_nb.splits import choose_ids
    if not args.replay: return None, None
    pool = open_store(args.replay, args.replay_ids)
    ids = choose_ids(args.replay_ids, pool.ids) if args.replay_ids else None
    return pool, ids


def save_history(out):
    "Draw loss and accuracy of the run, epoch by epoch"
    from chordkd_nb.stages import plot_history
    save_picture(plot_history({Path(out).name: out}), Path(out)/'history.png')
