"""What `pip install` brings: a fresh environment with the base alone, its size, the time, and a song

    pytest -s tests/slow/test_fresh_install.py     # prints the figures of the README

pip needs a package index. A second installation is timed, when pip's cache is warm."""
import os, shutil, subprocess, sys, time, venv
from pathlib import Path
import pytest
import soundfile as sf
from chordkd_nb._tones import turnaround

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT/'tools'))
from check_examples import build_wheel, env, extras, python_of

LARGEST, LARGEST_WHEEL = 200, 12  # MB
EXAMPLES = sorted((ROOT/'examples').glob('*.py'))

pytestmark = pytest.mark.slow


def run(*command, cwd=None):
    done = subprocess.run(list(map(str, command)), env=env, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def megabytes(folder): return sum(p.lstat().st_size for p in folder.rglob('*') if p.is_file())/1e6


@pytest.fixture(scope='module')
def wheel(tmp_path_factory): return build_wheel(tmp_path_factory.mktemp('wheel'))


@pytest.fixture(scope='module')
def fresh(tmp_path_factory, wheel):
    "An environment with the base: its python"
    for turn in ('cold', 'warm'):
        folder = tmp_path_factory.mktemp(turn)
        venv.create(folder, with_pip=True)
        empty, started, before = megabytes(folder), time.time(), os.times()
        run(python_of(folder), '-m', 'pip', 'install', '-q', wheel)
        seconds, after = time.time()-started, os.times()
        of_processor = after.children_user+after.children_system-before.children_user-before.children_system
        print(f'{turn}: {seconds:.0f} s, {of_processor:.0f} s of the processor; '
              f'{empty:.0f} MB before, {megabytes(folder):.0f} MB after')
    return python_of(folder)


def test_the_wheel_is_small(wheel): assert wheel.stat().st_size < LARGEST_WHEEL*1e6


def test_the_base_is_small(fresh): assert megabytes(fresh.parent.parent) < LARGEST


def test_it_recognises_songs(fresh, tmp_path):
    (tmp_path/'album').mkdir()
    for name in ('one.wav', 'two.mp3'): sf.write(tmp_path/'album'/name, .5*turnaround()[:6*22050], 22050)
    command = fresh.parent/'chordkd'
    assert 'A:min' in run(command, 'recognize', tmp_path/'album/two.mp3', '--beats', 'track')
    for ending in ('lab', 'jams', 'json', 'csv', 'cho', 'txt', 'html'):
        run(command, 'recognize', tmp_path/'album/one.wav', '--beats', 'track', '--out', tmp_path/f'one.{ending}')
    run(command, 'recognize', tmp_path/'album', '--out', tmp_path/'chords', '--format', 'jams')
    assert len(list((tmp_path/'chords').iterdir())) == 2


@pytest.mark.parametrize('example', [p for p in EXAMPLES if not extras(p)], ids=lambda p: p.stem)
def test_an_example_that_names_no_extra_needs_none(fresh, tmp_path, example):
    run(fresh, shutil.copy(example, tmp_path), cwd=tmp_path)


def test_an_index_accepts_what_we_build(tmp_path):
    "The wheel comes from the source distribution, as on the index"
    venv.create(tmp_path/'tools', with_pip=True)
    python = python_of(tmp_path/'tools')
    run(python, '-m', 'pip', 'install', '-q', 'build', 'twine')
    run('git', 'clone', '-q', ROOT, tmp_path/'clone')
    run(python, '-m', 'build', '-o', tmp_path/'dist', tmp_path/'clone')
    files = sorted((tmp_path/'dist').iterdir())
    assert [p.suffix for p in files] == ['.whl', '.gz']
    assert run(python, '-m', 'twine', 'check', '--strict', *files).count('PASSED') == 2
