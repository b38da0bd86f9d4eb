"Systems are compared only on the same songs, references and protocol"
import numpy as np, pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.comparison import compare, over_seeds, reliability, results_table
from chordkd_nb.evaluation import evaluate


def song(*labels): return Annotation([(i, i + 1) for i in range(len(labels))], labels)


refs = {'a': song('C', 'G:7', 'F'), 'b': song('D:min', 'X', 'C'), 'c': song('G', 'C', 'C')}
ests = {'a': song('C', 'G', 'F'), 'b': song('D', 'C', 'C'), 'c': song('G', 'A:min', 'C')}
good = evaluate(refs, ests)
fewer = evaluate({i: refs[i] for i in 'bc'}, ests)
paper = evaluate(refs, ests, 'paper')
btc = evaluate(refs, ests, mapping='btc')
other = evaluate({**refs, 'a': song('X', 'G:7', 'F')}, ests)


@pytest.mark.parametrize('scores, message', [
    (fewer, 'different songs; 1 in one only: a$'),
    (paper, 'protocols: standard/default, paper/default'),
    (btc, 'protocols: standard/default, standard/btc'),
    (other, 'different references'),
])
def test_scores_of_other_songs_references_or_protocols_are_not_compared(scores, message):
    with pytest.raises(ValueError, match=message): compare(good, scores)
    with pytest.raises(ValueError, match=message): over_seeds([good, scores])
    with pytest.raises(ValueError, match=message): results_table(dict(a=good, b=scores))


def test_a_single_song_cannot_be_compared():
    one = evaluate({'a': refs['a']}, ests)
    with pytest.raises(ValueError, match='2 songs'): compare(one, one)


def test_an_average_needs_a_run():
    with pytest.raises(ValueError, match='values to unpack'): over_seeds([])


def test_the_reference_of_a_table_is_one_of_its_systems():
    with pytest.raises(ValueError, match='not among'): results_table(dict(good=good), reference='best')


@pytest.mark.parametrize('log_probs, y', [
    (np.zeros((9, 3)), np.zeros(5, int)),
    (np.zeros(9), np.zeros(9, int)),
    (np.zeros((9, 3)), np.full(9, -1)),
])
def test_reliability_needs_a_known_class_for_each_frame(log_probs, y):
    with pytest.raises(ValueError, match=r'\(n,\) classes'): reliability(log_probs, y)


@pytest.mark.parametrize('songs, clear', [(5, False), (6, True)])
def test_few_songs_show_no_clear_difference(songs, clear):
    right = {str(i): song('C', 'G') for i in range(songs)}
    wrong = {str(i): song('C', 'A') for i in range(songs)}
    assert compare(evaluate(right, right), evaluate(right, wrong)).clear['root'] == clear
