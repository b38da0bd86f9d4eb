"Songs at an address are labelled as those of a folder, and stay there"
import fsspec
import pytest
from chordkd_nb import _remote, audio
from chordkd_nb._remote import fetched, remote_songs
from chordkd_nb.make_songs import make_demo_corpus
from chordkd_nb.store import Store, build_store


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('remote')/'songs'
    make_demo_corpus(folder, songs=3, seconds=5, workers=0, progress=False)
    return folder


@pytest.fixture
def bucket(folder):
    "The same songs in a file system in memory"
    fs = fsspec.filesystem('memory')
    fs.put(str(folder), '/music', recursive=True)
    yield fs
    fs.rm('/music', recursive=True)


def shards(folder): return [path.read_bytes() for path in sorted(folder.glob('part-*.arrow'))]


def build(songs, out): return build_store(songs, out, workers=0, progress=False)


def test_the_store_is_that_of_the_folder(folder, bucket, tmp_path):
    from chordkd_nb.songs import find_songs
    build(find_songs(folder), tmp_path/'local')
    build(remote_songs('memory://music'), tmp_path/'remote')
    assert shards(tmp_path/'remote') == shards(tmp_path/'local')


def test_a_recording_is_here_only_while_it_is_worked_on(bucket):
    song = remote_songs('memory://music')[0]
    with fetched(song) as here:
        path = here.path
        assert path.stat().st_size > 1000
    assert not path.exists()


def test_a_recording_that_vanishes_costs_only_itself(bucket, tmp_path):
    songs = remote_songs('memory://music')
    bucket.rm('/music/audio/demo00001.flac')
    store = build(songs, tmp_path/'store')
    assert len(store) == 2
    assert 'memory://' in store.failed['demo00001'] and 'demo00001.flac' in store.failed['demo00001']


def test_the_work_continues_where_it_stopped(bucket, tmp_path):
    songs = remote_songs('memory://music')
    bucket.mv('/music/audio/demo00001.flac', '/elsewhere.flac')
    build(songs, tmp_path/'store')
    bucket.mv('/elsewhere.flac', '/music/audio/demo00001.flac')
    store = build(remote_songs('memory://music'), tmp_path/'store')
    assert len(store) == 3 and not store.failed


def test_a_song_that_vanishes_after_it_was_stored_stays_in_the_store(bucket, tmp_path):
    build(remote_songs('memory://music')[:2], tmp_path/'store')
    bucket.rm('/music/audio/demo00000.flac')
    bucket.rm('/music/chordlab/demo00000.lab')
    with pytest.warns(UserWarning, match=r"1 stored songs .* \['demo00000'\]. They stay in the store"):
        store = build(remote_songs('memory://music'), tmp_path/'store')
    assert len(store) == 3 and not store.missing_songs


def test_songs_of_another_address_are_refused(bucket, tmp_path):
    build(remote_songs('memory://music')[:1], tmp_path/'store')
    with pytest.raises(ValueError, match='not among those asked for now'):
        build(remote_songs('memory://music')[1:], tmp_path/'store')


def test_nothing_is_read_again_if_nobody_knows_how_old_it_is(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(_remote, 'modified', lambda info: None)  # as with http and hf
    build(remote_songs('memory://music', False), tmp_path/'store')
    monkeypatch.setattr(_remote, '_bring', refused)
    assert len(build(remote_songs('memory://music', False), tmp_path/'store')) == 3


def refused(fs, path, to): raise AssertionError(f'{path} was read')


def test_without_labels_only_recordings_are_read(bucket, monkeypatch):
    monkeypatch.setattr(_remote, '_bring', refused)
    assert len(remote_songs('memory://music', False)) == 3


def test_other_processes_fetch_for_themselves(folder, tmp_path):
    songs = remote_songs(f'file://{folder}')
    store = build_store(songs, tmp_path/'store', workers=2, progress=False)
    assert len(store) == 3


@pytest.mark.parametrize('address, message', [
    ('memory://nothing', 'memory://nothing: no files there'),
    ('what://ever', 'what://ever: Protocol not known')])
def test_an_address_that_leads_nowhere(address, message):
    with pytest.raises((OSError, ImportError), match=message): remote_songs(address)


def test_messages_name_the_address(bucket):
    bucket.pipe('/music/chordlab/lonely.lab', b'0\t1\tC:maj\n')
    with pytest.raises(ValueError, match='memory://music/chordlab: 1 label files have no audio'):
        remote_songs('memory://music')


def test_a_recording_that_cannot_be_read_is_named_by_its_address(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(audio.shutil, 'which', lambda name: None)  # as if there were no ffmpeg, which says it otherwise
    bucket.pipe('/music/audio/broken.wav', b'no sound')
    store = build(remote_songs('memory://music'), tmp_path/'store')
    assert store.failed['broken'].startswith('AudioError: memory:///music/audio/broken.wav: not in a format')


def test_a_name_cannot_lead_out_of_the_folder(bucket, monkeypatch):
    monkeypatch.setattr(type(bucket), 'find', lambda *_, **__: {'/music/../../evil.lab': {}})
    with pytest.raises(OSError, match='leads out of the folder'): remote_songs('memory://music')


def test_the_command_takes_an_address(folder, tmp_path):
    from chordkd_nb.cli import main
    main(['label', f'file://{folder}', str(tmp_path/'store'), '--teacher', 'none', '--workers', '0'])
    assert all(song.annotation for song in Store(tmp_path/'store'))
