"Sizes and batches that no network can take are refused with a clear error"
import pytest, torch
from chordkd_nb.layers import check_batch, check_sizes

X = torch.zeros(2, 5, 3)


@pytest.mark.parametrize('sizes, why', [
    (dict(n=0), 'n must be an integer and at least 1, not 0'),
    (dict(n=2.), 'integer'),
    (dict(n='2'), 'integer'),
    (dict(n=None), 'integer'),
    (dict(n=True), 'True'),
    (dict(dropout=1.), 'below 1'),
    (dict(dropout=-.1), 'at least 0'),
    (dict(dropout=float('nan')), 'nan'),
    (dict(dropout='0.3'), "dropout must be a number, at least 0 and below 1, not '0.3'"),
    (dict(dropout=False), 'False'),
])
def test_sizes_out_of_range(sizes, why):
    with pytest.raises(ValueError) as e: check_sizes(**sizes)
    assert why in str(e.value)


@pytest.mark.parametrize('args, why', [
    ((X[0], 3), 'shape (5, 3)'),
    ((X, 4), 'made for 4'),
    ((X[:, :0], 3), 'no frames'),
    ((X.long(), 3), 'int64'),
    ((X.numpy(), 3), 'ndarray'),
    ((X, 3, torch.ones(2, 5)), 'float32'),
    ((X, 3, torch.ones(5, dtype=torch.bool)), 'shape (5,)'),
])
def test_batches_of_another_kind(args, why):
    with pytest.raises(ValueError) as e: check_batch(*args)
    assert why in str(e.value)
