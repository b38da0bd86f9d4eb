"Songs that end the process that works on them, as a fault in compiled code or a lack of memory does"
import os
import subprocess
import sys
import pytest
import soundfile as sf
from judging import chordkd
from chordkd_nb._tones import turnaround
from chordkd_nb.store import Store

pytestmark = pytest.mark.skipif(os.name != 'posix', reason='signals')

CRASH = '''
import os, signal
def crash(song, name):
    if 'two' in str(song): os.kill(os.getpid(), getattr(signal, name))
'''
TEACHER = CRASH + '''
import numpy as np
from chordkd_nb import register_teacher, vocabulary
from chordkd_nb.features import LOG_CQT

class Crashing:
    name, vocab, contract = 'crashing', vocabulary(170), LOG_CQT
    def identity(self): return dict(teacher='crashing')
    def log_probs(self, song):
        crash(song.id, 'SIGKILL')
        return np.full((len(song.features_for(LOG_CQT)), 170), -np.log(170))

register_teacher('crashing', Crashing)
'''
RECOGNISER = CRASH + '''   # without teachers, and so without PyTorch
from chordkd_nb import recognition
recognize = recognition.recognize
def crashing(song, *args, **kwargs):
    crash(song, 'SIGSEGV')
    return recognize(song, *args, **kwargs)
recognition.recognize = crashing
'''


@pytest.fixture
def songs(tmp_path):
    "A folder with three songs; beside it, modules that crash on the second"
    modules = dict(teacher=TEACHER, recogniser=RECOGNISER)
    for name, code in modules.items(): (tmp_path/f'crashing_{name}.py').write_text(code)
    (tmp_path/'songs').mkdir()
    for name in ('one', 'two', 'zzz'): sf.write(tmp_path/'songs'/f'{name}.wav', turnaround()[:22050], 22050)
    return tmp_path/'songs'


def recognize(songs, *args):
    own = ['--import', songs.parent/'crashing_recogniser.py']
    command = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize', *map(str, args), *own]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_labelling_with_one_worker_names_the_song_and_labels_the_others(songs, tmp_path):
    options = ['--teacher', 'crashing', '--workers', 1, '--import', tmp_path/'crashing_teacher.py']
    result = chordkd('label', songs, tmp_path/'store', *options)
    assert result.status == 1
    assert Store(tmp_path/'store').ids == ['one', 'zzz']
    failed, = [line for line in result.err.splitlines() if line.startswith('failed: two')]
    assert 'SIGKILL' in failed
    assert 'memory' in failed


def test_recognising_many_songs_names_the_one_that_crashes_and_writes_the_others(songs, tmp_path):
    done = recognize(songs, songs, '--out', tmp_path/'out')
    assert done.returncode == 1
    assert sorted(p.name for p in (tmp_path/'out').iterdir()) == ['one.lab', 'zzz.lab']
    assert 'two.wav: WorkerDied' in done.stderr
    assert 'SIGSEGV' in done.stderr


def test_a_command_that_crashes_says_where(songs):
    done = recognize(songs, songs/'two.wav')
    assert done.returncode < 0
    assert 'Segmentation fault' in done.stderr
    assert 'in crash' in done.stderr
