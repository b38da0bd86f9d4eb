"MP3s are read to their end and in any blocks, whatever stands around their frames; nothing here needs ffmpeg"
import io, struct
import numpy as np, pytest, soundfile as sf
from chordkd_nb import audio
from chordkd_nb.audio import AudioError, audio_blocks, load_audio

SR = 44100
SECONDS = 2
LOUD = np.sin(np.arange(SECONDS*SR)*2*np.pi*440/SR)*np.linspace(.1, .9, SECONDS*SR)


def mp3(y=LOUD, sr=SR, **how):
    "The bytes of an MP3"
    out = io.BytesIO()
    with sf.SoundFile(out, 'w', sr, 1, format='MP3', subtype='MPEG_LAYER_III', **how) as f: f.write(y)
    return out.getvalue()


def without_first_frame(data): return data[data.index(b'\xff\xfb', 4):]


def ape_tag(n=100_000):
    "An APEv2 tag with a picture of `n` bytes"
    item = struct.pack('<II', n, 2) + b'Cover Art (Front)\0' + bytes(range(1, 251))*(n//250) + b'x'*(n%250)
    def block(flags): return b'APETAGEX' + struct.pack('<4I', 2000, len(item)+32, 1, flags) + bytes(8)
    return block(0xa0000000) + item + block(0x80000000)


def lyrics(n=90_000):
    body = b'LYRICSBEGIN' + b'LYR%05d' % n + b'la '*(n//3)
    return body + b'%06dLYRICS200' % len(body)


def id3(n=100): return b'ID3\4\0\0' + bytes([n >> shift & 127 for shift in (21, 14, 7, 0)]) + bytes(n)


ID3V1 = b'TAG' + b'a title'.ljust(125, b'\0')
CBR = mp3(bitrate_mode='CONSTANT', compression_level=.5)
VBR = mp3(np.r_[LOUD, np.zeros(2*SR), LOUD], bitrate_mode='VARIABLE')
AROUND = {  # what stands before and behind the frames
    'nothing': (b'', b''),
    'ID3 before': (id3(200_000), b''),
    'two ID3 before': (id3()+id3(), b''),
    'ID3v1': (b'', ID3V1),
    'an APE cover': (b'', ape_tag()),
    'an APE cover and ID3v1': (b'', ape_tag()+ID3V1),
    'a small APE tag before': (ape_tag(500), b''),
    'an APE cover before': (ape_tag(), b''),
    'Lyrics3': (b'', lyrics()+ID3V1),
    'zeros': (b'', bytes(300_000)),
    'zeros before': (bytes(5000), b''),
    'a page of HTML': (b'', b'<p>404</p>'*10_000),
    'ID3 at the end': (b'', id3(100_000)),
}


@pytest.fixture(autouse=True)
def no_ffmpeg(monkeypatch): monkeypatch.setattr(audio.shutil, 'which', lambda name: None)


@pytest.mark.parametrize('around', AROUND)
@pytest.mark.parametrize('frames', ['that state their length', 'of one bit rate'])
def test_what_stands_around_the_frames_does_not_matter(around, frames, capfd):
    before, behind = AROUND[around]
    data = CBR if frames == 'that state their length' else without_first_frame(CBR)
    expected = load_audio(data)
    assert abs(len(expected)/22050 - SECONDS) < .1
    heard = load_audio(before+data+behind)
    np.testing.assert_allclose(heard, expected, atol=1e-4)
    assert capfd.readouterr().err == ''   # libmpg123 prints a line for each kilobyte that it skips


@pytest.mark.parametrize('around', AROUND)
def test_an_mp3_of_changing_bit_rate_that_states_no_length_is_read_to_its_end(around):
    before, behind = AROUND[around]
    y = load_audio(before+without_first_frame(VBR)+behind)
    assert abs(len(y)/22050 - 6) < .1
    assert np.abs(y[-22050:]).max() > .5   # the loud end


def vbri_frame(header, n):
    "The first frame as Fraunhofer's encoder writes it"
    frame = bytes([0xff, header[1] | 1, 0x90 | header[2] & 0xc, header[3]]) + bytes(32)
    return (frame + b'VBRI' + struct.pack('>HHHIIHHHH', 1, 0, 75, 0, n, 0, 1, 2, 1)).ljust(417, b'\0')


def test_the_length_that_fraunhofers_encoder_states_is_not_needed():
    frames = without_first_frame(VBR)
    expected = load_audio(frames)
    np.testing.assert_allclose(load_audio(vbri_frame(frames, 230)+frames), expected, atol=1e-4)


@pytest.mark.parametrize('sr', [48000, 32000, 22050, 16000, 8000])
def test_other_sample_rates_are_known(sr):
    y = mp3(LOUD[:sr], sr, bitrate_mode='VARIABLE')
    expected = load_audio(y)
    np.testing.assert_allclose(load_audio(y+ape_tag()), expected, atol=1e-4)
    assert abs(len(expected)/22050 - 1) < .1


def test_two_mp3s_one_behind_the_other_are_one():
    assert abs(len(load_audio(CBR+id3(5000)+CBR))/22050 - 2*SECONDS) < .2


def test_a_changing_sample_rate_is_not_cut_off_without_a_word():
    with pytest.raises(AudioError, match='mp3 of one sample rate'): load_audio(CBR+mp3(LOUD, 48000))


def test_an_mp3_that_was_cut_is_read_to_where_it_ends():
    half = CBR[:len(CBR)//2]
    for data in (half, half+ape_tag()): assert abs(len(load_audio(data))/22050 - SECONDS/2) < .2


FORMATS = dict(mp3=('MP3', 'MPEG_LAYER_III'), ogg=('OGG', 'VORBIS'), opus=('OGG', 'OPUS'), flac=('FLAC', 'PCM_16'),
               wav=('WAV', 'PCM_16'), adpcm=('WAV', 'IMA_ADPCM'))


@pytest.mark.parametrize('kind', FORMATS)
@pytest.mark.parametrize('seconds', [.3, 1.7])
def test_the_blocks_of_a_file_equal_the_whole(kind, seconds):
    out = io.BytesIO()
    y = .5*np.sin(np.arange(48000*6)*2*np.pi*440/48000)[:, None]*(1, .8)
    sf.write(out, y, 48000, format=FORMATS[kind][0], subtype=FORMATS[kind][1])
    out.seek(0)
    whole, _ = sf.read(out, dtype='float32')
    blocks = list(audio_blocks(out.getvalue(), 48000, seconds))
    assert len(blocks) > 3
    np.testing.assert_allclose(np.concatenate(blocks), whole.mean(1), atol=1e-6)
