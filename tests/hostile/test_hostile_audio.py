"Whatever an audio file holds, the answer is right, or a line names the file and says why"
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
import numpy as np
import pytest
from audio_files import SR, encoded, fails, triad
from judging import chordkd, fault_of_answer, fault_of_error, faults_of_folder
from chordkd_nb.audio import AudioError, load_audio
from chordkd_nb.recognition import recognize


def fault_of_file(path, expected):
    "What is wrong with the chords, or with the error, of a file"
    try: answer = recognize(path)
    except (AudioError, OSError) as error: return fault_of_error(path.name, expected, str(error))
    return fault_of_answer(expected, answer)


def peak_memory(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # MB


def test_every_audio_file_is_recognised_or_named_within_bounded_memory(audio):
    folder, expected = audio
    assert len(expected) >= 200
    before = peak_memory()
    faults = {name: fault_of_file(folder/name, wanted) for name, wanted in expected.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}
    assert peak_memory() - before < 400  # headers that claim 4 GB or ten hours were not believed


def expect_one_answer_per_stem(expected):
    "Of names that differ only by the ending, all but the first are refused: one answer has one name"
    expected, taken = dict(expected), set()
    for name in sorted(expected):
        stem = Path(name).stem
        if stem in taken: expected[name] = fails('already the result of')
        taken.add(stem)
    return expected


def test_a_folder_of_them_is_recognised_to_its_end(audio, tmp_path):
    folder, expected = audio
    some = {name: expected[name] for name in list(expected)[::4]}
    (tmp_path/'some').mkdir()
    for name in some: (tmp_path/'some'/name).symlink_to(folder/name)
    result = chordkd('recognize', tmp_path/'some', '--out', tmp_path/'out', '--workers', 1)
    wanted = expect_one_answer_per_stem(some)
    assert faults_of_folder(wanted, tmp_path/'some', tmp_path/'out', result.err) == {}
    failed = sum(line.startswith('failed: ') for line in result.err.splitlines())
    assert failed >= 10
    assert f'{len(some)-failed} of {len(some)} songs recognised, {failed} failed' in result.err
    assert result.status == 1


@pytest.mark.skipif(not shutil.which('ffmpeg'), reason='needs ffmpeg')
def test_an_mp3_that_does_not_state_its_length_is_read_to_its_end(tmp_path):
    loud = np.random.default_rng(0).normal(0, .2, 10*44100)
    (tmp_path/'loud.wav').write_bytes(encoded(np.r_[loud, np.zeros(5*44100), loud], 44100))
    options = ['-v', 'error', '-i', tmp_path/'loud.wav', '-q:a', '5', '-write_xing', '0']
    subprocess.run(['ffmpeg', *options, tmp_path/'vbr.mp3'], check=True)
    assert len(load_audio(tmp_path/'vbr.mp3'))/SR == pytest.approx(25, abs=.2)


TALKATIVE = f'''#!{sys.executable}
import struct, sys
sys.stderr.write('bad frame\\n'*50000)
sys.stderr.flush()
sys.stdout.buffer.write(struct.pack('>4s5I', b'.snd', 24, 2**32-1, 6, 22050, 1) + bytes(88200))
'''


def test_more_messages_of_ffmpeg_than_a_pipe_holds_do_not_block(tmp_path, monkeypatch):
    ffmpeg = tmp_path/'ffmpeg'
    ffmpeg.write_text(TALKATIVE)
    ffmpeg.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
    (tmp_path/'a.m4a').write_bytes(b'something'*9)
    assert len(load_audio(tmp_path/'a.m4a')) == 22050  # 88,200 bytes of float32


# ---- arrays in the place of files

BAD_ARRAYS = [
    None,
    {},
    5.,
    ['a'],
    [0, 1000],
    [[1., 2.], [3.]],
    np.zeros(9, np.int64),
    np.zeros(9, np.uint16),
    np.zeros(9, bool),
    np.zeros(9, complex),
    np.zeros(0),
    np.zeros((2, 0)),
    np.zeros((2, 2, 2)),
    np.array([0, np.nan]),
    np.array([np.inf]),
    np.array([1e300]),
    np.array([1e20], np.float32),
    np.array([None]),
]


@pytest.mark.parametrize('array', BAD_ARRAYS, ids=lambda array: repr(array)[:30])
def test_an_array_that_is_not_audio_is_refused_in_one_line(array):
    with pytest.raises(AudioError) as error: load_audio(array, orig_sr=SR)
    assert '\n' not in str(error.value)


y = triad()
GOOD_ARRAYS = dict(
    float32=y,
    float64=y.astype(float),
    float16=y.astype(np.float16),
    int8=(y*127).astype(np.int8),
    int16=(y*32767).astype(np.int16),
    int32=(y*2**31).astype(np.int32),
    uint8=(y*127+128).astype(np.uint8),
    channels_first=np.stack([y, y]),
    channels_last=np.stack([y, y], 1),
    backwards=y[::-1],
    list=y.tolist(),
)


@pytest.mark.parametrize('kind', GOOD_ARRAYS)
def test_arrays_of_all_kinds_are_recognised(kind):
    assert recognize(GOOD_ARRAYS[kind], orig_sr=SR).labels == ['C']


@pytest.mark.parametrize('n_samples', [1, 2, 100])
def test_a_few_samples_are_enough_for_an_answer(n_samples):
    assert recognize(y[:n_samples], orig_sr=SR).duration == pytest.approx(n_samples/SR)


@pytest.mark.parametrize('sr', [0, -1, 1, 10**9, float('nan')])
def test_an_impossible_sample_rate_is_refused(sr):
    with pytest.raises(AudioError): load_audio(y, orig_sr=sr)
