"""How much of the class prior to take out of trained networks (logit adjustment, Menon et al. 2021).

`logit_adjustment` τ does that in training. Here we try other τ on trained runs: we take more or less of the
prior from their logits, and score some fifty songs that they have not learned from. The prior is that of the
songs of LABELLED that a run was trained on. The runs of a system (seeds) are averaged.
usage: class_prior.py STORE SPLIT.json:PART LABELLED OUT.csv NAME=RUN[,RUN] … [--taus τ …] [--only BEGINNING …]"""
import argparse
import json
from pathlib import Path
import numpy as np
import pandas as pd
from tqdm.auto import tqdm
from chordkd_nb._runs import trained_on
from chordkd_nb.batches import Windows, log_prior
from chordkd_nb.decoding import decode
from chordkd_nb.evaluation import evaluate
from chordkd_nb.published import load_checkpoint
from chordkd_nb.recipes import recipe
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.splits import choose_ids, load_split, overlap
from chordkd_nb.store import Store

TAUS = (0., .1, .2, .3, .4, .5, .6, .7)
SONGS = 50  # about as many are scored


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('store', type=Store)
    p.add_argument('part')
    p.add_argument('labelled', type=Store)
    p.add_argument('out', type=Path)
    p.add_argument('systems', nargs='+')
    p.add_argument('--taus', type=float, nargs='+', default=TAUS)
    p.add_argument('--only', nargs='+', default=[''], help='songs whose ids begin so')
    return p.parse_args()


def choose_songs(part, ids, beginnings):
    "About SONGS songs of a part, of those whose ids begin so"
    chosen = [i for i in choose_ids(part, ids) if i.startswith(tuple(beginnings))]
    if not chosen: raise SystemExit(f'{part}: no song begins with {beginnings}.')
    return chosen[::max(1, len(chosen)//SONGS)]


def prior_of_run(run, checkpoint, labelled):
    "Log-prior of the classes among the windows that a run was trained on"
    trained = load_split(Path(run)/'split.json')['train']
    own = [i for i in trained if i in labelled]
    windows = Windows(labelled, own, recipe('laptop', 'supervised'), checkpoint.mean, checkpoint.std)
    return log_prior(windows.y, labelled.vocab)


def sweep(run, store, ids, labelled, taus):
    "Yield a row for each τ"
    checkpoint = load_checkpoint(run)
    if seen := overlap(store.song_hashes(ids), trained_on(checkpoint)):
        raise SystemExit(f'{run}: has learned from {len(seen)} of these songs.')
    prior = prior_of_run(run, checkpoint, labelled)
    described = json.loads((Path(run)/'recipe.json').read_text())
    trained = described['recipe']['logit_adjustment']
    truth = {i: store[i].annotation for i in ids}
    logits = {i: song_logits(checkpoint, store[i].features.astype(np.float32), .25) for i in ids}

    def answer(i, tau):
        log_probs = log_softmax(logits[i] - np.float32(tau-trained)*prior)
        return decode(log_probs, store.contract, store.vocab, duration=store[i].seconds)

    for tau in taus:
        scores = evaluate(truth, {i: answer(i, tau) for i in ids})
        value = scores.summary(n_boot=1).value
        found = dict(mean=scores.mean7, **value[['sevenths', 'ACQA', 'seg']])
        yield dict(trained=trained, tau=tau, **found)


def main():
    a = arguments()
    systems = dict(text.rsplit('=', 1) for text in a.systems)
    runs = [(name, run) for name, text in systems.items() for run in text.split(',')]
    ids, rows = choose_songs(a.part, a.store.ids, a.only), []
    for name, run in tqdm(runs, unit='run'):
        rows += [dict(system=name, **row) for row in sweep(run, a.store, ids, a.labelled, a.taus)]
    table = pd.DataFrame(rows).groupby(['system', 'trained', 'tau'], sort=False).mean()
    table = table.round(2).reset_index()
    a.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(a.out, index=False)
    print(f'{len(ids)} songs', table.to_string(index=False), sep='\n')


if __name__ == '__main__': main()
