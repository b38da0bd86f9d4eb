"Stereo whose channels cancel each other is heard wherever audio is read, and nothing is answered where nothing is said"
import base64, io, shutil, subprocess
import numpy as np, pytest, soundfile as sf
from chordkd_nb import Song, recognize
from chordkd_nb.audio import audio_blocks, load_audio
from chordkd_nb.check_songs import check_songs
from chordkd_nb.features import audio_features
from chordkd_nb.player import audio_uri
from chordkd_nb.songs import find_songs
from chordkd_nb.store import build_store

SR = 44100
FFMPEG = pytest.mark.skipif(not shutil.which('ffmpeg'), reason='needs ffmpeg')


def triad(pitches, seconds=4, level=.2):
    "Notes with overtones: (n,)"
    t = np.arange(seconds*SR)/SR
    notes = 440*2**((np.array(pitches) - 69)/12)
    return level*sum(np.sin(2*np.pi*f*k*t)/k**2 for f in notes for k in range(1, 6))/3


C, F = triad((48, 60, 64, 67)), triad((53, 60, 65, 69))
FORMATS = dict(wav=('WAV', 'PCM_16'), flac=('FLAC', 'PCM_16'), ogg=('OGG', 'VORBIS'), mp3=('MP3', 'MPEG_LAYER_III'))


def written(path, y, kind='wav'):
    sf.write(path, y, SR, format=FORMATS[kind][0], subtype=FORMATS[kind][1])
    return path


def labels(chords, shortest=.7): return [label for start, end, label in chords if end-start > shortest]


@pytest.mark.parametrize('kind', FORMATS)
def test_a_channel_upside_down_is_heard_in_a_file(tmp_path, kind):
    path = written(tmp_path/'a', np.c_[C, -C], kind)
    y, expected = load_audio(path), load_audio(C, orig_sr=SR)
    assert np.corrcoef(y[:80000], expected[:80000])[0, 1] > .99
    chords = recognize(path)
    assert labels(chords) == ['C']


@FFMPEG
@pytest.mark.parametrize('ending', ['m4a', 'mp4', 'mka'])
def test_a_channel_upside_down_is_heard_through_ffmpeg(tmp_path, ending):
    written(tmp_path/'a.wav', np.c_[C, -C])
    subprocess.run(['ffmpeg', '-v', 'error', '-i', tmp_path/'a.wav', tmp_path/f'a.{ending}'], check=True)
    assert labels(recognize(tmp_path/f'a.{ending}')) == ['C']


SHAPES = {
    'channels last': np.c_[C, -C],
    'channels first': np.stack([C, -C]),
    'whole numbers': (np.c_[C, -C]*32767).astype(np.int16),
    'one channel softer': np.c_[C, -.8*C],
    'one channel late': np.c_[np.r_[C, 0, 0], np.r_[0, 0, -C]],
    'a little noise': np.c_[C, -C] + np.random.default_rng(0).normal(0, 1e-4, (len(C), 2)),
    'opposite offsets': np.c_[C + .3, -C - .3],
    'four channels': np.c_[C, -C, C, -C],
    'two of them silent': np.c_[0*C, C, -C, 0*C],
}


@pytest.mark.parametrize('name', SHAPES)
def test_a_channel_upside_down_is_heard_in_an_array(name):
    chords = recognize(SHAPES[name], orig_sr=SR)
    assert labels(chords) == ['C']


def test_it_is_heard_where_only_a_part_of_the_song_cancels():
    left, right = np.r_[C, F, C], np.r_[C, -F, C]
    assert labels(recognize(np.c_[left, right], orig_sr=SR)) == ['C', 'F', 'C']


def test_blocks_do_not_change_what_is_heard(tmp_path):
    path = written(tmp_path/'a.wav', np.c_[np.r_[C, F], np.r_[C, -F]])
    whole = load_audio(path)
    for seconds in (.3, .5, 3.3):
        blocks = list(audio_blocks(path, seconds=seconds))
        np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-6)
    from_array = load_audio(np.c_[np.r_[C, F], np.r_[C, -F]], orig_sr=SR)
    np.testing.assert_allclose(from_array[500:-500], whole[500:-500], atol=1e-3)


def test_ordinary_stereo_is_the_mean_of_its_channels():
    rng = np.random.default_rng(0)
    panned = np.c_[C + .3*F, .3*C + F]
    unlike = rng.normal(0, .1, (SR, 2))
    with_silence = np.c_[C, 0*C]
    offsets = np.c_[C + .3, C - .3]
    hum = .1*np.sin(np.arange(len(C))*2*np.pi*50/SR)
    opposite_hum = np.c_[.2*C + hum, .2*C - hum]
    for y in (panned, unlike, with_silence, offsets, opposite_hum):
        np.testing.assert_allclose(load_audio(y, SR, SR), y.mean(1), atol=1e-6)


def test_features_the_player_labelling_and_the_check_of_a_corpus_hear_it(tmp_path):
    path = written(tmp_path/'a.wav', np.c_[C, -C])
    expected, _ = audio_features(C, orig_sr=SR)
    for song in (Song('file', path=path), Song('array', audio=np.c_[C, -C], orig_sr=SR)):
        assert np.median(abs(song.features_for() - expected)) < .1
    sound, _ = sf.read(io.BytesIO(base64.b64decode(audio_uri(path)[0].partition(',')[2])))
    assert np.abs(sound).max() > .1
    assert check_songs(find_songs(tmp_path), progress=False).songs.finding.tolist() == ['']
    store = build_store(find_songs(tmp_path), tmp_path/'store', progress=False)
    assert store['a'].features.max() > 0


t = np.arange(8*SR)/SR
LAST_BIT = np.random.default_rng(0).integers(0, 2, (8*SR, 2))/2**15
NOTHING = {
    'silence': np.zeros((8*SR, 2)),
    'an offset': np.full(8*SR, .7),
    'opposite offsets': np.tile([.3, -.3], (8*SR, 1)),
    'an offset that drifts': .5 + .3*np.sin(2*np.pi*.05*t),
    'noise of the last bit': LAST_BIT,
    'channels that cancel down to that noise': np.c_[.5 + LAST_BIT[:, 0], -.5 - LAST_BIT[:, 0]],
    'below hearing': .3*np.sin(2*np.pi*12*t),
    'a click': np.eye(1, 8*SR, 4*SR)[0],
}


@pytest.mark.parametrize('name', NOTHING)
def test_no_chord_is_named_with_confidence_where_there_is_none(name):
    chords = recognize(NOTHING[name], orig_sr=SR)
    named = [(label, c) for label, c in zip(chords.labels, chords.confidence) if label != 'N' and c > .4]
    assert named == []
