"A store is the same whoever writes its shards, and wherever it is; the cluster here is a loop, Ray is in tests/slow"
import pickle
import random
import shutil
from dataclasses import replace
from pathlib import Path
import pytest
from chordkd_nb import _cluster, _join
from chordkd_nb._chunks import Chunk, Part, chunks_to_do
from chordkd_nb._join import begin_part, join_stores
from chordkd_nb._processes import WorkerDied
from chordkd_nb._remote import remote_songs
from chordkd_nb.make_songs import make_demo_corpus
from chordkd_nb.songs import Song, find_songs
from chordkd_nb.store import Store, build_store, write_chunk


class Deadly(Song):
    def __reduce__(self):
        import os
        return os._exit, (1,)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    "Six songs, a file that is none and a song whose labels cannot be read"
    folder = tmp_path_factory.mktemp('cluster')/'songs'
    make_demo_corpus(folder, songs=6, seconds=4, workers=0, progress=False)
    (folder/'audio/demo00002x.wav').write_bytes(b'no music')
    (folder/'chordlab/demo00004.lab').write_text('0 nonsense')
    return folder


@pytest.fixture
def cluster(monkeypatch):
    "Two workers that finish in any order; a chunk is tried again, as after the death of a worker"
    def map_on_loop(make, args, items, where, workers, pack, cpus):
        writers = [make(*pickle.loads(pickle.dumps(args))) for _ in range(2)]
        for k, item in enumerate(random.Random(5).sample(items, len(items))):
            sent = pack(item)
            if k == 1: writers[0](pickle.loads(sent))
            yield item, pickle.loads(pickle.dumps(writers[k%2](pickle.loads(sent))))
    monkeypatch.setattr(_cluster, 'map_on_ray', map_on_loop)


def content(folder): return {path.name: path.read_bytes() for path in [*folder.glob('*.arrow'), folder/'manifest.json']}
def build(songs, out, **how): return build_store(songs, out, shard_songs=2, progress=False, **how)


@pytest.fixture(scope='module')
def local(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp('local')/'store'
    store = build(find_songs(folder), out)
    assert sorted(store.failed) == ['demo00002x', 'demo00004']
    return content(out)


def test_workers_of_a_cluster_write_the_local_store(folder, local, cluster, tmp_path):
    build(find_songs(folder), tmp_path/'store', ray='auto')
    assert content(tmp_path/'store') == local


def test_an_address_holds_the_local_store(folder, local, tmp_path):
    store = build(find_songs(folder), f'file://{tmp_path}/pool')
    assert (len(store), sorted(store.failed)) == (5, ['demo00002x', 'demo00004'])
    assert content(tmp_path/'pool') == local
    assert content(join_stores([f'file://{tmp_path}/pool'], tmp_path/'copy', progress=False).path) == local


def test_a_cluster_may_write_to_an_address(folder, local, cluster, tmp_path):
    build(find_songs(folder), f'file://{tmp_path}/pool', ray='auto')
    assert content(tmp_path/'pool') == local


@pytest.mark.parametrize('address', ['{}', 'file://{}'])
def test_a_killed_job_goes_on_and_writes_nothing_twice(folder, local, tmp_path, address):
    "Chunks 0, 2 and 3 are there, and the driver died before it wrote the manifest"
    out = address.format(tmp_path/'pool')
    build(find_songs(folder), out)
    (tmp_path/'pool/part-00001.arrow').unlink()
    (tmp_path/'pool/part-00001.json').unlink(missing_ok=True)
    manifest = Path(tmp_path/'pool/manifest.json')
    text = manifest.read_text()
    manifest.write_text(text[:text.index('"songs"')] + '"songs": {}, "asked": 8}')
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob('pool/*.arrow')}
    build(find_songs(folder), out)
    assert content(tmp_path/'pool') == local
    assert {name: (tmp_path/'pool'/name).stat().st_mtime_ns for name in times} == times


def test_a_song_that_kills_a_worker_costs_only_itself(folder, cluster, tmp_path):
    first, second, third = find_songs(folder)[:3]
    songs = [first, Deadly('deadly', path=second.path), third]
    store = build(songs, tmp_path/'store', ray='auto')
    assert store.ids == [first.id, third.id]
    assert store.failed['deadly'].startswith('WorkerDied: the process that worked on it ended with exit status 1')


def test_a_chunk_whose_worker_dies_each_time_is_named_song_by_song(folder, tmp_path, monkeypatch):
    died = WorkerDied('WorkerDied: no memory')
    monkeypatch.setattr(_cluster, 'map_on_ray', lambda make, args, items, *_: ((item, died) for item in items))
    store = build(find_songs(folder), tmp_path/'store', ray='auto')
    assert len(store) == 0
    assert set(store.failed.values()) == {'WorkerDied: no memory'} and len(store.failed) == 7


def test_shards_that_a_worker_wrote_before_it_died_count(folder, tmp_path, monkeypatch):
    def dies_after_a_song(make, args, chunks, where, workers, pack, cpus):
        for chunk in chunks:
            make(*args)(pickle.loads(pack(replace(chunk, songs=chunk.songs[:1]))))
            yield chunk, WorkerDied('WorkerDied: no memory')
    monkeypatch.setattr(_cluster, 'map_on_ray', dies_after_a_song)
    store = build(find_songs(folder), tmp_path/'store', ray='auto')
    assert store.ids and not {*store.ids} & {*store.failed}
    assert len(store.ids) + len(store.failed) == 7


def test_a_worker_that_does_not_see_the_folder_says_so(folder, cluster, tmp_path, monkeypatch):
    from chordkd_nb._places import Folder
    monkeypatch.setattr(Folder, 'seen_by_workers', lambda self: Folder(tmp_path/'elsewhere'))
    with pytest.raises(RuntimeError, match='elsewhere: a worker of the cluster does not see this folder'):
        build(find_songs(folder), tmp_path/'store', ray='auto')


def test_a_store_that_cannot_be_written_names_the_songs_and_goes_on(folder, cluster, tmp_path, monkeypatch):
    from chordkd_nb._places import Folder
    write = Folder.write_shard
    def full(place, rows, name):
        if name == 'part-00000.arrow': raise OSError('no space left')
        write(place, rows, name)
    monkeypatch.setattr(Folder, 'write_shard', full)
    songs = find_songs(folder)
    store = build(songs, tmp_path/'store', ray='auto')
    assert [store.failed[song.id] for song in songs[:2]] == ['OSError: no space left']*2
    assert len(store) == 3
    monkeypatch.undo()
    assert len(build(songs, tmp_path/'store')) == 5


def test_an_upload_that_arrives_cut_is_an_error(folder, tmp_path, monkeypatch):
    from fsspec.implementations.local import LocalFileSystem
    monkeypatch.setattr(LocalFileSystem, 'put_file', lambda self, here, there, **_: Path(there).write_bytes(b'half'))
    with pytest.raises(OSError, match=r'pool/manifest.json: 4 of \d+ bytes arrived'):
        build(find_songs(folder), f'file://{tmp_path}/pool')


def test_a_store_at_an_address_is_read_after_copying_it(folder, tmp_path):
    with pytest.raises(ValueError, match='s3://bucket/pool: copy the store here first'): Store('s3://bucket/pool')


def test_a_label_file_that_vanishes_costs_only_its_song(folder, tmp_path, monkeypatch):
    from chordkd_nb import _remote
    bring = _remote._bring
    def gone(fs, path, to):
        if path.endswith('demo00001.lab'): raise FileNotFoundError(path)
        bring(fs, path, to)
    monkeypatch.setattr(_remote, '_bring', gone)
    store = build(remote_songs(f'file://{folder}'), tmp_path/'store')
    assert len(store) == 4
    assert f'file://{folder}/chordlab/demo00001.lab' in store.failed['demo00001']


def test_workers_load_the_teacher_for_their_device():
    from chordkd_nb.cli.label import TeacherOfWorkers
    here = TeacherOfWorkers('btc-small', 'meta')
    there = pickle.loads(pickle.dumps(here))
    assert (here.identity()['name'], here.vocab.size) == ('btc-small', 170)
    assert {p.device.type for p in here.ckpt.model.parameters()} == {'cpu'}
    assert {p.device.type for p in there.ckpt.model.parameters()} == {'meta'}


# ---- parts and chunks

def ids(chunks): return [(chunk.number, chunk.piece, chunk.songs) for chunk in chunks]


class Named(str):
    id = property(str)


def test_chunks_follow_from_the_list():
    songs = list(map(Named, 'abcdefg'))
    assert ids(chunks_to_do(songs, {}, 0, 0, 3)) == [(0, 0, ['a', 'b', 'c']), (1, 0, ['d', 'e', 'f']), (2, 0, ['g'])]
    stored = dict(a=(0, 0), d=(1, 0), e=(1, 1))
    assert ids(chunks_to_do(songs, stored, 0, 0, 3)) == [(0, 1, ['b', 'c']), (1, 2, ['f']), (2, 0, ['g'])]
    assert ids(chunks_to_do(songs, dict(a=(0, 0)), 1, 0, 3))[0] == (1, 0, ['b', 'c', 'd'])  # a complete store grows
    assert ids(chunks_to_do(songs, {}, 4, 2, 3))[0] == (4, 0, ['a'])  # two songs of chunk 4 are in another part


def test_pieces_come_in_order():
    names = [Chunk(7).shard(0), Chunk(7).shard(1), Chunk(7).shard(12), Chunk(8).shard(0)]
    assert names == sorted(names)


@pytest.mark.parametrize('songs, of', [(8, 3), (7, 2), (2, 4), (0, 1)])
def test_parts_are_the_whole(folder, tmp_path, songs, of):
    stretches = [range(part.start, part.stop) for part in (Part(k+1, of, songs) for k in range(of))]
    assert [k for stretch in stretches for k in stretch] == list(range(songs))


def parts_of(songs, totals, tmp_path):
    for k, total in enumerate(totals):
        part = Part(k+1, len(totals), total)
        begin_part(tmp_path/str(k), part)
        build(songs[part.start:part.stop], tmp_path/str(k))
    return [tmp_path/str(k) for k in range(len(totals))]


def test_parts_that_share_a_chunk_become_the_local_store(folder, local, tmp_path):
    parts = parts_of(find_songs(folder), [7, 7, 7], tmp_path)
    assert content(join_stores(parts, tmp_path/'joined', progress=False).path) == local


def test_a_join_that_was_stopped_goes_on(folder, local, tmp_path, monkeypatch):
    parts, numbers = parts_of(find_songs(folder), [7, 7], tmp_path), []

    def write(place, chunk, *rows):
        numbers.append(chunk.number)
        if len(numbers) == 3: raise KeyboardInterrupt
        write_chunk(place, chunk, *rows)
    monkeypatch.setattr(_join, 'write_chunk', write)
    with pytest.raises(KeyboardInterrupt): join_stores(parts, tmp_path/'joined', progress=False)
    other = build(find_songs(folder)[:2], tmp_path/'other').path
    with pytest.raises(ValueError, match='what a join of other parts has left'):
        join_stores([other], tmp_path/'joined', progress=False)
    assert content(join_stores(parts, tmp_path/'joined', progress=False).path) == local
    assert numbers == [0, 1, 2, 1, 2, 3] and not (tmp_path/'joined/join.json').exists()


def test_a_listing_that_changes_between_parts_is_noticed(folder, tmp_path):
    parts = parts_of(find_songs(folder), [7, 6], tmp_path)
    with pytest.raises(ValueError, match='lists of 6, 7 songs.* make them anew from one list'):
        join_stores(parts, tmp_path/'joined', progress=False)


def test_parts_of_equally_many_other_songs_are_not_joined(folder, tmp_path):
    songs = find_songs(folder)
    for k, sha256 in ((1, 'a'), (2, 'b')):
        part = Part(k, 2, 7, sha256)
        begin_part(tmp_path/str(k), part)
        build(songs[part.start:part.stop], tmp_path/str(k))
    with pytest.raises(ValueError, match='parts are of different songs'):
        join_stores([tmp_path/'1', tmp_path/'2'], tmp_path/'joined', progress=False)


def test_a_whole_store_does_not_become_a_part(folder, tmp_path):
    build(find_songs(folder)[:2], tmp_path/'store')
    with pytest.raises(ValueError, match='not a part of a job'): begin_part(tmp_path/'store', Part(1, 16, 7))
    assert not (tmp_path/'store/part.json').exists()


def test_what_a_stopped_join_has_left_is_not_mixed_with_another_job(folder, tmp_path):
    parts = parts_of(find_songs(folder), [7, 7], tmp_path)
    (tmp_path/'joined').mkdir()
    shutil.copy(next((tmp_path/'0').glob('part-*.arrow')), tmp_path/'joined')
    with pytest.raises(ValueError, match='what a join of other parts has left'):
        join_stores(parts, tmp_path/'joined', progress=False)


def test_songs_of_two_parts_are_not_written_twice(folder, tmp_path):
    songs = find_songs(folder)
    for k in (1, 2):
        begin_part(tmp_path/str(k), Part(k, 2, 7))
        build(songs[:4], tmp_path/str(k))
    with pytest.raises(ValueError, match="4 songs are in two parts, e.g. .'demo00000'"):
        join_stores([tmp_path/'1', tmp_path/'2'], tmp_path/'joined', progress=False)
