"The crema teacher without its package, with other weights, with wrong arguments, and with very short songs"
import importlib.metadata, sys
from types import SimpleNamespace
import numpy as np, pytest
from chordkd_nb.songs import Song
from chordkd_nb.crema import CremaNet, CremaTeacher, crema_weights
from chordkd_nb.features import LOG_CQT
from chordkd_nb.teachers import check_teacher


@pytest.fixture(scope='module')
def teacher(): return CremaTeacher()


def test_a_missing_package_is_named(monkeypatch):
    def absent(name): raise importlib.metadata.PackageNotFoundError(name)
    monkeypatch.setattr(importlib.metadata, 'files', absent)
    with pytest.raises(ImportError, match='pip install --no-deps crema==0.2.0'): crema_weights()


def test_missing_weights_are_named(monkeypatch):
    monkeypatch.setattr(importlib.metadata, 'files', lambda name: None)
    with pytest.raises(FileNotFoundError, match='--force-reinstall'): crema_weights()


def test_other_weights_are_refused(monkeypatch, tmp_path):
    (tmp_path/'model.h5').write_bytes(b'other')
    entry = SimpleNamespace(as_posix=lambda: 'crema/models/chord/model.h5', locate=lambda: tmp_path/'model.h5')
    monkeypatch.setattr(importlib.metadata, 'files', lambda name: [entry])
    with pytest.raises(ValueError, match='not the weights of crema 0.2.0'): crema_weights()


def test_missing_h5py_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'h5py', None)
    with pytest.raises(ImportError, match='h5py'): CremaNet('model.h5')


def test_arguments():
    with pytest.raises(ValueError, match='context_seconds'): CremaTeacher(context_seconds=0)


def test_features_that_cannot_be_converted(teacher):
    song = Song('features', features=np.zeros((9, 144)), contract=LOG_CQT)
    with pytest.raises(ValueError, match='crema-cqt cannot be made'): teacher.log_probs(song)


@pytest.mark.parametrize('n', [1, 700, 2047, 2048, 4096])
def test_very_short_songs(n, teacher):
    song = Song('click', audio=.1*np.ones(n, np.float32), orig_sr=22050)
    assert check_teacher(teacher, song).shape == (1 + n//2048, 170)


def test_digital_silence_is_no_chord(teacher):
    lp = check_teacher(teacher, Song('silence', audio=np.zeros(220500, np.float32), orig_sr=22050))
    assert set(lp.argmax(1)) == {teacher.vocab.N}
