"Input that cannot be recognised is one clear error, before any work"
import numpy as np, pytest
from chordkd_nb.recognition import recognize, recognize_features

SOUND = np.sin(np.arange(22050)*.1).astype(np.float32)
BAD_SETTINGS = [
    (dict(colour=1), 'colour'),
    (dict(top_k=-1), 'top_k'),
    (dict(top_k=1.5), 'top_k'),
    (dict(temperature=0), 'positive'),
    (dict(temperature=np.inf), 'positive'),
    (dict(temperature='warm'), 'must be a number'),
    (dict(penalty=True), 'must be a number'),
    (dict(overlap=[.5]), 'must be a number'),
]
BAD_FEATURES = [
    ([], 'at least one block'),
    (np.zeros(144, np.float32), r'shape \(144,\)'),
    (np.zeros((3, 144)).tolist(), 'blocks of such'),
]


@pytest.mark.parametrize(('settings', 'message'), BAD_SETTINGS)
def test_a_bad_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message): recognize(SOUND, orig_sr=22050, **settings)


@pytest.mark.parametrize(('features', 'message'), BAD_FEATURES, ids=['none', 'one frame', 'a list of lists'])
def test_features_of_another_shape_are_refused(features, message):
    with pytest.raises(ValueError, match=message): recognize_features(features)


def test_an_empty_array_is_no_song():
    with pytest.raises(ValueError, match='empty'): recognize(np.zeros(0), orig_sr=22050)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='no such file'): recognize(tmp_path/'nothing.wav')
