"""What should a change of the bass cost? Scores of one recogniser that hears the bass, by penalty

The first row names no bass at all.
usage: bass_penalty.py STORE FILE.json:PART RUN OUT.csv     (PART: songs that are in no other table)"""
import sys
import numpy as np
import pandas as pd
from chordkd_nb.decoding import add_basses, decode
from chordkd_nb.details import evaluate_details
from chordkd_nb.published import load_checkpoint
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.splits import choose_ids
from chordkd_nb.store import Store

PENALTIES = (2., 5., 7.5, 10., 15., 20.)
SCORES = ['thirds_inv', 'triads_inv', 'sevenths_inv', 'tetrads_inv', 'majmin_inv', 'bass', 'corrections']


def hear(song, ckpt):
    "The chords of a song without basses, and the log-probabilities of the basses"
    scores = song_logits(ckpt, song.features.astype(np.float32), bass=True)
    chords, basses = np.split(scores, [ckpt.vocab.size], 1)
    return decode(log_softmax(chords), ckpt.contract, ckpt.vocab, duration=song.seconds), log_softmax(basses)


def main(folder, part, run, out):
    store, ckpt = Store(folder), load_checkpoint(run)
    ids = choose_ids(part, store.ids)
    heard = {id: hear(store[id], ckpt) for id in ids}
    truth = {id: store[id].annotation for id in ids}
    answers = {'no bass': {id: chords for id, (chords, _) in heard.items()}}
    for penalty in PENALTIES:
        answers[penalty] = {id: add_basses(*both, ckpt.contract, penalty) for id, both in heard.items()}
    details = {name: evaluate_details(truth, chords) for name, chords in answers.items()}
    rows = [dict(penalty=name) | dict(zip(d.rows, d.values()[0])) for name, d in details.items()]
    table = pd.DataFrame(rows)[['penalty', *SCORES]].round(2)
    table.to_csv(out, index=False)
    print(table.to_string(index=False))


if __name__ == '__main__': main(*sys.argv[1:])
