"Contracts and calls that `features` refuses, and what it says"
from dataclasses import replace
import numpy as np, pytest
from chordkd_nb.features import LOG_CQT, NNLS24, FeatureContract, audio_features, log_cqt

GOOD = LOG_CQT.to_dict()


@pytest.mark.parametrize('d,message', [
    ({'name': 'x'}, 'Not a feature contract'),
    (None, 'Not a feature contract'),
    (GOOD | {'colour': 1}, 'colour'),
    (GOOD | {'hop': 0}, 'hop cannot be 0'),
    (GOOD | {'hop': -1}, 'hop cannot be -1'),
    (GOOD | {'hop': 2048.}, 'hop must be of type int'),
    (GOOD | {'hop': True}, 'hop must be of type int'),
    (GOOD | {'fmin': float('nan')}, 'fmin cannot be nan'),
    (GOOD | {'pad_mode': 'wrap'}, "pad_mode cannot be 'wrap'"),
    (GOOD | {'name': 3}, 'name must be of type str'),
    (GOOD | {'sr': 2**31}, 'sr cannot be'),
])
def test_a_dictionary_that_is_no_contract_is_refused(d, message):
    with pytest.raises(ValueError) as e: FeatureContract.from_dict(d)
    assert message in str(e.value)


@pytest.mark.parametrize('d', [GOOD, GOOD | {'fmin': 33}, {k: v for k,v in GOOD.items() if k != 'chunk'}])
def test_a_contract_may_leave_optional_fields_out_and_hold_integers_for_floats(d):
    assert FeatureContract.from_dict(d).to_dict() == GOOD | d


@pytest.mark.parametrize('compute', [log_cqt, audio_features])
def test_chroma_is_not_computed_from_audio(compute):
    with pytest.raises(ValueError, match='not computed from audio'): compute(np.zeros(100), NNLS24)


def test_a_hop_must_be_halved_for_each_octave():
    with pytest.raises(ValueError, match='hop that can be halved'): log_cqt(np.zeros(100), replace(LOG_CQT, hop=1000))


@pytest.mark.parametrize('cents', [440, '12', float('nan')])
def test_tuning_is_in_cents(cents):
    with pytest.raises(ValueError, match='cents'): LOG_CQT.tuned(cents)
