"Files are written whole or not at all; what a killed process leaves behind is deleted by the next one"
import os, signal, subprocess, sys, threading, time
import pytest
from chordkd_nb._files import atomic_write, read_json, require_writable, without_leftovers

KILLED = '''import os, signal, sys, time
from chordkd_nb._files import atomic_write
with atomic_write(sys.argv[1]) as part:
    part.write_text('half')
    time.sleep(float(sys.argv[2]))
    os.kill(os.getpid(), signal.SIGKILL)'''


def names(folder): return sorted(p.name for p in folder.iterdir())


def killed_writer(path, after=0):
    "Start a process that dies while it writes `path`"
    return subprocess.Popen([sys.executable, '-c', KILLED, str(path), str(after)])


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path):
    path = tmp_path/'a.txt'
    path.write_text('one')
    with atomic_write(path) as part:
        part.write_text('two')
        assert path.read_text() == 'one'
    assert (path.read_text(), names(tmp_path)) == ('two', ['a.txt'])


def test_an_error_leaves_the_old_file_and_names_it(tmp_path):
    path = tmp_path/'a.txt'
    path.write_text('one')
    with pytest.raises(OSError, match='No space left') as error:
        with atomic_write(path) as part:
            part.write_text('tw')
            raise OSError(28, 'No space left on device')
    assert str(path) in str(error.value)
    assert (path.read_text(), names(tmp_path)) == ('one', ['a.txt'])


def test_a_killed_writer_leaves_a_hidden_part_that_the_next_one_deletes(tmp_path):
    path = tmp_path/'a.txt'
    path.write_text('one')
    assert killed_writer(path).wait() == -signal.SIGKILL
    assert (path.read_text(), len(names(tmp_path))) == ('one', 2)
    with atomic_write(tmp_path/'b.txt') as ours:
        ours.write_text('')
        with without_leftovers(tmp_path, tmp_path/'none'):
            assert names(tmp_path) == [ours.name, 'a.txt']


def test_a_writer_that_dies_while_we_work_is_waited_for(tmp_path):
    with without_leftovers(tmp_path):
        process = killed_writer(tmp_path/'a.txt', after=.5)
        threading.Thread(target=process.wait).start()
        while not names(tmp_path): time.sleep(.01)
    assert names(tmp_path) == []


@pytest.mark.parametrize('path, folder, says', [
    ('file', True, 'Give a folder'),
    ('folder', False, 'Give a file'),
    ('file/deep/new', True, 'is a file, not a folder'),
    ('file/deep/new.csv', False, 'is a file, not a folder'),
])
def test_a_place_that_cannot_hold_a_result_is_refused(tmp_path, path, folder, says):
    (tmp_path/'folder').mkdir()
    (tmp_path/'file').write_text('mine')
    with pytest.raises(ValueError, match=says): require_writable(tmp_path/path, folder)


def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    def refuse(dir): raise PermissionError(13, 'Permission denied', str(dir))
    monkeypatch.setattr('tempfile.TemporaryFile', refuse)
    with pytest.raises(PermissionError, match='new/a.csv: cannot be written: Permission denied'):
        require_writable(tmp_path/'new'/'a.csv')


def test_a_place_that_can_be_written_stays_as_it_is(tmp_path):
    (tmp_path/'old.csv').write_text('old')
    for path in ('old.csv', 'new/deep/a.csv'): require_writable(tmp_path/path)
    for path in ('', 'new/deep'): require_writable(tmp_path/path, folder=True)
    require_writable(os.devnull)
    assert names(tmp_path) == ['old.csv']


def test_the_limit_of_a_json_file_is_that_of_its_reader(tmp_path):
    path = tmp_path/'large.json'
    path.write_text('{"a": "' + 'x'*2**26 + '"}')   # larger than other text may be
    assert len(read_json(path)['a']) == 2**26
    with pytest.raises(ValueError, match='at most 1048576 are read'): read_json(path, 2**20)
