"What holds for all scores: windows, the best path, decoded chords"
from itertools import product
import numpy as np, pytest
from hypothesis import given, settings, strategies as st
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import decode, majority, merge_short, viterbi
from chordkd_nb.features import LOG_CQT
from chordkd_nb.sliding_windows import log_softmax, window_logits, window_starts
from harte import check_whole

seeds = st.integers(0, 2**31)


@st.composite
def scores(draw):
    "A few frames and classes of whole-number log-probabilities"
    T, V = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    row = st.lists(st.integers(-40, 0), min_size=V, max_size=V)
    return np.array(draw(st.lists(row, min_size=T, max_size=T)), float)


def random_log_probs(seed, T, V, spread=3.): return log_softmax(np.random.default_rng(seed).normal(size=(T, V))*spread)


@given(st.integers(1, 700), st.integers(1, 120), st.data())
def test_windows_cover_every_frame(n, window, data):
    stride = data.draw(st.integers(1, window))
    starts = window_starts(n, window, stride)
    covered = np.zeros(n+window+stride, int)
    for a in starts: covered[a:a+window] += 1
    assert (covered[:n] >= 1).all()
    assert starts[0] == 0 and starts[-1] < n
    assert (np.diff(starts) == stride).all()


@given(st.integers(1, 300), st.floats(0, .9), st.integers(1, 40), st.integers(1, 9), seeds)
def test_overlapping_windows_add_up_to_what_a_framewise_model_says(n, overlap, window, batch, seed):
    x = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    def framewise(x, mask): return x*2+1
    assert np.allclose(window_logits(framewise, x, window, overlap, batch), 2*x+1, atol=1e-5)


@given(st.integers(1, 300), st.floats(0, .9), st.integers(1, 40), st.integers(1, 9), seeds)
def test_the_size_of_a_batch_changes_nothing(n, overlap, window, batch, seed):
    x = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    def by_place(x, mask): return x + np.where(mask, 1., 0.)[..., None]*np.arange(x.shape[1])[None, :, None]
    one = window_logits(by_place, x, window, overlap, 1)
    assert np.allclose(window_logits(by_place, x, window, overlap, batch), one, atol=1e-4)


@settings(max_examples=200)
@given(scores(), st.integers(0, 30))
def test_viterbi_is_as_good_as_the_best_of_all_paths(log_probs, penalty):
    T, V = log_probs.shape
    def value(path):
        changes = sum(a != b for a,b in zip(path, path[1:]))
        return sum(log_probs[t, c] for t,c in enumerate(path)) - penalty*changes
    best = max(value(path) for path in product(range(V), repeat=T))
    assert value(viterbi(log_probs, penalty).tolist()) == pytest.approx(best)
    assert len(set(viterbi(log_probs, 1e6).tolist())) == 1


@given(st.integers(1, 80), st.integers(2, 20), seeds)
def test_without_a_penalty_every_frame_has_its_best_class(T, V, seed):
    log_probs = random_log_probs(seed, T, V, spread=5.)
    best = log_probs.argmax(1)
    assert np.allclose(np.exp(log_probs).sum(1), 1)
    assert (viterbi(log_probs, 0) == best).all()
    assert (np.diff(viterbi(log_probs, 3)) != 0).sum() <= (np.diff(best) != 0).sum()


@given(st.integers(1, 60), seeds, st.floats(0, 20), st.floats(0, 2), st.integers(0, 5))
def test_decoded_chords_are_whole(T, seed, penalty, shortest, top_k):
    end = T*LOG_CQT.frame_seconds
    a = decode(random_log_probs(seed, T, 170), LOG_CQT, vocabulary(170), penalty, shortest, end, top_k)
    check_whole(a)
    assert a.duration == pytest.approx(end)
    if top_k: assert all(len(p) == top_k and p[0][1] >= p[-1][1] for p in a.alternatives)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(1, 12))
def test_short_runs_join_their_neighbours(y, shortest):
    merged = merge_short(y, shortest)
    changes = np.flatnonzero(np.r_[True, merged[1:] != merged[:-1], True])
    runs = np.diff(changes)
    assert len(merged) == len(y)
    assert len(runs) == 1 or runs.min() >= shortest
    assert set(merged) <= set(y)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 5))
def test_a_vote_elects_a_class_from_its_window(y, half):
    elected = majority(y, 2*half+1)
    assert all(c in y[max(0, i-half):i+half+1] for i,c in enumerate(elected))
