"Files of beats, and songs of POP909, that are broken"
import os
import numpy as np
import pytest
from chordkd_nb.beats import read_beats
from chordkd_nb.pop909 import pop909_sheet


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


# ---- POP909: MIDI, chords and beats of a song

END_OF_TRACK = b'\0\xff\x2f\0'
ONE_NOTE = b'\0\x90\x3c\x40\x83\x60\x80\x3c\0'
LONG_RESTS = b'\xff\xff\xff\x7f\x90\x3c\x40'*60  # sixty rests of 2²⁸ ticks: an array of 128 GB


def midi(events):
    "A MIDI file of one track, 480 ticks a beat"
    return b'MThd\0\0\0\6\0\1\0\1\1\xe0MTrk' + len(events).to_bytes(4, 'big') + events


BAD_MIDI = dict(
    empty=b'',
    letter=b'x',
    zeros=bytes(99),
    header=b'MThd',
    cut=midi(END_OF_TRACK)[:-3],
    no_events=midi(b'\xff'*40),
    far=midi(LONG_RESTS+END_OF_TRACK),
    noise=np.random.default_rng(0).bytes(500),
)

BAD_BEATS = dict(
    empty='',
    words='x y z',
    nan='1 0 1\nnan 0 1\n2 0 1\n3 0 1',
    all_at_once='0 1 1\n0 1 1\n0 1 1\n0 1 1',
    two_columns='1 2',
)


@pytest.fixture
def song(tmp_path):
    "The folder of a good song of POP909"
    pytest.importorskip('pretty_midi')
    folder = tmp_path/'001'
    folder.mkdir()
    (folder/'001.mid').write_bytes(midi(ONE_NOTE+END_OF_TRACK))
    (folder/'chord_midi.txt').write_text('0 4 C:maj\n')
    beats = [f'{k/2} {1-k%2} {int(k%4 == 0)}\n' for k in range(8)]
    (folder/'beat_midi.txt').write_text(''.join(beats))
    return folder


def test_a_good_song_of_pop909_is_read(song):
    assert pop909_sheet(song.parent, '001').annotation.labels == ['C:maj']


@pytest.mark.parametrize('name', BAD_MIDI)
def test_a_bad_midi_file_is_named(song, name):
    (song/'001.mid').write_bytes(BAD_MIDI[name])
    with pytest.raises(ValueError, match='001.mid'): pop909_sheet(song.parent, '001')


@pytest.mark.parametrize('name', BAD_BEATS)
@pytest.mark.filterwarnings('ignore:loadtxt')
def test_a_bad_file_of_beats_is_named(song, name):
    (song/'beat_midi.txt').write_text(BAD_BEATS[name])
    with pytest.raises(ValueError, match='beat_midi.txt'): pop909_sheet(song.parent, '001')
