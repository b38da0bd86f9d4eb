"Stores that lack what a recipe needs"
import pytest
from chordkd_nb._toys import CHROMA, ToyTeacher, toy_songs
from chordkd_nb.annotation import Annotation
from chordkd_nb.batches import Replay, Windows, mean_std
from chordkd_nb.songs import Song
from chordkd_nb.store import build_store
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.recipes import recipe


def without_annotation(song): return Song(song.id, features=song.features_for(CHROMA), contract=CHROMA)


@pytest.fixture(scope='module')
def stores(tmp_path_factory):
    tmp = tmp_path_factory.mktemp('stores')
    songs = toy_songs(3, seed=4)
    some = [songs[0], without_annotation(songs[1]), songs[2]]
    return dict(full=label_songs(ToyTeacher(), some, tmp/'full', probs='full', progress=False),
                top8=label_songs(ToyTeacher(), songs, tmp/'top8', progress=False),
                bare=build_store(songs, tmp/'bare', CHROMA, progress=False))


@pytest.mark.parametrize('name, regime, changes, says', [
    ('full', 'supervised', {}, r"1 of 3 songs for training have no annotation, e\.g\. \['4-1'\].*--annotated"),
    ('top8', 'stage2', {}, 'no full answer of the teacher.*--probs full'),
    ('bare', 'stage1', {}, "no teacher's labels.*--teacher"),
    ('bare', 'stage2', {}, "no teacher's labels"),
    ('bare', 'stage2', dict(kd='plain'), "no teacher's labels")])
def test_songs_that_lack_targets_are_named(stores, name, regime, changes, says):
    store, r = stores[name], recipe('paper', regime, **changes)
    with pytest.raises(ValueError, match=f'(?i){says}'): Windows(store, store.ids, r, 0., 1.)


@pytest.mark.parametrize('train, side', [(True, 'training'), (False, 'validation')])
def test_an_empty_side_is_refused(stores, train, side):
    with pytest.raises(ValueError, match=f'no songs for {side}'):
        Windows(stores['top8'], [], recipe('paper', 'stage1'), 0., 1., train)


def test_no_features_have_no_mean(stores):
    with pytest.raises(ValueError, match='no features to normalise by'): mean_std(stores['top8'], [])


@pytest.mark.parametrize('by_program, expected', [(False, {168}), (True, {-1})])
def test_x_is_learned_from_people_and_not_from_programs(tmp_path, by_program, expected):
    song = toy_songs(1, seed=5)[0]
    unsure = Annotation([(0, 2), (2, song.annotation.duration)], ['C', 'X'])
    if by_program: unsure.source = dict(program='chordkd_nb', model='align')
    labelled = Song('x', features=song.features_for(CHROMA), contract=CHROMA, annotation=unsure)
    labelled.program_labels = by_program
    store = build_store([labelled], tmp_path/'store', CHROMA, progress=False)
    y, = Windows(store, ['x'], recipe('paper', 'supervised'), 0., 1.).y
    assert set(y[30:].tolist()) == expected and set(y[:20].tolist()) == {1}


def test_a_limit_for_alignments_that_changes_nothing_is_told(stores):
    r = recipe('paper', 'supervised', min_alignment=.8)
    with pytest.warns(UserWarning, match='min_alignment=0.8 changes nothing'):
        Windows(stores['bare'], ['4-0'], r, 0., 1.)


@pytest.mark.parametrize('change', [dict(equaliser=6), dict(noise=20)])
def test_colours_are_for_features_with_a_spectrum(stores, change):
    with pytest.raises(ValueError, match='equaliser and noise change log-CQT features, and these are'):
        Windows(stores['bare'], ['4-0'], recipe('laptop', 'supervised', **change), 0., 1.)


def test_a_share_of_replay_that_is_less_than_a_window(stores):
    r = recipe('laptop', 'stage2', replay_ratio=.001)
    own = Windows(stores['full'], ['4-0'], r, 0., 1.)
    pool = Windows(stores['top8'], stores['top8'].ids, recipe('paper', 'stage1'), 0., 1.)
    assert len(Replay(own, pool)) == len(own)
