"Edits that are not possible say why"
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.edits import mask_uncertain, simplify

SURE = Annotation([(0, 1)], ['C'], [.9])


def test_an_unknown_detail_is_refused():
    with pytest.raises(ValueError, match="not 'chords'"): simplify(SURE, 'chords')


@pytest.mark.parametrize('least', [50, -1, float('nan')])
def test_a_confidence_outside_0_to_1_is_refused(least):
    with pytest.raises(ValueError, match='0…1'): mask_uncertain(SURE, least)


def test_chords_without_confidence_cannot_be_masked():
    with pytest.raises(ValueError, match='no confidence'): mask_uncertain(Annotation([(0, 1)], ['C']), .5)
