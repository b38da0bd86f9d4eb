"A look at the songs before anything else: copies are found, and versions stay on one side of a split"
import json
import shutil
import pytest
import soundfile
from chordkd_nb.store import Store


@pytest.fixture(scope='module')
def made(chordkd, tmp_path_factory):
    "Four songs, one of which is there twice: the copy is softer, starts later, and is an mp3"
    folder = tmp_path_factory.mktemp('copies')
    assert chordkd(f'corpus demo {folder}/songs --songs 4 --seconds 16 --workers 1').code == 0
    audio = folder/'songs/audio'
    samples, rate = soundfile.read(audio/'demo00001.flac')
    soundfile.write(audio/'twice.mp3', .5*samples[9000:], rate)
    assert chordkd(f'corpus check {folder}/songs --out {folder}/report --write-ids {folder}/keep.json '
                   f'--compare {folder}/songs').code == 0
    return folder


@pytest.fixture
def songs(made, tmp_path, monkeypatch):
    "A folder with songs/, report/ and keep.json, which a test may change"
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_json(path): return json.loads(path.read_text())


def on_one_side(ids, split): return any(set(ids) <= set(part) for part in split.values())


def test_check_finds_the_copy(songs):
    assert read_json(songs/'keep.json')['duplicate'] == ['twice']
    assert (songs/'report/classes.png').exists()


def test_a_split_of_what_is_to_be_kept_leaves_the_copy_out(chordkd, songs):
    assert chordkd('split songs split.json a=3 b=1 --ids keep.json:keep').code == 0
    assert 'twice' not in (songs/'split.json').read_text()


def test_groups_keep_versions_on_one_side(chordkd, songs):
    line = 'split songs split.json a=1 b=1 --groups report/groups.json'
    assert chordkd(line).code == 0
    assert on_one_side(['demo00001', 'twice'], read_json(songs/'split.json'))

    again = chordkd(line)
    assert (again.code, 'groups of versions' in again.out) == (0, True)

    other = chordkd(f'{line} --seed 5')
    assert (other.code, 'another split' in other.err) == (1, True)


def test_the_same_file_twice_is_one_group(chordkd, songs):
    shutil.copy(songs/'songs/audio/demo00000.flac', songs/'songs/audio/again.flac')
    assert chordkd('split songs split.json a=1 b=1').code == 0
    assert on_one_side(['demo00000', 'again'], read_json(songs/'split.json'))


def test_only_annotated_songs(chordkd, songs):
    assert chordkd('split songs split.json a=1 b=1 --annotated').code == 0
    split = read_json(songs/'split.json')
    assert sorted(split['a']+split['b']) == ['demo00000', 'demo00001', 'demo00002', 'demo00003']


def test_too_few_songs_for_a_part(chordkd, songs):
    result = chordkd('split songs split.json a=.98 b=.01 c=.01')
    assert (result.code, 'too few' in result.err) == (1, True)


def test_groups_stay_with_the_split_and_with_the_songs_of_a_store(chordkd, songs):
    (songs/'takes/audio').mkdir(parents=True)
    for k, name in enumerate(['s_v1', 's_v2', 't_v1', 't_v2']):
        shutil.copy(songs/f'songs/audio/demo0000{k}.flac', songs/f'takes/audio/{name}.flac')
    groups = dict(s_v1='s', s_v2='s', t_v1='t', t_v2='t')
    assert chordkd('split takes split.json a=1 b=1 --group-until _v').code == 0
    assert read_json(songs/'split.groups.json') == groups
    for part in 'ab':
        chosen = f'--ids split.json:{part}'
        assert chordkd(f'label takes store-{part} --teacher none {chosen} --workers 1').code == 0
    assert Store(songs/'store-a').groups | Store(songs/'store-b').groups == groups


def test_songs_that_cannot_be_read_are_reported(chordkd, songs):
    (songs/'songs/audio/bad.mp3').write_bytes(b'not music')
    result = chordkd('corpus check songs')
    assert (result.code, 'bad' in result.out) == (1, True)
