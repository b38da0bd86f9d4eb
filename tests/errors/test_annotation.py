"Annotations and files of chords that are refused or mended, and what is said about them"
import json, warnings
import numpy as np, pytest
from chordkd_nb.annotation import Annotation, lab_rows
from chordkd_nb.chords import ChordLabelError

warnings.simplefilter('ignore')
SONG = Annotation([(0, 2), (2, 4), (4, 6)], ['C', 'A:min7', 'N'], [.9, .5, .25])


@pytest.mark.parametrize('times,labels,more,message', [
    ([(0, 2), (3, 4)], ['C', 'D'], {}, 'Segment 1: gap of 1.000 s before 3 s'),
    ([(0, 2), (1, 4)], ['C', 'D'], {}, 'overlap of 1.000 s'),
    ([(0, 2), (2, 2)], ['C', 'D'], {}, 'Segment 1: it ends at 2 s'),
    ([(0, np.nan)], ['C'], {}, 'finite'),
    ([(0, 2)], ['Cmaj7'], {}, "Did you mean 'C:maj7'"),
    ([], [], {}, 'at least one'),
    ([(0, 2)], ['C', 'D'], {}, 'got 1 and 2'),
    ([(0, 2)], ['C'], dict(confidence=[1.5]), 'Confidence'),
    ([(0, 2)], ['C'], dict(confidence=[.5, .5]), 'Confidence'),
    ([(0, 2)], ['C'], dict(alternatives=[]), 'one for each segment; got 0'),
    ([(0, 2)], ['C'], dict(alternatives=[[('Cm', .5)]]), "Segment 0, alternatives: 'Cm' is not"),
    ([(0, 2)], ['C'], dict(alternatives=[[('C', 2)]]), 'outside 0…1'),
])
def test_an_annotation_that_is_not_whole_is_refused(times, labels, more, message):
    with pytest.raises(ChordLabelError) as e: Annotation(times, labels, **more)
    assert message in str(e.value)


@pytest.mark.parametrize('text,message', [
    ('# comment\n0 2 C\n2 4 Am\n', "song.lab, line 3: 'Am' is not"),
    ('0 2 C\n2 4\n', 'song.lab, line 2'),
    ('\n', 'no chord segments'),
    ('0.5 2 C\n', 'song.lab, line 1: gap of 0.500 s'),
])
def test_a_lab_file_is_refused_with_its_name_and_line(tmp_path, text, message):
    path = tmp_path/'song.lab'
    path.write_text(text)
    with pytest.raises(ChordLabelError) as e: Annotation.from_lab(path)
    assert message in str(e.value)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path/'song.lab'
    path.write_bytes('\ufeff0.5 12 C\r\n11.5 13 D:7\r\n14 25 N\r\n'.encode())
    assert lab_rows(path) == [(1, .5, 12., 'C'), (2, 11.5, 13., 'D:7'), (3, 14., 25., 'N')]
    mended = Annotation.from_lab(path, repair=True)
    assert mended.labels == ['X', 'C', 'D:7', 'X', 'N'] and len(mended.repairs) == 3


def test_a_segment_without_duration_is_dropped_and_clips_no_other(tmp_path):
    path = tmp_path/'song.lab'
    path.write_text('0 4 C\n1 1 G\n')
    mended = Annotation.from_lab(path, repair=True)
    assert (mended.labels, mended.duration) == (['C'], 4.)
    assert mended.repairs == ['line 2: dropped, no duration left at 1 s']


def test_a_file_that_is_not_jams_is_refused(tmp_path):
    SONG.to_lab(tmp_path/'song.lab')
    with pytest.raises(ChordLabelError, match='song.lab: not a readable JAMS'):
        Annotation.from_jams(tmp_path/'song.lab')


def with_late_second_chord(seconds):
    "The text of a JAMS file whose second chord starts late"
    jam = SONG.to_jams()
    chord = jam['annotations'][0]['data'][1]
    chord |= dict(time=chord['time']+seconds, duration=chord['duration']-seconds)
    return json.dumps(jam)


def test_a_gap_in_jams_is_refused_or_mended_without_confidences(tmp_path):
    path = tmp_path/'gap.jams'
    path.write_text(with_late_second_chord(.1))
    with pytest.raises(ChordLabelError, match='gap of 0.100 s'): Annotation.from_jams(path)
    mended = Annotation.from_jams(path, repair=True)
    assert (mended.labels, mended.confidence, len(mended.repairs)) == (['C', 'X', 'A:min7', 'N'], None, 1)


def test_jams_of_which_more_than_a_tenth_is_missing_is_not_mended(tmp_path):
    path = tmp_path/'gap.jams'
    path.write_text(with_late_second_chord(1))
    with pytest.raises(ChordLabelError, match='repairs would touch 1.0 s of 6.0'):
        Annotation.from_jams(path, repair=True)


def test_frames_must_be_a_row_of_classes():
    with pytest.raises(ValueError, match='T ≥ 1'): Annotation.from_frames([], .1)
    with pytest.raises(ValueError, match='no frames'): Annotation.from_frames([1], .1, duration=0.)
