"Recognisers are scored where a panel of others agrees, on label files that we can check by hand"
import importlib.util, json, sys
from pathlib import Path
import numpy as np, pandas as pd, pytest, soundfile
from chordkd_nb.annotation import Annotation
from chordkd_nb.comparison import unanimous
from chordkd_nb.evaluation import evaluate

EXPERIMENTS = Path(__file__).parents[1]/'experiments'
LABS = {  # system -> song -> rows of start, end, label
    'a': {'one': '0 10 C', 'two': '0 10 N'},
    'b': {'one': '0 6 C:7\n6 10 G', 'two': '0 10 N'},
    'c': {'one': '0 8 C/3\n8 10 N', 'two': '0 10 N'},
    'ours': {'one': '0 3 C:maj7\n3 10 C:min', 'two': '0 10 C'},
    'theirs': {'one': '0 10 C', 'two': '0 10 X'}}


def call(script, *arguments):
    "Run a script of experiments/ in this process"
    spec = importlib.util.spec_from_file_location(Path(script).name, EXPERIMENTS/f'{script}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', [script, *map(str, arguments)])
        module.main()


def song(*labels): return Annotation([(i, i + 1) for i in range(len(labels))], labels)


def labels_by_second(annotation):
    bounds = [round(start) for start, _, _ in annotation] + [round(annotation.duration)]
    return [label for label, n in zip(annotation.labels, np.diff(bounds)) for _ in range(n)]


def write_labs(folder):
    for system, songs in LABS.items():
        (folder/system).mkdir()
        for name, rows in songs.items(): (folder/system/f'{name}.lab').write_text(rows + '\n')
    return folder


@pytest.fixture
def folders(tmp_path): return write_labs(tmp_path)


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    folder = write_labs(tmp_path_factory.mktemp('panel'))
    named = {name: f'{name}={folder/name}' for name in LABS}
    call('measure/panel', folder/'out', '--members', *(named[name] for name in 'abc'),
         '--outside', named['ours'], named['theirs'], '--reference', 'ours')
    return folder/'out'


# The chords of a panel

@pytest.mark.parametrize('first, second, agreed', [
    ('C#', 'Db:7', 'C#'), ('A:min7', 'A:minmaj7/b3', 'A:min'), ('C', 'C:maj9', 'C'),
    ('C', 'C:min', 'X'), ('C', 'G', 'X'), ('C', 'N', 'X'), ('C', 'X', 'X'),
    ('N', 'N', 'X'), ('X', 'X', 'X'), ('C:dim', 'C:dim', 'X'), ('C:sus4', 'C:sus4', 'X'), ('C:5', 'C:5', 'X')])
def test_a_panel_agrees_on_root_and_major_or_minor(first, second, agreed):
    assert unanimous([song(first), song(second)]).labels == [agreed]


def test_one_member_that_differs_is_enough():
    assert labels_by_second(unanimous([song('C', 'F'), song('C', 'F'), song('C', 'G')])) == ['C', 'X']


def test_a_panel_ends_with_its_shortest_answer():
    assert unanimous([song('C', 'G', 'F'), song('C', 'G')]).duration == 2


def test_equal_neighbours_become_one_segment():
    assert len(unanimous([song('C', 'C:7', 'G'), song('C', 'C', 'G:7')])) == 2


def test_what_a_panel_does_not_agree_on_does_not_count():
    agreed = {'song': unanimous([song('C', 'G', 'N'), song('C', 'D', 'N')])}
    right, wrong = (evaluate(agreed, {'song': song(chord, 'E', 'E')}) for chord in ('C', 'D'))
    assert right.comparable[0, 0] == wrong.comparable[0, 0] == 1
    assert (right.summary().value['majmin'], wrong.summary().value['majmin']) == (100, 0)


# The tables

@pytest.mark.parametrize('panel, system, share, root, majmin', [
    ('a + b + c', 'ours', 30, 100, 50), ('a + b + c', 'theirs', 30, 100, 100),
    ('a + b', 'c', 30, 100, 100), ('a + b', 'ours', 30, 100, 50),
    ('a + c', 'b', 40, 75, 75), ('a + c', 'ours', 40, 100, 37.5),
    ('b + c', 'a', 30, 100, 100),
    ('a', 'c', 50, 80, 80), ('a', 'theirs', 50, 100, 100),
    ('b', 'a', 50, 60, 60), ('c', 'b', 40, 75, 75)])
def test_each_system_is_scored_by_each_panel_without_it(results, panel, system, share, root, majmin):
    rows = pd.read_csv(results/'panels.csv').set_index(['panel', 'system'])
    row = rows.loc[(panel, system)]
    assert (row.share, row.root, row.majmin) == (share, root, majmin)


@pytest.mark.parametrize('panel, system, percent', [
    ('a', 'c', 20), ('a', 'b', 0), ('c', 'theirs', 0), ('a + b + c', 'ours', 0)])
def test_time_without_an_answer_is_counted(results, panel, system, percent):
    rows = pd.read_csv(results/'panels.csv').set_index(['panel', 'system'])
    assert rows.unanswered[panel, system] == percent


def test_there_is_a_row_for_each_panel_and_each_system_outside_it(results):
    rows = pd.read_csv(results/'panels.csv')
    assert len(rows) == 1*2 + 3*3 + 3*4
    assert not any(system in panel.split(' + ') for panel, system in zip(rows.panel, rows.system))
    assert not rows.panel.str.contains('ours').any()


def test_differences_are_to_the_reference(results):
    rows = pd.read_csv(results/'panels.csv').set_index(['panel', 'system'])
    assert rows.difference['a + b + c', 'theirs'] == 50
    assert np.isnan(rows.difference['a + b + c', 'ours'])


def test_the_seconds_of_the_songs_add_up_to_the_table(results):
    songs = pd.read_csv(results/'songs.csv').query('panel == "a + c"').set_index('song')
    assert songs.counted.to_dict() == {'one': 8, 'two': 0}
    assert (songs.ours['one'], songs.b['one'], songs.seconds['one']) == (3, 6, 10)
    assert np.isnan(songs.a).all()


def test_answers_are_counted_by_kind(results):
    answers = pd.read_csv(results/'answers.csv', index_col=0)
    assert answers.loc['b'].to_dict() == dict(majmin=50, other=0, N=50, X=0, segments_a_minute=9)
    assert answers.X['theirs'] == 50


def test_a_folder_that_lacks_a_song_is_named(folders):
    (folders/'b'/'two.lab').unlink()
    with pytest.raises(SystemExit, match='b: 1 songs are missing that others have, e.g. two'):
        call('measure/panel', folders/'out', '--members', f'a={folders/"a"}', f'b={folders/"b"}')
    assert not (folders/'out').exists()


@pytest.mark.parametrize('arguments, message', [
    (['--members', 'a={}/a', '--outside', 'a={}/ours'], 'two systems are called a'),
    (['--members', 'a={}/a', 'b={}/b', '--reference', 'z'], 'no such system'),
    (['--members', 'a={}/nowhere'], 'with a folder that exists')])
def test_arguments_that_make_no_sense_are_refused(folders, capsys, arguments, message):
    with pytest.raises(SystemExit): call('measure/panel', folders/'out', *(text.format(folders) for text in arguments))
    assert message in capsys.readouterr().err


# The songs

@pytest.fixture
def music(tmp_path):
    packages = {}
    for package, lengths in dict(first=[1, 2, 2, 2, 2, 2, 9], second=[2]).items():
        packages[package] = dict(version='1.0')
        (tmp_path/'music/audio'/package).mkdir(parents=True)
        for k, seconds in enumerate(lengths):
            soundfile.write(str(tmp_path/f'music/audio/{package}/{k}.wav'), np.full(800*seconds, k/10), 800)
    (tmp_path/'music/manifest.json').write_text(json.dumps(dict(packages=packages)))
    return tmp_path


def test_recordings_of_the_wanted_length_are_spread_over_each_package(music):
    call('steps/panel_songs', music/'music', music/'songs', '--each', 3, '--seconds', 2, 5)
    names = ['first--1', 'first--3', 'first--5', 'second--0']
    assert sorted(path.stem for path in (music/'songs/audio').iterdir()) == names
    table = pd.read_csv(music/'songs/songs.csv')
    assert list(table.song) == names
    assert (set(table.version.astype(str)), set(table.seconds)) == ({'1.0'}, {2})


def test_only_recordings_of_the_part_are_chosen(music):
    (music/'keep.json').write_text(json.dumps(dict(keep=['first/2', 'second/0'])))
    call('steps/panel_songs', music/'music', music/'songs', '--seconds', 2, 5, '--ids', f'{music/"keep.json"}:keep')
    assert list(pd.read_csv(music/'songs/songs.csv').song) == ['first--2', 'second--0']


def test_recordings_can_be_left_out_by_their_names(music):
    call('steps/panel_songs', music/'music', music/'songs', '--seconds', 2, 5, '--without', '*/2', 'second/*')
    assert list(pd.read_csv(music/'songs/songs.csv').song) == [f'first--{k}' for k in (1, 3, 4, 5)]


def test_a_folder_with_other_recordings_is_refused(music):
    call('steps/panel_songs', music/'music', music/'songs', '--seconds', 2, 5)
    with pytest.raises(SystemExit, match='holds first--2.wav, which is not among the chosen'):
        call('steps/panel_songs', music/'music', music/'songs', '--each', 1, '--seconds', 2, 5)


# Intervals

def test_intervals_draw_the_songs_of_a_package_together(tmp_path):
    right, wrong = '0 10 C\n', '0 10 G\n'
    for system, rows in dict(a=[right]*4, b=[right, wrong, right, wrong]).items():
        (tmp_path/system).mkdir()
        for song, text in zip(('one--1', 'one--2', 'two--1', 'two--2'), rows):
            (tmp_path/system/f'{song}.lab').write_text(text)
    call('measure/panel', tmp_path/'out', '--members', f'a={tmp_path/"a"}', '--outside', f'b={tmp_path/"b"}')
    row = pd.read_csv(tmp_path/'out/panels.csv').iloc[0]
    assert (row.songs, row.packages) == (4, 2)
    assert (row.majmin, row.majmin_low, row.majmin_high) == (50, 50, 50)  # each package is half right
