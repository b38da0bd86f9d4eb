"Processes may die of an item; they leave nothing behind, and end when their parent does"
import multiprocessing, os, signal, subprocess, sys, time
from pathlib import Path
import pytest
from chordkd_nb._processes import WorkerDied, cpu_count, map_in_processes, with_parent

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


def test_without_workers_this_process_works():
    assert [pid for _, pid in map_in_processes(lambda _: os.getpid(), [1, 2], 0)] == [os.getpid()]*2


def kill_me(number): os.kill(os.getpid(), number)


def test_an_item_that_ends_its_process_twice_has_no_result():
    found = dict(map_in_processes(os._exit, [5, 6], 2, ordered=False))
    assert sorted(found) == [5, 6]
    assert all(isinstance(answer, WorkerDied) and f'exit status {item}' in answer for item, answer in found.items())


@pytest.mark.skipif(os.name != 'posix', reason='signals')
@pytest.mark.parametrize('number, advice', [
    (signal.SIGKILL, 'memory'), (signal.SIGSEGV, 'PYTHONFAULTHANDLER'), (signal.SIGTERM, 'try again')])
def test_a_process_that_a_signal_ends_is_reported_with_what_to_do(number, advice):
    (_, answer), = map_in_processes(kill_me, [number], 1)
    assert number.name in answer
    assert advice in answer


@pytest.mark.skipif(os.name != 'posix', reason='signals')
def test_what_ended_a_process_that_does_not_start_is_named():
    with pytest.raises(RuntimeError, match=r'could not start \(SIGSEGV\)'):
        list(map_in_processes(abs, [1], 1, kill_me, (signal.SIGSEGV,)))


UNGUARDED = '''from chordkd_nb._processes import map_in_processes
list(map_in_processes(len, [bytes(9)], 1, print, (bytes(10**6),)))'''


def test_a_script_without_a_guard_ends_with_advice(tmp_path):
    (tmp_path/'script.py').write_text(UNGUARDED)
    done = subprocess.run([sys.executable, tmp_path/'script.py'], capture_output=True, text=True, timeout=120)
    assert done.returncode and "needs `if __name__ == '__main__':`" in done.stderr


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


@pytest.mark.skipif(not hasattr(os, 'sched_setaffinity'), reason='this system has no affinities')
def test_only_cores_that_the_process_may_use_are_counted():
    code = 'import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); ' \
           'from chordkd_nb._processes import cpu_count; print(cpu_count())'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout == '1\n', done.stderr


@pytest.mark.parametrize('files, count', [
    ({}, 8),
    ({'cpu.max': 'max 100000\n'}, 8),
    ({'cpu.max': '150000 100000\n'}, 2),
    ({'cpu.max': '1600000 100000\n'}, 8),
    ({'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n'}, 8),
    ({'cpu/cpu.cfs_quota_us': '50000\n', 'cpu/cpu.cfs_period_us': '100000\n'}, 1),
])
def test_no_more_cores_are_counted_than_a_container_may_use(files, count, tmp_path, monkeypatch):
    for name, text in files.items():
        (tmp_path/name).parent.mkdir(exist_ok=True)
        (tmp_path/name).write_text(text)
    monkeypatch.setattr('chordkd_nb._processes.Path', lambda path: tmp_path/Path(path).relative_to('/sys/fs/cgroup'))
    for name in ('cpu_count', 'process_cpu_count'): monkeypatch.setattr(os, name, lambda: 8, raising=False)
    monkeypatch.setattr(os, 'sched_getaffinity', lambda pid: range(8), raising=False)
    assert cpu_count() == count
