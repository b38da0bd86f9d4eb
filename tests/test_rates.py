"An array of samples has a rate, which everything that takes one asks for by its name"
import numpy as np, pytest
from chordkd_nb import Annotation, Song, recognize, save_chords
from chordkd_nb.audio import AudioError, audio_from_array, load_audio
from chordkd_nb.beats import track_beats
from chordkd_nb.features import audio_features, feature_blocks
from chordkd_nb.formats import chords_as
from chordkd_nb.player import ChordPlayer, CompareChords, audio_uri, player_html
from chordkd_nb.widgets import _samples

RATE = 48000
Y = (.2*np.sin(2*np.pi*261.63*np.arange(2*RATE)/RATE)).astype(np.float32)
CHORDS = Annotation([(0, 2)], ['C'])
TAKERS = {  # what takes samples; `how` holds the rate, if any
    'recognize': lambda y, **how: recognize(y, **how),
    'load_audio': lambda y, **how: load_audio(y, **how),
    'audio_from_array': lambda y, **how: audio_from_array(y, 22050, **how),
    'audio_features': lambda y, **how: audio_features(y, **how),
    'feature_blocks': lambda y, **how: list(feature_blocks(y, **how)),
    'track_beats': lambda y, **how: track_beats(y, **how),
    'audio_uri': lambda y, **how: audio_uri(y, **how),
    'player_html': lambda y, **how: player_html(y, {'': CHORDS}, **how),
    'ChordPlayer': lambda y, **how: ChordPlayer(y, CHORDS, **how),
    'CompareChords': lambda y, **how: CompareChords(y, {'': CHORDS}, **how),
    'chords_as': lambda y, **how: chords_as(CHORDS, 'html', audio=y, **how),
    'Song': lambda y, **how: Song('a', audio=y, **how).features_for(),
}


@pytest.mark.parametrize('name', TAKERS)
def test_without_its_rate_an_array_is_refused_and_the_argument_named(name):
    with pytest.raises(ValueError, match='rate.*orig_sr=44100'): TAKERS[name](Y)


@pytest.mark.parametrize('name', TAKERS)
def test_with_its_rate_it_is_taken(name): TAKERS[name](Y, orig_sr=RATE)


def test_save_chords_takes_the_rate(tmp_path):
    with pytest.raises(ValueError, match='orig_sr'): save_chords(CHORDS, tmp_path/'a.html', audio=Y)
    assert save_chords(CHORDS, tmp_path/'a.html', audio=Y, orig_sr=RATE).exists()


@pytest.mark.parametrize('how', [dict(sr=44100), dict(rate=44100), dict(fs=44100), dict(samplerate=44100),
                                 dict(sample_rate=44100), dict(model=44100), dict(model=np.int64(44100))])
def test_the_rate_under_another_name_is_told_its_own(how):
    with pytest.raises(ValueError, match=r'orig_sr=.*44100'): recognize(Y, **how)


def test_the_rate_in_the_place_of_the_model_is_told_its_name():
    with pytest.raises(ValueError, match=r'recognize\(samples, orig_sr=44100\)'): recognize(Y, 44100)


@pytest.mark.parametrize('pair', [(Y, 48000), (48000, Y), [Y, 48000], (Y.tolist(), 48000.)])
def test_a_pair_of_samples_and_rate_is_told_to_be_taken_apart(pair):
    for take in (recognize, load_audio, audio_features, track_beats):
        with pytest.raises(AudioError, match='pair of samples and rate.*orig_sr=48000'): take(pair)


def test_a_file_needs_no_rate(tmp_path):
    import soundfile as sf
    sf.write(tmp_path/'a.wav', Y, RATE)
    assert load_audio(tmp_path/'a.wav').shape == (44100,)
    assert recognize(tmp_path/'a.wav').duration == 2


def test_the_rate_moves_the_pitch():
    right, wrong = (audio_features(Y, orig_sr=rate)[0].mean(0).argmax() for rate in (RATE, 22050))
    assert (right, wrong) == (72, 45)   # C4, and about 13 semitones lower


def test_a_widget_takes_a_file_or_samples_with_their_rate():
    assert _samples((Y, RATE)).shape == (44100,)
    with pytest.raises(ValueError, match='pair of samples and their rate'): _samples(Y)


def test_a_song_that_is_an_array_keeps_its_rate():
    assert Song('a', audio=Y, orig_sr=RATE).load().shape == (44100,)
    assert Song('a', audio=Y, orig_sr=RATE).seconds() == 2
