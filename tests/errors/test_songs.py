"Folders and songs that cannot be used are refused with the reason"
import numpy as np, pytest, soundfile as sf
from chordkd_nb.features import BTC10S, LOG_CQT
from chordkd_nb.songs import Song, check_song_hashes, find_songs, label_files, read_labels

X = np.zeros((4, 144), np.float32)


@pytest.fixture
def corpus(tmp_path):
    "The layout of the paper: three songs with labels"
    for name in ('audio', 'chordlab'): (tmp_path/name).mkdir()
    for k,label in enumerate(('A', 'D:min', 'N')):
        sf.write(tmp_path/f'audio/{k}.wav', np.zeros(2205), 22050)
        (tmp_path/f'chordlab/{k}.lab').write_text(f'0 .1 {label}')
    return tmp_path


@pytest.mark.parametrize('sources, why', [
    (dict(), 'exactly one'),
    (dict(path='a.wav', audio=X[0]), 'exactly one'),
    (dict(features=X), 'go together'),
    (dict(path='a.wav', contract=LOG_CQT), 'go together'),
    (dict(audio=X[0]), 'audio=samples, orig_sr=44100'),
    (dict(audio=(X[0], 44100)), 'audio=samples, orig_sr=44100'),
    (dict(path='a.wav', orig_sr=44100), 'go together'),
    (dict(features=X[:, :13], contract=LOG_CQT), r'\(T, 144\), not \(4, 13\)'),
])
def test_a_song_needs_one_source(sources, why):
    with pytest.raises(ValueError, match=why): Song('b', **sources)


def test_ready_features_have_no_audio_and_no_other_contract():
    song = Song('b', features=X, contract=LOG_CQT)
    with pytest.raises(ValueError, match='no audio to load'): song.load()
    with pytest.raises(ValueError, match='cannot be made'): song.features_for(BTC10S)


def test_a_folder_without_audio(corpus):
    with pytest.raises(FileNotFoundError, match='no audio files'): find_songs(corpus/'chordlab')
    with pytest.raises(FileNotFoundError, match='no such folder'): find_songs(corpus/'nowhere')


def test_labels_are_missing(corpus):
    with pytest.raises(ValueError, match='3 of 3 songs have no label'): find_songs(corpus/'audio', labelled=True)


def test_labels_are_in_two_places(corpus):
    (corpus/'audio/1.lab').write_text('0 3 D')
    with pytest.raises(ValueError, match='1 label files beside the audio'): find_songs(corpus)
    (corpus/'chordlab').rename(corpus/'away')
    assert [song.labelled for song in find_songs(corpus)] == [False, True, False]


def test_labels_without_audio(corpus):
    (corpus/'chordlab/9.lab').write_text('0 1 C')
    with pytest.raises(ValueError, match='have no audio'): find_songs(corpus)


def test_a_song_in_two_formats(corpus):
    sf.write(corpus/'audio/1.flac', np.zeros(2205), 22050)
    with pytest.raises(ValueError, match='two audio files'): find_songs(corpus)


def test_a_song_with_two_label_files(corpus):
    (corpus/'chordlab/1.jams').write_text('{}')
    with pytest.raises(ValueError, match='two label files'): label_files(corpus/'chordlab')


def test_more_than_a_tenth_to_repair(tmp_path):
    (tmp_path/'gap.lab').write_text('0 1 A\n1.5 3 D\n')
    with pytest.raises(ValueError, match='repairs would touch 0.5 s of 3.0'):
        read_labels(tmp_path/'gap.lab', repair=True)


def test_gaps_of_found_songs_are_mended_if_you_ask(corpus):
    (corpus/'chordlab/1.lab').write_text('0 .05 A\n.055 .1 D')
    with pytest.raises(ValueError, match='repair=True'): find_songs(corpus)[1].annotation
    assert len(find_songs(corpus, repair=True)[1].annotation.repairs) == 1


@pytest.mark.parametrize('songs, why', [
    ({'a': ['x']}, 'f.json: must map ids'),
    ({'a': dict(sha256=1)}, 'f.json: must map ids'),
    ({'a': dict(colour='red')}, 'f.json: must map ids'),
    ({chr(0xd800): {}}, 'not valid UTF-8'),
])
def test_a_file_of_song_hashes_holds_something_else(songs, why):
    with pytest.raises(ValueError, match=why): check_song_hashes(songs, 'f.json')
