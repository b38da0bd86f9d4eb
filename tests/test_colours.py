"The random colours of training windows: `equaliser` and `noise` of a recipe"
import numpy as np
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.batches import Windows
from chordkd_nb.features import LOG_CQT
from chordkd_nb.recipes import recipe
from chordkd_nb.songs import Song
from chordkd_nb.store import build_store


@pytest.fixture(scope='module')
def store(tmp_path_factory):
    features = np.random.default_rng(0).normal(-5, 2, (216, 144)).astype(np.float32)
    song = Song('a', features=features, contract=LOG_CQT, annotation=Annotation([(0, 20)], ['C']))
    return build_store([song], tmp_path_factory.mktemp('colours')/'store', progress=False)


def features(store, train=True, epoch=0, **changes):
    "All windows of the song, in their own key and place"
    r = recipe('laptop', 'supervised', shifts=None, jitter=0, **changes)
    windows = Windows(store, ['a'], r, 0., 1., train=train)
    windows.epoch = epoch
    return windows.__getitems__([0, 1])['x'].numpy()


@pytest.mark.parametrize('change', [dict(equaliser=6), dict(noise=10)])
def test_training_windows_have_another_colour_in_each_epoch(store, change):
    plain, coloured = features(store), features(store, **change)
    assert abs(plain - coloured).mean() > .05
    assert abs(features(store, epoch=1, **change) - coloured).mean() > .05
    assert np.array_equal(features(store, **change), coloured)


def test_validation_is_not_coloured(store):
    assert np.array_equal(features(store, train=False, equaliser=6, noise=10), features(store, train=False))


def test_an_equaliser_changes_all_frames_alike(store):
    change = features(store, equaliser=6)[0] - features(store)[0]
    assert change.std(0).mean() < .01 and change.mean(0).std() > .2


def test_noise_raises_soft_bins_most(store):
    plain, noisy = features(store)[0], features(store, noise=0)[0]
    raised = noisy - plain
    assert raised.min() > -1e-2
    assert raised[plain < -8].mean() > 2*raised[plain > -3].mean()
