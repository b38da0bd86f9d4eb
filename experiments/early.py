"""Do systems set their changes early or late? The mean of the seven metrics (standard comparison) with the references moved by some milliseconds: 0 is the ordinary score, a peak at −93 says that a system is a frame early.
usage: early.py REFERENCES OUT.csv NAME=FOLDER [NAME=FOLDER ...]     (folders of .lab files)"""
import sys
from pathlib import Path
import numpy as np, pandas as pd
from chordkd_nb.annotation import Annotation
from chordkd_nb.evaluation import evaluate


def moved(a, seconds):
    "Every change of chord `seconds` later; beginning and end stay"
    t = np.clip(np.r_[0, a.intervals[1:, 0]+seconds, a.duration], 0, a.duration)
    keep = np.diff(t) > 1e-6
    return Annotation(np.c_[t[:-1], t[1:]][keep], [l for l, k in zip(a.labels, keep) if k])


references, out, *systems = sys.argv[1:]
refs = {p.stem: Annotation.from_lab(p) for p in sorted(Path(references).rglob('*.lab'))}
def answer(folder, i):
    if len(found := list(Path(folder).rglob(f'{i}.lab'))) != 1: sys.exit(f'{folder}: {len(found)} files {i}.lab in it, expected one.')
    return Annotation.from_lab(found[0])


answers = {n: {i: answer(folder, i) for i in refs} for n, folder in (s.split('=', 1) for s in systems)}
rows = {ms: {n: round(evaluate({i: moved(r, ms/1000) for i, r in refs.items()}, a).mean7, 2) for n, a in answers.items()} for ms in (-186, -139, -93, -46, 0, 46, 93)}
table = pd.DataFrame(rows).T.rename_axis('milliseconds'); print(table.to_string())
Path(out).parent.mkdir(parents=True, exist_ok=True); table.to_csv(out)
