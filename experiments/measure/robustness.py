"""What detuning, level and clipping cost a recogniser, and what its remedies win back.

Every song is recognised in every condition, with the remedies (it estimates the tuning, and corrects unusual
levels) and without. Cents are counted from A4 = 440 Hz; librosa estimates how far a recording is from there.
Half a semitone off, a recording lies between two keys, and no listener could tell which is meant. So from
45 cents on, 'either key' counts the better key for each song. 'level …' brings all songs to one level.
usage: robustness.py FOLDER OUT.csv [--model NAME …] [--seconds 90]     (FOLDER: labelled audio)"""
import argparse
from pathlib import Path
import librosa
import numpy as np
import pandas as pd
import soxr
from tqdm import tqdm
from chordkd_nb.annotation import Annotation
from chordkd_nb.checkpoint_files import BUNDLED
from chordkd_nb.evaluation import evaluate
from chordkd_nb.features import LOG_CQT, log_cqt
from chordkd_nb.recognition import recognize, recording_level
from chordkd_nb.songs import find_songs

SR = 22050  # Hz
CENTS = (-50, -45, -40, -30, -20, -10, 0, 10, 20, 30, 40, 45, 50)
LEVELS = (-.5, .5, 1.5, 2.5, 3.5)  # of `recording_level`
BETWEEN_KEYS = 45  # cents from which two keys are equally near


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path)
    p.add_argument('out', type=Path)
    p.add_argument('--model', nargs='+', default=list(BUNDLED)[:2])
    p.add_argument('--seconds', type=float, default=90.)
    return p.parse_args()


# Conditions: functions of samples

def louder(decibels):
    def change(y): return y*np.float32(10**(decibels/20))
    return change


def clipped(decibels):
    def change(y): return np.clip(louder(decibels)(y/np.abs(y).max()), -1, 1)
    return change


def in_16_bits(decibels):
    def change(y): return np.round(louder(decibels)(y)*2**15).astype(np.int16)
    return change


def at_level(level):
    def change(y): return y*np.float32(np.exp(level - recording_level(log_cqt(y), LOG_CQT)))
    return change


def conditions():
    "Name → (cents from 440 Hz, or None for as it is; change of the samples, or None)"
    named = {'as it is': (None, None)}
    named |= {f'{cents:+d} cents': (cents, None) for cents in CENTS}
    named |= {f'{d:+d} dB': (None, louder(d)) for d in (-20, -40, 20, 40)}
    named |= {'-60 dB, 16 bits': (None, in_16_bits(-60))}
    named |= {f'clipped, {d} dB too loud': (None, clipped(d)) for d in (6, 12, 20)}
    return named | {f'level {level:g}': (None, at_level(level)) for level in LEVELS}


# Answers

def stretch(annotation, rate): return Annotation(annotation.intervals*rate, annotation.labels)


def ask(y, cents, change, models):
    "Yield (model, with remedies?, answer) on the time axis of the original"
    own = 0. if cents is None else 100*librosa.estimate_tuning(y=y, sr=SR)
    rate = 1. if cents is None else 2**((cents-own)/1200)  # played so many times as fast
    x = soxr.resample(y, rate, 1, quality='HQ') if rate != 1 else y
    if change: x = change(x)
    for model in models:
        yield model, True, stretch(recognize(x, model, orig_sr=SR), rate)
        yield model, False, stretch(recognize(x, model, orig_sr=SR, tuning=0., levels=None), rate)


def ask_all(songs, models, seconds):
    "(model, condition, with remedies?) → song → answer"
    answers = {}
    for song in tqdm(songs, unit='song'):
        y = song.load()[:int(seconds*SR)]
        for name, (cents, change) in conditions().items():
            for model, remedies, answer in ask(y, cents, change, models):
                answers.setdefault((model, name, remedies), {})[song.id] = answer
    return answers


# Scores

def mean_of_seven(truth, answers):
    cut = {i: truth[i].cut(answer.duration) for i, answer in answers.items()}
    return evaluate(cut, answers).mean7


def in_either_key(truth, answers, cents):
    "The score if each song may be in the other of the two nearest keys"
    step = 1 if cents < 0 else -1  # 50 cents flat taken for 50 cents sharp is a semitone too low
    def better(i):
        both = answers[i], answers[i].transpose(step)
        return max(both, key=lambda answer: mean_of_seven(truth, {i: answer}))
    return mean_of_seven(truth, {i: better(i) for i in answers})


def rows_of(model, truth, answers):
    "Yield a row for each condition"
    base = mean_of_seven(truth, answers[model, 'as it is', True])
    for name, (cents, _) in conditions().items():
        mean, without = (mean_of_seven(truth, answers[model, name, r]) for r in (True, False))
        row = {'model': model, 'condition': name, 'mean of seven': mean, 'without remedies': without}
        row['lost'] = base-mean
        if cents is not None and abs(cents) >= BETWEEN_KEYS:
            either = in_either_key(truth, answers[model, name, True], cents)
            row |= {'either key': either, 'lost in either': base-either}
        yield row


def main():
    a = arguments()
    songs = find_songs(a.folder, labelled=True)
    truth = {song.id: song.annotation for song in songs}
    answers = ask_all(songs, a.model, a.seconds)
    table = pd.DataFrame([row for model in a.model for row in rows_of(model, truth, answers)]).round(1)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(a.out, index=False)
    print(table.to_string(index=False))


if __name__ == '__main__': main()
