"Several stores as one, and the answers of a teacher as label files"
import numpy as np
import pytest
from chordkd_nb.store import Store

CHOSEN = {'a': 'split.json:pool', 'b': 'split.json:labelled', 'c': 'split.json:test'}


@pytest.fixture(scope='module')
def stores(chordkd, project, tmp_path_factory):
    "The nine songs of a project as three stores: a and b labelled by a teacher, c without"
    folder = tmp_path_factory.mktemp('stores')
    for name, ids in CHOSEN.items():
        source, teacher = ('plain', 'none') if name == 'c' else ('labelled', 'btc-small --probs full')
        line = f'label {project}/{source} {folder}/{name} --teacher {teacher} --ids {project}/{ids} --workers 0'
        assert chordkd(line).code == 0
    return folder


def test_a_merged_store_has_the_songs_and_answers_of_both(chordkd, project, stores, tmp_path):
    result = chordkd(f'store merge {tmp_path}/ab {stores}/a {stores}/b')
    assert result.code == 0
    assert (tmp_path/'ab/statistics.csv').exists()
    merged = Store(tmp_path/'ab')
    assert len(merged) == 7
    for store in (Store(stores/'a'), Store(stores/'b')):
        for song in store:
            same = merged[song.id]
            assert song.lab == same.lab
            for column in ('features', 'y', 'top_index', 'top_prob', 'log_probs'):
                assert np.array_equal(getattr(song, column), getattr(same, column))
    assert merged.song_hashes() == Store(project/'labelled').song_hashes(merged.ids)
    assert [t['songs'] for t in merged.manifest['teacher']['of']] == [4, 3]


def test_full_answers_are_kept_if_all_have_them(chordkd, project, stores, tmp_path):
    line = f'label {project}/plain {tmp_path}/top8 --teacher btc-small --ids {project}/split.json:test --workers 0'
    assert chordkd(line).code == 0
    assert chordkd(f'store merge {tmp_path}/mixed {stores}/a {tmp_path}/top8').code == 0
    assert Store(tmp_path/'mixed').manifest['probs'] == 'top8'
    assert chordkd(f'store merge {tmp_path}/full {stores}/a {stores}/b').code == 0
    assert Store(tmp_path/'full').manifest['probs'] == 'full'


def test_a_store_without_answers_is_not_mixed_in_silently(chordkd, stores, tmp_path):
    line = f'store merge {tmp_path}/all {stores}/a {stores}/c'
    refused = chordkd(line)
    assert (refused.code, 'no teacher has labelled it' in refused.err) == (1, True)
    assert chordkd(f'{line} --no-answers').code == 0
    assert Store(tmp_path/'all').manifest.get('teacher') is None


def test_equal_ids_need_a_prefix(chordkd, project, stores, tmp_path):
    line = f'store merge {tmp_path}/twice {stores}/a {project}/labelled'
    refused = chordkd(line)
    assert (refused.code, 'in two of the stores' in refused.err) == (1, True)
    assert chordkd(f'{line} --prefix').code == 0
    twice = Store(tmp_path/'twice')
    assert len(twice) == 4+9
    first = Store(stores/'a').ids[0]
    assert twice.groups[f'a/{first}'] == twice.groups[f'labelled/{first}']  # the same file


def test_a_teachers_answers_as_label_files(chordkd, project, stores, tmp_path):
    line = f'label {project}/labelled {tmp_path}/again --teacher btc-small --workers 0 --write-labs {tmp_path}/labs'
    assert chordkd(line).code == 0
    assert sorted(p.stem for p in (tmp_path/'labs').iterdir()) == sorted(Store(project/'labelled').ids)
    scores = chordkd(f'evaluate --ref {project}/songs --est teacher={tmp_path}/labs')
    own = chordkd(f'evaluate {project}/labelled --teacher')
    row = [line for line in scores.out.splitlines() if line.startswith('teacher')]
    assert row and row == [line for line in own.out.splitlines() if line.startswith('teacher')]
