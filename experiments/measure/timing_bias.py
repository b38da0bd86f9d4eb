"""Do programs set their changes early or late? Their scores, with the references moved by some milliseconds.

At 0 it is the ordinary score. A peak at −93 ms says that a program is a frame early.
usage: timing_bias.py REFERENCES OUT.csv NAME=FOLDER [NAME=FOLDER …]     (folders of .lab files)"""
import sys
from pathlib import Path
import numpy as np
import pandas as pd
from chordkd_nb.annotation import Annotation
from chordkd_nb.evaluation import evaluate

MILLISECONDS = (-186, -139, -93, -46, 0, 46, 93)  # half frames


def move(annotation, seconds):
    "Every change of chord `seconds` later; beginning and end stay"
    inner = annotation.intervals[1:, 0] + seconds
    times = np.clip(np.r_[0, inner, annotation.duration], 0, annotation.duration)
    keep = np.diff(times) > 1e-6
    labels = [label for label, kept in zip(annotation.labels, keep) if kept]
    return Annotation(np.c_[times[:-1], times[1:]][keep], labels)


def read_answer(folder, song):
    found = list(Path(folder).rglob(f'{song}.lab'))
    if len(found) == 1: return Annotation.from_lab(found[0])
    raise SystemExit(f'{folder}: {len(found)} files {song}.lab in it, expected one.')


def main():
    folder, out, *named = sys.argv[1:]
    references = {p.stem: Annotation.from_lab(p) for p in sorted(Path(folder).rglob('*.lab'))}
    systems = dict(text.split('=', 1) for text in named)
    answers = {name: {i: read_answer(where, i) for i in references} for name, where in systems.items()}
    rows = {}
    for ms in MILLISECONDS:
        moved = {i: move(reference, ms/1000) for i, reference in references.items()}
        rows[ms] = {name: round(evaluate(moved, found).mean7, 2) for name, found in answers.items()}
    table = pd.DataFrame(rows).T.rename_axis('milliseconds')
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(out)
    print(table.to_string())


if __name__ == '__main__': main()
