"Songs that end the process that works on them, as a fault in compiled code or a lack of memory does"
import os
import subprocess
import sys
import pytest
import soundfile as sf
from chordkd_nb._tones import turnaround
from chordkd_nb.store import Store

pytestmark = pytest.mark.skipif(os.name != 'posix', reason='signals')

CRASHING = '''
import os, signal
import numpy as np
from chordkd_nb import recognition, register_teacher, vocabulary
from chordkd_nb.features import LOG_CQT

def crash(song, name):
    if 'two' in str(song): os.kill(os.getpid(), getattr(signal, name))

class Crashing:
    name, vocab, contract = 'crashing', vocabulary(170), LOG_CQT
    def identity(self): return dict(teacher='crashing')
    def log_probs(self, song):
        crash(song.id, 'SIGKILL')
        return np.full((len(song.features_for(LOG_CQT)), 170), -np.log(170))

register_teacher('crashing', Crashing)
recognize = recognition.recognize
def crashing(song, *args, **kwargs):
    crash(song, 'SIGSEGV')
    return recognize(song, *args, **kwargs)
recognition.recognize = crashing
'''


@pytest.fixture
def songs(tmp_path):
    "A folder with three songs; beside it, a module that crashes on the second"
    (tmp_path/'crashing.py').write_text(CRASHING)
    (tmp_path/'songs').mkdir()
    for name in ('one', 'two', 'zzz'): sf.write(tmp_path/'songs'/f'{name}.wav', turnaround()[:22050], 22050)
    return tmp_path/'songs'


def chordkd(songs, *args):
    command = [sys.executable, '-m', 'chordkd_nb.cli', *map(str, args), '--import', songs.parent/'crashing.py']
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_labelling_with_one_worker_names_the_song_and_labels_the_others(songs, tmp_path):
    done = chordkd(songs, 'label', songs, tmp_path/'store', '--teacher', 'crashing', '--workers', 1)
    assert done.returncode == 1
    assert Store(tmp_path/'store').ids == ['one', 'zzz']
    failed, = [line for line in done.stderr.splitlines() if line.startswith('failed: two')]
    assert 'SIGKILL' in failed
    assert 'memory' in failed


def test_recognising_many_songs_names_the_one_that_crashes_and_writes_the_others(songs, tmp_path):
    done = chordkd(songs, 'recognize', songs, '--out', tmp_path/'out')
    assert done.returncode == 1
    assert sorted(p.name for p in (tmp_path/'out').iterdir()) == ['one.lab', 'zzz.lab']
    assert 'two.wav: WorkerDied' in done.stderr
    assert 'SIGSEGV' in done.stderr


def test_a_command_that_crashes_says_where(songs):
    done = chordkd(songs, 'recognize', songs/'two.wav')
    assert done.returncode < 0
    assert 'Segmentation fault' in done.stderr
    assert 'in crash' in done.stderr
