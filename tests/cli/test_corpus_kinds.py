"Corpora of guitars, fading chords and sung songs, and chords that a band performs"
import pytest
from chordkd_nb.annotation import Annotation


@pytest.fixture(scope='module')
def fading(chordkd, tmp_path_factory):
    folder = tmp_path_factory.mktemp('kinds')/'fading'
    assert chordkd(f'corpus demo {folder} --kind fading --songs 2 --seconds 6 --workers 0').code == 0
    return folder


def labels(folder): return {path.stem: Annotation.from_lab(path).labels for path in folder.rglob('*.lab')}


@pytest.mark.parametrize('kind', ['guitar', 'sung'])
def test_a_band_performs_given_chords(chordkd, fading, tmp_path, kind):
    command = f'corpus demo {tmp_path}/out --chords {fading} --kind {kind} --seconds 4 --workers 0'
    assert chordkd(command).code == 0
    performed, given = labels(tmp_path/'out'), labels(fading)
    assert performed.keys() == given.keys()
    assert all(set(performed[song]) <= set(given[song]) for song in given)


def test_chords_may_come_from_a_part_of_a_store(chordkd, fading, tmp_path):
    assert chordkd(f'label {fading} {tmp_path}/store --teacher none --workers 0').code == 0
    assert chordkd(f'split {tmp_path}/store {tmp_path}/split.json one=1 other=1').code == 0
    assert chordkd(f'corpus demo {tmp_path}/out --chords {tmp_path}/store --ids {tmp_path}/split.json:one '
                   '--seconds 4 --workers 0').code == 0
    assert len(labels(tmp_path/'out')) == 1


@pytest.mark.parametrize('options, message', [
    ('--kind fading --chords {songs}', '--kind fading draws its sounds'),
    ('--kind noise --chords {songs}', '--kind noise draws its sounds'),
    ('--ids split.json:one', '--ids chooses songs of --chords'),
    ('--chords {empty}', 'neither a folder with label files nor a store with annotations')])
def test_options_that_do_not_go_together(chordkd, fading, tmp_path, options, message):
    result = chordkd(f'corpus demo {tmp_path}/out ' + options.format(songs=fading, empty=tmp_path))
    assert result.code != 0
    assert message in result.err
    assert not (tmp_path/'out').exists()


def test_a_folder_of_another_kind_is_refused(chordkd, fading):
    result = chordkd(f'corpus demo {fading} --songs 2 --seconds 6 --workers 0')
    assert result.code != 0
    assert 'has other settings' in result.err


def test_chords_of_the_same_name_are_not_lost(chordkd, fading, tmp_path):
    for name in ('a', 'b'):
        (tmp_path/name).mkdir()
        (tmp_path/name/'one.lab').write_text('0\t6\tC:maj\n')
    result = chordkd(f'corpus demo {tmp_path}/out --chords {tmp_path} --seconds 4 --workers 0')
    assert result.code != 0
    assert 'have the same name' in result.err
