"Files and arrays that `load_audio` refuses, and what it says; uploads and pipes that it reads"
import os, shutil, subprocess, threading
import numpy as np, pytest, soundfile as sf
from chordkd_nb.audio import AudioError, audio_blocks, load_audio

SR = 44100
TONE = np.sin(np.arange(SR)*2*np.pi*440/SR).astype(np.float32)/2


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('audio')
    for ext in ('wav', 'flac', 'ogg', 'mp3'): sf.write(folder/f'a.{ext}', np.c_[TONE, TONE], SR)
    (folder/'empty.wav').write_bytes(b'')
    (folder/'text.wav').write_text('this is not audio')
    return folder


def test_a_missing_file_is_named(folder):
    with pytest.raises(FileNotFoundError, match='nothing.wav: no such file'): load_audio(folder/'nothing.wav')


@pytest.mark.parametrize('name,message', [
    ('empty.wav', 'empty.wav: the file is empty'),
    ('text.wav', 'text.wav: '),
    ('', 'not a file'),
])
def test_a_file_without_audio_is_named(folder, name, message):
    with pytest.raises(AudioError, match=message): load_audio(folder/name)


def test_bytes_without_audio_are_called_so():
    with pytest.raises(AudioError, match='The bytes of a file: '): load_audio(b'not audio')


def test_a_file_opened_as_text_is_refused(folder):
    with open(folder/'text.wav') as f, pytest.raises(AudioError, match='open\\(path'): load_audio(f)


def test_a_file_that_has_been_read_is_to_be_rewound(folder):
    with open(folder/'a.wav', 'rb') as f:
        f.seek(0, 2)
        with pytest.raises(AudioError, match='seek\\(0\\)'): load_audio(f)


@pytest.mark.parametrize('array,message', [
    (np.array([0., np.nan]), 'NaN'),
    (np.zeros(0), 'empty'),
    ([0, 1000, -1000], 'int64'),
])
def test_an_array_that_is_not_audio_is_refused(array, message):
    with pytest.raises(AudioError, match=message): load_audio(array)


@pytest.mark.parametrize('ext', ['wav', 'flac', 'ogg', 'mp3'])
def test_an_upload_is_read_like_a_file(folder, ext):
    path = folder/f'a.{ext}'
    x, data = load_audio(path), path.read_bytes()
    with open(path, 'rb') as f: np.testing.assert_allclose(load_audio(f), x, atol=1e-3)
    for held in (data, bytearray(data), memoryview(data)): assert np.array_equal(load_audio(held), x)


def test_a_pipe_that_cannot_be_rewound_is_read(folder):
    r, w = os.pipe()
    def write():
        os.write(w, (folder/'a.wav').read_bytes()[:60000])
        os.close(w)
    feed = threading.Thread(target=write)
    feed.start()
    with os.fdopen(r, 'rb') as f: assert len(load_audio(f)) > 7000
    feed.join()


def test_streaming_a_wav_does_not_change_a_sample(folder):
    blocks = list(audio_blocks(folder/'a.wav', seconds=.04))
    assert len(blocks) > 20
    np.testing.assert_allclose(np.concatenate(blocks), load_audio(folder/'a.wav'), atol=1e-6)


@pytest.mark.skipif(shutil.which('ffmpeg') is not None, reason='ffmpeg is installed')
def test_without_ffmpeg_the_message_says_so(folder):
    with pytest.raises(AudioError, match='ffmpeg'): load_audio(folder/'text.wav')


@pytest.mark.skipif(shutil.which('ffmpeg') is None, reason='needs ffmpeg')
def test_m4a_is_read_by_ffmpeg(folder):
    subprocess.run(['ffmpeg', '-v', 'error', '-y', '-i', folder/'a.wav', folder/'a.m4a'], check=True)
    assert abs(len(load_audio(folder/'a.m4a')) - len(load_audio(folder/'a.wav'))) < 2048
