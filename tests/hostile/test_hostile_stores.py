"Manifests, shards, splits and groups that are broken"
import json
import pytest
from audio_files import encoded, triad
from chordkd_nb.songs import Song, find_songs
from chordkd_nb.store import Store, build_store
from chordkd_nb.splits import load_split

CONTRACT = dict(name='log-cqt', version=1, n_features=144, sr=22050, hop=2048, bins_per_octave=24)
MANIFEST = dict(format='chordkd-store', version=1, songs={}, contract=CONTRACT)


def manifest(**changes): return json.dumps(MANIFEST | changes).encode()


MANIFESTS = dict(
    text=b'not json',
    empty=b'',
    array=b'[]',
    number=b'5',
    other=b'{"settings": {}, "songs": {}}',
    utf16='{}'.encode('utf-16'),
    deep=b'{"a":'*9999,
    version=manifest(version=9),
    songs=manifest(songs=[]),
    song=manifest(songs=dict(a=1)),
    status=manifest(songs=dict(a=dict(status=1))),
    lost=manifest(songs=dict(a=dict(status='ok'))),
    contract=manifest(contract=[]),
    no_contract=manifest(contract=None),
    vocabulary=manifest(vocabulary=[1]),
    no_hop=manifest(contract=CONTRACT | dict(hop=0)),
    negative_rate=manifest(contract=CONTRACT | dict(sr=-1)),
    text_as_rate=manifest(contract=CONTRACT | dict(sr='x')),
    half_a_feature=manifest(contract=CONTRACT | dict(n_features=1.5)),
    true_as_bins=manifest(contract=CONTRACT | dict(bins_per_octave=True)),
    no_lowest_note=manifest(contract=CONTRACT | dict(fmin=None)),
    unknown_padding=manifest(contract=CONTRACT | dict(pad_mode='x')),
    negative_chunk=manifest(contract=CONTRACT | dict(chunk=-1)),
    unknown_field=manifest(contract=CONTRACT | dict(colour=1)),
)


@pytest.mark.parametrize('name', MANIFESTS)
def test_a_bad_manifest_is_refused_in_one_line(tmp_path, name):
    (tmp_path/'manifest.json').write_bytes(MANIFESTS[name])
    with pytest.raises(ValueError) as error: Store(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert '\n' not in str(error.value)


@pytest.fixture(scope='module')
def store(tmp_path_factory):
    "The folder of a store of one song"
    folder = tmp_path_factory.mktemp('store')/'store'
    assert len(build_store([Song('a', audio=triad(3), orig_sr=22050)], folder, progress=False)) == 1
    return folder


@pytest.fixture
def shard(store):
    "The file of the song in the store, whose content is restored afterwards"
    path = next(store.glob('*.arrow'))
    content = path.read_bytes()
    yield path
    path.write_bytes(content)


BROKEN_SHARDS = dict(
    empty=lambda data: b'',
    garbage=lambda data: b'garbage'*99,
    beginning=lambda data: data[:100],
    half=lambda data: data[:len(data)//2],
    without_last_byte_of_the_song=lambda data: data[:-9],  # the last eight bytes end the stream
)


@pytest.mark.parametrize('how', BROKEN_SHARDS)
def test_a_broken_shard_is_refused_in_one_line(store, shard, how):
    shard.write_bytes(BROKEN_SHARDS[how](shard.read_bytes()))
    with pytest.raises(ValueError) as error: Store(store)
    assert str(store) in str(error.value)
    assert '\n' not in str(error.value)


def test_a_shard_without_the_mark_of_its_end_is_read(store, shard):
    shard.write_bytes(shard.read_bytes()[:-8])
    assert len(Store(store)) == 1


NO_SPLITS = ['', '[]', '{"a": 1}', '{"a": "bc"}', '{"a": [1]}', '{"a": null}', 'x', '{"a":'*5000]


@pytest.mark.parametrize('text', NO_SPLITS, ids=lambda text: text[:20] or 'empty')
def test_a_file_that_is_not_a_split_is_refused(tmp_path, text):
    (tmp_path/'x.json').write_text(text)
    with pytest.raises(ValueError, match='x.json'): load_split(tmp_path/'x.json')


@pytest.fixture
def song_folder(tmp_path):
    (tmp_path/'a.wav').write_bytes(encoded(triad()))
    return tmp_path


@pytest.mark.parametrize('text', ['', '[]', '{"a": 1}', '{"a": ["b"]}'], ids=lambda text: text or 'empty')
def test_a_file_that_holds_no_groups_is_refused(song_folder, text):
    (song_folder/'groups.json').write_text(text)
    with pytest.raises(ValueError, match='groups.json'): find_songs(song_folder)


def test_two_label_files_of_one_song_are_refused(song_folder):
    (song_folder/'a.lab').write_text('0 1 C')
    (song_folder/'a.jams').write_text('{}')
    with pytest.raises(ValueError, match='two label files'): find_songs(song_folder)
