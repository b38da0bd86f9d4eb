"Labels and classes that `chords` refuses, and what it says"
import pytest
from chordkd_nb.chords import ChordLabelError, harte, quality_of, read_chord_name, vocabulary


@pytest.mark.parametrize('label,message', [
    ('Cm', "Did you mean 'C:min'"),
    ('Cm7', "Did you mean 'C:min7'"),
    ('Cmaj7', "Did you mean 'C:maj7'"),
    ('c:maj', "Did you mean 'C'"),
    ('C/E', "Did you mean 'C/3'"),
    ('C/E', 'a degree: C/3, not C/E'),
    ('C:maj(*5)/E', 'a degree: C/3, not C/E'),
    ('C9', "Did you mean 'C:9'"),
    ('F♯m7♭5', "Did you mean 'F#:hdim7'"),
    ('N.C.', "Did you mean 'N'"),
    ('A:min/C', "Did you mean 'A:min/b3'"),
    ('H:maj', 'not a Harte chord label'),
    ('', 'not a Harte chord label'),
    ('C'*501, 'it has 501 characters'),
])
def test_a_label_outside_the_grammar_is_refused_with_a_hint(label, message):
    with pytest.raises(ChordLabelError) as e: harte(label)
    assert message in str(e.value)


@pytest.mark.parametrize('label', ['H', 'C:', 'c', '', 'C:majj', '#'])
def test_a_quality_is_not_found_for_a_label_outside_the_grammar(label):
    with pytest.raises(ChordLabelError): quality_of(label)


@pytest.mark.parametrize('label,corrected', [
    ('C:aug7/3', 'C:aug(b7)/3'),
    ('C:maj11(9)/3', 'C:maj9(11,9)/3'),
])
def test_shorthands_that_mir_eval_cannot_score_are_spelled_out(label, corrected):
    assert harte(label) == corrected


def test_the_published_btc_mapping_has_no_answer_for_aug7():
    with pytest.raises(ChordLabelError, match='no answer'): vocabulary(170).index('C:aug7', 'btc')


def test_there_are_two_sizes_of_vocabulary():
    with pytest.raises(ValueError, match='170 and of 25'): vocabulary(24)


def test_a_class_outside_the_vocabulary_has_no_quality():
    with pytest.raises(ValueError, match='outside'): vocabulary(170).quality(-1)


def test_an_unknown_mapping_is_named():
    with pytest.raises(ValueError, match="not 'jazz'"): vocabulary(170).index('C', 'jazz')


@pytest.mark.parametrize('name,message', [
    ('C7alt', "'alt' is unknown"),
    ('Am7foo', "'foo' is unknown"),
    ('C7+', "'+' is unknown"),  # a major seventh in Brazil, a raised fifth elsewhere
    ('C+9', "'+9' is unknown"),
    ('Cm2', "'2' is unknown"),
    ('Cm(7)', "'7' is unknown"),
    ('a', 'write A or Am'),
    ('bb', 'write Bb or Bbm'),
    ('H7', 'a German H is B'),
    ('Do7', 'Do is C in some languages'),
    ('Verse', 'begin with A to G'),
    ('', 'begin with A to G'),
    ('C'*501, 'is unknown'),
])
def test_a_name_with_two_meanings_or_none_is_refused(name, message):
    with pytest.raises(ChordLabelError) as e: read_chord_name(name)
    assert message in str(e.value) and len(str(e.value)) < 700
