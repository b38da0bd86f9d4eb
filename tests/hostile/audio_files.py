"""Audio files that are broken, odd or misleading, and what must come of each of them

Each function returns `{file name: (bytes, Expected)}`; `write_audio_files` writes them all into a folder."""
import io
import shutil
import struct
from pathlib import Path
from typing import NamedTuple
import numpy as np
import soundfile as sf

SR = 22050
FULL = 1.5  # s, length of most files

NO_FFMPEG = None if shutil.which('ffmpeg') else 'and ffmpeg, which might, is not installed'
UNDECODABLE = 'ffmpeg could not decode it|cannot be decoded|no audio in it|no sound in it|is cut off'
if NO_FFMPEG: UNDECODABLE += f'|{NO_FFMPEG}'


class Expected(NamedTuple):
    "What must come of a file: an answer that lasts `low` to `high` seconds, or an error"
    low: float | None = None   # s; None: no answer is right
    high: float | None = None  # s
    chord: str | None = None   # the only chord in an answer of a second or more; None: any chords
    error: str | None = None   # regular expression that the error matches; None: no error is right


def lasts(seconds, chord='C'): return Expected(seconds-.02, seconds+.02, chord)
def between(low, high, chord=None, error=None): return Expected(low, high, chord, error)
def fails(error): return Expected(error=error)


# ---- sound, and files of it

def triad(seconds=FULL, sr=SR, level=.2):
    "A C major triad with overtones: (seconds*sr,) float32"
    t = np.arange(round(seconds*sr))/sr
    tones = (np.sin(2*np.pi*f*k*t)/k**1.5 for f in (130.81, 261.63, 329.63, 392.) for k in range(1, 9))
    return (level*sum(tones)/2).astype(np.float32)


def encoded(y, sr=SR, format='WAV', subtype='PCM_16'):
    "The bytes of an audio file"
    out = io.BytesIO()
    sf.write(out, y, sr, format=format, subtype=subtype)
    return out.getvalue()


def wav(data, channels=1, rate=SR, bits=16, code=1, riff_size=None, data_size=None):
    "A WAV file whose header claims whatever is asked"
    riff_size = 36+len(data) if riff_size is None else riff_size
    data_size = len(data) if data_size is None else data_size
    bytes_per_second, bytes_per_frame = rate*channels*bits//8 & 0xffffffff, channels*bits//8 & 0xffff
    sound = struct.pack('<IHHIIHH', 16, code, channels, rate, bytes_per_second, bytes_per_frame, bits)
    riff_size, data_size = struct.pack('<I', riff_size), struct.pack('<I', data_size)
    return b'RIFF' + riff_size + b'WAVEfmt ' + sound + b'data' + data_size + data


# ---- all formats that libsndfile writes: whole, cut, damaged

FORMATS = dict(
    wav=('WAV', 'PCM_16'),
    wavex=('WAVEX', 'PCM_16'),
    flac=('FLAC', 'PCM_16'),
    ogg=('OGG', 'VORBIS'),
    opus=('OGG', 'OPUS'),
    mp3=('MP3', 'MPEG_LAYER_III'),
    aiff=('AIFF', 'PCM_16'),
    au=('AU', 'PCM_16'),
    caf=('CAF', 'PCM_16'),
    w64=('W64', 'PCM_16'),
    rf64=('RF64', 'PCM_16'),
    nist=('NIST', 'PCM_16'),
    voc=('VOC', 'PCM_16'),
    ircam=('IRCAM', 'PCM_16'),
    paf=('PAF', 'PCM_16'),
    svx=('SVX', 'PCM_16'),
    avr=('AVR', 'PCM_16'),
    mat5=('MAT5', 'PCM_16'),
    pvf=('PVF', 'PCM_16'),
    htk=('HTK', 'PCM_16'),
)

HALF_OF_SAMPLES = between(FULL/2-.1, FULL/2+.01, error=NO_FFMPEG)
PART_OF_A_STREAM = between(.2, 1.3, error=UNDECODABLE)
CUT = dict(  # the share of the file that is kept, and what must come of it
    wav=(1/2, HALF_OF_SAMPLES),
    wavex=(1/2, HALF_OF_SAMPLES),
    aiff=(1/2, HALF_OF_SAMPLES),
    au=(1/2, HALF_OF_SAMPLES),
    w64=(1/2, HALF_OF_SAMPLES),
    rf64=(1/2, HALF_OF_SAMPLES),
    caf=(1/2, HALF_OF_SAMPLES),
    flac=(1/2, fails(UNDECODABLE)),
    ogg=(3/4, PART_OF_A_STREAM),
    opus=(3/4, PART_OF_A_STREAM),
    mp3=(3/4, PART_OF_A_STREAM),
)

NEARLY_ALL = between(FULL-.2, FULL+.01)
SOME_OF_IT = between(.2, FULL+.01, error=UNDECODABLE)
WITHOUT_LAST_BYTE = dict(
    wav=NEARLY_ALL,
    flac=SOME_OF_IT,
    ogg=SOME_OF_IT,
    mp3=NEARLY_ALL,
    aiff=NEARLY_ALL,
    caf=NEARLY_ALL,
    w64=NEARLY_ALL,
)


def encode_as(kind):
    "The triad in a format of the table; Opus has no 22,050 Hz"
    sr = 24000 if kind == 'opus' else SR
    return encoded(triad(sr=sr), sr, *FORMATS[kind])


def whole_files(kind, data):
    "The format under two names: the content decides"
    return {f'format-{kind}.wav': (data, lasts(FULL)), f'format-{kind}.mp3': (data, lasts(FULL))}


def cut_files(kind, data):
    "The format cut off early, in the middle and before the last byte"
    files = {f'head-{kind}.wav': (data[:20], between(0, .01) if kind == 'pvf' else fails(UNDECODABLE))}
    if kind in CUT:
        share, expected = CUT[kind]
        files[f'half-{kind}.wav'] = (data[:int(len(data)*share)], expected)
    if kind in WITHOUT_LAST_BYTE: files[f'most-{kind}.wav'] = (data[:-1], WITHOUT_LAST_BYTE[kind])
    return files


def damaged_files(kind, data, rng):
    "Random bytes, zeros, and the format with forty flipped bytes"
    junk = rng.bytes(len(data))
    flipped = bytearray(data)
    for position in rng.integers(200, len(data), 40): flipped[position] ^= 255
    return {
        f'junk-{kind}.wav': (junk, fails(UNDECODABLE)),
        f'zeros-{kind}.{kind}': (bytes(len(data)), fails(UNDECODABLE)),
        f'flipped-{kind}.wav': (bytes(flipped), between(0, FULL*1.3, error=UNDECODABLE+'|holds')),
    }


def files_of_all_formats(rng):
    "Each format, whole, cut and damaged"
    files = {}
    for kind in FORMATS:
        data = encode_as(kind)
        files |= whole_files(kind, data) | cut_files(kind, data)
        if kind in WITHOUT_LAST_BYTE: files |= damaged_files(kind, data, rng)
    return files


# ---- samples of all kinds

SUBTYPES = (
    'PCM_U8', 'PCM_16', 'PCM_24', 'PCM_32', 'FLOAT', 'DOUBLE', 'ULAW', 'ALAW', 'IMA_ADPCM', 'MS_ADPCM')
RATES = (
    4000, 6000, 8000, 11025, 12000, 16000, 22050, 24000,
    32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000)
CHANNELS = (1, 2, 3, 4, 5, 6, 7, 8, 100)
SHORT = (1, 2, 220, 2205, 11025)  # samples


def kinds_of_samples():
    "Sample formats, sample rates, numbers of channels, and very short files"
    y = triad()
    return {
        **{f'sub-{s}.wav': (encoded(y, SR, 'WAV', s), between(FULL-.01, FULL+.1)) for s in SUBTYPES},
        **{f'rate-{sr}.wav': (encoded(triad(FULL, sr), sr), lasts(FULL)) for sr in RATES},
        **{f'channels-{n}.wav': (encoded(np.repeat(y[:, None], n, 1)), lasts(FULL)) for n in CHANNELS},
        **{f'short-{n}.wav': (encoded(y[:n]), lasts(n/SR)) for n in SHORT},
        'one-of-192k.wav': (encoded(y[:1], 192000), between(0, .001, error='not one sample')),
    }


def odd_signals(rng):
    "Silence, noise, offsets and levels far from the usual"
    y = triad()
    noise = rng.normal(0, .1, len(y))
    return {
        'silence.wav': (encoded(0*y), lasts(FULL, 'N')),
        'silence.flac': (encoded(0*y, format='FLAC'), lasts(FULL, 'N')),
        'offset.wav': (encoded(y*.5+.5, subtype='FLOAT'), lasts(FULL)),
        'constant.wav': (encoded(0*y+.7, subtype='FLOAT'), lasts(FULL, chord=None)),
        'clipped.wav': (encoded(np.clip(50*y, -1, 1)), lasts(FULL, chord=None)),
        'loud.wav': (encoded(y*1e4, subtype='FLOAT'), lasts(FULL)),
        'quiet.wav': (encoded(y*.02, subtype='FLOAT'), lasts(FULL)),
        'noise.wav': (encoded(noise), lasts(FULL, chord=None)),
    }


def impossible_samples():
    "One sample in the middle that is not a number, infinite or huge"
    files = {}
    for name, value in {'nan': np.nan, 'inf': np.inf, 'minus-inf': -np.inf, 'huge': 1e30}.items():
        y = triad().astype(float)
        y[len(y)//2] = value
        for subtype in ('FLOAT', 'DOUBLE'):
            expected = fails('NaN or infinite|full scale is 1')
            files[f'{name}-{subtype.lower()}.wav'] = (encoded(y, subtype=subtype), expected)
    return files


# ---- headers that lie: nothing that they claim is believed

def lying_headers():
    "WAV headers with wrong lengths, channels, rates and formats, and a FLAC that claims to last for weeks"
    pcm = (triad()*32767).astype('<i2').tobytes()
    ten_hours = 10*3600*2*SR  # bytes
    return {
        'claims-4GB.wav': (wav(pcm, riff_size=2**32-1, data_size=2**32-1), lasts(FULL)),
        'claims-10h.wav': (wav(pcm, riff_size=36+ten_hours, data_size=ten_hours), lasts(FULL)),
        'claims-half.wav': (wav(pcm, data_size=len(pcm)//2), lasts(FULL/2)),
        'claims-nothing.wav': (wav(pcm, data_size=0), fails('no audio in it')),
        'odd-length.wav': (wav(pcm+b'x'), lasts(FULL)),
        'riff-0.wav': (wav(pcm, riff_size=0), lasts(FULL)),
        'claims-0-channels.wav': (wav(pcm, channels=0), fails(UNDECODABLE)),
        'claims-65535-channels.wav': (wav(pcm, channels=65535), fails(UNDECODABLE)),
        'claims-1024-channels.wav': (wav(pcm, channels=1024), between(0, .01)),
        'claims-1-Hz.wav': (wav(pcm, rate=1), fails('a sample rate of')),
        'claims-10-Hz.wav': (wav(pcm, rate=10), fails('a sample rate of')),
        'claims-999-Hz.wav': (wav(pcm, rate=999), fails('a sample rate of')),
        'claims-1000001-Hz.wav': (wav(pcm, rate=1_000_001), fails('a sample rate of')),
        'claims-10000000-Hz.wav': (wav(pcm, rate=10**7), fails('a sample rate of')),
        'claims-2147483647-Hz.wav': (wav(pcm, rate=2**31-1), fails('a sample rate of')),
        'claims-0-Hz.wav': (wav(pcm, rate=0), fails(UNDECODABLE)),
        'claims-4294967295-Hz.wav': (wav(pcm, rate=2**32-1), fails(UNDECODABLE)),
        'claims-0-bits.wav': (wav(pcm, bits=0), fails(UNDECODABLE)),
        'claims-format-1234.wav': (wav(pcm, code=0x1234), fails(UNDECODABLE)),
        'claims-weeks.flac': (flac_of_weeks(), between(0, FULL+.1, error=UNDECODABLE)),
    }


def flac_of_weeks():
    "A FLAC whose number of samples (36 bits in bytes 21 to 25) is the largest there is"
    data = bytearray(encode_as('flac'))
    data[21] |= 0xf
    data[22:26] = b'\xff'*4
    return bytes(data)


# ---- not audio

PLAYLIST = b'#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n'
MIDI = b'MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0'


def not_audio(rng):
    "Empty files, texts, pictures, playlists and archives with names of audio, and an MP3 amid other bytes"
    files = {}
    for ending in ('wav', 'mp3', 'flac', 'ogg', 'm4a', 'aiff'):
        files[f'empty.{ending}'] = (b'', fails('the file is empty'))
        files[f'text.{ending}'] = (b'this is not audio\n'*50, fails(UNDECODABLE))
        files[f'byte.{ending}'] = (b'\0', fails(UNDECODABLE))
    mp3 = encode_as('mp3')
    return files | {
        'picture.wav': (b'\x89PNG\r\n\x1a\n'+rng.bytes(500), fails(UNDECODABLE)),
        'json.mp3': (b'{"a": [1,2,3]}', fails(UNDECODABLE)),
        'html.mp3': (b'<html><body>404 Not Found</body></html>', fails(UNDECODABLE)),
        'playlist.mp3': (PLAYLIST, fails(UNDECODABLE)),
        'concat.wav': (b"ffconcat version 1.0\nfile '/etc/hostname'\n", fails(UNDECODABLE)),
        'midi.wav': (MIDI, fails(UNDECODABLE)),
        'gzip.flac': (b'\x1f\x8b\x08'+rng.bytes(300), fails(UNDECODABLE)),
        'id3-only.mp3': (b'ID3\x04\0\0\0\0\x02\x01'+bytes(257), fails(UNDECODABLE)),
        'junk-after.mp3': (mp3+rng.bytes(3000), between(FULL-.2, FULL+.1)),
        'zeros-before.mp3': (bytes(600)+mp3, between(FULL-.2, FULL+.3)),
    }


# ---- all of them

def all_audio_files(seed=0):
    "`{file name: (bytes, Expected)}` of every file above"
    rng = np.random.default_rng(seed)
    files = files_of_all_formats(rng) | kinds_of_samples() | odd_signals(rng) | impossible_samples()
    return files | lying_headers() | not_audio(rng)


def write_audio_files(folder):
    "Write every file above into a folder: `{file name: Expected}`"
    files = all_audio_files()
    for name, (data, _) in files.items(): (Path(folder)/name).write_bytes(data)
    return {name: expected for name, (_, expected) in files.items()}
