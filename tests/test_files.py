"Files are written whole or not at all; what a killed process leaves behind is deleted by the next one"
import os, signal, subprocess, sys, threading, time
import pytest
from chordkd_nb._files import atomic_write, without_leftovers

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
