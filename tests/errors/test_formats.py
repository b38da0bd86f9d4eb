"Results that cannot be written or read: the error names the file"
import json
import numpy as np, pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats
from chordkd_nb.chords import ChordLabelError
from chordkd_nb.formats import chords_as, format_of, read_audacity, save_chords

SONG = Annotation([(0, 1), (1, 2)], ['C', 'N'])


def test_an_unknown_ending_is_refused():
    with pytest.raises(ValueError, match="unknown ending '.mp3'"): format_of('song.mp3')


def test_an_ending_that_contradicts_the_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match='the ending says lab'): save_chords(SONG, tmp_path/'song.lab', 'midi')
    assert not (tmp_path/'song.lab').exists()


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="not 'pdf'"): chords_as(SONG, 'pdf')


@pytest.mark.parametrize('format', ['chordpro', 'musicxml'])
def test_a_lead_sheet_needs_beats(format):
    with pytest.raises(ValueError, match='needs beats'): chords_as(SONG, format)


def test_a_page_needs_audio(tmp_path):
    with pytest.raises(ValueError, match='give audio='): save_chords(SONG, tmp_path/'song.html')


def test_a_name_that_is_no_chord_is_an_error_with_its_line(tmp_path):
    path = tmp_path/'typo.txt'
    path.write_text('0\t1\tC\n1\t2\tH7\n')
    with pytest.raises(ChordLabelError, match='typo.txt, line 2'): read_audacity(path)


@pytest.mark.parametrize('positions', [None, [3, 1, 2, 3]])
def test_beats_are_in_the_formats_that_have_a_place_for_them(positions):
    beats = Beats(np.array([.1, .6, 1.1, 1.6]), positions)
    read = json.loads(chords_as(SONG, 'json', beats=beats))
    jam = json.loads(chords_as(SONG, 'jams', beats=beats))
    tracks = {track['namespace']: track['data'] for track in jam['annotations']}
    for times in ([beat['time'] for beat in read['beats']], [beat['time'] for beat in tracks['beat']]):
        assert times == [.1, .6, 1.1, 1.6]
    bars = [beat['position_in_bar'] for beat in read['beats']]
    assert bars == [beat['value'] for beat in tracks['beat']]
    assert positions is None or bars == positions
    assert (read['tempo'], read['key']) == (120., 'C major')


@pytest.mark.parametrize('beats', [None, Beats(np.zeros(0), None)])
def test_what_is_not_known_is_left_out(beats):
    read = json.loads(chords_as(Annotation([(0, 1)], ['N']), 'json', beats=beats))
    assert sorted(read) == ['duration', 'segments', 'title']
