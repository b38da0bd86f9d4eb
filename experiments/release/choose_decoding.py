"""How to decode a trained network, chosen on its own validation songs; the choice goes into its checkpoint.

Training with `logit_adjustment` treats all qualities as equally frequent. So a part of the class prior goes back
into the bias of the last layer: as little as ties with the best, as PRIOR.csv (measure/class_prior.py) shows.
A network that has learned from renders doubts recordings. So X (unknown) is then made the most probable class
of the recordings in POOL as often as it was for the teacher that has labelled them, at most 0.5 % of the time:
on other recordings it is so several times as often.
It also answers N (no chord) where a chord dies away. So N is made less likely, by as little as ties with the best
on songs in which chords die away and on sounds without a chord.
Then we try overlap of windows, temperature (calibration) and change penalty. If you run it again, it starts from
the network as it was trained.
usage: choose_decoding.py STORE RUN PRIOR.csv POOL OUT.csv     (STORE: what the run was trained on)"""
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize_scalar
from chordkd_nb.batches import log_prior
from chordkd_nb.checkpoints import save_checkpoint
from chordkd_nb.comparison import calibration_error
from chordkd_nb.decoding import PENALTY, decode
from chordkd_nb.evaluation import evaluate
from chordkd_nb.published import load_checkpoint
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.splits import load_split
from chordkd_nb.store import Store

TIE = .2  # points of the mean
OVERLAPS = (0., .25, .5)
MOST_UNKNOWN = .005  # share of the frames
NO_CHORD = (0., -.5, -1., -1.5, -2., -2.5, -3.)  # nats
FOR_NO_CHORD = 'fading/', 'noise/'  # how the ids of songs begin that decide about N
PENALTIES = (2., 3.5, 5., 7.5, 10., 15.)
LAST_LAYER = {'btc': lambda model: model.output_layer.output_projection, '2e1d': lambda model: model.fc}


def choose_prior(file):
    "The smallest part of the prior to put back that ties with the best"
    table = pd.read_csv(file)
    ties = table[table['mean'] > table['mean'].max()-TIE]
    return round(float((ties.trained-ties.tau).min()), 3)


class Songs:
    "The validation songs of a run, with everything that does not change from one setting to the next"
    def __init__(self, store, split):
        self.store, self.ids, self.vocab = store, split['valid'], store.vocab
        self.truth = {i: store[i].annotation for i in self.ids}
        self.y = np.concatenate([self.frames(i) for i in self.ids])
        self.prior = log_prior([self.frames(i) for i in split['train']], self.vocab)
        self.seconds = sum(store[i].seconds for i in self.ids)

    def frames(self, i):
        contract = self.store.contract
        return self.store[i].annotation.to_frames(self.store.n_frames[i], contract.frame_seconds, self.vocab)

    def answer(self, i, logits, penalty):
        log_probs, seconds = log_softmax(logits), self.store[i].seconds
        return decode(log_probs, self.store.contract, self.vocab, penalty=penalty, duration=seconds)

    def scores(self, logits, temperature, penalty):
        scores = evaluate(self.truth, {i: self.answer(i, logits[i]/temperature, penalty) for i in self.ids})
        value = scores.summary(n_boot=1).value
        return dict(mean=round(scores.mean7, 2), **value[['seg', 'ACQA']].round(2))


def adjusted(checkpoint, change):
    "A function of song and overlap: logits (T, V) with `change` (V,) added"
    def logits_of(song, overlap):
        return song_logits(checkpoint, song.features.astype(np.float32), overlap) + change
    return logits_of


def bias_of_unknown(pool, logits_of, index):
    "What to add to the logits of X, so that it is the most probable class as often as for the pool's teacher"
    logits = np.concatenate([logits_of(song, .25) for song in pool])
    x, others = logits[:, index], np.delete(logits, index, axis=1).max(1)
    by_teacher = np.mean(np.concatenate([song.y for song in pool]) == index)
    wanted = min(by_teacher, MOST_UNKNOWN)
    return round(-float(np.quantile(x-others, 1-wanted)), 2)


def bias_of_no_chord(songs, logits_of, no_chord):
    "What to add to the logits of N, so that chords which die away are heard, and speech is not"
    ids = [i for i in songs.ids if i.startswith(FOR_NO_CHORD)]
    if not ids: return 0.
    truth = {i: songs.truth[i] for i in ids}
    logits = {i: logits_of(songs.store[i], .25) for i in ids}
    means = {}
    for bias in NO_CHORD:
        answers = {i: songs.answer(i, logits[i] + np.float32(bias)*no_chord, PENALTY) for i in ids}
        means[bias] = evaluate(truth, answers).mean7
        print(f'N {bias:+.1f}: {means[bias]:.2f} on {len(ids)} songs')
    return max(bias for bias in NO_CHORD if means[bias] > max(means.values())-TIE)


def best_temperature(logits, y):
    def loss(temperature): return -log_softmax(logits/temperature)[np.arange(len(y)), y].mean()
    found = round(float(minimize_scalar(loss, bounds=(.5, 3), method='bounded').x), 2)
    return 1.01 if found == 1 else found  # or its rows would be taken for those without calibration


def try_settings(songs, logits_of):
    "Yield a row for each overlap, temperature and penalty"
    for overlap in OVERLAPS:
        started = time.process_time()
        logits = {i: logits_of(songs.store[i], overlap) for i in songs.ids}
        spent = time.process_time()-started
        everything = np.concatenate(list(logits.values()))
        temperature = best_temperature(everything[::7], songs.y[::7])
        for T, penalties in ((1., [PENALTY]), (temperature, PENALTIES)):
            error = 100*calibration_error(log_softmax(everything/T), songs.y)
            for penalty in penalties:
                yield dict(overlap=overlap, temperature=T, penalty=penalty,
                           **songs.scores(logits, T, penalty), ECE=round(error, 2),
                           seconds_per_hour=round(3600*spent/songs.seconds, 1))


def choose(table):
    "Of the settings that tie with the best mean: the least overlap, then mean and a quarter of segmentation"
    good = table[table.temperature != 1]
    good = good[good['mean'] > good['mean'].max()-TIE]
    good = good[good.overlap == good.overlap.min()]
    best = good.loc[(good['mean'] + .25*good.seg).idxmax()]
    return {name: float(best[name]) for name in ('overlap', 'temperature', 'penalty')}


def main():
    store, run, prior_file, pool, out = sys.argv[1:]
    checkpoint = load_checkpoint(run)
    songs = Songs(Store(store), load_split(Path(run)/'split.json'))
    x = songs.vocab.index('X')
    one_of = np.eye(songs.vocab.size, dtype=np.float32)
    unknown, no_chord = one_of[x], one_of[songs.vocab.N]
    done = checkpoint.provenance  # of an earlier call
    before = sum(np.float32(done.get(name, 0))*part for name, part in
                 (('prior', songs.prior), ('unknown', unknown), ('no_chord', no_chord)))

    prior = choose_prior(prior_file)
    change = np.float32(prior)*songs.prior - before
    doubt = bias_of_unknown(Store(pool), adjusted(checkpoint, change), x)
    change = change + np.float32(doubt)*unknown
    quiet = bias_of_no_chord(songs, adjusted(checkpoint, change), no_chord)
    change = change + np.float32(quiet)*no_chord

    table = pd.DataFrame(try_settings(songs, adjusted(checkpoint, change)))
    table.to_csv(out, index=False)
    chosen = choose(table)
    with torch.no_grad(): LAST_LAYER[checkpoint.arch](checkpoint.model).bias += torch.as_tensor(change)
    about = done | dict(prior=prior, unknown=doubt, no_chord=quiet)
    save_checkpoint(replace(checkpoint, decoding=chosen, provenance=about), Path(run)/'best', overwrite=True)
    print(table.to_string(index=False), json.dumps(dict(chosen, prior=prior, unknown=doubt, no_chord=quiet)), sep='\n')


if __name__ == '__main__': main()
