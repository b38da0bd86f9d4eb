"""How much of another teacher to mix into what students know together: mean of seven, sevenths, ACQA and segmentation of the weighted means of two stores' answers about the same annotated songs.
usage: mix.py OTHER RESULT.csv NAME=STORE …     (OTHER: the store with the other teacher's answers; STOREs: those of the students; RESULT.csv: a row for each name and weight of the other)"""
import sys
import numpy as np, pandas as pd
from chordkd_nb.store import Store
from chordkd_nb.decoding import decode
from chordkd_nb.evaluation import evaluate

other, result, rows = Store(sys.argv[1]), sys.argv[2], []
probs = lambda song: np.exp(song.teacher_log_probs(other.vocab.size).astype(float))
for name, path in (a.rsplit('=', 1) for a in sys.argv[3:]):
    own = Store(path)
    if (own.ids, own.vocab, own.contract) != (other.ids, other.vocab, other.contract): sys.exit(f'{path}: not the songs, the classes and the features of {other.path}.')
    pairs = {s.id: (probs(s), probs(other[s.id])) for s in own}; truth = {s.id: s.annotation for s in own}
    for w in (0, .1, .2, .3, .4, .5, 1):
        s = evaluate(truth, {i: decode(np.log((1-w)*a + w*b).astype(np.float32), own.contract, own.vocab, duration=own[i].seconds) for i, (a, b) in pairs.items()})
        rows.append(dict(students=name, weight=w, mean=s.mean7, **s.summary(n_boot=1).value[['sevenths', 'ACQA', 'seg']]))
table = pd.DataFrame(rows).round(2); table.to_csv(result, index=False); print(table.to_string(index=False))
