"""Files that ask for more than they hold are refused by name, within 6 GB of address space and 100 s

All are read in one process. With `pytest -s` the numbers are printed, and with SHOW=1 also every error."""
import json
import os
import subprocess
import sys
from pathlib import Path
import pytest
from bombs import all_bombs

pytestmark = pytest.mark.skipif(sys.platform != 'linux', reason='memory is measured by /proc')

MOST_MEMORY = 200e6  # bytes above what the process took before


@pytest.fixture(scope='module')
def readings(tmp_path_factory, checkpoint_folder):
    "What came of every reading: a list of (path, error, bytes of memory)"
    paths = list(all_bombs(tmp_path_factory.mktemp('bombs'), checkpoint_folder))
    assert len(paths) >= 98
    script = Path(__file__).with_name('read_bombs.py')
    done = subprocess.run([sys.executable, script, checkpoint_folder, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(done.stdout.splitlines()[-1])
    assert list(results) == [str(path) for path in paths]
    readings = [(path, error, n) for path, answers in results.items() for error, n in answers]
    largest = max(n for _, _, n in readings)/1e6
    print(f'{len(paths)} bombs, {len(readings)} readings, largest peak above what was there {largest:.0f} MB')
    if os.environ.get('SHOW'): print(*readings, sep='\n')
    return readings


def test_every_bomb_is_refused(readings):
    assert [path for path, error, _ in readings if error is None] == []


def test_every_refusal_is_a_named_error(readings):
    assert [(path, error) for path, error, _ in readings if error and error.startswith('!')] == []


def test_every_error_names_the_file_and_is_short(readings):
    errors = [(path, error) for path, error, _ in readings if error]
    assert [(path, error[:300]) for path, error in errors if path not in error or len(error) > 2500] == []


def test_no_bomb_takes_memory(readings):
    assert [(path, n) for path, _, n in readings if n > MOST_MEMORY] == []
