"What a store refuses, and what it survives"
import json, os, pickle, shutil, subprocess, sys
from dataclasses import replace
import numpy as np, pytest, soundfile as sf
from chordkd_nb import _manifest, _shards
from chordkd_nb._files import folder_lock, write_json
from chordkd_nb.annotation import Annotation
from chordkd_nb.features import LOG_CQT
from chordkd_nb.songs import Song
from chordkd_nb.store import Store, build_store, song_row

TONE = (.1*np.sin(2*np.pi*220*np.arange(22050*3)/22050)).astype(np.float32)  # 3 s
X = np.linspace(-1, 1, 33*144, dtype=np.float32).reshape(33, 144)


def build(songs, out, **how): return build_store(songs, out, progress=False, **how)
def shards(out): return {p.name: p.read_bytes() for p in sorted(out.glob('part-*'))}

def three(tuning=0., **how):
    "Three songs of different loudness"
    annotation = Annotation([(0, 3)], ['A'])
    songs = [Song(str(k), audio=(k+1)*TONE, orig_sr=22050, annotation=annotation, **how) for k in range(3)]
    for song in songs: song.tuning = tuning
    return songs


@pytest.fixture
def out(tmp_path):
    "A store of three songs"
    build(three(), tmp_path/'store', shard_songs=2)
    return tmp_path/'store'


# ---- another way of making it

def another_teacher(song): return {}
another_teacher.meta = dict(teacher='x')


@pytest.mark.parametrize('how, why', [
    (dict(contract=replace(LOG_CQT, name='x')), 'another contract'),
    (dict(targets=another_teacher), 'another teacher'),
])
def test_a_store_cannot_continue_in_another_way(out, how, why):
    with pytest.raises(ValueError, match=why): build(three(), out, **how)


def test_a_store_cannot_continue_with_another_tuning(out):
    with pytest.raises(ValueError, match='another tuning'): build(three(tuning=None), out)


def test_songs_need_one_way_of_tuning(tmp_path):
    songs = three(tuning=None)[:1] + three()[1:]
    with pytest.raises(ValueError, match='estimated and A4 = 440 Hz'): build(songs, tmp_path)


def test_song_ids_are_unique(tmp_path):
    with pytest.raises(ValueError, match='occur twice'): build(three()+three(), tmp_path)


def test_shards_without_a_manifest(out):
    (out/'manifest.json').unlink()
    with pytest.raises(ValueError, match='without a manifest'): build(three(), out)


def manifest_with(out, **changes):
    path = out/'manifest.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize('changes, why', [
    (dict(version=9), 'not the manifest of a feature store'),
    (dict(format='x'), 'not the manifest of a feature store'),
    (dict(songs=[]), 'songs must map ids'),
    (dict(songs=dict(a=1)), 'songs must map ids'),
    (dict(songs=dict(a=dict(status=1))), 'songs must map ids'),
    (dict(songs=dict(a=dict(status='failed'))), 'songs must map ids'),
    (dict(songs=dict(a=dict(status='ok', group=1))), 'songs must map ids'),
    (dict(asked='3'), 'asked must be a number'),
    (dict(contract={}), 'manifest.json'),
    (dict(vocabulary=3), 'manifest.json'),
])
def test_a_manifest_that_is_refused(out, changes, why):
    manifest_with(out, **changes)
    with pytest.raises(ValueError, match=why): Store(out)


# ---- songs that have changed

@pytest.mark.parametrize('other, same', [
    ([((0, 2), 'A'), ((2, 3.4), 'D')], True),
    ([((0, 1.5), 'A')], False),
    ([((0, 3), 'A')], False),
])
def test_chords_are_compared_as_far_as_the_audio_goes(other, same):
    def lab(rows): return Annotation(*zip(*rows)).to_lab()
    assert _manifest._same_chords(lab([((0, 2), 'A'), ((2, 3), 'D')]), lab(other), 3.) == same
    assert not _manifest._same_chords(lab(other), '', 3.)


def test_stored_songs_must_be_in_the_list(out):
    with pytest.raises(ValueError, match='not among those asked for'): build(three()[:2], out)


def known_song(features, sha256, **how):
    "Features of a recording with this hash"
    song = Song('r', features=features, contract=LOG_CQT, **how)
    song.known_sha256 = sha256
    return song


def test_ready_features_are_known_by_their_recording(tmp_path):
    store = build([known_song(X, 'abc')], tmp_path)
    assert (store.song_hashes()['r'], store.groups) == (dict(sha256='abc'), {})
    with pytest.raises(ValueError, match=r'r \(features\)'): build([known_song(X+1, 'another')], tmp_path)
    later = build([known_song(X, 'abc', group='late')], tmp_path)
    assert later.groups == dict(r='late')  # a group may be learned later


def test_the_hash_of_a_recording_may_be_learned_later(tmp_path):
    build([Song('r', features=X, contract=LOG_CQT)], tmp_path)
    assert build([known_song(X, 'abc')], tmp_path).ids == ['r']


@pytest.fixture
def files(tmp_path):
    "A store of one file with labels; a function that makes the store again; a time after the store"
    wav, lab = tmp_path/'c.wav', tmp_path/'c.lab'
    sf.write(wav, TONE, 22050)
    lab.write_text('0 3 A')
    def again(annotation=lab): return build([Song('c', path=wav, annotation=annotation)], tmp_path/'one')
    again()
    return wav, lab, again, (tmp_path/'one/part-00000.arrow').stat().st_mtime+5


def test_files_may_be_touched(files):
    wav, lab, again, later = files
    for path in (wav, lab): os.utime(path, (later, later))
    assert again().ids == ['c']


@pytest.mark.parametrize('text, why', [('0 3 B', r'c \(annotation\)'), ('0 3 Nonsense', r'c \(annotation: ')])
def test_other_labels_are_seen_whatever_their_date(files, text, why):
    wav, lab, again, later = files
    lab.write_text(text)
    os.utime(lab, (0, 0))
    with pytest.raises(ValueError, match=why): again()


def test_labels_are_gone(files):
    with pytest.raises(ValueError, match=r'c \(annotation\)'): files[2](annotation=None)


def test_other_audio_is_seen_if_it_is_newer(files):
    wav, lab, again, later = files
    sf.write(wav, TONE[:22050], 22050)
    os.utime(wav, (later, later))
    with pytest.raises(ValueError, match=r'c \(audio\)'): again()


# ---- processes that die, jobs that stop

class Deadly(Song):
    "Kills the process that unpickles it"
    def __reduce__(self): return os._exit, (1,)


class NotThere:
    "Cannot be imported by a worker process under this name"
    def __call__(self, song): return {}
    def __reduce__(self): return eval, ('no_such_name',)


def test_a_song_that_kills_its_process_is_named_and_the_others_are_stored(tmp_path):
    songs = three()
    (tmp_path/'broken.wav').write_bytes(b'RIFF....')
    deadly = Deadly('deadly', audio=TONE, orig_sr=22050)
    some = [songs[0], deadly, *songs[1:], Song('broken', path=tmp_path/'broken.wav')]
    parallel = build(some, tmp_path/'parallel', shard_songs=2, workers=2)
    assert (parallel.ids, sorted(parallel.failed)) == (['0', '1', '2'], ['broken', 'deadly'])
    assert parallel.failed['deadly'].startswith('WorkerDied')
    some[1] = Song('deadly', path=tmp_path/'broken.wav')
    build(some, tmp_path/'serial', shard_songs=2)
    assert shards(tmp_path/'parallel') == shards(tmp_path/'serial')
    assert len(shards(tmp_path/'serial')) == 2
    assert [song._cached for song in songs] == [{}]*3  # features do not pile up


def has_torch(song): return {} if 'torch' not in sys.modules else dict(y=[])


def test_a_worker_that_needs_no_pytorch_does_not_load_it(tmp_path):
    assert build(three()[:1], tmp_path, targets=has_torch, workers=1).failed == {}


def test_targets_that_cannot_be_imported(tmp_path):
    with pytest.raises(RuntimeError, match='could not start'): build(three(), tmp_path, targets=NotThere(), workers=2)


def test_an_interrupted_job_continues(tmp_path):
    def interrupted(song):
        if song.id == '2': raise KeyboardInterrupt
        return {}
    with pytest.raises(KeyboardInterrupt): build(three(), tmp_path/'cut', targets=interrupted, shard_songs=1)
    assert sorted(json.loads((tmp_path/'cut/manifest.json').read_text())['songs']) == ['0', '1']
    full = build(three(), tmp_path/'cut', shard_songs=1)
    assert (full.ids, len(full.manifest['songs'])) == (['0', '1', '2'], 3)


def test_another_writer_is_refused(out):
    code = f'from chordkd_nb._files import folder_lock\nwith folder_lock({str(out)!r}): pass'
    with folder_lock(out): r = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert r.returncode
    assert 'another process is writing' in r.stderr


# ---- what a store says of itself

def test_missing_songs_in_words(out):
    path = out/'manifest.json'
    manifest = json.loads(path.read_text())
    write_json(manifest | dict(asked=5), path)  # as if killed
    assert Store(out).missing_songs == '2 of 5 songs are not there yet: run the command that makes it again'
    del manifest['asked']
    write_json(manifest, path)
    assert Store(out).missing_songs == ''


def test_a_song_of_the_manifest_is_in_no_shard(out):
    (out/'part-00000.arrow').unlink()
    with pytest.raises(ValueError, match='2 songs of the manifest are in no shard'): Store(out)


def test_a_song_is_in_two_shards(out):
    shutil.copy(out/'part-00000.arrow', out/'part-00000_copy.arrow')
    with pytest.raises(ValueError, match='stored twice: .0. .2 songs in all'): Store(out)


def test_names_that_are_not_there(out, tmp_path):
    with pytest.raises(KeyError, match="no song '9'"): Store(out)['9']
    with pytest.raises(FileNotFoundError, match='not a feature store'): Store(tmp_path/'nowhere')
    with pytest.raises(ValueError, match="no teacher's labels"): Store(out)['0'].teacher_log_probs()


def test_an_annotation_of_another_recording(tmp_path):
    song = Song('a', audio=TONE, orig_sr=22050, annotation=Annotation([(0, 4.2)], ['A']))
    assert build([song], tmp_path).failed == dict(
        a='ValueError: its annotation ends at 4.2 s, its audio at 3.0 s; do they belong together?')


def test_targets_on_another_frame_grid():
    with pytest.raises(ValueError, match='3 frames of y for 33'):
        song_row(Song('a', audio=TONE, orig_sr=22050), LOG_CQT, lambda song: dict(y=np.zeros(3, np.int16)))


def test_a_store_is_sent_as_its_path(out):
    sent = pickle.dumps(Store(out))
    assert len(sent) < 1000
    assert pickle.loads(sent)['1'].features.shape == (33, 144)


# ---- the bass

def bass_of(song): return dict(bass=np.full((33, 13), -int(song.id), np.float16))


def test_a_store_without_a_bass_has_no_column_for_it(out):
    assert 'bass' not in _shards.read_shard(out/'part-00000.arrow').column_names
    assert not Store(out).has_bass and Store(out)['0'].bass is None


def test_a_store_may_be_continued_with_a_bass(out):
    "Old shards lack the column; songs of new ones have it"
    four = build([*three(), Song('3', audio=4*TONE, orig_sr=22050)], out, targets=bass_of)
    assert (four['0'].bass, four['3'].bass.shape, four['3'].bass[0, 0]) == (None, (33, 13), -3)
    assert not four.has_bass
    assert build(three(), out.parent/'all', targets=bass_of).has_bass


def test_a_bass_on_another_frame_grid():
    with pytest.raises(ValueError, match='32 frames of bass for 33'):
        song_row(Song('1', audio=TONE, orig_sr=22050), LOG_CQT, lambda song: dict(bass=bass_of(song)['bass'][1:]))


# ---- files of strangers

ROW = dict(
    id=['a'], sha256=['0'], seconds=[1.], n_frames=[1], features=[np.zeros(144, np.float16)], lab=[''], group=[''],
    y=[[]], top_index=[[]], top_prob=[[]], log_probs=[[]], bass=[[]])


def write_table(path, schema=None, compression=None, **changes):
    import pyarrow as pa
    table = pa.table(ROW | changes, schema=schema or _shards.schema())
    with pa.OSFile(str(path), 'wb') as file:
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.ipc.new_stream(file, table.schema, options=options) as writer: writer.write_table(table)


def test_a_shard_that_is_right(tmp_path):
    write_table(tmp_path/'a.arrow')
    assert _shards.read_shard(tmp_path/'a.arrow', 144)['id'].to_pylist() == ['a']


@pytest.mark.parametrize('changes, why', [
    (dict(n_frames=[2]), 'features has not one row for each frame'),
    (dict(y=[[1, 2]]), 'y has not one row'),
    (dict(top_index=[[1, 2]]), 'top_index has not one row'),
    (dict(n_frames=[2], features=[np.zeros(288, np.float16)], log_probs=[np.zeros(3, np.float16)]),
     'log_probs has not one row'),
    (dict(bass=[np.zeros(12, np.float16)]), 'bass has not one row'),
    (dict(n_frames=[2], features=[np.zeros(288, np.float16)], bass=[np.zeros(13, np.float16)]), 'bass has not one row'),
    (dict(features=[None]), 'features has not one row'),
    (dict(compression='zstd', features=[np.zeros(144*99, np.float16)], n_frames=[99]), 'compressed'),
])
def test_a_shard_that_is_refused(tmp_path, changes, why):
    write_table(tmp_path/'a.arrow', **changes)
    with pytest.raises(ValueError, match=why): _shards.read_shard(tmp_path/'a.arrow', 144)


@pytest.mark.parametrize('data', [b'', b'junk'*99])
def test_a_file_that_is_no_shard(tmp_path, data):
    (tmp_path/'a.arrow').write_bytes(data)
    with pytest.raises(ValueError, match='not a shard of a feature store'): _shards.read_shard(tmp_path/'a.arrow')


def test_another_folder_with_the_same_names_is_no_continuation(tmp_path):
    for k, album in enumerate(('first', 'second')):
        file = tmp_path/album/'01.wav'
        file.parent.mkdir()
        sf.write(file, (k + 1)*TONE, 22050)
        os.utime(file, (0, 0))  # older than any store
    def of(album): return [Song('01', path=tmp_path/album/'01.wav')]
    build(of('first'), tmp_path/'store')
    build(of('first'), tmp_path/'store')
    with pytest.raises(ValueError, match=r"1 songs have changed, e.g. \['01 \(audio\)'\]"):
        build(of('second'), tmp_path/'store')
