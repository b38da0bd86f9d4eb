"Scores of bass and corrections refuse what they cannot score, and count what is easily miscounted"
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.details import Edits, count_edits, evaluate_details

song = Annotation([(0, 10)], ['C'])
halves = Annotation([(0, 5), (5, 10)], ['C', 'G'])


def test_a_label_outside_the_grammar_names_the_song():
    bad = Annotation([(0, 10)], ['C'])
    bad.labels[0] = 'H:maj'
    with pytest.raises(ValueError, match='song a: not a chord label'): evaluate_details({'a': song}, {'a': bad})


def test_songs_without_an_estimate_are_named():
    with pytest.raises(ValueError, match='1 of 2 songs have no estimate: b$'):
        evaluate_details({'a': song, 'b': song}, {'a': song})


def test_an_estimate_of_another_song_is_refused():
    with pytest.raises(ValueError, match='song a: .* do they belong together'):
        evaluate_details({'a': song}, {'a': Annotation([(0, 100)], ['C'])})


def test_an_evaluation_needs_references():
    with pytest.raises(ValueError, match='no references'): evaluate_details({}, {})


def test_an_estimate_that_ends_much_too_early_lacks_a_chord():
    early = Annotation([(0, 5), (5, 7)], ['C', 'G'])
    assert count_edits(halves, early) == Edits(changes=2, ref_changes=1, matched=1, labels=1)


def test_a_boundary_is_used_once():
    twice = Annotation([(0, 4.9), (4.9, 5.1), (5.1, 10)], ['C', 'D', 'G'])
    assert count_edits(halves, twice).boundaries == 1


def test_nothing_is_to_be_written_where_the_reference_is_unknown():
    unknown = Annotation([(0, 5), (5, 10)], ['C', 'X'])
    assert count_edits(unknown, halves).labels == 0
    assert count_edits(halves, unknown).labels == 1


def test_a_song_without_changes_has_no_boundaries_to_find():
    one = evaluate_details({'a': song}, {'a': song})
    value = one.summary().value
    assert value.isna()['boundary_f1'] and value['corrections'] == 0
    assert evaluate_details({'a': song, 'b': halves}, {'a': song, 'b': halves}).summary().value['boundary_f1'] == 100
