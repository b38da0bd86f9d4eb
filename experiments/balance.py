"""How far to take out of a network what it expects of common qualities: `logit_adjustment` does that in training (logit adjustment, Menon et al. 2021); here the same is tried on trained runs, by taking more or less of the class prior
from their logits. Mean of seven and ACQA on songs that they have not learned from (their teacher may have), some fifty of a part of a split, mean over the runs of a system (seeds); the prior is that of the songs of LABELLED that a run learned from.
usage: balance.py STORE SPLIT.json:PART LABELLED RESULT.csv NAME=RUN[,RUN] …     (STORE: annotated songs; RESULT.csv: a row for each system and τ, the balance that its runs were trained with included)"""
import json, sys
from pathlib import Path
import numpy as np, pandas as pd
from chordkd_nb._progress import progress_bar
from chordkd_nb.published import load_checkpoint
from chordkd_nb.store import Store
from chordkd_nb.splits import overlap
from chordkd_nb.decoding import decode
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.evaluation import evaluate
from chordkd_nb.batches import Windows, log_prior
from chordkd_nb.recipes import recipe

store, (split, part), labelled, result = Store(sys.argv[1]), sys.argv[2].rsplit(':', 1), Store(sys.argv[3]), sys.argv[4]
systems = {name: runs.split(',') for name, runs in (a.rsplit('=', 1) for a in sys.argv[5:])}
ids, v, rows = json.loads(Path(split).read_text())[part], store.vocab, []
ids = ids[::max(1, len(ids)//50)]
truth = {i: store[i].annotation for i in ids}
for name, run in progress_bar([(n, r) for n, runs in systems.items() for r in runs], unit='run'):
    ckpt, own = load_checkpoint(run), [i for i in json.loads((Path(run)/'split.json').read_text())['train'] if i in labelled]
    if seen := overlap(store.song_hashes(ids), {i: m for part, songs in ckpt.songs.items() if part != 'teacher' for i, m in songs.items()}): sys.exit(f'{run}: has learned from {len(seen)} of these songs.')
    prior = log_prior(Windows(labelled, own, recipe('laptop', 'supervised'), ckpt.mean, ckpt.std).y, v)   # as training finds it
    trained = json.loads((Path(run)/'recipe.json').read_text())['recipe']['logit_adjustment']
    z = {i: song_logits(ckpt, store[i].features.astype(np.float32), .25) for i in ids}
    for tau in (0., .1, .2, .3, .4, .5, .6, .7):
        s = evaluate(truth, {i: decode(log_softmax(x-np.float32(tau-trained)*prior), store.contract, v, duration=store[i].seconds) for i, x in z.items()})
        rows.append(dict(system=name, trained=trained, tau=tau, mean=s.mean7, ACQA=s.summary(n_boot=1).value['ACQA']))
table = pd.DataFrame(rows).groupby(['system', 'trained', 'tau'], sort=False).mean().round(2).reset_index()
table.to_csv(result, index=False); print(f'{len(ids)} songs', table.to_string(index=False), sep='\n')
