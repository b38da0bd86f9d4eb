"Splits in which a song, or a version of it, is on two sides are refused"
import pytest
from chordkd_nb._files import write_json
from chordkd_nb.splits import choose_ids, load_folds, load_split, save_folds, save_split
from chordkd_nb.splits import split_folds, split_groups, split_songs

VERSIONS = dict(a='tune', b='tune')


def test_a_song_in_two_parts(tmp_path):
    with pytest.raises(ValueError, match='two sides'): save_split(dict(train=['a'], test=['a']), tmp_path/'split.json')


def test_versions_in_two_parts(tmp_path):
    save_split(dict(train=['a'], test=['b']), tmp_path/'split.json')
    with pytest.raises(ValueError, match='versions of 1 songs are on two sides'):
        load_split(tmp_path/'split.json', VERSIONS)


def test_a_split_that_was_edited_is_compared_with_its_saved_groups(tmp_path):
    save_split(dict(train=['a', 'b'], test=['c']), tmp_path/'split.json', VERSIONS)
    assert split_groups(tmp_path/'split.json') == VERSIONS
    write_json(dict(train=['a'], test=['b']), tmp_path/'split.json')
    with pytest.raises(ValueError, match='versions of 1 songs'): load_split(tmp_path/'split.json')


@pytest.mark.parametrize('how, why', [
    (dict(ids=['a', 'a']), 'occurs twice'),
    (dict(ids=['a'], fractions=dict(train=0)), 'at least 0, and not all 0'),
    (dict(ids=['a'], fractions=dict(train=2, test=-1)), 'at least 0, and not all 0'),
])
def test_a_split_that_cannot_be_drawn(how, why):
    with pytest.raises(ValueError, match=why): split_songs(**how)


@pytest.mark.parametrize('tests, why', [
    ((['a'], ['a']), 'two sides'),
    ((['a'], ['b']), 'versions of 1 songs'),
    ((['a'], []), "no songs in 'test'"),
])
def test_folds_that_do_not_test_each_song_once(tmp_path, tests, why):
    folds = {f'fold{k}': dict(train=['c'], test=test) for k, test in enumerate(tests, 1)}
    with pytest.raises(ValueError, match=why):
        save_folds(folds, tmp_path, VERSIONS)
        load_folds(tmp_path)


def test_a_folder_without_folds(tmp_path):
    with pytest.raises(ValueError, match='no folds.json in it'): load_folds(tmp_path)


@pytest.mark.parametrize('lost', ['fold1', 'fold2', 'fold3'])
def test_a_fold_that_is_missing(tmp_path, lost):
    save_folds(split_folds('abcdef', 3, dict(train=1)), tmp_path)
    (tmp_path/f'{lost}.json').unlink()
    with pytest.raises(ValueError, match=f'{lost}.json is missing; there are 3 folds'): load_folds(tmp_path)


def test_a_fold_that_was_edited(tmp_path):
    save_folds(dict(fold1=dict(train=['b'], test=['a']), fold2=dict(train=['a'], test=['b'])), tmp_path)
    save_split(dict(train=['b'], test=['c']), tmp_path/'fold1.json')
    with pytest.raises(ValueError, match="fold1.json: other songs in 'test' than in folds.json"): load_folds(tmp_path)


def test_a_part_that_is_named_twice_is_taken_once(tmp_path):
    save_split(dict(train=['a', 'b'], test=['c']), tmp_path/'s.json')
    assert choose_ids(f'{tmp_path}/s.json:test+train+test', 'abc') == ['c', 'a', 'b']


def test_more_folds_than_songs():
    with pytest.raises(ValueError, match='3 folds need as many songs, not counting versions; there are 2'):
        split_folds('abc', 3, groups=dict(b='a'))


@pytest.mark.parametrize('n', [-1, 0, 1])
def test_one_fold_is_no_cross_validation(n):
    with pytest.raises(ValueError, match='two folds at least'): split_folds('abcdef', n)
