"Labels of charts and alignments: beats, keys, columns of labels, and segments of frames"
from typing import NamedTuple
import numpy as np
from .annotation import Annotation
from .charts import Chart, ChartChord, Section
from .chords import PITCHES, pitch_class
from .decoding import viterbi
from .keys import SPELLINGS, root_name


def beats_of(
    chart, # a `Chart` of n chords
)->tuple: # (n,) beats of each chord, 1 for all if the chart says nothing; does it know them all?
    "Find how long the chords of a chart last"
    beats = np.array([chord.beats or np.nan for chord in chart.chords], float)
    known = np.isfinite(beats)
    usual = np.median(beats[known]) if known.any() else 1.
    return np.where(known, beats, usual), bool(known.all())


def chart_classes(
    chart, # a `Chart` of n chords
    vocab, # `Vocabulary` of V classes
)->np.ndarray: # (12, n) if the chart sounds 0, 1, … 11 semitones higher than written; V: X, or a chord without a class
    "Find the classes of a chart in all keys"
    classes = np.array([vocab.index(chord.label) for chord in chart.chords])
    n = len(vocab.qualities)
    transposed = (classes + n*np.arange(12)[:, None]) % (12*n)
    outside = np.where(classes == vocab.N, vocab.N, len(vocab))
    return np.where((0 <= classes) & (classes < 12*n), transposed, outside)


def moved(labels, semitones):
    "Transpose labels; 0 leaves their spelling alone"
    if not semitones: return list(labels)
    times = np.arange(len(labels) + 1.)
    return Annotation(np.c_[times[:-1], times[1:]], labels).transpose(semitones).labels


class LabelColumns(NamedTuple):
    "The labels that an answer may have"
    names: list # L, those of the chart first
    classes: np.ndarray # (L,)
    own: np.ndarray # (n,) number of the label of each chord of the chart; −1: none
    home: np.ndarray # (V,) number of the label of each class
    may_mean_more: np.ndarray # (m,) bool, of the m labels of the chart: is it a triad of a chart of triads?


def label_columns(
    labels, # n, of a chart
    classes, # (n,) of the same chords; V: outside the vocabulary
    vocab, # `Vocabulary` of V classes
)->LabelColumns:
    "List the labels that an answer may have: those of the chart, and for other classes that of the recogniser"
    known = {label: int(c) for label, c in zip(labels, classes) if c < len(vocab)}
    foreign = sorted({*range(len(vocab))} - {*known.values()})
    names = [*known] + spelled_as(known, [vocab.label(c) for c in foreign])
    number = {label: i for i, label in enumerate(known)}
    class_of = np.array([*known.values()] + foreign)
    _, home = np.unique(class_of, return_index=True)  # of several labels of a class, the first
    all_triads = all(map(is_triad, known))
    may_mean_more = np.array([all_triads and '/' not in label for label in known], bool)
    return LabelColumns(names, class_of, np.array([number.get(label, -1) for label in labels]), home, may_mean_more)


TRIADS = {'', 'maj', 'min', 'dim', 'aug', 'sus2', 'sus4', '5', '1'}


def is_triad(label): return label.partition('/')[0].partition(':')[2] in TRIADS


def spelled_as(
    written, # labels of a chart
    labels, # of the recogniser, with sharps
)->list:
    "Spell roots as the chart does; those that it lacks with flats, if it has flats and no sharps"
    roots = [root_name(label) for label in written if label not in ('N', 'X')]
    flats = any('b' in root for root in roots) and not any('#' in root for root in roots)
    names = dict(zip(PITCHES, SPELLINGS['flats' if flats else 'sharps']))
    names |= {PITCHES[pitch_class(root)]: root for root in reversed(roots)}
    def spelled(label):
        if label in ('N', 'X'): return label
        root = root_name(label)
        return names[root] + label.removeprefix(root)
    return [*map(spelled, labels)]


def segments(
    labels, # (T,) of frames
    confidence, # (T,) of the labels
    unsure, # confidence of a segment below which it becomes X
    frame_seconds, # from one frame to the next
    duration, # s, of the song
)->Annotation:
    "Make segments of equal labels, half-way between frames, and join neighbours that become X"
    def runs(labels):
        first = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
        n_frames = np.diff(first, append=len(labels))
        return first, n_frames, np.add.reduceat(confidence, first)/n_frames
    first, n_frames, mean = runs(labels)
    labels = np.where(np.repeat(mean < unsure, n_frames), 'X', labels)
    first, _, mean = runs(labels)
    starts = np.maximum((first - .5)*frame_seconds, 0)
    keep = starts < duration - 1e-9
    ends = [*starts[keep][1:], duration]
    return Annotation(np.c_[starts[keep], ends], labels[first[keep]].tolist(), np.clip(mean[keep], 0, 1))


def section_bounds(
    chart, # a `Chart` of n chords
)->np.ndarray: # (2, n) bool: does a section end, or begin, with this chord?
    "Mark the ends and the beginnings of sections"
    is_end, is_start = bounds = np.zeros((2, len(chart.chords)), bool)
    ends = np.cumsum([len(section.chords) for section in chart.sections if section.chords]) - 1
    is_end[ends], is_start[[0, *(ends[:-1] + 1)]] = True, True
    return bounds


def table_of_ways(
    here, # (m,) state of each way
    there, # (m,) state at its other end
    probs, # (m,) probability
    size:int, # number of states
)->tuple: # the states at the other end and the probabilities, (ways, states) each
    "Collect ways by state, so that a step over all states is a handful of numpy operations"
    order = np.argsort(here, kind='stable')
    here, there, probs = here[order], there[order], probs[order]
    row = np.arange(len(here)) - np.searchsorted(here, here)
    states, weights = np.zeros((row.max() + 1, size), int), np.zeros((row.max() + 1, size))
    states[row, here], weights[row, here] = there, probs
    return states, weights


def shuffled(
    classes, # (n,) of a chart
    times:int=2, # how often
)->np.ndarray: # (1 + times, n)
    "Stack the classes of a chart, and the same in random orders"
    rng = np.random.default_rng(0)
    return np.stack([classes] + [rng.permutation(classes) for _ in range(times)])


SHORTEST, LONGEST = 1., 4.  # s, of the first guess for a chord


def first_guess(
    beats, # (n,) of the chords
    n_frames:int, # of the song
    frame_seconds:float, # from one frame to the next
)->float:
    """Guess how many frames a beat lasts: as if the song played the chart once

    If a chord would last less than a second, the recording is probably an excerpt."""
    low, high = np.array([SHORTEST, LONGEST])/frame_seconds/beats.mean()
    return np.clip(n_frames/beats.sum(), low, high)


def frames_per_beat(
    places, # (T,) number of the chord of the chart; −1 outside
    beats, # (n,) of the chords
)->float:
    "Measure how many frames a beat lasts, inside the chart"
    starts = np.flatnonzero(np.diff(places, prepend=-2))
    visited = places[starts]
    inside = visited >= 0
    return np.diff(starts, append=len(places))[inside].sum()/beats[visited[inside]].sum()


def share_played(
    places, # (T,) number of the chord of the chart; −1 outside
    n:int, # chords of the chart
    seconds:float, # of the recording
)->float: # of the chart's chords; of as many as it has seconds, if these are fewer
    "Find how much of a chart is played at all"
    return min(1, len({*places[places >= 0].tolist()})/min(n, max(seconds/SHORTEST, 1)))


# log-odds that a song follows a chart, by the sum of fit and order, the lead of its key, and the share that is played;
# and a constant (experiments/measure/right_charts.py)
FOLLOWS = 29., 20., 4.6, -1.6
ENOUGH, UNHEARD = 40., 1.   # s of music that tell all of that; log-odds before we hear anything


def belief_in_chart(
    fit_and_order:float, # see `Alignment`
    lead:float, # the same
    played:float, # the same
    seconds:float, # of the recording
)->float: # probability
    "Find how probable it is that a song follows a chart; the shorter the recording, the less it tells"
    *weights, constant = FOLLOWS
    log_odds = constant + np.dot(weights, [fit_and_order, lead, played])
    heard = min(1, seconds/ENOUGH)
    return float(1/(1 + np.exp(-heard*log_odds - (1 - heard)*UNHEARD)))


def agreement(
    log_probs, # (T, V) of a recogniser
    classes, # (n,) of a chart
    places, # (T,) number of the chord of the chart; −1 outside
)->float: # of the frames that are inside
    "Find in which share of the frames the recogniser hears the chord of the chart"
    inside = places >= 0
    return float((log_probs.argmax(1) == classes[places])[inside].mean())


USUAL = 40.  # frames that `usual` counts for beside those that are heard, so that a single wrong chord changes little


def heard_in_song(
    log_probs, # (T, V) of a recogniser
    probs, # (T, L) of the labels of a first alignment
    names, # L labels
    vocab, # `Vocabulary` of V classes
    usual, # (V, V) what each class usually sounds like, see `sounds_like`
)->np.ndarray: # (V, V): the mean of `usual` and of what the recogniser hears in this song, 1 at the most
    "Say what the recogniser makes of each chord, where the first alignment has it"
    weights, by_label = usual.copy(), probs.T @ np.exp(log_probs)
    counts = np.zeros(usual.shape)
    np.add.at(counts, [vocab.index(name) for name in names], by_label)
    for c in np.flatnonzero(counts.any(1)):
        heard = counts[c] + USUAL*usual[c]
        weights[c] = (usual[c] + heard/heard.max())/2
    return weights


OWN_CHANGE = 3.   # nats that a change costs, so that the answer has about as many chords as the song


def own_chart(
    log_probs, # (T, V) of a recogniser
    vocab, # `Vocabulary` of V classes
)->tuple[Chart, np.ndarray, np.ndarray]: # of n chords, how many frames each lasts (n,), their classes (n,)
    "Write a recogniser's own answer as a chart"
    path = viterbi(log_probs, OWN_CHANGE)
    classes = path[np.diff(path, prepend=-1) != 0]
    chart = Chart([Section('', [ChartChord(vocab.label(c)) for c in classes])])
    return chart, np.full(len(classes), len(path)/len(classes)), classes
