"Strategies that draw labels of the whole Harte grammar, and annotations made of them"
import numpy as np
from hypothesis import strategies as st
from chordkd_nb.annotation import Annotation

SHORTHANDS = ('maj min dim aug 1 5 sus2 sus4 maj6 min6 7 maj7 min7 dim7 hdim7 minmaj7 aug7 9 maj9 min9 11 maj11 min11 '
              '13 maj13 min13').split()


def joined(*parts): return st.tuples(*parts).map(''.join)


accidentals = st.one_of(
    st.just(''),
    st.integers(1, 3).map(lambda n: 'b'*n),
    st.integers(1, 3).map(lambda n: '#'*n))
degree = joined(accidentals, st.integers(1, 13).map(str))
degrees = st.lists(joined(st.sampled_from(['', '*']), degree), min_size=1, max_size=4).map(lambda d: f'({",".join(d)})')
quality = st.one_of(
    st.just(''),
    st.sampled_from(SHORTHANDS).map(lambda q: f':{q}'),
    joined(st.just(':'), st.sampled_from(['', *SHORTHANDS]), degrees))
bass = st.one_of(st.just(''), degree.map(lambda d: f'/{d}'))
chord = joined(st.sampled_from('ABCDEFG'), accidentals, quality, bass)
label = st.one_of(st.sampled_from(['N', 'X']), chord)


@st.composite
def annotations(draw, labels=label, with_confidence=st.booleans()):
    "Gap-free annotations, some with confidence and alternatives; times in milliseconds"
    probability = st.floats(0, 1)
    lengths = draw(st.lists(st.integers(2, 5000), min_size=1, max_size=12))
    n, times = len(lengths), np.r_[0, np.cumsum(lengths)]/1000
    names = draw(st.lists(labels, min_size=n, max_size=n))
    confidence, alternatives = None, None
    if draw(with_confidence):
        confidence = draw(st.lists(probability, min_size=n, max_size=n))
        if draw(st.booleans()):
            several = st.lists(st.tuples(labels, probability), max_size=3)
            alternatives = draw(st.lists(several, min_size=n, max_size=n))
    return Annotation(np.c_[times[:-1], times[1:]], names, confidence, alternatives=alternatives)


def check_whole(a, like=None):
    "Assert that an annotation is sorted and gap-free from 0, and as long as another"
    intervals = a.intervals
    assert len(intervals) == len(a.labels)
    assert intervals[0, 0] == 0
    assert (intervals[1:, 0] == intervals[:-1, 1]).all()
    assert (intervals[:, 1] > intervals[:, 0]).all()
    if like is not None: assert abs(a.duration-like.duration) <= 1e-6*max(1, like.duration)
    if a.confidence is not None: assert ((a.confidence >= 0) & (a.confidence <= 1)).all()
