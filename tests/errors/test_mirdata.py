"Data homes that lack something, folders that must not be touched, and mirdata's own loaders if it is installed"
import hashlib, json
from types import SimpleNamespace
import numpy as np, pytest, soundfile
from chordkd_nb.songs import find_songs
from chordkd_nb.mirdata import MIRDATA, _load_dataset, mirdata_corpus

CHORDS = {'01': [(0, 1, 'C'), (1, 2, 'G:7')], 'B/2': [(0, 2, 'C')]}


class Loader:
    "A stand-in for mirdata's loader of the Beatles: two tracks of two seconds"
    version, track_ids = 'toy', list(CHORDS)

    def __init__(self, home, chords=CHORDS): self.home, self.chords = home, chords

    def track(self, id):
        wav, rows = self.home/f'{id[-1]}.wav', self.chords[id]
        times, labels = np.array([row[:2] for row in rows], float), [row[2] for row in rows]
        data = SimpleNamespace(intervals=times, labels=labels)
        return SimpleNamespace(track_id=id, audio_path=str(wav), chords_path=f'{id[-1]}.lab', chords=data)


@pytest.fixture
def home(tmp_path):
    (tmp_path/'home').mkdir()
    for name in '12': soundfile.write(tmp_path/f'home/{name}.wav', np.zeros(44100), 22050)
    return tmp_path/'home'


@pytest.fixture
def corpus(tmp_path, home):
    mirdata_corpus(tmp_path/'beatles', 'beatles', home, dataset=Loader(home))
    return tmp_path/'beatles'


def test_recordings_are_linked(corpus, home):
    assert {song.id: song.path.resolve() for song in find_songs(corpus)} == {'01': home/'1.wav', 'B_2': home/'2.wav'}


def test_a_link_that_a_killed_run_left_is_replaced(corpus, home):
    (corpus/'manifest.json').unlink()
    (corpus/'audio/01.wav').unlink()
    (corpus/'audio/01.wav').symlink_to(home/'2.wav')
    before = (home/'2.wav').stat().st_mtime_ns
    mirdata_corpus(corpus, 'beatles', home, dataset=Loader(home))
    assert (corpus/'audio/01.wav').resolve() == home/'1.wav'
    assert (home/'2.wav').stat().st_mtime_ns == before


@pytest.mark.parametrize('songs', [
    {'01': dict(file='../../keep.wav')}, {'01': dict(file='/keep.wav')}, {'01': dict(file=None)},
    {'../../keep': dict(file='keep.wav')}, {'01': 'keep.wav'}, ['01'],
])
def test_a_manifest_that_names_files_elsewhere_deletes_nothing(tmp_path, corpus, home, songs):
    for name in ('keep.wav', 'keep.lab'): (tmp_path/name).write_bytes(b'mine')
    manifest = json.loads((corpus/'manifest.json').read_text())
    (corpus/'manifest.json').write_text(json.dumps(manifest | dict(songs=songs)))
    with pytest.raises(ValueError, match='not a manifest'):
        mirdata_corpus(corpus, 'beatles', home, dataset=Loader(home))
    assert (tmp_path/'keep.wav').read_bytes() == (tmp_path/'keep.lab').read_bytes() == b'mine'
    assert (corpus/'audio/01.wav').exists()


def test_the_folder_of_another_data_set(corpus, home):
    with pytest.raises(ValueError, match='something else .beatles.'):
        mirdata_corpus(corpus, 'queen', home, dataset=Loader(home))


def test_nothing_is_written_into_the_data_home(home):
    with pytest.raises(ValueError, match='nothing is to be changed'):
        mirdata_corpus(home/'out', 'beatles', home, dataset=Loader(home))
    assert not (home/'out').exists()


def test_two_tracks_with_one_file_name(tmp_path, home):
    loader = Loader(home, {'B/2': CHORDS['B/2'], 'B_2': CHORDS['B/2']})
    loader.track_ids = list(loader.chords)
    report = mirdata_corpus(tmp_path/'out', 'beatles', home, dataset=loader)
    assert report.made == ['B_2']
    assert report.failed == {'B_2': "ValueError: its file name 'B_2' is taken by another track"}


def test_without_audio_or_chords_the_error_says_how_to_fetch_the_annotations(tmp_path, home):
    class Empty(Loader):
        def track(self, id): return SimpleNamespace(track_id=id, audio_path=str(home/'none.wav'), chords=None)
    with pytest.raises(FileNotFoundError, match=r"no audio at.*\.download\(\['annotations'\]\)"):
        mirdata_corpus(tmp_path/'out', 'beatles', home, dataset=Empty(home))


def test_without_an_index_the_error_says_how_to_fetch_it(tmp_path, home):
    class NoIndex:
        @property
        def track_ids(self): raise FileNotFoundError('Did you run .download()?')
    with pytest.raises(FileNotFoundError, match=r"download\(\['annotation_lab', 'metadata'\]\)"):
        mirdata_corpus(tmp_path/'out', 'billboard', home, dataset=NoIndex())
    assert not (tmp_path/'out').exists()


def test_data_sets_that_we_do_not_read(tmp_path, home):
    with pytest.raises(ValueError, match='guitarset'): mirdata_corpus(tmp_path/'out', 'haydn_op20', home)


def test_a_data_home_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match='data_home'): mirdata_corpus(tmp_path/'out', 'queen', tmp_path/'none')


# mirdata's own loaders, on files in the formats that they expect

def write_file(home, path, text=None):
    "Write a text, or two seconds of silence: [path, MD5], as in mirdata's index"
    path = home/path
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None: soundfile.write(path, np.zeros(44100), 22050)
    else: path.write_text(text)
    return [str(path.relative_to(home)), hashlib.md5(path.read_bytes()).hexdigest()]


def write_guitarset(home):
    def chords(*labels):
        data = [dict(time=float(k), duration=1., value=label) for k,label in enumerate(labels)]
        return dict(namespace='chord', data=data)
    jams = json.dumps(dict(annotations=[chords('C:maj', 'G:7'), chords('C:maj(9)', 'G:5')]))
    index = {}
    for id in ('00_BN1-129-Eb_comp', '00_BN1-129-Eb_solo'):
        index[id] = dict.fromkeys(('audio_mix', 'audio_hex', 'audio_hex_cln'), [None, None])
        index[id]['jams'] = write_file(home, f'annotation/{id}.jams', jams)
        index[id]['audio_mic'] = write_file(home, f'mic/{id}.wav')
    return index


UNUSED = ('beat', 'beats', 'keys', 'sections', 'voca_inst', 'salami', 'bothchroma', 'tuning',
          'lab_majmin', 'lab_majmin7', 'lab_majmininv', 'lab_majmin7inv')


def write_lab_files(home, chords):
    "A data set with two tracks, whose index names the `.lab` file by `chords`"
    index = {}
    for id in ('0001', '0002'):
        index[id] = dict.fromkeys(UNUSED, [f'{id}_Tune.x', None])
        index[id]['audio'] = write_file(home, f'audio/{id}_Tune.wav')
        index[id][chords] = write_file(home, f'{id}_Tune.lab', '0.000\t1.000\tC:maj\n1.000\t2.000\tG:7\n')
    return index


def write_billboard(home):
    songs = ''.join(f'{id},1960-01-01,1,1,Tune,Somebody,1,1\n' for id in ('0001', '0002'))
    write_file(home, 'billboard-2.0-index.csv', 'id,date,target,actual,title,artist,peak,weeks\n' + songs)
    return write_lab_files(home, 'lab_full')


def load(name, home):
    "mirdata's loader of a made-up data home"
    pytest.importorskip('mirdata')
    home.mkdir()
    others = dict(guitarset=write_guitarset, billboard=write_billboard)
    index = others[name](home) if name in others else write_lab_files(home, 'chords')
    dataset = _load_dataset(name, home)
    dataset._index = dict(tracks=index)
    return dataset, index


@pytest.mark.parametrize('name, group', [('beatles', 'tune'), ('queen', 'tune'), ('rwc_popular', None),
                                         ('billboard', 'Somebody: Tune'), ('guitarset', 'BN1-129-Eb')])
def test_mirdata_reads_it(tmp_path, name, group):
    dataset, index = load(name, tmp_path/'home')
    report = mirdata_corpus(tmp_path/'out', name, tmp_path/'home', dataset=dataset)
    assert ({*report.made, *report.left_out}, report.failed) == (set(index), {})
    songs = find_songs(tmp_path/'out', labelled=True)
    assert [(song.annotation.labels, song.group) for song in songs] == [(['C:maj', 'G:7'], group)]*len(report.made)
    manifest = json.loads((tmp_path/'out/manifest.json').read_text())
    assert all(song['as_indexed'] for song in manifest['songs'].values())


def test_solos_of_guitarset_are_left_out(tmp_path):
    dataset, _ = load('guitarset', tmp_path/'home')
    report = mirdata_corpus(tmp_path/'out', 'guitarset', tmp_path/'home', dataset=dataset)
    assert list(report.left_out) == ['00_BN1-129-Eb_solo']


def test_other_chords_of_guitarset(tmp_path):
    dataset, _ = load('guitarset', tmp_path/'home')
    mirdata_corpus(tmp_path/'out', 'guitarset', tmp_path/'home', chords='inferred_chords', dataset=dataset)
    assert find_songs(tmp_path/'out')[0].annotation.labels == ['C:maj(9)', 'G:5']


def test_all_data_sets_are_tested():
    assert set(MIRDATA) == {'beatles', 'queen', 'rwc_popular', 'billboard', 'guitarset'}
