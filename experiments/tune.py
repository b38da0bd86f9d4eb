"""How to decode a trained run, chosen on its own validation songs alone: overlap of windows, temperature (calibration), change penalty.
Prints a table of all, and writes the best into the run's checkpoint (`decoding` in config.json).
usage: tune.py STORE RUN [RESULT.csv]     (STORE: what the run was trained on, with annotations)"""
import json, sys, time
from dataclasses import replace
from pathlib import Path
import numpy as np, pandas as pd
from scipy.optimize import minimize_scalar
from chordkd_nb.checkpoints import load_checkpoint, save_checkpoint
from chordkd_nb.corpus import Store
from chordkd_nb.decoding import PENALTY, decode, log_softmax, song_logits
from chordkd_nb.evaluation import calibration_error, evaluate
from chordkd_nb.lean import load_lean

store, run, *result = sys.argv[1:]
store, ids = Store(store), json.loads((Path(run)/'split.json').read_text())['valid']
ckpt, lean, v = load_checkpoint(run), load_lean(run) or load_checkpoint(run), store.vocab
truth = {i: store[i].annotation for i in ids}
y = np.concatenate([truth[i].to_frames(store.n_frames[i], store.contract.frame_seconds, v) for i in ids])
rows = []
for overlap in (0., .25, .5):
    t = time.process_time(); z = {i: song_logits(lean, store[i].features.astype(np.float32), overlap) for i in ids}; t = time.process_time()-t
    flat = np.concatenate(list(z.values()))
    nll = lambda T: -log_softmax(flat[::7]/T)[np.arange(len(flat[::7])), y[::7]].mean()
    T = float(round(minimize_scalar(nll, bounds=(.5, 3), method='bounded').x, 2))
    ece = [calibration_error(log_softmax(flat/k), y) for k in (1, T)]
    if T == 1.: T = 1.01                                                              # lest its rows be taken for the one without calibration
    for temperature, penalties in ((1., [PENALTY]), (T, [2., 3.5, 5., 7.5, 10., 15.])):
        for penalty in penalties:
            answers = {i: decode(log_softmax(z[i]/temperature), store.contract, v, penalty=penalty, duration=store[i].seconds) for i in ids}
            s = evaluate(truth, answers); sm = s.summary(n_boot=1).value
            rows.append(dict(overlap=overlap, temperature=temperature, penalty=penalty, mean=round(s.mean7, 2), seg=round(float(sm['seg']), 2), ACQA=round(float(sm['ACQA']), 2), ECE=round(100*ece[temperature != 1.], 2), seconds_per_hour=round(t/sum(store[i].seconds for i in ids)*3600, 1)))
table = pd.DataFrame(rows); print(table.to_string(index=False))
if result: Path(result[0]).parent.mkdir(parents=True, exist_ok=True); table.to_csv(result[0], index=False)
good = table[table.temperature != 1]; good = good[good['mean'] > good['mean'].max()-.2]   # a tie with the best; of those the windows with the least to compute,
good = good[good.overlap == good.overlap.min()]
best = good.loc[(good['mean']+.25*good.seg).idxmax()]                               # and there the mean and a quarter of segmentation: fewer needless changes
chosen = {k: float(best[k]) for k in ('overlap', 'temperature', 'penalty')}
save_checkpoint(replace(ckpt, decoding=chosen), Path(run)/'best', overwrite=True)
print(f'{run}: {len(ids)} validation songs, chosen {chosen}')
