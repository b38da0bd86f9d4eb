"A command for many songs continues after a bad one, lists the failures and ends with status 1"
import json
import os
import subprocess
import sys
import numpy as np
import pytest
from audio_files import encoded, triad
from judging import chordkd, is_one_line_error
from label_files import LABS
from chordkd_nb.store import Store

GOOD_SONGS = ['latin\\udce9', 'one', 'two']  # a byte that is not UTF-8 is escaped in the id
BAD_SONGS = ['empty', 'fifo', 'gone', 'lab-latin1', 'lab-nan', 'lab-overlap', 'lab-unknown', 'nan', 'text']


@pytest.fixture(scope='module')
def songs(tmp_path_factory):
    "A folder of three good songs and nine bad ones: five with bad audio, four with bad labels"
    folder = tmp_path_factory.mktemp('songs')
    audio, labels = folder/'audio', folder/'chordlab'
    audio.mkdir()
    labels.mkdir()
    for k, name in enumerate(('one', 'two', 'latin\udce9')):
        (audio/f'{name}.wav').write_bytes(encoded(triad(12+k/100)))
        (labels/f'{name}.lab').write_text('0 12 C\n')
    for name in ('nan', 'latin1', 'unknown', 'overlap'):
        (audio/f'lab-{name}.wav').write_bytes(encoded(triad()))
        (labels/f'lab-{name}.lab').write_bytes(LABS[name][0])
    (audio/'text.mp3').write_text('no audio'*9)
    (audio/'empty.wav').touch()
    (audio/'gone.flac').symlink_to('nowhere')
    (audio/'nan.wav').write_bytes(encoded(np.array([0, np.nan]), subtype='FLOAT'))
    os.mkfifo(audio/'fifo.wav')
    os.mkfifo(labels/'fifo.lab')
    return folder


def test_checking_songs_lists_the_bad_ones(songs, tmp_path):
    result = chordkd('corpus', 'check', songs, '--write-ids', tmp_path/'ids.json')
    assert result.status == 1
    assert sorted(json.loads((tmp_path/'ids.json').read_text())['failed']) == BAD_SONGS
    assert 'failed: ' in result.out


@pytest.fixture(scope='module')
def labelled(songs, tmp_path_factory):
    "The folder of songs, labelled: (result of the command, store)"
    out = tmp_path_factory.mktemp('labelled')/'store'
    options = ['--teacher', 'btc-small', '--workers', 1, '--probs', 'full']
    return chordkd('label', songs, out, *options), out


def test_labelling_stores_the_good_songs_and_lists_each_bad_one_once(labelled):
    result, out = labelled
    assert sorted(Store(out).ids) == GOOD_SONGS
    failures = [line for line in result.err.splitlines() if line.startswith('failed: ')]
    assert sorted(line.split(': ')[1] for line in failures) == BAD_SONGS
    assert result.status == 1


@pytest.mark.parametrize('options, names', [
    ('--set epochs=x', 'epochs'),
    ('--set nothing=1', 'nothing'),
    ('--set lr=NaN', 'lr'),
    ('--set lr=1 lr=2', 'there twice'),
    ('--size num_heads=0', ''),
    ('--size nothing=1', 'nothing'),
    ('--ids none.json:a', 'none.json'),
    ('--arch lstm', 'lstm'),
])
def test_training_refuses_a_wrong_setting_in_one_line(labelled, tmp_path, monkeypatch, options, names):
    monkeypatch.chdir(tmp_path)
    error = chordkd('train', 'supervised', labelled[1], '--out', 'run', *options.split()).error
    assert is_one_line_error(error)
    assert names in error


# ---- in processes of their own

@pytest.fixture
def three_files(tmp_path):
    "A folder with a FIFO, a text and a song"
    folder = tmp_path/'in'
    folder.mkdir()
    os.mkfifo(folder/'fifo.wav')
    (folder/'text.wav').write_text('text'*9)
    (folder/'song.wav').write_bytes(encoded(triad()))
    return folder


def recognize_in_a_process(*args):
    command = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize', *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_process_prints_one_line_of_error(three_files):
    done = recognize_in_a_process(three_files/'text.wav')
    assert done.returncode == 1
    assert done.stdout == ''
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith('chordkd: ')
    assert 'text.wav' in done.stderr


def test_a_process_prints_a_traceback_on_request(three_files):
    assert 'Traceback' in recognize_in_a_process('--debug', three_files/'text.wav').stderr


def test_a_batch_in_worker_processes_continues_after_bad_files(three_files, tmp_path):
    done = recognize_in_a_process(three_files, '--out', tmp_path/'out', '--workers', 2)
    assert done.returncode == 1
    assert 'Traceback' not in done.stderr
    assert '1 of 3 songs recognised, 2 failed' in done.stderr
    assert (tmp_path/'out'/'song.lab').exists()
