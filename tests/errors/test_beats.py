"Files of beats that cannot be read: the error names the file and the line"
import numpy as np, pytest
from chordkd_nb.beats import Beats, align_to_beats, position_in_bar, read_beats
from chordkd_nb.annotation import Annotation

CASES = {
    'text instead of a time': ('a\n', 'line 1: expected'),
    'beats that go back': ('1\n.5\n', 'line 2: beats must rise'),
    'a position on some lines only': ('1 1\n2\n', 'line 2: the position'),
    'an empty file': ('\n', 'no beats'),
    'nan for a time': ('nan\n', 'line 1: beats must rise'),
    'half a position in a label track': ('1\t1\t1\n2\t2\t2.5\n', 'line 2: expected'),
    'half a position': ('0.5,1.2\n', 'a whole number'),
    'an infinite position': ('1 inf\n', 'a whole number'),
    'a huge position': ('1 1e99\n', 'from 1 to 64'),
    'position 0': ('1 0\n', 'from 1 to 64'),
    'four columns': ('1 2 3 4\n', 'line 1: expected'),
}


@pytest.mark.parametrize(('text', 'message'), CASES.values(), ids=CASES)
def test_unreadable_beats_are_refused(tmp_path, text, message):
    path = tmp_path/'bad.txt'
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as error: read_beats(path)
    assert 'bad.txt' in str(error.value)


def test_comments_and_empty_lines_are_skipped(tmp_path):
    path = tmp_path/'a.beats'
    path.write_text('# beats\n0.5\n\n,\n1\n')
    assert read_beats(path).times.tolist() == [.5, 1]


def test_a_meter_of_five_is_refused():
    song, beats = Annotation([(0, 4)], ['C']), Beats(np.arange(4.), None)
    with pytest.raises(ValueError, match='3 or 4'): position_in_bar(song, beats, meter=5)


def test_a_reach_below_zero_is_refused():
    song, beats = Annotation([(0, 4)], ['C']), Beats(np.arange(4.), None)
    with pytest.raises(ValueError, match='seconds'): align_to_beats(song, beats, -1)
