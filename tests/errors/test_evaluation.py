"An evaluation refuses labels, protocols and sets of songs that it cannot score"
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.evaluation import compare_labels, evaluate, song_scores

song = Annotation([(0, 10)], ['C'])
long = Annotation([(0, 90), (90, 100)], ['X', 'C'])


def test_a_label_outside_the_grammar_is_an_error():
    with pytest.raises(ValueError, match='not a chord label'): compare_labels(['C'], ['H:maj'])


def test_an_unknown_protocol_is_an_error():
    with pytest.raises(ValueError, match='protocol'): song_scores(song, song, 'mirex')


def test_an_unknown_mapping_names_the_song():
    with pytest.raises(ValueError, match='song a: mapping'): evaluate({'a': song}, {'a': song}, mapping='mirex')


def test_an_unknown_group_of_qualities_is_an_error():
    with pytest.raises(ValueError, match='groups'): evaluate({'a': song}, {'a': song}).acqa(groups='rare')


def test_songs_without_an_estimate_are_named():
    with pytest.raises(ValueError, match='1 of 2 songs have no estimate: b$'):
        evaluate({'a': song, 'b': long}, {'a': song})


def test_only_the_first_ten_songs_without_an_estimate_are_named():
    twelve = dict.fromkeys(range(12), song)
    with pytest.raises(ValueError, match=r'12 of 12 songs have no estimate: 0, .*, 9 \.\.\.$'): evaluate(twelve, {})


def test_an_evaluation_needs_references():
    with pytest.raises(ValueError, match='no references'): evaluate({}, {})
