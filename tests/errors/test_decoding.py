"The decoder names what is wrong with its input"
import numpy as np, pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import decode, majority, merge_short, streaming_viterbi, viterbi
from chordkd_nb.features import LOG_CQT
from chordkd_nb.sliding_windows import log_softmax

V170 = vocabulary(170)
scores = np.random.default_rng(0).normal(0, 2, (40, 170))
song = log_softmax(scores)


@pytest.mark.parametrize('penalty', [-1, np.inf, np.nan])
def test_a_penalty_is_finite_and_not_negative(penalty):
    with pytest.raises(ValueError, match='penalty'): viterbi(song, penalty)


@pytest.mark.parametrize('log_probs, message', [
    (song*np.nan, 'NaN'),
    (np.full((3, 4), -np.inf), 'without'),
    (np.full((3, 4), np.inf), r'\+inf'),
    (song[:0], 'T > 0'),
    (song[0], 'T > 0'),
])
def test_a_path_needs_a_possible_class_in_every_frame(log_probs, message):
    with pytest.raises(ValueError, match=message): viterbi(log_probs, 1)


def test_a_song_without_blocks_has_no_path():
    with pytest.raises(ValueError, match='nothing'): list(streaming_viterbi([], 3))


@pytest.mark.parametrize('k', [0, 4, -1])
def test_a_vote_needs_an_odd_number_of_frames(k):
    with pytest.raises(ValueError, match='odd'): majority(np.array([1, 2]), k)


@pytest.mark.parametrize('chords', [Annotation([(0, 1)], ['C']), np.array([1, 1])])
@pytest.mark.parametrize('min_duration', [-1, np.nan])
def test_a_minimum_duration_is_not_negative(chords, min_duration):
    with pytest.raises(ValueError, match='negative'): merge_short(chords, min_duration)


@pytest.mark.parametrize('indices', [np.zeros(0, int), np.zeros((2, 2), int)])
def test_short_runs_are_merged_in_one_row_of_frames(indices):
    with pytest.raises((ValueError, IndexError)): merge_short(indices, 1)


@pytest.mark.parametrize('log_probs, settings, message', [
    (scores, {}, 'log_softmax'),
    (song.tolist(), {}, r'\(170,\)'),
    (song[:, :25], {}, r'\(T, 170\)'),
    (song, dict(top_k=-1), 'top_k'),
    (song, dict(min_duration=np.nan), 'min_duration'),
    (song, dict(min_duration=-1), 'min_duration'),
])
def test_decode_names_what_it_cannot_use(log_probs, settings, message):
    with pytest.raises(ValueError, match=message): decode(log_probs, LOG_CQT, V170, **settings)


def test_the_number_of_alternatives_is_whole():
    with pytest.raises(TypeError): decode(song, LOG_CQT, V170, top_k=1.5)
