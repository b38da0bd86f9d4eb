"A lead sheet without beats is refused"
import numpy as np, pytest
from chordkd_nb.beats import Beats
from chordkd_nb.annotation import Annotation
from chordkd_nb.lead_sheets import bars_of, chordpro_text, midi_bytes, musicxml_bytes

SONG = Annotation([(0, 1), (1, 2)], ['C', 'N'])


@pytest.mark.parametrize('write', [chordpro_text, musicxml_bytes, lambda song, beats: bars_of(song, beats)])
@pytest.mark.parametrize('beats', [None, Beats(np.zeros(0), None)], ids=['none', 'an empty list'])
def test_a_lead_sheet_needs_beats(write, beats):
    with pytest.raises(ValueError, match='needs beats'): write(SONG, beats=beats)


def test_beats_further_apart_than_midi_allows():
    chords = Annotation([(0, 60)], ['C'])
    assert midi_bytes(chords, beats=Beats(np.array([0., 20, 40]), None)).startswith(b'MThd')
