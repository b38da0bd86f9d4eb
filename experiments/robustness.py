"""What detuning, level and clipping cost a recogniser, and what estimating the tuning and mending the level win back: every song of a part in every condition, with each remedy and without it.
usage: robustness.py FOLDER SPLIT.json:PART OUT.csv [--model NAME ...] [--seconds 90]     (FOLDER: labelled audio)
Cents are counted from A4 = 440 Hz: how far a recording is from there as it is, librosa says (a soundfont may be flat, too, so what a manifest says is not enough).
Half a semitone off, a recording lies between two keys and no ear could tell which is meant: from 45 cents on, 'either key' counts for every song the key in which the answer is closer to the reference."""
import argparse, json
from pathlib import Path
import librosa, numpy as np, pandas as pd, soxr
from chordkd_nb._progress import progress_bar
from chordkd_nb.recognition import USUAL_LEVELS, recognize
from chordkd_nb.annotation import Annotation
from chordkd_nb.songs import find_songs
from chordkd_nb.evaluation import evaluate
from chordkd_nb.audio import load_audio
from chordkd_nb.checkpoint_files import BUNDLED

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('folder', type=Path); p.add_argument('part'); p.add_argument('out', type=Path)
p.add_argument('--model', nargs='+', default=list(BUNDLED)[:2]); p.add_argument('--seconds', type=float, default=90.)
a = p.parse_args()
path, _, part = a.part.rpartition(':'); ids = set(json.loads(Path(path).read_text())[part])
songs = [s for s in find_songs(a.folder, labelled=True) if s.id in ids]


def cut(ann, end):
    keep = ann.intervals[:, 0] < end-1e-3
    return Annotation(np.minimum(ann.intervals[keep], end), [l for l, k in zip(ann.labels, keep) if k])


def stretched(ann, k): return Annotation(ann.intervals*k, ann.labels)


decibels = lambda d: lambda y: y*np.float32(10**(d/20))
loud = lambda d: lambda y: np.clip(decibels(d)(y/np.abs(y).max()), -1, 1)
rounded = lambda y: np.round(y*2**15).astype(np.int16)
# condition: (cents above 440 Hz or None for as it is, what is done to the samples)
conditions = {'as it is': (None, None)} | {f'{c:+d} cents': (c, None) for c in (-50, -45, -40, -30, -20, -10, 0, 10, 20, 30, 40, 45, 50)} \
    | {f'{d:+d} dB': (None, decibels(d)) for d in (-20, -40, 20, 40)} | {'-60 dB, 16 bits': (None, lambda y: rounded(decibels(-60)(y)))} \
    | {f'clipped, {d} dB too loud': (None, loud(d)) for d in (6, 12, 20)}
truth, answers = {}, {}
for s in progress_bar(songs):
    y = load_audio(s.path)[:int(a.seconds*22050)]; truth[s.id] = s.annotation; own = 100*librosa.estimate_tuning(y=y, sr=22050)
    for name, (cents, change) in conditions.items():
        k = 1. if cents is None else 2**((cents-own)/1200)            # played k times as fast
        x = soxr.resample(y, k, 1, quality='HQ') if k != 1 else y
        if change: x = change(x)
        for model in a.model:
            for remedy in (True, False):
                ann = recognize(x, model, tuning=None if remedy else 0., levels=USUAL_LEVELS if remedy else None)
                answers.setdefault((model, name, remedy), {})[s.id] = stretched(ann, k)
rows = []
for model in a.model:
    base = None
    for name,(cents,_) in conditions.items():
        means = {}
        for remedy in (True, False):
            est = answers[model, name, remedy]
            ref = {i: cut(t, est[i].duration) for i, t in truth.items()}
            means[remedy] = evaluate(ref, est).mean7
            if remedy and cents and abs(cents)>=45:
                keys = {i: [est[i], est[i].transpose(1 if cents<0 else -1)] for i in est}  # 50 cents flat heard as 50 cents sharp is a semitone too low
                best = {i: max(both, key=lambda e: evaluate({i: ref[i]}, {i: e}).mean7) for i, both in keys.items()}
                either = evaluate(ref, best).mean7
        base = means[True] if base is None else base
        row = {'model': model, 'condition': name, 'mean of seven': round(means[True], 1), 'without remedies': round(means[False], 1), 'lost': round(base-means[True], 1)}
        if cents and abs(cents)>=45: row |= {'either key': round(either, 1), 'lost in either': round(base-either, 1)}
        rows.append(row)
table = pd.DataFrame(rows); print(table.to_string(index=False))
a.out.parent.mkdir(parents=True, exist_ok=True); table.to_csv(a.out, index=False)
