"How tests run `chordkd`, and the small songs, stores and students that several of them use"
import contextlib
import io
import shlex
import warnings
from collections import namedtuple
import pytest
from chordkd_nb.cli import main

warnings.simplefilter('ignore')
Result = namedtuple('Result', 'code out err')
QUICK = '--set epochs=2 warmup_epochs=0'
TINY = '--size num_layers=1 hidden_size=16 num_heads=2 total_key_depth=16 total_value_depth=16 filter_size=16'


def run_command(line):
    "Run a command line in this process: exit status, standard output and standard error as a shell has them"
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try: main(shlex.split(line))
        except SystemExit as exit: code = exit.code
    if isinstance(code, str):  # the message of the error
        err.write(code)
        code = 1
    return Result(code, out.getvalue(), err.getvalue())


def run_commands(folder, *lines):
    "Run command lines in a folder, which must all succeed"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in lines:
            result = run_command(line)
            assert result.code == 0, f'{line}\n{result.err}'


@pytest.fixture(scope='session')
def chordkd(): return run_command


@pytest.fixture(scope='session')
def songs(tmp_path_factory):
    "Two songs of half a minute, in songs/audio and songs/chordlab"
    folder = tmp_path_factory.mktemp('songs')
    run_commands(folder, 'corpus demo songs --songs 2 --workers 0')
    return folder


@pytest.fixture(scope='session')
def project(tmp_path_factory):
    "Nine short songs: songs/, split.json, the stores labelled/ (by a teacher) and plain/, the students s1 and s2"
    folder = tmp_path_factory.mktemp('project')
    run_commands(
        folder,
        'corpus demo songs --songs 9 --seconds 12 --workers 0',
        'split songs split.json pool=4 labelled=3 test=2',
        'label songs labelled --teacher btc-small --probs full --workers 0',
        'label songs plain --teacher none --workers 0',
        f'train stage1 labelled --ids split.json:pool --out s1 {QUICK} {TINY}',
        'train stage2 labelled --ids split.json:labelled --student s1 --out s2 --set epochs=1')
    return folder
