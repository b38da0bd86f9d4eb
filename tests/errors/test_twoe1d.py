"2E1D refuses sizes and features that do not fit"
import pytest, torch
from chordkd_nb.twoe1d import TwoE1D


@pytest.mark.parametrize('sizes, why', [
    (dict(n_group=7), 'n_group 7 does not divide'),
    (dict(t_head=5), 't_head 5'),
    (dict(d_head=0), 'at least 1'),
    (dict(dropout='0.3x'), 'dropout'),
])
def test_sizes_that_do_not_fit(sizes, why):
    with pytest.raises(ValueError) as e: TwoE1D(**sizes)
    assert why in str(e.value)


def test_features_without_a_batch():
    with pytest.raises(ValueError) as e: TwoE1D(t_layer=1)(torch.zeros(108, 144))
    assert '(batch, frames, features)' in str(e.value)
