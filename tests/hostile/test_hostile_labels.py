"Label files are read, or refused with the name of the file and the reason"
import re
import pytest
from judging import chordkd
from label_files import BAD_JAMS, BAD_LABS, GOOD_JAMS, GOOD_LABS, LABS, NOT_FILES
from chordkd_nb.annotation import Annotation


def error_of(read, path):
    "The error of a reader: one short text that names the file"
    with pytest.raises((ValueError, OSError)) as error: read(path)
    text = str(error.value)
    assert path.name in text
    assert len(text) < 600
    return text


@pytest.mark.parametrize('name', GOOD_LABS)
def test_a_good_lab_file_is_read(name, tmp_path):
    data, n_segments = GOOD_LABS[name]
    (tmp_path/'a.lab').write_bytes(data)
    assert len(Annotation.from_lab(tmp_path/'a.lab')) == n_segments


@pytest.mark.parametrize('name', BAD_LABS)
def test_a_bad_lab_file_is_refused(name, tmp_path):
    data, error = BAD_LABS[name]
    (tmp_path/'a.lab').write_bytes(data)
    assert re.search(error, error_of(Annotation.from_lab, tmp_path/'a.lab'))


@pytest.mark.parametrize('name', GOOD_JAMS)
def test_a_good_jams_file_is_read(name, tmp_path):
    data, n_segments = GOOD_JAMS[name]
    (tmp_path/'a.jams').write_bytes(data)
    assert len(Annotation.from_jams(tmp_path/'a.jams')) == n_segments


@pytest.mark.parametrize('name', BAD_JAMS)
def test_a_bad_jams_file_is_refused(name, tmp_path):
    data, error = BAD_JAMS[name]
    (tmp_path/'a.jams').write_bytes(data)
    assert re.search(error, error_of(Annotation.from_jams, tmp_path/'a.jams'))


READERS = dict(lab=Annotation.from_lab, jams=Annotation.from_jams)


@pytest.mark.parametrize('name', NOT_FILES)
@pytest.mark.parametrize('ending', READERS)
def test_labels_that_are_not_a_file_are_refused(name, ending, tmp_path):
    make, error = NOT_FILES[name]
    make(tmp_path/f'a.{ending}')
    assert re.search(error, error_of(READERS[ending], tmp_path/f'a.{ending}'))


@pytest.mark.parametrize('name', LABS)
def test_repair_leaves_no_gaps_and_no_overlaps_or_is_refused(name, tmp_path):
    (tmp_path/'a.lab').write_bytes(LABS[name][0])
    try: annotation = Annotation.from_lab(tmp_path/'a.lab', repair=True)
    except ValueError as error: assert 'a.lab' in str(error)
    else:
        starts, ends = annotation.intervals.T
        assert starts[0] == 0
        assert (ends > starts).all()
        assert (starts[1:] == ends[:-1]).all()


# ---- evaluation of folders of labels

@pytest.fixture
def folders(tmp_path):
    "Three folders of labels of one song, a: ref/ and est/ are good and bad/ is not written yet"
    for name in ('ref', 'est', 'bad'): (tmp_path/name).mkdir()
    for name in ('ref', 'est'): (tmp_path/name/'a.lab').write_text('0 1 C\n1 2 A:min\n')
    return tmp_path


def evaluate(folders, *estimates, **options):
    "Evaluate folders, given as NAME=FOLDER, against ref/"
    estimates = [f'{name}={folders/folder}' for name, folder in (e.split('=') for e in estimates)]
    options = [part for name, value in options.items() for part in (f'--{name}', value)]
    return chordkd('evaluate', '--ref', folders/'ref', '--est', *estimates, *options)


def test_good_labels_are_evaluated(folders):
    assert evaluate(folders, 'x=est').status == 0


@pytest.mark.parametrize('name', ['nan', 'latin1', 'backtracking', 'no_bass', 'empty'])
def test_evaluation_names_a_bad_file(folders, name):
    (folders/'bad'/'a.lab').write_bytes(LABS[name][0])
    assert 'bad/a.lab' in evaluate(folders, 'x=bad').error


def test_evaluation_names_a_missing_folder(folders):
    assert 'no such folder' in evaluate(folders, 'x=none').error


def test_evaluation_refuses_two_systems_of_one_name(folders):
    assert 'there twice' in evaluate(folders, 'x=est', 'x=ref').error


def test_a_song_that_is_bad_in_one_folder_is_left_out_of_every_row(folders):
    (folders/'bad'/'a.lab').touch()
    for name in ('ref', 'est', 'bad'): (folders/name/'b.lab').write_text('0 1 G\n')
    result = evaluate(folders, 'x=est', 'y=bad', out=folders/'out')
    assert result.status == 1
    assert result.out.startswith('1 songs')
    assert 'bad/a.lab' in result.err
    assert '1 songs were left out of every row' in result.err
    for name in ('x', 'y'):
        header, *rows = (folders/'out'/f'songs-{name}.csv').read_text().splitlines()
        assert [row.split(',')[0] for row in rows] == ['b']
