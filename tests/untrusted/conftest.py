"A good checkpoint and a second of sound, which several of these tests use"
import numpy as np
import pytest
import soundfile as sf
import torch
from chordkd_nb.btc import BTC
from chordkd_nb.checkpoints import Checkpoint, save_checkpoint
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT

SMALL = dict(
    hidden_size=16, num_layers=1, num_heads=2, total_key_depth=16, total_value_depth=16, filter_size=16)


@pytest.fixture(scope='session')
def small(): return SMALL


@pytest.fixture(scope='session')
def checkpoint_folder(tmp_path_factory):
    "The folder of a good checkpoint"
    torch.manual_seed(0)
    torch.set_num_threads(1)
    checkpoint = Checkpoint(BTC(**SMALL).eval(), 'btc', vocabulary(170), LOG_CQT, -3., 2., 'CC0-1.0')
    return save_checkpoint(checkpoint, tmp_path_factory.mktemp('good')/'checkpoint')


@pytest.fixture(scope='session')
def song(tmp_path_factory):
    "An audio file of one second"
    path = tmp_path_factory.mktemp('song')/'a.wav'
    sf.write(path, .1*np.sin(np.arange(22050)/20), 22050)
    return path
