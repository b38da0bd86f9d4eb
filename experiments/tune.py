"""How to decode a trained run, chosen on its own validation songs alone. First how much to expect common qualities: `balance` trains a network as if all qualities were as frequent, and the share of each
among the training songs, to the power of `prior`, goes back into the bias of its last layer. With --pool, recordings that the network has not learned from, X (unknown) is then made the most probable class as often as their teacher found it so: a network that has learned from renders doubts recordings. Then overlap of windows, temperature (calibration), change penalty.
Prints tables of all, and writes the best into the run's checkpoint (`prior` and `unknown` in its provenance, `decoding` in config.json). Run again, it begins with the network as it was trained.
usage: tune.py STORE RUN [RESULT.csv] [--prior P] [--pool POOL]     (STORE: what the run was trained on, with annotations; RESULT-prior.csv is written beside the result, unless the prior is given)"""
import argparse, json, time
from dataclasses import replace
from pathlib import Path
import numpy as np, pandas as pd, torch
from scipy.optimize import minimize_scalar
from chordkd_nb.published import load_checkpoint
from chordkd_nb.checkpoints import save_checkpoint
from chordkd_nb.store import Store
from chordkd_nb.decoding import PENALTY, decode
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.comparison import calibration_error
from chordkd_nb.evaluation import evaluate
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.batches import log_prior

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('store'); p.add_argument('run'); p.add_argument('result', nargs='?', type=Path); p.add_argument('--prior', type=float); p.add_argument('--pool', type=Store); a = p.parse_args()
run, out, new = a.run, a.result, a.prior
store, split = Store(a.store), json.loads((Path(run)/'split.json').read_text()); ids = split['valid']
ckpt, lean, v = load_checkpoint(run), load_lean(run) or load_checkpoint(run), store.vocab
frames = lambda i: store[i].annotation.to_frames(store.n_frames[i], store.contract.frame_seconds, v)
truth, y, common = {i: store[i].annotation for i in ids}, np.concatenate([frames(i) for i in ids]), log_prior([frames(i) for i in split['train']], v)
unknown = np.eye(v.size, dtype=np.float32)[v.index('X')]
before = np.float32(ckpt.provenance.get('prior', 0.))*common + np.float32(ckpt.provenance.get('unknown', 0.))*unknown
logits = lambda song, overlap: song_logits(lean, song.features.astype(np.float32), overlap)-before


def scores(z, temperature, penalty):
    s = evaluate(truth, {i: decode(log_softmax(z[i]/temperature), store.contract, v, penalty=penalty, duration=store[i].seconds) for i in ids}); sm = s.summary(n_boot=1).value
    return dict(mean=round(s.mean7, 2), **{k: round(float(sm[k]), 2) for k in ('sevenths', 'seg', 'ACQA')})


if out: out.parent.mkdir(parents=True, exist_ok=True)
if new is None:
    z = {i: logits(store[i], .25) for i in ids}
    priors = pd.DataFrame([dict(prior=p, **scores({i: x+np.float32(p)*common for i, x in z.items()}, 1., PENALTY)) for p in (0., .1, .2, .3, .4, .5)]); print(priors.to_string(index=False))
    new = float(priors[priors['mean'] > priors['mean'].max()-.2].prior.min())            # of those that tie with the best, the one that hears the most rare qualities
    if out: priors.to_csv(out.with_stem(f'{out.stem}-prior'), index=False)
change, doubt = np.float32(new)*common, 0.
if a.pool:
    heard = np.concatenate([logits(s, .25) for s in a.pool])+change; x, others = heard@unknown, (heard-1e9*unknown).max(1)
    asked = np.mean(np.concatenate([s.teacher_log_probs().argmax(1) for s in a.pool])==v.index('X'))
    doubt = round(-float(np.quantile(x-others, 1-asked)), 2); change = change+np.float32(doubt)*unknown
rows = []
for overlap in (0., .25, .5):
    t = time.process_time(); z = {i: logits(store[i], overlap)+change for i in ids}; t = time.process_time()-t
    flat = np.concatenate(list(z.values()))
    nll = lambda T: -log_softmax(flat[::7]/T)[np.arange(len(flat[::7])), y[::7]].mean()
    T = float(round(minimize_scalar(nll, bounds=(.5, 3), method='bounded').x, 2))
    ece = [calibration_error(log_softmax(flat/k), y) for k in (1, T)]
    if T == 1.: T = 1.01                                                              # lest its rows be taken for the one without calibration
    for temperature, penalties in ((1., [PENALTY]), (T, [2., 3.5, 5., 7.5, 10., 15.])):
        for penalty in penalties:
            rows.append(dict(overlap=overlap, temperature=temperature, penalty=penalty, **scores(z, temperature, penalty), ECE=round(100*ece[temperature != 1.], 2), seconds_per_hour=round(t/sum(store[i].seconds for i in ids)*3600, 1)))
table = pd.DataFrame(rows).drop(columns='sevenths'); print(table.to_string(index=False))
if out: table.to_csv(out, index=False)
good = table[table.temperature != 1]; good = good[good['mean'] > good['mean'].max()-.2]   # a tie with the best; of those the windows with the least to compute,
good = good[good.overlap == good.overlap.min()]
best = good.loc[(good['mean']+.25*good.seg).idxmax()]                               # and there the mean and a quarter of segmentation: fewer needless changes
chosen = {k: float(best[k]) for k in ('overlap', 'temperature', 'penalty')}
bias = dict(btc=lambda m: m.output_layer.output_projection, **{'2e1d': lambda m: m.fc})[ckpt.arch](ckpt.model).bias
with torch.no_grad(): bias += torch.as_tensor(change-before)
save_checkpoint(replace(ckpt, decoding=chosen, provenance=ckpt.provenance | dict(prior=new, unknown=doubt)), Path(run)/'best', overwrite=True)
print(f'{run}: {len(ids)} validation songs, chosen prior {new}, unknown {doubt:+} and {chosen}')
