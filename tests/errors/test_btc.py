"BTC refuses sizes and features that do not fit"
import pytest, torch
from chordkd_nb.btc import BTC


@pytest.mark.parametrize('sizes, why', [
    (dict(num_heads=5), 'total_key_depth 128 must be a multiple of num_heads 5'),
    (dict(total_value_depth=130), 'total_value_depth 130'),
    (dict(hidden_size=0), 'hidden_size'),
    (dict(relu_dropout=-.1), 'relu_dropout'),
])
def test_sizes_that_do_not_fit(sizes, why):
    with pytest.raises(ValueError) as e: BTC(**sizes)
    assert why in str(e.value)


def test_features_of_another_contract():
    with pytest.raises(ValueError, match='made for 144'): BTC(num_layers=1)(torch.zeros(2, 108, 100))
