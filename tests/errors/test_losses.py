"Arguments of the losses that would silently give a wrong number"
import pytest, torch
from chordkd_nb.losses import combined_loss, cross_entropy, focal, kd_loss, selective_kd_loss, selective_weight

y = torch.zeros(2, 5, dtype=torch.long)
z = torch.zeros(2, 5, 25)
confidence = torch.linspace(0, 1, 9)


@pytest.mark.parametrize('call, says', [
    (lambda: cross_entropy(z, y, torch.ones(2, 4, dtype=torch.bool)), r'mask has shape \(2, 4\)'),
    (lambda: cross_entropy(z, y[:, :4]), r'y has shape \(2, 4\)'),
    (lambda: cross_entropy(z, y + 25), 'another vocabulary'),
    (lambda: focal(z, y, gamma=-1), 'gamma'),
    (lambda: kd_loss(z, z[..., :24]), 'vocabulary'),
    (lambda: kd_loss(z, z, T=0), 'T is 0'),
    (lambda: selective_weight(confidence, low=.9, high=.1), 'low <= high'),
    (lambda: selective_weight(confidence, slope=2), 'slope'),
    (lambda: selective_kd_loss(z, z, average='mean'), "'frames' or 'weights'"),
    (lambda: selective_kd_loss(z, z, confidence_temperature=0), 'confidence_temperature'),
    (lambda: combined_loss(z.sum(), z.sum(), 1.5), 'alpha')])
def test_a_wrong_argument_is_refused(call, says):
    with pytest.raises(ValueError, match=says): call()
