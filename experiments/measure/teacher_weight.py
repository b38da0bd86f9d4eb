"""How much another teacher adds to what students know together: scores of weighted means of their answers.

All stores hold the same annotated songs, each with the answers of one teacher or group of students.
usage: teacher_weight.py OTHER OUT.csv NAME=STORE …     (OTHER: the store of the other teacher)"""
import sys
import numpy as np
import pandas as pd
from chordkd_nb.decoding import decode
from chordkd_nb.evaluation import evaluate
from chordkd_nb.store import Store

WEIGHTS = (0, .1, .2, .3, .4, .5, 1)  # of the other teacher


def probabilities(song, size): return np.exp(song.teacher_log_probs(size).astype(float))


def sweep(own, other):
    "Yield a row for each weight"
    same = ('ids', 'vocab', 'contract')
    if any(getattr(own, name) != getattr(other, name) for name in same):
        raise SystemExit(f'{own.path}: other songs, classes or features than {other.path}.')
    size, truth = own.vocab.size, {song.id: song.annotation for song in own}
    pairs = {i: (probabilities(own[i], size), probabilities(other[i], size)) for i in own.ids}

    def answer(i, weight):
        a, b = pairs[i]
        log_probs = np.log((1-weight)*a + weight*b).astype(np.float32)
        return decode(log_probs, own.contract, own.vocab, duration=own[i].seconds)

    for weight in WEIGHTS:
        scores = evaluate(truth, {i: answer(i, weight) for i in own.ids})
        value = scores.summary(n_boot=1).value
        yield dict(weight=weight, mean=scores.mean7, **value[['sevenths', 'ACQA', 'seg']])


def main():
    path, out, *named = sys.argv[1:]
    other, rows = Store(path), []
    for name, store in (text.rsplit('=', 1) for text in named):
        rows += [dict(students=name, **row) for row in sweep(Store(store), other)]
    table = pd.DataFrame(rows).round(2)
    table.to_csv(out, index=False)
    print(table.to_string(index=False))


if __name__ == '__main__': main()
