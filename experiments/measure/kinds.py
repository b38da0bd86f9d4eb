"""How well do recognisers hear each kind of song? Validation songs, by kind

The kind of a song is what stands before the slash of its id. `no chord` is the share of the sounding time that a
recogniser calls N, and `unknown` the share of all time that it calls X. Silence is what the annotation calls N.
usage: kinds.py STORE SPLIT.json:PART OUT.csv NAME=RUN …"""
import sys
from pathlib import Path
import pandas as pd
from chordkd_nb.details import evaluate_details
from chordkd_nb.evaluation import evaluate, overlay
from chordkd_nb.recognition import student_answers
from chordkd_nb.splits import choose_ids
from chordkd_nb.store import Store

SCORES = ['root', 'majmin', 'mean', 'ACQA']


def by_kind(ids):
    "kind → ids, and all of them"
    kinds = {}
    for id in ids: kinds.setdefault(id.partition('/')[0], []).append(id)
    return kinds | dict(all=list(ids))


def shares(truth, answers):
    "Share of the sounding time that is called N, and of all time that is called X, in percent"
    sounding = called_none = total = unknown = 0.
    for id, annotation in truth.items():
        bounds, there, heard = overlay(annotation, answers[id])
        for seconds, label, answer in zip(bounds[1:]-bounds[:-1], there, heard):
            total += seconds
            unknown += seconds*(answer == 'X')
            if label in 'NX': continue
            sounding += seconds
            called_none += seconds*(answer == 'N')
    return {'no chord': 100*called_none/max(sounding, 1e-9), 'unknown': 100*unknown/total}


def row(truth, answers):
    scores = evaluate(truth, answers).summary(n_boot=1).value[SCORES]
    details = evaluate_details(truth, answers)
    named = dict(zip(details.rows, details.values()[0]))
    return dict(scores) | {name: named[name] for name in ('majmin_inv', 'bass')} | shares(truth, answers)


def main(folder, part, out, *systems):
    store = Store(folder)
    kinds, rows = by_kind(choose_ids(part, store.ids)), []
    for text in systems:
        system, _, run = text.partition('=')
        answers = student_answers(run, store, kinds['all'])
        for kind, ids in kinds.items():
            truth = {id: store[id].annotation for id in ids}
            found = row(truth, {id: answers[id] for id in ids})
            rows.append(dict(system=system, kind=kind, songs=len(ids)) | found)
    table = pd.DataFrame(rows).round(1)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(out, index=False)
    print(table.to_string(index=False))


if __name__ == '__main__': main(*sys.argv[1:])
