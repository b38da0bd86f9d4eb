"What cannot be rendered, measured or degraded"
import numpy as np
import pytest
from chordkd_nb._soundfonts import choose_soundfonts
from chordkd_nb.annotation import Annotation
from chordkd_nb.render import codec, degrade, pitch_agreement, render_midi

pretty_midi = pytest.importorskip('pretty_midi')


def one_note():
    midi, track = pretty_midi.PrettyMIDI(), pretty_midi.Instrument(0)
    track.notes = [pretty_midi.Note(90, 60, 0., 1.)]
    midi.instruments = [track]
    return midi


def test_midi_without_notes_is_refused():
    with pytest.raises(ValueError, match='no notes'): render_midi(pretty_midi.PrettyMIDI())


@pytest.mark.parametrize('name, content', [
    ('no.sf2', b'no'),
    ('empty.sf2', b''),
    ('compressed.sf3', b'RIFF\0\0\0\0sfbk'),
])
def test_other_files_are_no_soundfonts(tmp_path, name, content):
    (tmp_path/name).write_bytes(content)
    with pytest.raises(ValueError, match=f'{name}: not a soundfont of version 2'):
        render_midi(one_note(), tmp_path/name)


def test_an_unknown_codec_is_refused():
    with pytest.raises(ValueError, match='TAPE'): codec(np.zeros(22050, np.float32), 22050, 'TAPE')


def test_a_song_of_minutes_goes_through_the_vorbis_encoder():
    "libsndfile crashes on minutes in one piece"
    noise = np.random.default_rng(0).normal(0, .1, 150*22050).astype(np.float32)
    assert len(codec(noise, 22050, 'OGG')) == len(noise)


def test_silence_cannot_be_degraded():
    with pytest.raises(ValueError, match='silent'): degrade(np.zeros(100), 0)


def test_agreement_needs_a_segment_with_a_chord():
    with pytest.raises(ValueError, match='No chord'): pitch_agreement(np.zeros(22050), Annotation([(0, 1)], ['N']))


def test_a_folder_of_soundfonts_is_refused_with_what_to_give(tmp_path):
    from chordkd_nb.make_songs import make_demo_corpus
    with pytest.raises(IsADirectoryError, match=r'a folder. Give the soundfonts in it: .*/\*.sf2'):
        make_demo_corpus(tmp_path/'songs', songs=1, seconds=4, soundfonts=[tmp_path], workers=0, progress=False)


def test_two_soundfonts_of_one_name_are_refused(tmp_path):
    fonts = [tmp_path/folder/'gm.sf2' for folder in 'ab']
    for font in fonts:
        font.parent.mkdir()
        font.write_bytes(b'')
    with pytest.raises(ValueError, match='gm.sf2: two soundfonts have this name'): choose_soundfonts(fonts)
