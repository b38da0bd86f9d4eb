"A progress bar moves where somebody sees it; a log gets plain lines, and few of them"
import os, subprocess, sys
from pathlib import Path
import pytest
from chordkd_nb import _progress
from chordkd_nb._progress import progress_bar

WORK = '''import sys, time
from chordkd_nb._progress import progress_bar
for i in progress_bar(range(30), name='pool'): time.sleep(.02)'''


@pytest.fixture(autouse=True)
def bars_are_shown(monkeypatch): monkeypatch.delenv('TQDM_DISABLE', raising=False)


def lines(capsys): return capsys.readouterr().err.splitlines()


def test_a_log_file_gets_the_first_and_the_last_state(tmp_path):
    with open(tmp_path/'log', 'wb') as log: subprocess.run([sys.executable, '-c', WORK], stderr=log, check=True)
    text = (tmp_path/'log').read_bytes().decode()
    assert '\r' not in text
    first, last = text.splitlines()
    assert first.startswith('pool: 0 of 30 songs, 00:00')
    assert last.startswith('pool: 30 of 30 songs, 00:0')


@pytest.mark.skipif(sys.platform == 'win32', reason='has no pseudo-terminals')
def test_a_terminal_gets_a_moving_bar():
    import pty
    parent, child = pty.openpty()
    subprocess.run([sys.executable, '-c', WORK], stderr=child, check=True)
    os.close(child)
    assert b'\r' in os.read(parent, 100_000)


@pytest.fixture
def clock(monkeypatch):
    "A list with the time that tqdm reads"
    now = [0.]
    monkeypatch.setattr('tqdm.std.time', lambda: now[0])
    return now


def test_a_line_comes_now_and_then_and_says_how_long_it_may_take(capsys, clock):
    for _ in progress_bar(range(40), unit='package'): clock[0] += 1
    assert lines(capsys) == [
        '0 of 40 packages, 00:00', '10 of 40 packages, 00:10, about 00:30 left',
        '20 of 40 packages, 00:20, about 00:20 left', '30 of 40 packages, 00:30, about 00:10 left',
        '40 of 40 packages, 00:40']


def test_lines_become_rarer_the_longer_it_takes(capsys, clock):
    for _ in progress_bar(range(36_000)): clock[0] += 1  # ten hours
    assert 50 < len(lines(capsys)) < 150


def test_other_text_between_the_lines_stays(capsys):
    from tqdm import tqdm
    with progress_bar(total=2) as bar:
        bar.update()
        tqdm.write('failed: x', file=sys.stderr)
        bar.set_postfix(loss='0.5')
        bar.set_description('y')
        bar.update()
    assert [line.partition(',')[0] for line in lines(capsys)] == ['0 of 2 songs', 'failed: x', 'y: 2 of 2 songs']


def test_work_that_is_done_already_is_one_line(capsys):
    with progress_bar(total=3, initial=3): pass
    assert capsys.readouterr().err == '3 of 3 songs, 00:00\n'


def test_bytes_are_counted_in_millions(capsys):
    with progress_bar(total=5_000_000, unit='B', unit_scale=True, initial=1_000_000) as bar: bar.update(4_000_000)
    assert [line[:16] for line in lines(capsys)] == ['1.00M of 5.00M B', '5.00M of 5.00M B']


def test_a_bar_may_be_hidden_by_its_caller_or_by_the_environment(capsys, monkeypatch):
    assert list(progress_bar([1, 2], show=False)) == [1, 2]
    monkeypatch.setenv('TQDM_DISABLE', '1')
    assert list(progress_bar([1, 2])) == [1, 2]
    assert lines(capsys) == []


def test_a_closed_standard_error_is_no_problem(monkeypatch):
    monkeypatch.setattr(sys, 'stderr', None)
    assert list(progress_bar([1, 2])) == [1, 2]


def test_there_is_no_other_bar_in_the_package():
    files = [p for p in Path(_progress.__file__).parent.rglob('*.py') if p.name != '_progress.py']
    assert [p.name for p in files if 'import tqdm' in p.read_text()] == ['_common.py']  # for tqdm.write
