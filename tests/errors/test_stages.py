"Runs that are refused before they train"
import warnings
from types import SimpleNamespace
import numpy as np, pytest, torch
from chordkd_nb._toys import CHROMA, SMALL_BTC, ToyTeacher, toy_songs
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.checkpoints import ARCHS
from chordkd_nb.songs import Song
from chordkd_nb.features import FeatureContract
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.store import build_store
from chordkd_nb.stages import stage1, stage2, supervised, train_valid, with_dropout

QUICK = dict(epochs=1, batch_size=4, warmup_epochs=0)
FEW = dict(epochs=1, batch_size=4)


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    "A pool, labelled songs, students of both, and a folder"
    tmp = tmp_path_factory.mktemp('stages')
    pool = label_songs(ToyTeacher(), toy_songs(8, seed=1), tmp/'pool', progress=False)
    labelled = label_songs(ToyTeacher(), toy_songs(8, seed=2), tmp/'labelled', probs='full', progress=False)
    student = stage1(pool, tmp/'student', sizes=SMALL_BTC, changes=QUICK, progress=False)
    baseline = supervised(labelled, tmp/'baseline', sizes=SMALL_BTC, changes=QUICK, progress=False)
    return dict(tmp=tmp, pool=pool, labelled=labelled, student=student, baseline=baseline)


def relabelled(made, name, group=None, known_sha256=None):
    "One song of the pool under another name"
    song = Song(name, features=made['pool'][made['pool'].ids[0]].features, contract=CHROMA, group=group)
    song.known_sha256 = known_sha256
    return label_songs(ToyTeacher(), [song], made['tmp']/f'relabelled-{name}', progress=False)


def replay(made, out, pool, ratio=1., **how):
    "Train the student on labelled songs while songs of a pool are replayed"
    changes = FEW | dict(replay_ratio=ratio)
    return stage2(made['student'], made['labelled'], out, changes=changes, pool=pool, progress=False, **how)


@pytest.mark.parametrize('ids, groups, says', [
    (['a'], None, 'there are 1'),
    (['a', 'b'], dict(a='g', b='g'), r'there are 1 \(of 2'),
])
def test_one_song_is_too_few(ids, groups, says):
    with pytest.raises(ValueError, match=says): train_valid(ids, groups=groups)


def test_songs_of_a_split_must_be_there(made, tmp_path):
    split = dict(train=made['labelled'].ids, valid=['none'])
    with pytest.raises(ValueError, match='lacks 1 songs of the split'):
        supervised(made['labelled'], tmp_path/'run', split=split, progress=False)


def test_a_song_on_both_sides_is_refused(made, tmp_path):
    ids = made['labelled'].ids
    with pytest.raises(ValueError, match='two sides'):
        supervised(made['labelled'], tmp_path/'run', split=dict(train=ids, valid=ids[:1]), progress=False)


def test_another_contract_is_refused(made, tmp_path):
    coarse = FeatureContract('coarse', 1, 24, 22050, 4096, 12)
    class Coarse(ToyTeacher):
        contract = coarse
        def log_probs(self, song): return np.log(np.full((len(song.features_for(coarse)), 170), 1/170))
    songs = [Song(s.id, features=s.features_for(CHROMA), contract=coarse) for s in toy_songs(3)]
    store = label_songs(Coarse(), songs, tmp_path/'coarse', progress=False)
    changes = FEW | dict(targets='teacher', kd='none', alpha=0.)
    with pytest.raises(ValueError, match='the model takes toy-chroma'):
        stage2(made['student'], store, tmp_path/'run', changes=changes, progress=False)


@pytest.mark.parametrize('ratio, with_pool, says', [(1., False, 'needs a labelled pool'), (0., True, 'or neither')])
def test_replay_needs_a_pool_and_a_ratio(made, tmp_path, ratio, with_pool, says):
    pool = made['pool'] if with_pool else None
    with pytest.raises(ValueError, match=says): replay(made, tmp_path/'run', pool, ratio)


@pytest.mark.parametrize('regime', [supervised, stage1])
def test_the_other_regimes_have_no_replay(made, tmp_path, regime):
    with pytest.raises(ValueError, match='needs a labelled pool'):
        regime(made['labelled'], tmp_path/'run', sizes=SMALL_BTC, changes=QUICK | dict(replay_ratio=1.), progress=False)


def test_validation_songs_must_not_be_replayed(made, tmp_path):
    with pytest.raises(ValueError, match='validation songs, or versions of them'):
        replay(made, tmp_path/'run', made['labelled'])


def test_versions_of_validation_songs_must_not_be_replayed(made, tmp_path):
    held = train_valid(made['labelled'].ids)['valid'][0]
    live = relabelled(made, 'live', group=held)
    with pytest.raises(ValueError, match=r"versions of them, are in it, e\.g\. \['live'\]"):
        replay(made, tmp_path/'run', live)


def test_another_song_of_the_same_name_is_a_warning(made, tmp_path):
    held = train_valid(made['labelled'].ids)['valid'][0]
    namesake = relabelled(made, held, known_sha256='ab'*32)
    with pytest.warns(UserWarning, match='we take them for other songs'):
        replay(made, tmp_path/'run', namesake)


def test_songs_to_replay_must_be_in_the_pool(made, tmp_path):
    with pytest.raises(ValueError, match='not in the pool'):
        replay(made, tmp_path/'run', made['pool'], pool_ids=['none'])


def test_only_dropout_of_a_student_can_change(made):
    with pytest.raises(ValueError, match='only rates of dropout'): with_dropout(made['student'], num_layers=2)


def test_another_student_is_another_run(made, tmp_path):
    first = stage2(made['student'], made['labelled'], tmp_path/'run', changes=FEW, progress=False)
    with pytest.raises(ValueError, match="the hash of the student's weights is"):
        stage2(made['baseline'], made['labelled'], tmp_path/'run', changes=FEW, progress=False)
    again = stage2(made['student'], made['labelled'], tmp_path/'run', changes=FEW, progress=False)
    assert again.provenance == first.provenance


def test_another_teacher_is_another_run(made, tmp_path):
    class Deaf(ToyTeacher):
        name = 'deaf'
        def log_probs(self, song): return np.roll(super().log_probs(song), 14, 1)
    stage1(made['pool'], tmp_path/'run', sizes=SMALL_BTC, changes=QUICK, progress=False)
    deaf = label_songs(Deaf(), toy_songs(8, seed=1), tmp_path/'deaf', progress=False)
    with pytest.raises(ValueError, match="the teacher is .*toy.* there and .*deaf.* here"):
        stage1(deaf, tmp_path/'run', sizes=SMALL_BTC, changes=QUICK, progress=False)


class OwnNet(torch.nn.Module):
    "A network whose sizes depend on the value of a tensor"
    def __init__(self, n_features=24, n_classes=170):
        super().__init__()
        self.config, self.width = dict(n_features=n_features, n_classes=n_classes), int(torch.tensor(3.).item())


def test_a_network_that_could_not_be_loaded_again_is_not_trained(made, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHS, 'own', OwnNet)
    with pytest.raises(CheckpointError, match="network 'own', built again from its `config`"):
        supervised(made['labelled'], tmp_path/'run', arch='own', progress=False)


def test_features_that_are_no_pitches_are_not_transposed(tmp_path):
    embedding = FeatureContract('embedding', 1, 24, 22050, 2048, bins_per_octave=1)
    songs = [Song(s.id, features=s.features_for(CHROMA), contract=embedding, annotation=s.annotation)
             for s in toy_songs(8, seed=3)]
    store = build_store(songs, tmp_path/'store', embedding)
    with pytest.raises(ValueError, match='Set shifts to None'):
        supervised(store, tmp_path/'run', sizes=SMALL_BTC, changes=QUICK, progress=False)
    supervised(store, tmp_path/'run', sizes=SMALL_BTC, changes=QUICK | dict(shifts=None), progress=False)


def test_the_checkpoint_names_your_own_loss(made, tmp_path):
    def no_loss(logits, batch, recipe): return 0*logits.sum()
    kept = supervised(made['labelled'], tmp_path/'run', sizes=SMALL_BTC, changes=QUICK, loss=no_loss, progress=False)
    assert kept.provenance['loss'].endswith('no_loss') and 'loss' not in made['baseline'].provenance


def test_a_store_that_is_larger_than_memory(made, monkeypatch):
    monkeypatch.setattr('chordkd_nb.stages.virtual_memory', lambda: SimpleNamespace(total=1000))
    how = dict(sizes=SMALL_BTC, progress=False)
    with pytest.warns(UserWarning, match='more than the memory of this machine'):
        stage1(made['pool'], made['tmp']/'waits', changes=QUICK, **how)
    with warnings.catch_warnings():
        warnings.simplefilter('error', UserWarning)
        stage1(made['pool'], made['tmp']/'mixes', changes=QUICK | dict(mix_songs=8), **how)


def test_a_split_without_validation_songs(made, tmp_path):
    with pytest.raises(ValueError, match="has no part 'valid'; it has train"):
        supervised(made['labelled'], tmp_path, split=dict(train=made['labelled'].ids))


def test_names_are_hidden_in_later_stages_too(made, tmp_path):
    named = stage1(
        made['pool'], tmp_path/'named', sizes=SMALL_BTC, changes=QUICK, song_names=True, progress=False)
    later = stage2(named, made['labelled'], tmp_path/'later', changes=QUICK, progress=False)
    known = {id for songs in later.songs.values() for id in songs}
    assert known and not known & {*made['pool'].ids, *made['labelled'].ids}
