"Names that look the same are the same song, whether a Mac (normal form D) or another system (C) wrote them"
import json, shutil
from unicodedata import normalize
import numpy as np, pytest, soundfile as sf
from chordkd_nb import Annotation, Song, find_songs
from chordkd_nb._unicode import find_file, nfc_keys
from chordkd_nb.cli import main
from chordkd_nb.mirdata import _find_audio
from chordkd_nb.songs import AUDIO_EXTENSIONS, audio_files, check_song_hashes, label_files, read_groups
from chordkd_nb.splits import load_split, save_split, split_songs
from chordkd_nb.store import Store, build_store

C, D = (normalize(form, 'Café à Göteborg') for form in ('NFC', 'NFD'))
assert C != D


def chordkd(*args):
    "Run a command in this process: its exit status"
    try: return main(list(map(str, args))) or 0
    except SystemExit as e: return e.code


@pytest.fixture
def on_linux(tmp_path):
    "Skip where the file system takes both forms for one name"
    (tmp_path/C).touch()
    if (tmp_path/D).exists(): pytest.skip('this file system knows one form only')
    (tmp_path/C).unlink()


def song(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, .1*np.sin(np.arange(22050)*.05), 22050)


def lab(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('0 1 C\n')


@pytest.mark.parametrize('audio, label', [(C, D), (D, C), (D, D)])
def test_labels_find_their_audio_in_any_form(tmp_path, audio, label):
    song(tmp_path/f'audio/{audio}/{audio}.wav')
    lab(tmp_path/f'chordlab/{label}/{label}.lab')
    (tmp_path/'groups.json').write_text(json.dumps({f'{D}/{D}': D}))
    found, = find_songs(tmp_path, labelled=True)
    assert (found.id, found.group) == (f'{C}/{C}', C)
    assert found.annotation.labels == ['C']


@pytest.mark.parametrize('files', [('wav', 'wav'), ('wav', 'flac')])
def test_two_files_of_one_name_are_told_apart_in_the_message(tmp_path, on_linux, files):
    for name, ending in zip((C, D), files): song(tmp_path/f'{name}.{ending}')
    with pytest.raises(ValueError, match='two audio files') as e: find_songs(tmp_path)
    first, second = str(e.value).partition('e.g. ')[2].removesuffix('; keep one.').split(' and ')
    assert normalize('NFC', first) != normalize('NFC', second)


def test_two_label_files_of_one_name_are_told_apart_in_the_message(tmp_path, on_linux):
    for name in (C, D): lab(tmp_path/f'{name}.lab')
    with pytest.raises(ValueError, match=r'Cafe\\u0301.*Caf\\xe9'): label_files(tmp_path)


def test_two_songs_with_one_result_are_told_apart_in_the_message(tmp_path, on_linux, capsys):
    for name in (C, D): song(tmp_path/f'in/{name}.wav')
    assert chordkd('recognize', tmp_path/'in', '--out', tmp_path/'out', '--workers', 1) == 1
    error = capsys.readouterr().err
    assert 'already the result of' in error
    assert r'Caf\xe9' in error and r'Cafe\u0301' in error
    assert len(list((tmp_path/'out').iterdir())) == 1


def test_ids_of_songs_stores_and_splits_have_one_form(tmp_path):
    made = [Song(name, audio=.1*np.ones(9999), orig_sr=22050) for name in (D, 'other')]
    assert made[0].id == C
    store = build_store(made, tmp_path/'store', progress=False)
    assert store.ids == [C, 'other']
    assert D in store and store[D].id == C
    (tmp_path/'split.json').write_text(json.dumps(dict(train=[D], test=['other'])))
    assert load_split(tmp_path/'split.json')['train'] == [C]
    assert list(check_song_hashes({D: dict(sha256='0')}, 'songs.json')) == [C]


def test_a_store_whose_ids_have_another_form_is_read_and_continued(tmp_path):
    made = [Song(name, audio=.1*np.ones(9999), orig_sr=22050) for name in (D, 'other')]
    made[0].id = D   # as an earlier version would store it
    build_store(made, tmp_path/'store', progress=False)
    assert D in json.loads((tmp_path/'store/manifest.json').read_text())['songs']
    store = Store(tmp_path/'store')
    assert store.ids == [C, 'other'] and store.failed == {}
    assert store[C].seconds == store[D].seconds
    made[0].id = C
    again = build_store([*made, Song('third', audio=np.ones(999), orig_sr=22050)], tmp_path/'store', progress=False)
    assert again.ids == [C, 'other', 'third']


def test_a_file_that_names_a_song_in_both_forms_is_refused(tmp_path):
    (tmp_path/'groups.json').write_text(json.dumps({C: 'a', D: 'b'}))
    with pytest.raises(ValueError, match=r'groups.json.*xe9.*u0301.*keep one'): read_groups(tmp_path/'groups.json')
    (tmp_path/'split.json').write_text(json.dumps(dict(train=[C], test=[D])))
    with pytest.raises(ValueError, match='two sides of the split'): load_split(tmp_path/'split.json')
    assert nfc_keys({D: 1}, 'x') == {C: 1}


def test_a_file_is_found_by_a_name_that_looks_the_same(tmp_path):
    song(tmp_path/D/f'{D}.WAV')
    for name in (C, D):
        assert find_file(tmp_path/name/f'{name}.flac', '.mp3', '.wav') == tmp_path/D/f'{D}.WAV'
        assert _find_audio(str(tmp_path/name/f'{name}.mp3')) == tmp_path/D/f'{D}.WAV'
    assert find_file(tmp_path/C/'other.wav') is None
    assert find_file(tmp_path/'nowhere/other.wav') is None


@pytest.mark.parametrize('ending', ['BEATS', 'txt', 'csv'])
def test_beats_find_their_song_in_any_form(tmp_path, ending):
    song(tmp_path/f'in/{C}.wav')
    (tmp_path/'beats').mkdir()
    (tmp_path/f'beats/{D}.{ending}').write_text(''.join(f'{t/4}\t{t%4+1}\n' for t in range(4)))
    out = tmp_path/'out.json'
    assert chordkd('recognize', tmp_path/f'in/{C}.wav', '--beats', tmp_path/'beats', '--out', out) == 0
    assert out.exists()


def test_evaluation_compares_labels_in_any_form(tmp_path, capsys):
    lab(tmp_path/f'ref/{C}.lab')
    lab(tmp_path/f'est/{D}.LAB')
    assert chordkd('evaluate', '--ref', tmp_path/'ref', '--est', f"me={tmp_path/'est'}") == 0
    assert '1 songs' in capsys.readouterr().out


@pytest.mark.parametrize('ending', ['WAV', 'Mp3', 'webm', 'MP4', 'm4b', 'mkv', 'mov', 'wma', 'AIF'])
def test_files_of_all_kinds_are_found_in_folders(tmp_path, ending):
    (tmp_path/f'a.{ending}').write_bytes(b'x')
    (tmp_path/'cover.jpg').write_bytes(b'x')
    assert [p.name for p in audio_files(tmp_path)] == [f'a.{ending}']
    assert all(e == e.lower() for e in AUDIO_EXTENSIONS) and len(set(AUDIO_EXTENSIONS)) == len(AUDIO_EXTENSIONS)


@pytest.mark.skipif(shutil.which('ffmpeg') is not None, reason='ffmpeg is installed')
def test_videos_that_cannot_be_read_are_listed_with_the_reason(tmp_path, capsys):
    song(tmp_path/'in/a.wav')
    for name in ('b.webm', 'c.mp4', 'd.mkv', 'e.m4b'): (tmp_path/'in'/name).write_bytes(b'no sound here')
    assert chordkd('recognize', tmp_path/'in', '--out', tmp_path/'out', '--workers', 1) == 1
    error = capsys.readouterr().err
    assert error.count('failed: ') == error.count('ffmpeg, which might, is not installed') == 4
    store = build_store(find_songs(tmp_path/'in'), tmp_path/'store', progress=False)
    assert (store.ids, sorted(store.failed)) == (['a'], ['b', 'c', 'd', 'e'])
