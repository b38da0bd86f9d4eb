"""How good are alignments of charts with mistakes, and what should mistakes cost?

Takes the labels of songs, drops the times, and damages them: chords become wrong, go missing or are added, sections of
8 to 24 chords are dropped or doubled, and half of the damaged charts move to another key. Half of the charts say where
sections begin. Then it aligns, also with a chart of another song. Each row is a share of damage, or `triads`: charts
that write C for C:7. With NAME=VALUE also with another value of a constant of `chordkd_nb.alignment` or
`chordkd_nb.trellis`, on the first SECONDS of each song. SONGS is a corpus of audio, or a store.
usage: align_costs.py SONGS OUT.csv [--model RUN] [--seconds 90] [--damage 0 0.1 0.2 triads] [_NOTE=.2 LISTEN=.5 …]"""
import argparse
import time
import numpy as np
import pandas as pd
from chordkd_nb import alignment as align, trellis
from chordkd_nb.cli._common import is_store
from chordkd_nb.edits import simplify
from chordkd_nb.evaluation import evaluate
from chordkd_nb.features import audio_features
from chordkd_nb.pseudo_labels import stored_songs
from chordkd_nb.recognition import class_log_probs, get_model
from chordkd_nb.songs import find_songs
from chordkd_nb.store import Store
from damage import chart_of, compared, labels_of

COPIED = 'STEPS', 'STEPS_WITH_BEATS', 'RELIABLE'  # settings of `trellis` that cannot be changed from outside
DAMAGE = '0', '0.1', '0.2', 'triads'
SURE = .8   # a higher `min_alignment` of a recipe


def measure(log_probs, truth, chart, semitones, model):
    "Align a song: a row of numbers, and the frames' confidences and whether they are right"
    seconds, begun = model.contract.frame_seconds, time.process_time()
    found = align.find_alignment(log_probs, chart, model.vocab, seconds)
    spent = time.process_time() - begun
    answer, placed = (align._annotation(found, seconds, truth.duration, unsure) for unsure in (align.UNSURE, 0))
    scored, right, known, errors = compared(truth, answer, len(log_probs), model.contract, model.vocab)
    _, right_placed, *_ = compared(truth, placed, len(log_probs), model.contract, model.vocab)
    right_known = right[scored & known].mean() if (scored & known).any() else np.nan   # NaN: all is X
    row = dict(placed=right_placed[scored].mean(), right=right[scored].mean(), right_known=right_known,
               known=known.mean(), key=found.transposed == semitones, refused=is_refused(found),
               majmin=evaluate({'a': truth}, {'a': answer}).table['majmin'].iloc[0]/100,
               speed=truth.duration/spent)
    return row, errors, (found.probs.max(1)*found.belief)[scored], right[scored]


def is_refused(found):
    "Would `align` say that the recording does not follow this chart?"
    return found.belief < align.LEAST_BELIEF


def of_other(found, truth, n_frames, model):
    "What comes of the chart of another song: is it refused, which frames are sure of a chord, and which are right"
    placed = align._annotation(found, model.contract.frame_seconds, truth.duration, 0)
    scored, right, *_ = compared(truth, placed, n_frames, model.contract, model.vocab)
    sure = (found.probs.max(1)*found.belief >= SURE) & (not is_refused(found))
    return is_refused(found), sure[scored], right[scored]


def calibration_error(confidence, right):
    "Mean difference between confidence and the share that is right, over ten bins"
    bins = np.minimum((confidence*10).astype(int), 9)
    return sum(abs((confidence - right)[bins == b].sum()) for b in range(10))/len(right)


def load(folder, model, seconds, ids=None):
    "Scores and chords of all songs, or of some: id → (log-probabilities, truth)"
    songs = {}
    for song in stored_songs(Store(folder)) if is_store(folder) else find_songs(folder):
        if ids and song.id not in ids: continue
        if song.path: features, duration = audio_features(song.path, model.contract)
        else: features, duration = np.asarray(song.features_for(model.contract)), song.annotation.duration
        end = min(duration, seconds or np.inf)
        n_frames = int(end/model.contract.frame_seconds)
        songs[song.id] = class_log_probs(features, model)[:n_frames], song.annotation.cut(end)
    return songs


def written(truth, damage, has_sections, rng):
    "Write the chords of a song as a chart: (chart, semitones from the chart to what sounds)"
    if damage == 'triads': return chart_of(labels_of(simplify(truth, 'triads')), 0, has_sections, rng)
    return chart_of(labels_of(truth), float(damage), has_sections, rng)


def summary(songs, model, damage, seed=0):
    "A row of the table: all songs with charts of this damage"
    rows, errors, confidence, right, others = [], [], [], [], []
    ids = list(songs)
    for i, id in enumerate(ids):
        log_probs, truth = songs[id]
        rng = np.random.default_rng([seed, i])
        chart, semitones = written(truth, damage, i % 2 == 0, rng)
        row, error, sure, is_right = measure(log_probs, truth, chart, semitones, model)
        for values, value in zip((rows, errors, confidence, right), (row, error, sure, is_right)): values.append(value)
        other_chart, _ = written(songs[ids[(i + 3) % len(ids)]][1], damage, i % 2 == 0, rng)
        found = align.find_alignment(log_probs, other_chart, model.vocab, model.contract.frame_seconds)
        others.append(of_other(found, truth, len(log_probs), model))
    table, errors, confidence, right = pd.DataFrame(rows), *map(np.concatenate, (errors, confidence, right))
    sure, (others_refused, others_sure, others_right) = confidence >= SURE, zip(*others)
    other_sure, other_right = np.concatenate(others_sure), np.concatenate(others_right)
    mean = 100*table[['placed', 'right', 'right_known', 'known', 'majmin', 'key', 'refused']].mean()
    return dict(damage=damage, **mean.round(1), median_song=round(100*table.right.median(), 1),
                bound_median=round(float(np.median(errors)), 3), bound_p95=round(float(np.percentile(errors, 95)), 2),
                sure=round(100*sure.mean(), 1), right_sure=round(100*right[sure].mean(), 1),
                calibration=round(calibration_error(confidence, right), 3),
                other_refused=round(100*np.mean(others_refused), 1),
                other_sure=round(100*np.mean([of_song.mean() for of_song in others_sure]), 1),
                other_right=round(100*other_right[other_sure].mean(), 1) if other_sure.any() else np.nan,
                speed=round(len(table)/(1/table.speed).sum()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('songs', help='corpus or store')
    p.add_argument('out')
    p.add_argument('settings', nargs='*')
    p.add_argument('--model')
    p.add_argument('--seconds', type=float)
    p.add_argument('--damage', nargs='+', default=DAMAGE)
    args = p.parse_args()
    model = get_model(args.model)
    songs, rows = load(args.songs, model, args.seconds), []
    for setting in ['', *args.settings]:
        name, _, value = setting.partition('=')
        if name in COPIED: p.error(f'{name}: `alignment` has its own copy. Change the notebook 53_trellis.')
        home = trellis if hasattr(trellis, name) else align
        usual = getattr(home, name) if name else None
        if name: setattr(home, name, type(usual)(value))
        for damage in args.damage:
            rows.append(dict(setting=setting or 'as it is', songs=len(songs), **summary(songs, model, damage)))
            print(rows[-1], flush=True)
            pd.DataFrame(rows).to_csv(args.out, index=False)
        if name: setattr(home, name, usual)


if __name__ == '__main__': main()
