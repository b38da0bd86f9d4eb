"Files of beats that are broken"
import os
import pytest
from chordkd_nb.beats import read_beats

NO_BEATS = [
    b'', b'x', b'nan', b'inf', b'2\n1', b'1 x', b'1 inf', b'1 1e30',
    b'1 0', b'1 -1', b'1 1\n2', b'\xff\xfe1', bytes(9)]


@pytest.mark.parametrize('text', NO_BEATS, ids=str)
def test_a_file_that_holds_no_beats_is_refused(tmp_path, text):
    (tmp_path/'beats.txt').write_bytes(text)
    with pytest.raises(ValueError, match='beats.txt'): read_beats(tmp_path/'beats.txt')


def test_beats_that_are_not_a_file_are_refused(tmp_path):
    os.mkfifo(tmp_path/'fifo.txt')
    with pytest.raises(ValueError, match='fifo.txt: not a file'): read_beats(tmp_path/'fifo.txt')
