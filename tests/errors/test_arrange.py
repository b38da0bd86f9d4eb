"What the band refuses to play"
import numpy as np
import pytest
from chordkd_nb.arrange import arrange, comp_part
from chordkd_nb.compose import progression

SHEET = progression(11, 20, key=3, mode='major', tempo=96)


def test_an_unknown_style_is_refused():
    with pytest.raises(ValueError, match='polka'): arrange(SHEET, 0, style='polka')


def test_a_sheet_without_parts_cannot_be_played_as_written():
    with pytest.raises(ValueError, match='without parts'): arrange(SHEET, 0, style='as written')


def test_an_unknown_pattern_is_refused():
    with pytest.raises(ValueError, match='reggae'): comp_part(SHEET, np.random.default_rng(0), 'reggae')
