"Processes may die of an item; they leave nothing behind, and end when their parent does"
import multiprocessing, os, signal, subprocess, sys, time
from pathlib import Path
import pytest
from chordkd_nb._processes import map_in_processes, one_compiles_first, with_parent
from chordkd_nb import _processes

PARENT = '''import sys, time
from chordkd_nb._processes import map_in_processes
if __name__ == '__main__':
    for _ in map_in_processes(time.sleep, [60, 60], 2): pass'''


def alive(pid):
    try: os.kill(pid, 0)
    except ProcessLookupError: return False
    return True


def until(true, seconds=30):
    end = time.monotonic()+seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(.05)


def test_results_come_in_the_order_of_the_items():
    assert list(map_in_processes(abs, [-1, -2, 3], 2)) == [(-1, 1), (-2, 2), (3, 3)]


def test_an_item_that_kills_its_process_twice_has_no_result():
    assert sorted(map_in_processes(os._exit, [5, 6], 2, ordered=False)) == [(5, None), (6, None)]


def test_an_error_of_the_work_reaches_the_caller():
    with pytest.raises(ValueError, match='invalid literal'): list(map_in_processes(int, ['1', 'x'], 2))


def test_the_environment_is_as_before():
    before = dict(os.environ)
    inside = dict(map_in_processes(os.getenv, ['OMP_NUM_THREADS', 'MKL_NUM_THREADS'], 1))
    assert set(inside.values()) == {'1'}
    assert dict(os.environ) == before


def test_each_process_calls_start_first():
    assert list(map_in_processes(os.getenv, ['A'], 1, os.putenv, ('A', 'b')))[0][0] == 'A'
    with pytest.raises(RuntimeError, match='could not start'): list(map_in_processes(abs, [1], 1, os._exit, (1,)))


def test_no_process_is_left_if_we_stop_while_results_are_on_their_way():
    results = map_in_processes(bytes, [3*10**7]*6, 2)
    assert len(next(results)[1]) == 3*10**7
    results.close()
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='children are found in /proc')
def test_processes_end_when_their_parent_is_killed(tmp_path):
    (tmp_path/'parent.py').write_text(PARENT)
    parent = subprocess.Popen([sys.executable, tmp_path/'parent.py'])
    def children():
        files = Path(f'/proc/{parent.pid}/task').glob('*/children')
        return [int(pid) for f in files for pid in f.read_text().split()]
    until(lambda: len(children()) >= 3)  # two workers and multiprocessing's resource tracker
    workers = children()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(map(alive, workers)))


def test_without_a_parent_nothing_changes():
    before = signal.getsignal(signal.SIGINT)
    with_parent()
    assert signal.getsignal(signal.SIGINT) == before


def test_the_first_process_compiles_alone_and_leaves_a_mark_if_it_succeeds(tmp_path, monkeypatch):
    pytest.importorskip('numba')
    monkeypatch.setattr(_processes, '_compiled_mark', lambda: tmp_path/'mark')
    with pytest.raises(OSError):
        with one_compiles_first(): raise OSError
    assert not (tmp_path/'mark').exists()
    with one_compiles_first(): assert not (tmp_path/'mark').exists()
    assert (tmp_path/'mark').exists()
    with one_compiles_first(): pass
