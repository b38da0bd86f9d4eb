"""Charts as people write them: labels without times, with mistakes

Chords become wrong, go missing or are added, sections of 8 to 24 chords are dropped or doubled, and half of the damaged
charts move to another key."""
import numpy as np
from chordkd_nb._chart_labels import moved
from chordkd_nb.charts import Chart, ChartChord, Section
from chordkd_nb.chords import PITCHES

QUALITIES = '', ':min', ':7', ':min7'   # of chords that are added or wrong


def chart_of(labels, share, has_sections, rng):
    "Write labels as a damaged chart: (chart, semitones from the chart to what sounds)"
    parts = [damaged(part, labels, share, rng) for part in cut(labels, rng)]
    if share: parts = [part for part in parts for _ in range(times_played(share, rng))] or parts
    semitones = int(rng.integers(1, 12)) if share and rng.random() < .5 else 0
    parts = [moved(part, semitones) for part in parts if part]
    if not has_sections: parts = [sum(parts, [])]
    return Chart([Section('', [ChartChord(label) for label in part]) for part in parts]), -semitones % 12


def cut(labels, rng):
    "Cut labels into sections"
    ends = np.cumsum(rng.integers(8, 25, len(labels)//8 + 1))
    return [part.tolist() for part in np.split(np.array(labels, object), ends[ends < len(labels)])]


def times_played(share, rng):
    "Drop or double a section"
    u = rng.random()
    return 0 if u < share/2 else 2 if u > 1 - share/2 else 1


def damaged(part, labels, share, rng):
    "Make some chords wrong, leave some out, and add some"
    out = []
    for label in part:
        kind = rng.choice(['wrong', 'missing', 'added']) if rng.random() < share else 'right'
        out += {'right': [label], 'wrong': [other(label, labels, rng)], 'missing': [],
                'added': [label, other(label, labels, rng)]}[kind]
    return out


def other(label, labels, rng):
    "Draw another chord: half of the time one of the song"
    there = sorted({*labels} - {label})
    if there and rng.random() < .5: return str(rng.choice(there))
    return PITCHES[rng.integers(12)] + str(rng.choice(QUALITIES))


def labels_of(truth):
    "Labels without times, equal neighbours joined"
    return [label for label, before in zip(truth.labels, [None, *truth.labels]) if label != before]


def changes(annotation, vocab):
    "Times at which the class changes"
    classes = np.array([vocab.index(label) for label in annotation.labels])
    return annotation.intervals[1:, 0][np.diff(classes) != 0]


def compared(truth, answer, n_frames, contract, vocab):
    """Compare an alignment with the truth: (scored, right, known, errors)

    The first three tell of each frame whether the truth is not X, whether the answer has its class, and whether the
    answer is not X. The last are distances from each true change of class to the nearest one found, in s.
    """
    ours, true = (a.to_frames(n_frames, contract.frame_seconds, vocab) for a in (answer, truth))
    found_at, true_at = (changes(a, vocab) for a in (answer, truth))
    errors = np.abs(true_at[:, None] - found_at).min(1) if len(found_at) and len(true_at) else np.zeros(0)
    return true != vocab.X, ours == true, ours != vocab.X, errors
