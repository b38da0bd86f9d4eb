"""How good can an alignment be with this recogniser? The simplest path through a chart without any mistake.

Each row is a song: the share of its frames in which the recogniser hears the right chord, and the right root, and in
which the chord is right if a path goes from chord to chord of the true chart, in its key, from the first to the last.
SONGS is a corpus of audio, or a store.
usage: plain_path.py SONGS OUT.csv [RUN]"""
import sys
import numpy as np
import pandas as pd
from chordkd_nb.trellis import evidence
from chordkd_nb.recognition import get_model
from align_costs import load
from damage import labels_of


def plain_path(fit):
    "Find the best path that goes through all columns (T, n) in order: (T,)"
    score, moves = np.full(fit.shape[1], -np.inf), []
    score[0] = fit[0, 0]
    for row in fit[1:]:
        before = np.r_[-np.inf, score[:-1]]
        moves.append(before > score)
        score = np.maximum(score, before) + row
    place = [fit.shape[1] - 1]
    for move in reversed(moves): place.append(place[-1] - move[place[-1]])
    return np.array(place[::-1])


def roots(classes, vocab):
    "Roots of classes: 0…11; N and X are roots of their own"
    n = len(vocab.qualities)
    return np.where(classes < 12*n, classes//n, classes)


def main(folder, out, run=None):
    model, rows = get_model(run), []
    for id, (log_probs, truth) in load(folder, model, None).items():
        chart = np.array([model.vocab.index(label) for label in labels_of(truth)])
        true = truth.to_frames(len(log_probs), model.contract.frame_seconds, model.vocab)
        columns = np.where(chart == model.vocab.X, len(model.vocab), chart)  # X: fits as an unwritten chord does
        by_chart = chart[plain_path(np.log(evidence(log_probs, model.vocab))[:, columns])]
        scored = true != model.vocab.X
        heard = log_probs.argmax(1)
        same_root = roots(heard, model.vocab) == roots(true, model.vocab)
        rows.append(dict(song=id, recogniser=(heard == true)[scored].mean(), root=same_root[scored].mean(),
                         plain_path=(by_chart == true)[scored].mean()))
    pd.DataFrame(rows).round(3).to_csv(out, index=False)
    print(pd.DataFrame(rows).describe())


if __name__ == '__main__': main(*sys.argv[1:])
