"Windows, smoothing and scores name what is wrong with their input"
import numpy as np, pytest, torch
from types import SimpleNamespace
from chordkd_nb.features import LOG_CQT
from chordkd_nb.sliding_windows import smooth, song_logits, window_blocks, window_logits, window_starts

x = np.zeros((300, 6), np.float32)
ckpt = SimpleNamespace(model=torch.nn.Linear(144, 170), mean=-5., std=2., contract=LOG_CQT)


def identity(x, mask): return x


@pytest.mark.parametrize('n_frames, window, stride', [(0, 108, 108), (5, 0, 1), (5, 108, 0), (5, 108, 109)])
def test_a_song_without_frames_and_gaps_between_windows_are_errors(n_frames, window, stride):
    with pytest.raises(ValueError, match='windows'): window_starts(n_frames, window, stride)


@pytest.mark.parametrize('overlap', [1, 1.5, -.1])
def test_an_overlap_is_at_least_0_and_below_1(overlap):
    with pytest.raises(ValueError, match='overlap'): window_logits(identity, x, window=9, overlap=overlap)


@pytest.mark.parametrize('kind, k, message', [
    ('median', 9, "'uniform'"),
    ('uniform', 4, 'odd'),
    ('gaussian', 0, 'odd'),
    ('gaussian', -1, 'odd'),
])
def test_smoothing_needs_a_known_kernel_of_odd_length(kind, k, message):
    with pytest.raises(ValueError, match=message): smooth(np.ones((20, 1)), kind, k)


@pytest.mark.parametrize('forward, features, message', [
    (identity, x[0], r'\(T,F\)'),
    (lambda x, mask: x[:, 0], x, 'expected'),
    (lambda x, mask: x[:, :5], x, 'expected'),
    (lambda x, mask: x*np.nan, x, 'NaN'),
])
def test_features_and_scores_of_the_wrong_shape_and_nan_are_errors(forward, features, message):
    with pytest.raises(ValueError, match=message): window_logits(forward, features)


@pytest.mark.parametrize('shape', [(300, 24), (300,), (1, 300, 144)])
def test_features_of_another_contract_are_errors(shape):
    with pytest.raises(ValueError, match=r'\(T, 144\)'): song_logits(ckpt, np.zeros(shape))


def test_no_blocks_give_no_scores():
    assert list(window_blocks(identity, [])) == []
