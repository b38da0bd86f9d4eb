"Files and arrays that `load_audio` refuses, and what it says; uploads and pipes that it reads"
import os, shutil, subprocess, sys, threading
from types import SimpleNamespace
import numpy as np, pytest, soundfile as sf
from chordkd_nb.audio import AudioError, audio_blocks, load_audio, title_of

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
    with pytest.raises(AudioError, match=message): load_audio(array, orig_sr=SR)


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


# ---- what ffmpeg reads, and why it cannot

def fake_ffmpeg(folder, monkeypatch, said):
    "A program `ffmpeg` that fails with a message"
    path = folder/'ffmpeg'
    path.write_text(f'#!{sys.executable}\nimport sys\nsys.exit({said!r})\n')
    path.chmod(0o755)
    monkeypatch.setenv('PATH', str(folder), prepend=os.pathsep)


NO_SOUND = '''Stream map '0:a:0' matches no streams.
To ignore this, add a trailing '?' to the map.
Error opening output files: Invalid argument'''
CUT_OFF = '''[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5e] moov atom not found
file:a.m4a: Invalid data found when processing input'''


@pytest.mark.parametrize('said, message', [
    (NO_SOUND, r'a\.m4a: there is no sound in it\.'),
    (CUT_OFF, r'a\.m4a: the file is cut off, or not audio; copy or download it again\.'),
    ('file:a.m4a: Invalid data found when processing input', r'it is damaged, or not audio'),
    ('Something new.', r'ffmpeg could not decode it \(Something new\)'),
    ('', 'no message'),
])
def test_what_ffmpeg_says_is_put_into_plain_words(tmp_path, monkeypatch, said, message):
    fake_ffmpeg(tmp_path, monkeypatch, said)
    (tmp_path/'a.m4a').write_bytes(b'something')
    with pytest.raises(AudioError, match=message) as e: load_audio(tmp_path/'a.m4a')
    assert '\n' not in str(e.value)


FFMPEG = pytest.mark.skipif(shutil.which('ffmpeg') is None, reason='needs ffmpeg')


def by_ffmpeg(*options): subprocess.run(['ffmpeg', '-v', 'error', '-y', *map(str, options)], check=True)


@FFMPEG
def test_a_video_is_read_and_one_without_sound_says_so(folder):
    picture = '-f', 'lavfi', '-i', 'testsrc=duration=1:size=64x64'
    for ending in ('mp4', 'mkv', 'webm'):
        by_ffmpeg(*picture, '-i', folder/'a.wav', folder/f'video.{ending}')
        assert abs(len(load_audio(folder/f'video.{ending}'))/22050 - 1) < .1
        by_ffmpeg(*picture, folder/f'silent.{ending}')
        with pytest.raises(AudioError, match='there is no sound in it'): load_audio(folder/f'silent.{ending}')


@FFMPEG
def test_a_cut_m4a_says_so(folder):
    by_ffmpeg('-i', folder/'a.wav', folder/'whole.m4a')
    (folder/'cut.m4a').write_bytes((folder/'whole.m4a').read_bytes()[:3000])
    with pytest.raises(AudioError, match='cut off'): load_audio(folder/'cut.m4a')


@FFMPEG
def test_several_channels_at_any_rate_are_read_by_ffmpeg(folder):
    y = np.stack([TONE, 0*TONE, TONE, TONE, 0*TONE, TONE], 1)
    for rate in (8000, 44100, 96000):
        sf.write(folder/'six.wav', y, rate)
        by_ffmpeg('-i', folder/'six.wav', '-c:a', 'alac', folder/'six.m4a')
        np.testing.assert_allclose(load_audio(folder/'six.m4a'), load_audio(folder/'six.wav'), atol=1e-4)


# ---- titles

def id3(version, encoding, title):
    "An ID3 tag with a title behind a picture"
    def frame(name, content):
        size = len(content)
        if version == 2: return {'TIT2': b'TT2', 'APIC': b'PIC'}[name] + size.to_bytes(3, 'big') + content
        parts = [size >> shift & 127 for shift in (21, 14, 7, 0)] if version == 4 else size.to_bytes(4, 'big')
        return name.encode() + bytes(parts) + b'\0\0' + content
    codec = ('latin-1', 'utf-16', 'utf-16-be', 'utf-8')[encoding]
    body = frame('APIC', bytes(70_000)) + frame('TIT2', bytes([encoding]) + title.encode(codec)) + bytes(500)
    return b'ID3' + bytes([version, 0, 0]) + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


@pytest.mark.parametrize('version, encoding', [(2, 0), (3, 0), (3, 1), (4, 1), (4, 2), (4, 3)])
def test_a_title_is_read_from_an_id3_tag(folder, version, encoding):
    (folder/'titled.mp3').write_bytes(id3(version, encoding, 'Größe\0other') + (folder/'a.mp3').read_bytes())
    assert title_of(folder/'titled.mp3') == 'Größe'


@pytest.mark.parametrize('kind', ['FLAC', 'OGG', 'WAV', 'AIFF'])
def test_a_title_is_read_from_other_tags(folder, kind):
    with sf.SoundFile(folder/'titled', 'w', SR, 1, format=kind) as f:
        f.title = 'Größe'
        f.write(TONE)
    assert title_of(folder/'titled') == 'Größe'


def test_a_title_is_read_from_an_mp4_file(folder):
    def atom(name, content): return (8+len(content)).to_bytes(4, 'big') + name + content
    tag = atom(b'data', b'\0\0\0\1\0\0\0\0' + 'Größe'.encode())
    for name in (b'\xa9nam', b'ilst'): tag = atom(name, tag)
    tag = atom(b'meta', bytes(4) + tag)
    for name in (b'udta', b'moov'): tag = atom(name, tag)
    (folder/'titled.m4a').write_bytes(atom(b'ftyp', b'M4A ' + bytes(16)) + tag)
    assert title_of(folder/'titled.m4a') == 'Größe'


def test_a_title_is_one_line_that_can_be_printed(folder):
    (folder/'titled.mp3').write_bytes(id3(4, 3, ' a\n\x1b[31m  title ') + (folder/'a.mp3').read_bytes())
    assert title_of(folder/'titled.mp3') == 'a [31m title'


@pytest.mark.parametrize('data', [b'ID3', b'ID3\4\0\0\0\0\0\x7f', b'ID3\3\0\x40\0\0\0\x7f\xff\xff\xff\xffTIT2', b'x',
                                  b'ID3\4\0\0\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f\0\0', bytes(30)])
def test_a_file_without_a_title_or_with_a_broken_tag_has_none(folder, data):
    (folder/'untitled').write_bytes(data)
    assert title_of(folder/'untitled') == ''


@pytest.mark.parametrize('ending', ['wav', 'flac', 'ogg', 'mp3'])
def test_files_are_read_the_same_where_libraries_know_no_descriptors(folder, ending, monkeypatch):
    here = load_audio(folder/f'a.{ending}')
    monkeypatch.setattr('chordkd_nb.audio.os', SimpleNamespace(**vars(os) | dict(name='nt')))
    assert np.array_equal(load_audio(folder/f'a.{ending}'), here)
