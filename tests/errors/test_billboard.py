"Billboard files that are missing, incomplete or damaged, and labels that cannot be repaired"
import numpy as np
import pytest
from chordkd_nb.billboard import NNLS_HOP, annotation_from_rows, estimate_offset, from_a_to_c
from chordkd_nb.billboard import read_npz, read_release, to_frames
from chordkd_nb.chords import ChordLabelError
from chordkd_nb.features import LOG_CQT


def compact(path, **change):
    "A file of one song with nine rows, with some arrays changed"
    arrays = dict(chroma_q=np.zeros((9, 24), np.uint8), hop=np.array(NNLS_HOP), song=np.array(['a']),
                  start=np.array([0]), end=np.array([9]), lab_song=np.array(['a']), lab_on=np.array([0.]),
                  lab_off=np.array([.4]), lab=np.array(['N']))
    np.savez(path, **(arrays | change))
    return path


def release(folder, rows=None, lab='0 1 N'):
    "The release of one song"
    zeros = ','.join(['0']*24)
    rows = rows or ['"x.wav",0,' + zeros, f',{NNLS_HOP:.9f},' + zeros]
    (folder/'0001').mkdir(parents=True)
    (folder/'0001/bothchroma.csv').write_text('\n'.join(rows)+'\n')
    if lab: (folder/'0001/full.lab').write_text(lab+'\n')
    return folder


def test_other_chroma_has_no_bass():
    with pytest.raises(ValueError, match='24 columns'): from_a_to_c(np.zeros((3, 12)))
    with pytest.raises(ValueError, match='24 columns'): from_a_to_c(np.zeros(24))


@pytest.mark.parametrize('rows, why', [
    ([(0, 9, 'N'), (9, 4, 'C:maj'), (4, 20, 'G:7')], 'song 0974, line 2: it ends at 4 s, before its start at 9 s'),
    ([(0, 10, 'N'), (2, 20, 'C:maj')], 'repairs would touch 8.0 s of 20.0'),
    ([(0, 0, 'N')], 'no segment of positive duration'),
    ([], 'no segment of positive duration'),
    ([(0, 1, 'H:maj')], "'H:maj'"),
])
def test_labels_beyond_repair(rows, why):
    with pytest.raises(ChordLabelError, match=why): annotation_from_rows(rows, 'song 0974')


def test_a_release_is_read(tmp_path):
    (id, chroma, rows), = read_release(release(tmp_path))
    assert (id, chroma.shape, rows) == ('0001', (2, 24), [(0., 1., 'N')])


def test_a_folder_without_features(tmp_path):
    with pytest.raises(FileNotFoundError, match='bothchroma.csv'): list(read_release(tmp_path))


def test_a_release_without_labels(tmp_path):
    with pytest.raises(FileNotFoundError, match='full.lab: missing'): list(read_release(release(tmp_path, lab=None)))


@pytest.mark.parametrize('rows, why', [
    (['"x.wav",0,1,2'], '0001.*expected rows'),
    (['"x.wav",0,' + ','.join(['x']*24)], '0001.*expected rows'),
    ([f'"x.wav",{t},' + ','.join(['0']*24) for t in (0, 1, 2)], '0001.*rows are not 0.04644 s apart'),
])
def test_a_release_with_damaged_features(tmp_path, rows, why):
    with pytest.raises(ValueError, match=why): list(read_release(release(tmp_path, rows)))


def test_a_compact_file_is_read(tmp_path):
    (id, chroma, rows), = read_npz(compact(tmp_path/'a.npz'))
    assert (id, chroma.shape, rows) == ('a', (9, 24), [(0., .4, 'N')])


def test_a_missing_compact_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='billboard_from_release'): list(read_npz(tmp_path/'none.npz'))


def test_another_compact_file(tmp_path):
    np.savez(tmp_path/'bad.npz', a=1)
    with pytest.raises(ValueError, match='bad.npz: not a Billboard.* it lacks'): list(read_npz(tmp_path/'bad.npz'))
    (tmp_path/'text.npz').write_text('hello')
    with pytest.raises(ValueError, match='text.npz: not a Billboard feature file'): list(read_npz(tmp_path/'text.npz'))


@pytest.mark.parametrize('change, why', [
    (dict(chroma_q=np.zeros((9, 24))), 'chroma_q is an array of float64 with 2 axes'),
    (dict(chroma_q=np.zeros((9, 12), np.uint8)), 'other than 24 columns'),
    (dict(start=np.array(['x'])), 'start is an array of <U1'),
    (dict(hop=np.zeros(3)), 'hop is an array of float64 with 1 axes'),
    (dict(start=np.array([0, 1])), 'song, start, end differ in length'),
    (dict(lab=np.array(['N', 'N'])), 'lab_song, lab_on, lab_off, lab differ in length'),
    (dict(lab_on=np.array([np.nan])), 'times that are no numbers'),
    (dict(lab_off=np.array([np.inf])), 'times that are no numbers'),
    (dict(end=np.array([99])), 'begins or ends outside'),
    (dict(start=np.array([-1])), 'begins or ends outside'),
    (dict(start=np.array([9])), 'begins or ends outside'),
    (dict(hop=np.array(.1)), 'its frames are 0.1 s apart'),
])
def test_arrays_that_do_not_belong_together(tmp_path, change, why):
    with pytest.raises(ValueError, match=f'a.npz.*{why}'): list(read_npz(compact(tmp_path/'a.npz', **change)))


def test_an_offset_needs_songs():
    with pytest.raises(ValueError, match='No songs'): estimate_offset([])


def test_frames_need_two_rows():
    with pytest.raises(ValueError, match='too few'): to_frames(np.zeros((1, 24)))


def test_chroma_is_no_log_cqt():
    with pytest.raises(ValueError, match='cannot be made of bothchroma'): to_frames(np.zeros((9, 24)), contract=LOG_CQT)
