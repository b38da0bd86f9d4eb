"A look at the songs before anything else: copies are found, and versions stay on one side of a split"
import json
import shutil
import pytest
import soundfile
from chordkd_nb.cli import parser
from chordkd_nb.cli.corpus import choose_pop909
from chordkd_nb.store import Store


@pytest.fixture(scope='module')
def made(chordkd, tmp_path_factory):
    "Four songs, one of which is there twice: the copy is softer, starts later, and is an mp3"
    folder = tmp_path_factory.mktemp('copies')
    assert chordkd(f'corpus demo {folder}/songs --songs 4 --seconds 16 --workers 0').code == 0
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
        assert chordkd(f'label takes store-{part} --teacher none {chosen} --workers 0').code == 0
    assert Store(songs/'store-a').groups | Store(songs/'store-b').groups == groups


def test_extra_songs_join_one_part(chordkd, songs):
    assert chordkd('corpus demo more --songs 5 --seconds 8 --workers 0').code == 0
    assert chordkd('split songs split.json a=1 b=1 --extra a=more').code == 0
    plain = chordkd('split songs plain.json a=1 b=1')
    split, without = read_json(songs/'split.json'), read_json(songs/'plain.json')
    assert plain.code == 0
    assert split['b'] == without['b']
    assert split['a'] == without['a'] + ['demo00004']  # songs/ has the other four

    first = chordkd('split songs first.json a=1 b=1 --extra a=more --extra-songs 1')
    assert (first.code, read_json(songs/'first.json')) == (0, split)
    nothing = chordkd('split songs none.json a=1 b=1 --extra a=songs')
    assert (nothing.code, 'has all of its songs' in nothing.err) == (1, True)
    no_part = chordkd('split songs none.json a=1 b=1 --extra c=more')
    assert (no_part.code, "no part 'c'" in no_part.err) == (1, True)


def test_an_extra_version_of_a_song_stays_on_its_side(chordkd, songs):
    (songs/'other/audio').mkdir(parents=True)
    for name in ('demo00000', 'demo00001', 'demo00002', 'demo00003'):
        shutil.copy(songs/f'songs/audio/{name}.flac', songs/f'other/audio/{name}_v1.flac')
    groups = {f'demo0000{k}{v}': f'song{k}' for k in range(4) for v in ('', '_v1')}
    for folder in ('songs', 'other'): (songs/folder/'groups.json').write_text(json.dumps(groups))
    result = chordkd('split songs split.json a=1 b=1 --extra a=other')
    assert (result.code, 'two sides' in result.err) == (1, True)
    assert not (songs/'split.json').exists()


def test_songs_of_pop909_by_a_split(songs):
    for song in ('001', '002', '003', '010'):  # 010 is held out
        (songs/'POP909'/song).mkdir(parents=True)
        (songs/f'POP909/{song}/{song}.mid').touch()
    (songs/'split.json').write_text(json.dumps(dict(train=['003_v0', 'piano/001_v1'], test=['002_v0'])))
    def chosen(line):
        args = parser().parse_args(['corpus', 'pop909', 'x', '--source', 'POP909', *line.split()])
        return choose_pop909(args, args.source)
    assert chosen('--ids split.json:train') == ['001', '003']
    assert chosen('--ids split.json:train+test') == ['001', '002', '003']
    assert chosen('--without split.json:test') == ['001', '003']
    assert chosen('--ids 002') == ['002']
    assert chosen('--songs 2') == 2
    with pytest.raises(ValueError, match='say which part'): chosen('--without split.json')


def test_songs_that_cannot_be_read_are_reported(chordkd, songs):
    (songs/'songs/audio/bad.mp3').write_bytes(b'not music')
    result = chordkd('corpus check songs')
    assert (result.code, 'bad' in result.out) == (1, True)


@pytest.mark.parametrize('options, message', [
    ('--compare songs', '--compare is about --out'),
    ('--compare nowhere --out r', 'nowhere: no such folder'),
    ('--compare songs ../other/songs --out r', 'two of the folders have the same name')])
def test_corpora_to_compare_are_checked_before_the_work(chordkd, songs, options, message):
    (songs.parent/'other/songs').mkdir(parents=True, exist_ok=True)
    result = chordkd(f'corpus check songs {options} --write-ids ids.json')
    assert (result.code, message in result.err, (songs/'ids.json').exists()) == (1, True, False)


def test_group_until_reaches_extra_songs(chordkd, songs):
    (songs/'more/audio').mkdir(parents=True)
    for song in range(4): shutil.copy(songs/f'songs/audio/demo0000{song}.flac', songs/f'songs/audio/take{song}_v0.flac')
    samples, rate = soundfile.read(songs/'songs/audio/demo00003.flac')
    soundfile.write(songs/'more/audio/take3_v1.flac', samples[::-1], rate)
    split = 'split songs split.json a=1 b=1 --group-until _v'
    refused = [chordkd(f'{split} --extra {part}=more').code for part in 'ab']
    assert sorted(refused) == [0, 1]   # the other version is on one side only


def test_options_given_twice_add_up():
    train = parser().parse_args('train stage1 pool --out run --set epochs=2 --set lr=0.5'.split())
    assert [key for key, _ in train.set] == ['epochs', 'lr']
    check = parser().parse_args('corpus check songs --compare a --compare b'.split())
    assert check.compare == ['a', 'b']
