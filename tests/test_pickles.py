"Pickles are read without running them; what is odd about a file is named, and nothing in it is executed"
import io, os, pickle, re, zipfile
import numpy as np, pytest, torch
from chordkd_nb._pickles import check_pickles, check_state, read_pickle
from chordkd_nb.checkpoint_files import CheckpointError


class Trap:
    "Unpickled, it makes a folder"
    def __init__(self, path): self.path = str(path)
    def __reduce__(self): return os.mkdir, (self.path,)


def saved(obj, zipped=True):
    "The bytes of a `torch.save` file, in the new or the old format"
    f = io.BytesIO()
    torch.save(obj, f, _use_new_zipfile_serialization=zipped)
    return f.getvalue()


def rewritten(data, edit, compression=zipfile.ZIP_STORED):
    "A zip archive with the content of each entry edited"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as a, zipfile.ZipFile(out, 'w', compression) as b:
        for name in a.namelist(): b.writestr(name, edit(a.read(name)))
    return out.getvalue()


def renamed(data, core):
    "The file with NumPy's scalar called `core`.multiarray.scalar"
    def edit(content): return re.sub(rb'cnumpy\._?core\.multiarray\n', f'c{core}.multiarray\n'.encode(), content)
    return rewritten(data, edit) if zipfile.is_zipfile(io.BytesIO(data)) else edit(data)


PLACES = {
    'in a dict': lambda trap: {'model': trap},
    'alone': lambda trap: trap,
    'in a list': lambda trap: {'model': {}, 'optimizer': [trap]},
    'as a key': lambda trap: {trap: 1},
}


@pytest.mark.parametrize('zipped', [True, False], ids=['zip', 'old'])
@pytest.mark.parametrize('place', PLACES)
def test_a_trap_is_not_sprung(place, zipped, tmp_path):
    torch.load(io.BytesIO(saved(PLACES[place](Trap(tmp_path/'sprung')), zipped)), weights_only=False)
    assert (tmp_path/'sprung').exists(), 'the trap does not work'
    data = saved(PLACES[place](Trap(tmp_path/'victim')), zipped)
    with pytest.raises(CheckpointError, match=r'trap.pt: .*\.mkdir.*Nothing in it was executed'):
        read_pickle(data, 'trap.pt')
    assert not (tmp_path/'victim').exists()


@pytest.mark.parametrize('obj, why', [
    ({'mean': np.float32(1)}, "got dtype 'f4'"),
    ({'x': np.zeros(3)}, 'multiarray._reconstruct'),
])
def test_harmless_objects_that_are_not_on_the_list_are_refused(obj, why):
    with pytest.raises(CheckpointError, match=f'f.pt: refused.*{re.escape(why)}'): read_pickle(saved(obj), 'f.pt')


@pytest.mark.parametrize('junk', [
    b'', b'junk', pickle.dumps({'a': 1}, protocol=2)[:-3], saved({'a': torch.zeros(9)})[:-50],
], ids=['empty', 'text', 'half a pickle', 'half an archive'])
def test_damaged_files_are_named(junk):
    with pytest.raises(CheckpointError, match='junk.pt'): read_pickle(junk, 'junk.pt')


@pytest.mark.parametrize('zipped', [True, False], ids=['zip', 'old'])
@pytest.mark.parametrize('core', ['numpy.core', 'numpy._core'])
def test_numpy_scalars_are_read_under_the_names_before_and_since_numpy_2(core, zipped):
    data = renamed(saved({'a': torch.arange(3), 'mean': np.float64(-2.5)}, zipped), core)
    assert f'c{core}.multiarray\nscalar'.encode() in data
    found = read_pickle(data, 'f.pt')
    assert found['mean'] == -2.5 and found['a'].tolist() == [0, 1, 2]


def test_big_endian_numpy_scalars_are_read():
    found = read_pickle(saved({'mean': np.array(-2.5, '>f8')[()]}), 'f.pt')
    assert found['mean'] == -2.5


def test_archives_that_pytorch_does_not_write_are_refused():
    data = saved({'a': torch.zeros(9)})
    squeezed = rewritten(data, bytes, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match='a compressed archive'): read_pickle(squeezed, 'f.pt')
    twice = io.BytesIO()
    with pytest.warns(UserWarning, match='Duplicate'), zipfile.ZipFile(twice, 'w') as z:
        for _ in range(2): z.writestr('archive/data.pkl', b'\x80\x02}.')
    with pytest.raises(CheckpointError, match='two entries of the archive have one name'):
        read_pickle(twice.getvalue(), 'f.pt')
    with pytest.raises(CheckpointError, match='too many entries'): read_pickle(data + b'PK\1\2'*20_001, 'f.pt')


def test_a_pickle_that_visits_the_same_objects_again_and_again_is_refused():
    pairs = b'\x80\x02}K\1' + b'q\0h\0\x86'*60 + b'K\1s.'  # the key has 2**60 parts
    with pytest.raises(CheckpointError, match='more than 1048576 objects'): check_pickles(pairs, 'f.pt')


def test_an_instruction_that_pytorch_does_not_write_is_refused():
    with pytest.raises(CheckpointError, match='does not write the instruction INT'): check_pickles(b'I1\n.', 'f.pt')


def test_pickles_are_checked_one_after_another(tmp_path):
    trap = pickle.dumps(Trap(tmp_path/'victim'), 2)
    fine = pickle.dumps({}, 2)
    check_pickles(fine + trap, 'f.pt')
    permitted = re.compile('collections OrderedDict')
    with pytest.raises(CheckpointError, match='mkdir'): check_pickles(fine + trap, 'f.pt', permitted, pickles=2)


# ---- states of training runs

def state(folder, name='a.pt', content=None):
    "A folder with one file"
    folder.mkdir()
    (folder/name).write_bytes(saved({'step': 3}) if content is None else content)
    return folder


def test_a_good_state_passes(tmp_path):
    (state(tmp_path/'state')/'notes.txt').write_text('anything')
    check_state(tmp_path/'state')


@pytest.mark.parametrize('content, why', [
    (b'junk', 'damaged or cut off'),
    (saved({'a': torch.zeros(9)})[:-50], 'damaged or cut off'),
    (rewritten(saved({'a': 1}), bytes, zipfile.ZIP_DEFLATED), 'a compressed archive'),
    (rewritten(saved({'a': 1}), lambda b: b'I1\n.' if b[:1] == b'\x80' else b), 'instruction INT'),
    (rewritten(saved({'a': 1}), lambda b: b''), 'damaged or cut off'),
], ids=['text', 'half', 'compressed', 'odd', 'empty'])
def test_a_bad_file_of_a_state_is_named(content, why, tmp_path):
    folder = state(tmp_path/'state', content=content)
    with pytest.raises(CheckpointError, match=why) as e: check_state(folder)
    assert str(folder/'a.pt') in str(e.value)


def test_links_and_folders_in_a_state_are_refused(tmp_path):
    folder = state(tmp_path/'state')
    (folder/'b.pt').symlink_to(folder/'a.pt')
    with pytest.raises(CheckpointError, match='b.pt: not a file'): check_state(folder)
    (folder/'b.pt').unlink()
    (folder/'b').mkdir()
    with pytest.raises(CheckpointError, match='b: not a file'): check_state(folder)


def test_a_state_is_a_folder_and_no_link(tmp_path):
    state(tmp_path/'state')
    (tmp_path/'link').symlink_to(tmp_path/'state')
    for path in (tmp_path/'none', tmp_path/'link'):
        with pytest.raises(CheckpointError, match='no such folder'): check_state(path)
