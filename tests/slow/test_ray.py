"Workers of a Ray cluster write the store that one machine writes"
import os
import threading
import time
from copy import copy
import pytest
from chordkd_nb._join import join_stores
from chordkd_nb._remote import remote_songs
from chordkd_nb.songs import find_songs
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.store import build_store
from chordkd_nb.teachers import load_teacher

pytest.importorskip('ray')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def cluster(server):
    "Two nodes on this machine, of two CPUs and, as far as Ray is told, one GPU each"
    os.environ |= dict(RAY_USAGE_STATS_ENABLED='0', RAY_raylet_start_wait_time_s='120')
    import ray
    from ray.cluster_utils import Cluster
    cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=0, include_dashboard=False))
    cluster.workers = [cluster.add_node(num_cpus=2, num_gpus=1) for _ in range(2)]
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def actors(cluster):
    "The processes of the workers"
    import psutil
    raylets = {node.all_processes['raylet'][0].process.pid for node in cluster.workers}
    everyone = psutil.process_iter(['cmdline'])
    named = [p for p in everyone if 'MapWorker' in ' '.join(p.info['cmdline'] or [])]
    return [p for p in named if any(parent.pid in raylets for parent in p.parents())]


def kill_one(cluster, fs, killed, ended):
    "Kill a worker once the first shard is there"
    while not killed and not ended.is_set():
        fs.invalidate_cache()
        begun = fs.exists('bucket/pool') and any(path.endswith('.arrow') for path in fs.ls('bucket/pool'))
        for process in actors(cluster)[:1] if begun else []:
            process.kill()
            killed.append(process.pid)
        time.sleep(.1)


def content(folder): return {path.name: path.read_bytes() for path in [*folder.glob('*.arrow'), folder/'manifest.json']}


def many(songs, times):
    "Songs again and again, with other ids"
    made = [copy(song) for _ in range(times) for song in songs]
    for k, song in enumerate(made): song.id = f'{song.id}-{k}'
    return made


def test_a_bucket_and_a_killed_worker(cluster, bucket, tmp_path):
    songs, how = many(remote_songs('s3://bucket/music'), 6), dict(shard_songs=2, progress=False)
    build_store(songs, tmp_path/'local', workers=1, **how)
    killed, ended = [], threading.Event()
    killer = threading.Thread(target=kill_one, args=(cluster, bucket, killed, ended))
    killer.start()
    try: store = build_store(songs, 's3://bucket/pool', ray=cluster.address, workers=2, **how)
    finally: ended.set()
    killer.join()
    assert len(killed) == 1
    assert (len(store), len(store.failed)) == (24, 6)
    join_stores(['s3://bucket/pool'], tmp_path/'copy', progress=False)
    assert content(tmp_path/'copy') == content(tmp_path/'local')


def test_workers_that_share_gpus_and_a_folder(cluster, folder, tmp_path):
    how = dict(shard_songs=2, progress=False)
    build_store(find_songs(folder), tmp_path/'local', workers=1, **how)
    build_store(find_songs(folder), tmp_path/'ray', ray=(cluster.address, .5), **how)
    assert content(tmp_path/'ray') == content(tmp_path/'local')


def test_processes_that_read_ahead_for_each_worker(cluster, bucket, tmp_path):
    teacher, how = load_teacher('btc-small'), dict(shard_songs=2, progress=False)
    songs = remote_songs('s3://bucket/music')
    label_songs(teacher, songs, tmp_path/'local', workers=1, **how)
    label_songs(teacher, songs, tmp_path/'ray', ray=(cluster.address, .5), workers=(0, 1), **how)
    assert content(tmp_path/'ray') == content(tmp_path/'local')


def test_a_folder_that_a_worker_does_not_see(cluster, folder, tmp_path, monkeypatch):
    from chordkd_nb._places import Folder
    monkeypatch.setattr(Folder, 'seen_by_workers', lambda self: Folder(tmp_path/'elsewhere'))
    with pytest.raises(RuntimeError, match='elsewhere: a worker of the cluster does not see this folder'):
        build_store(find_songs(folder), tmp_path/'store', progress=False, ray=cluster.address)
