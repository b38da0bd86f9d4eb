"What has no key, and spellings that do not exist"
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.keys import key_of, keys_of, respell

SILENCE = Annotation([(0, 1)], ['N'])


@pytest.mark.parametrize('find', [key_of, keys_of])
def test_silence_has_no_key(find):
    with pytest.raises(ValueError, match='no key'): find(SILENCE)


def test_an_unknown_spelling_is_refused():
    with pytest.raises(ValueError, match="not 'german'"): respell(SILENCE, 'german')
