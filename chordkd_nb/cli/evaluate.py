"""Score models, teachers or folders of label files.

Seven mir_eval metrics, ACQA (accuracy averaged over chord qualities) and segmentation, with intervals.
With the standard protocol also mir_eval's *_inv metrics and the bass alone; over- and under-segmentation
and the F1 of boundaries at 0.2 s; changes of chord and corrections a minute (39_details).
Give a store and models, or --ref and --est with folders of label files.
"""
import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from chordkd_nb.cli._arguments import add_command, as_dict, name_text, not_negative, raise_first, systems
from chordkd_nb.cli._common import device_options, open_store, report, report_failure
from chordkd_nb.cli._common import report_repairs, reported_warnings, require_pictures, save_picture
from chordkd_nb.cli._common import save_table, warn_of_known_songs
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd evaluate test/ --teacher --model s1=runs/s1 s2=runs/s2 --reference s1 --out results/',
    'chordkd evaluate --ref truth/ --est mine=estimates/',
    'chordkd evaluate test/ --model s2=runs/s2-a,runs/s2-b --protocol paper --mapping chordmini',
    'chordkd evaluate songs/ --folds folds/ --model s1=runs/s1   # runs/s1/fold1, runs/s1/fold2, ...',
    'chordkd evaluate pool/ --truth teacher --model s1=runs/s1 s2=runs/s2']


def add_parser(commands):
    p = add_command(commands, 'evaluate', run, __doc__, EXAMPLES, imports=True)
    add_models(p.add_argument_group('models on the songs of a store'))
    add_folders(p.add_argument_group('folders of label files'))
    add_scores(p.add_argument_group('scores'))
    p.add_argument(
        '--ids', metavar='FILE.json:PART',
        help='only these songs; PART+PART for several parts')
    p.add_argument(
        '--folds', metavar='FOLDER',
        help="folds of 'chordkd split --folds': each RUN (or FOLDER of --est) then has a run (or folder) of the "
             "same name for each fold, such as fold1, that answers for this fold's test songs; their scores are "
             'pooled, so that each song is tested once')


def add_models(group):
    group.add_argument('store', nargs='?', help='a store with annotations')
    group.add_argument(
        '-m', '--model', action='extend', nargs='+', type=name_text, metavar='NAME=RUN[,RUN]',
        help='models by name; several runs of one system (seeds) are averaged song by song')
    group.add_argument(
        '--teacher', action='store_true',
        help="also score the teacher's answers in the store")
    group.add_argument(
        '--truth', choices=('annotation', 'teacher'), default='annotation',
        help="'teacher': measure the agreement with the teacher's answers (default: annotation)")
    group.add_argument(
        '--penalty', type=not_negative,
        help='cost of a change of chord in decoding (default: as stored with each model)')
    group.add_argument(
        '--device', metavar='NAME',
        help="device of the models, e.g. 'cuda' (default: the CPU)")


def add_folders(group):
    group.add_argument(
        '--ref', metavar='FOLDER',
        help='reference .lab or .jams files, matched by place and name; a song with a file that '
             'cannot be read is left out of every row, and the exit status is 1')
    group.add_argument(
        '--est', action='extend', nargs='+', type=name_text, metavar='NAME=FOLDER[,FOLDER]',
        help='answers of a system, as .lab or .jams; several folders are averaged, as with --model')
    group.add_argument(
        '--repair', action='store_true',
        help='correct gaps and overlaps in label files, up to a tenth of the song')
    group.add_argument(
        '--annotator', metavar='NAME',
        help='whose chords to compare with, where a JAMS reference has those of several people: a name, or a '
             'number from 0 (default: the first, with a note)')


def add_scores(group):
    group.add_argument(
        '--program-labels', action='store_true',
        help='compare with the answers of a program as if they were the truth: with those of another model, for '
             'instance, or with answers that you corrected (default: refuse them)')
    group.add_argument(
        '--protocol', choices=('standard', 'paper'), default='standard',
        help="how answers are compared: 'standard' as mir_eval does, 'paper' frame by frame "
             '(default: standard)')
    group.add_argument(
        '--mapping', choices=('default', 'btc', 'chordmini'), default='default',
        help="how labels become classes; for the paper's numbers: --protocol paper --mapping "
             'chordmini')
    group.add_argument(
        '--reference', metavar='NAME',
        help='row that the others are compared with, paired by song')
    group.add_argument(
        '-o', '--out', metavar='FOLDER',
        help='write table.csv, differences.csv, the scores of each song, and pictures (default: '
             'nothing)')


class Material(NamedTuple):
    "What we compare"
    references: dict  # id → Annotation
    answers: dict  # system → list with a dictionary id → Annotation for each of its runs
    unreadable: dict  # file → reason
    n_left_out: int  # songs with an unreadable file


def run(args):
    from chordkd_nb.evaluation import evaluate
    from chordkd_nb.comparison import COLUMNS, over_seeds, results_table
    raise_first(problems(args))
    require('mir_eval', 'pandas', *([] if args.ref else ['pyarrow']))
    rows = [*as_dict(args.model, '--model'), *as_dict(args.est, '--est')]
    rows = ['teacher', *rows] if args.teacher else rows
    # what would be wrong at the end is said before the work
    score_files(rows)
    if args.reference and args.reference not in rows:
        raise ValueError(f"--reference {args.reference}: there is no such row, only {', '.join(rows)}.")
    if args.out: require_pictures(args.out)

    material = from_folders(args) if args.ref else from_store(args)
    references = material.references
    runs = {}  # system → scores of each of its runs
    for name, answers_of_runs in material.answers.items():
        runs[name] = [
            evaluate(references, answers, args.protocol, args.mapping) for answers in answers_of_runs]
    scores = {name: over_seeds(scores_of_system) for name, scores_of_system in runs.items()}
    columns = (*COLUMNS, *SEGMENTS)
    table = results_table(scores, args.reference, columns=columns)

    of_runs = {}  # of the standard protocol alone: the classes of the paper's have no bass
    if args.protocol == 'standard': of_runs = details_of_runs(material)
    details = {name: over_seeds(of_system) for name, of_system in of_runs.items()}
    if args.out:
        save_results(Path(args.out), table, scores, details, args.reference)
        save_table(table_of_runs(runs, of_runs), Path(args.out)/'runs.csv', index=False)
    print_table(table[list(COLUMNS)], scores, references, args)
    if details: print_details(details_table(details, table, args.reference))
    for file, reason in material.unreadable.items(): report_failure(file, reason)
    if not material.unreadable: return 0
    report(f'{material.n_left_out} songs were left out of every row: '
           f'{len(material.unreadable)} files could not be read.')
    return 1


def problems(args):
    "Name what is missing, or arguments that exclude each other"
    only_store = dict(
        store=args.store, model=args.model, teacher=args.teacher, device=args.device,
        penalty=args.penalty is not None, truth=args.truth != 'annotation')
    if args.folds and args.ids: yield '--folds and --ids both choose the songs. Give one of the two.'
    if args.ref:
        for name, given in only_store.items():
            option = name if name == 'store' else f'--{name}'
            if given: yield f'{option}: not with --ref, which compares folders of label files.'
        if not args.est: yield '--ref needs at least one --est NAME=FOLDER.'
        return
    if args.est: yield '--est: belongs to --ref FOLDER.'
    if args.repair: yield '--repair: belongs to --ref FOLDER.'
    if args.annotator: yield '--annotator: belongs to --ref FOLDER.'
    if not args.store or not (args.model or args.teacher):
        yield 'Give a store and --model NAME=RUN and/or --teacher; or --ref and --est folders.'


def judge_references(args, references):
    "Refuse references that a program wrote, or say so"
    from chordkd_nb._sources import in_words
    answers = {i: chords.source for i, chords in references.items() if chords.source}
    if not answers: return
    what = (f'{len(answers)} of {len(references)} references are the answers of a program, '
            f'{in_words(next(iter(answers.values())))}, e.g. {list(answers)[:3]}')
    if args.program_labels: report(f'warning: this is no test: {what}')
    else:
        raise ValueError(f'{args.ref or args.store}: {what}. They cannot show how good a model is. If you want to '
                         'compare with them, or have corrected them, give --program-labels.')


# Folders of label files

def from_folders(args):
    "Read references and answers from label files; leave out songs with an unreadable file"
    folders = systems(args.est, '--est')
    answer_folders = [folder for of_system in folders.values() for folder in of_system]
    folds:dict = fold_songs(args.folds) if args.folds else {'': None}
    for folder in (args.ref, *(Path(f)/fold for f in answer_folders for fold in folds)):
        if not Path(folder).is_dir(): raise ValueError(f'{folder}: no such folder.')
    unreadable = {}
    tested = tested_songs(args, folds)
    references = read_folder(args.ref, args.repair, unreadable, tested, args.annotator)
    if not references: raise ValueError(f'{args.ref}: no .lab or .jams files in it.')
    if args.folds: require_all(args.folds, tested, references)
    def read_answers(folder):
        "Read the answers of a run, or of the runs of all folds"
        found = {}
        for fold, ids in folds.items():
            found |= read_folder(Path(folder)/fold, args.repair, unreadable, references if ids is None else ids)
        return found
    answers = {name: [read_answers(folder) for folder in of_system] for name, of_system in folders.items()}

    everything = [references, *(run for of_system in answers.values() for run in of_system)]
    left_out = {i for annotations in everything for i, chords in annotations.items() if chords is None}
    if left_out >= references.keys():
        first = next(iter(unreadable.values()))
        raise ValueError(f'no song can be compared: {len(unreadable)} files could not be read, '
                         f'e.g. {first}')
    references = {i: chords for i, chords in references.items() if i not in left_out}
    judge_references(args, references)
    return Material(references, answers, unreadable, len(left_out))


def tested_songs(args, folds):
    "The songs that --ids or --folds choose among those of --ref; None: all"
    from chordkd_nb.splits import choose_ids
    if args.ids: return set(choose_ids(args.ids, labels_in(args.ref)))
    return {i for ids in folds.values() for i in ids} if args.folds else None


def labels_in(folder):
    "Map id → label file"
    from chordkd_nb.songs import label_files
    labs = Path(folder)/'chordlab'
    return label_files(labs if labs.is_dir() else folder)


def read_folder(folder, repair, unreadable, only=None, annotator=None):
    "Map id → Annotation; for an unreadable file None, and the reason goes to `unreadable`"
    with reported_warnings(folder): return _read_folder(folder, repair, unreadable, only, annotator)


def _read_folder(folder, repair, unreadable, only, annotator):
    from chordkd_nb.songs import read_labels
    found = {}
    for i, path in labels_in(folder).items():
        if only is not None and i not in only: continue
        try:
            found[i] = read_labels(path, repair, annotator)
            report_repairs(path, found[i])
        except (ValueError, OSError) as error:
            found[i] = None
            unreadable[path] = str(error)
    return found


# Models on the songs of a store

def from_store(args):
    "Read references from a store, and let models and the teacher answer for its songs"
    from chordkd_nb.recognition import student_answers, teacher_answers
    from chordkd_nb.splits import choose_ids
    device = device_options(args.device)
    if args.folds:
        folds:dict = fold_songs(args.folds)
        store = open_store(args.store, *(f'{Path(args.folds)/fold}.json' for fold in folds))
        ids = [i for tested in folds.values() for i in tested]
        require_all(args.folds, ids, store.ids)
    else:
        store = open_store(args.store, args.ids)
        ids = choose_ids(args.ids, store.ids, store.groups)
        folds = {'': ids}
    if args.truth == 'teacher': references = teacher_answers(store, ids, args.penalty)
    else:
        references = annotations(store, ids)
        judge_references(args, references)
    runs = systems(args.model, '--model')
    refuse_onnx_on_device(runs, device)
    answers = {}
    if args.teacher:
        answers['teacher'] = [teacher_answers(store, ids, args.penalty)]
        learned = dict(train=store.teacher_songs)
        warn_of_known_songs('teacher: this is no test', store.song_hashes(ids), learned)
    models = {}  # (run, fold) → model
    for name, of_system in runs.items():
        for run in of_system:
            for fold, tested in folds.items():
                place = run_of_fold(run, fold)
                models[run, fold] = load_model(place, device)
                warn_if_no_test(name, place, models[run, fold], store.song_hashes(tested))
    def ask(run):
        "Let a run answer, or the runs of all folds"
        found = {}
        for fold, tested in folds.items():
            found |= student_answers(models[run, fold], store, tested, penalty=args.penalty)
        return found
    answers |= {name: [ask(run) for run in of_system] for name, of_system in runs.items()}
    return Material(references, answers, {}, 0)


def run_of_fold(run, fold):
    "Name the run of a fold; without folds the run itself"
    if not fold: return run
    if not Path(run).is_dir(): return run   # a recogniser by name, which has no folds
    place = Path(run)/fold
    if not place.exists(): raise ValueError(f'{run}: no {fold} in it; --folds needs a run for each fold.')
    return str(place)


def fold_songs(folder):
    "Map the name of each fold → the songs that it tests"
    from chordkd_nb.splits import load_folds
    return {name: split['test'] for name, split in load_folds(folder).items()}


def require_all(folds, tested, there):
    "Raise if songs of the folds are not in the input"
    if missing := sorted(set(tested) - set(there)):
        raise ValueError(f'{folds}: {len(missing)} songs of the folds are not in the input, e.g. {missing[:3]}.')


def annotations(store, ids):
    "Return the annotations of songs; all must have one"
    found = {i: store[i].annotation for i in ids}
    bare = [i for i, chords in found.items() if chords is None]
    if bare:
        raise ValueError(f'{store.path}: {len(bare)} songs have no annotation to compare with, '
                         f'e.g. {bare[:3]}.')
    return found


def refuse_onnx_on_device(runs, device):
    "Refuse --device for .onnx files, which we compute on the CPU"
    for run in [run for of_system in runs.values() for run in of_system]:
        if device and run.endswith('.onnx'):
            raise ValueError(f'{run}: we compute .onnx files on the CPU; leave out --device.')


def load_model(run, device):
    "Load a checkpoint; without --device return the name of a local one, which then needs no torch"
    is_on_hub = '/' in run and not Path(run).exists()
    if not device and not is_on_hub: return run
    from chordkd_nb.published import load_checkpoint
    return load_checkpoint(run, **device)


def warn_if_no_test(name, run, model, songs):
    "Warn if a model has learned from songs that it is tested on, or if we cannot know"
    from chordkd_nb.checkpoint_files import BUNDLED, read_songs
    learned = read_songs(model) if isinstance(model, str) else model.songs
    warn_of_known_songs(f'{name}: this is no test', songs, learned)
    if learned: return
    card = '; its card (data/weights/README.md) says what kinds' if run in BUNDLED else ''
    report(f'note: it is not known which songs {run} has learned from{card}.')


# Bass, boundaries and corrections

SEGMENTS = 'overseg', 'underseg'


def details_of_runs(material):
    "Score bass, boundaries and corrections of each run of each system"
    from chordkd_nb.details import evaluate_details
    return {name: [evaluate_details(material.references, answers) for answers in of_system]
            for name, of_system in material.answers.items()}


def details_table(details, table, reference):
    "Tabulate the details of all systems, with the segmentation from the other table"
    from chordkd_nb.comparison import results_table
    from chordkd_nb.details import Details
    return results_table(details, reference, columns=Details.rows).join(table[list(SEGMENTS)])


def print_details(table):
    "Print the bass, then boundaries and corrections"
    from chordkd_nb.details import INVERSIONS
    bass = [*INVERSIONS, 'bass']
    print('with the bass, percent', table[bass].to_string(), sep='\n')
    others = [*SEGMENTS, *(column for column in table if column not in (*bass, *SEGMENTS))]
    print('boundaries, percent; changes of chord and corrections, a minute', table[others].to_string(), sep='\n')


def plot_basses(details):
    "Draw which basses each system mistakes for which, one below the other"
    import matplotlib.pyplot as plt
    from chordkd_nb.comparison import plot_confusion
    fig, axs = plt.subplots(len(details), 1, figsize=(6.5, 4*len(details)), layout='constrained', squeeze=False)
    for ax, (name, of_system) in zip(axs[:, 0], details.items()):
        plot_confusion(of_system, ax)
        ax.set_title(name)
    return fig


# Results

def print_table(table, scores, references, args):
    "Print the table, with the notes that you need to read it"
    hours = sum(chords.duration for chords in references.values())/3600
    line = (f'{len(references)} songs, {hours:.2f} h, '
            f"protocol '{args.protocol}', mapping '{args.mapping}'; "
            'percent, ± half of the 95 % bootstrap interval over songs')
    if args.reference: line += f"; ▲ ▼ clearly above or below '{args.reference}'"
    print(line, table.to_string(), sep='\n')

    coverage = next(iter(scores.values())).coverage
    if min(coverage.values()) < .9995:
        shares = ', '.join(f'{metric} {100*share:.1f} %' for metric, share in coverage.items())
        print('share of the time that each metric looks at:', shares)
    for name, system in scores.items():
        unknown = 100*system.unknown
        if unknown >= .1:
            print(f"{name} answers X, unknown, for {unknown:.1f} % of the time, "
                  "which mir_eval's mirex counts as right (22_evaluation)")


def score_file(name):
    "Name the file with the scores of each song of a system"
    replaced = ' /:\\'
    return f"songs-{''.join('-' if c in replaced else c for c in name)}.csv"


def score_files(
    names, # of systems
)->dict: # name → file
    "Name the files of systems; refuse names that would give the same file on some computers"
    files = {name: score_file(name) for name in names}
    counts = Counter(files[name].lower() for name in names)
    alike = [repr(name) for name in names if counts[files[name].lower()] > 1]
    if alike:
        raise ValueError(f"The rows {' and '.join(alike)} cannot be told apart, at least as files. "
                         'Rename one.')
    return files


def save_results(out, table, scores, details, reference):
    "Write the tables, scores by song and quality, paired differences, and pictures"
    from chordkd_nb.comparison import COLUMNS, plot_metrics, plot_qualities
    out.mkdir(parents=True, exist_ok=True)
    delete_earlier_results(out)
    save_table(table[list(COLUMNS)], out/'table.csv')
    for name, file in score_files(list(scores)).items():
        songs = scores[name].table
        save_table(songs.join(details[name].table) if details else songs, out/file)
    save_table(scores_of_qualities(scores), out/'qualities.csv')
    if differences := [*paired_differences(scores), *paired_differences(details)]:
        import pandas as pd
        save_table(pd.concat(differences).round(3), out/'differences.csv', index=False)
    save_picture(plot_metrics(scores).figure, out/'metrics.png', bbox_inches='tight')
    save_picture(plot_qualities(scores).figure, out/'qualities.png', bbox_inches='tight')
    if not details: return
    save_table(details_table(details, table, reference), out/'details.csv')
    save_picture(plot_basses(details), out/'basses.png', bbox_inches='tight')


def delete_earlier_results(out):
    "Delete the files of an earlier evaluation that this one might not replace"
    if not (out/'runs.csv').exists(): return
    with open(out/'runs.csv', newline='', encoding='utf-8', errors='replace') as f:
        names = {row['system'] for row in csv.DictReader(f) if row.get('system')}
    if not names: return
    files = 'differences.csv', 'details.csv', 'basses.png', *map(score_file, names)
    for file in files: (out/file).unlink(missing_ok=True)


def table_of_runs(runs, details):
    "Make a table with a row for each run of each system: scores in percent, and details if there are any"
    import pandas as pd
    from chordkd_nb.evaluation import percentages, ROWS
    rows = []
    for name, of_system in runs.items():
        for k, scores in enumerate(of_system):
            row = dict(system=name, run=k) | dict(zip(ROWS, percentages(scores)[0].round(3)))
            if name in details:
                of_run = details[name][k]
                row |= dict(zip(of_run.rows, of_run.values()[0].round(3)))
            rows.append(row)
    return pd.DataFrame(rows)


def scores_of_qualities(scores):
    "Make a table of the share of each quality, and the accuracy of each system on it"
    import pandas as pd
    by_system = {name: system.quality_accuracy() for name, system in scores.items()}
    share = next(iter(by_system.values())).share
    accuracies = [qualities.accuracy.rename(name) for name, qualities in by_system.items()]
    return pd.concat([share, *accuracies], axis=1).round(2)


def paired_differences(scores):
    "Make a table for each pair of systems, if there are at least two songs"
    from itertools import combinations
    from chordkd_nb.comparison import compare
    columns = ['system', 'minus', 'metric', 'difference', 'low', 'high', 'clear']
    tables = []
    for first, second in combinations(scores, 2):
        if len(scores[first]) < 2: continue
        difference = compare(scores[second], scores[first]).reset_index(names='metric')
        tables.append(difference.assign(system=second, minus=first)[columns])
    return tables
