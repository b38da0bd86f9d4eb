"""Labels that a chart gave: the songs of a store as `align` labels them from their chords without times.

The chords of each song lose their times and get DAMAGE (measure/damage.py). RUN, a recogniser that has not learned
from these songs, places what is left in the recording. The new store keeps features and teacher's answers. A song
that does not follow its chart is left out. TABLE.csv tells how much of each song was right and was known.
Chords with less confidence than LEAST become X, which is not learned.
usage: charts.py STORE RUN OUT TABLE.csv [DAMAGE [LEAST]]"""
import sys
from pathlib import Path
import numpy as np
import pandas as pd
from tqdm.auto import tqdm
from chordkd_nb.alignment import UNSURE, WrongChart, align_log_probs
from chordkd_nb.pseudo_labels import StoredAnswers, stored_songs
from chordkd_nb.recognition import class_log_probs, get_model
from chordkd_nb.store import Store, build_store

sys.path.append(str(Path(__file__).parents[1]/'measure'))
from damage import chart_of, compared, labels_of


def score(truth, answer, n_frames, store):
    "How much of a song is right and known, and how far its changes are from those of the answer: median, 95 %"
    scored, right, known, errors = compared(truth, answer, n_frames, store.contract, store.vocab)
    middle, late = np.percentile(errors, [50, 95]) if len(errors) else (np.inf, np.inf)
    return dict(right=right[scored].mean(), right_known=right[scored & known].mean(), known=known.mean(),
                boundary=middle, boundary_95=late)


def align_store(store, model, damage, least, aligner):
    "Align all songs: the songs with their new labels, and a row for each of all songs"
    songs, rows = [], []
    for i, song in enumerate(tqdm(stored_songs(store), unit='song')):
        truth = song.annotation
        chart, _ = chart_of(labels_of(truth), damage, i % 2 == 0, np.random.default_rng([i, round(100*damage)]))
        log_probs = class_log_probs(np.asarray(song.features_for(store.contract), np.float32), model)
        row = dict(song=song.id, damage=damage, aligner=aligner)
        try: aligned = align_log_probs(log_probs, chart, store.contract, store.vocab, truth.duration, least)
        except WrongChart: rows.append(row | dict(refused=True))
        else:
            rows.append(row | dict(refused=False) | score(truth, aligned, len(log_probs), store))
            song._annotation, song.program_labels = aligned, True  # so X is unknown, and nobody learns it
            songs.append(song)
    return songs, rows


def main(folder, run, out, table, damage='0', least=UNSURE):
    store, model, least = Store(folder), get_model(run), float(least)
    aligner = '/'.join(Path(run).parts[-2:]) + f', above {least:g}'*(least != UNSURE)
    songs, rows = align_store(store, model, float(damage), least, aligner)
    Path(table).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).round(3).to_csv(table, index=False)
    labelled = build_store(songs, out, store.contract, StoredAnswers([store], ['']))
    print(labelled, pd.DataFrame(rows).mean(numeric_only=True).round(3).to_string(), sep='\n')


if __name__ == '__main__': main(*sys.argv[1:])
