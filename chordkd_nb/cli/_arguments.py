"Sub-commands with examples, types of arguments, and the option `--import`"
import argparse
import importlib
import json
import math
import os
import sys
from collections import Counter
from pathlib import Path


class Parser(argparse.ArgumentParser):
    "A parser whose errors are two lines, without all the options"
    def error(self, message): self.refuse(self.prog, message)

    def refuse(self, prog, message):
        "Leave, and name the help of a command"
        self.exit(2, f'{prog}: {message}\nSee {prog} --help.\n')


def add_command(
    commands, # what `add_subparsers` returned
    name, # of the command
    run, # function of the parsed arguments; returns the exit status, or None for 0
    about, # for --help; its first line is also the summary in the list of commands
    examples, # command lines that end the --help
    imports=False, # add --import? for commands that load teachers or networks
)->argparse.ArgumentParser:
    "Add a sub-command"
    summary, _, more = (about or '').partition('\n')
    parser = commands.add_parser(
        name, help=summary, description='\n'.join([summary, *more.rstrip().splitlines()]),
        epilog='\n'.join(['examples:', *(f'  {example}' for example in examples)]),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(run=run, prog=parser.prog)
    parser.add_argument(
        '--debug', action='store_true', default=argparse.SUPPRESS,
        help='show the traceback of an error')
    parser.add_argument(
        '-q', '--quiet', action='store_true', default=argparse.SUPPRESS,
        help='show no progress')
    if imports:
        parser.add_argument(
            '--import', dest='modules', action='append', metavar='MODULE',
            help='module or file.py to import first, to register teachers or architectures of your'
                 ' own; may be given several times')
    return parser


def number(
    low, # smallest value
    high=math.inf, # largest value
    read=float, # `int` for whole numbers
):
    "Make an argparse type: a finite number from `low` to `high`"
    kind = 'whole number' if read is int else 'number'
    span = f'from {low:g}' if high == math.inf else f'from {low:g} to {high:g}'
    def parse(text):
        try: value = read(text)
        except ValueError: value = math.nan  # in no range
        if low <= value <= high and value < math.inf: return value
        raise argparse.ArgumentTypeError(f"expected a {kind} {span}, got '{text}'")
    return parse


count = number(1, read=int)
count_or_zero = number(0, read=int)
seed = number(0, 2**32-1, read=int)
not_negative = number(0)


def add_workers(parser, default='one for each core'):
    parser.add_argument(
        '-w', '--workers', type=count_or_zero, metavar='N',
        help=f'processes that help; 0: none, this one works (default: {default})')


def key_value(text):
    "Read KEY=VALUE; the value is JSON (a number, a list, true), or else text"
    key, equals, value = text.partition('=')
    if not equals: raise argparse.ArgumentTypeError(f"expected KEY=VALUE, got '{text}'")
    for read in (json.loads, float):  # .8 is a number, but not JSON
        try: return key, read(value)
        except ValueError: pass
    return key, value


def name_share(text):
    "Read NAME=SHARE; the share is a number that is not negative"
    name, value = key_value(text)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and 0 <= value < math.inf: return name, value
    raise argparse.ArgumentTypeError(f"expected NAME=SHARE with a number, e.g. test=.2, got '{text}'")


def name_text(text):
    "Read NAME=TEXT"
    name, _, value = text.partition('=')
    if name and value: return name, value
    raise argparse.ArgumentTypeError(f"expected NAME=RUN or NAME=FOLDER, got '{text}'")


def raise_first(
    problems, # messages
):
    "Raise a `ValueError` for the first problem, if there is one"
    for problem in problems: raise ValueError(problem)


def as_dict(
    pairs, # (name, value), as `key_value` and the like return them; or None
    option, # option that they come from, for the error
)->dict:
    "Make a dictionary of pairs, and refuse a name that occurs twice"
    counts = Counter(name for name, _ in pairs or [])
    for name, n in counts.items():
        if n > 1: raise ValueError(f"{option}: '{name}' is there twice.")
    return dict(pairs or [])


def systems(
    pairs, # (name, 'RUN,RUN,…'), or None
    option, # option that they come from, for the error
)->dict: # name of a system → list of its runs or folders
    "Split the runs of systems at the commas; a path with a comma in it is one run"
    runs = {}
    for name, text in as_dict(pairs, option).items():
        runs[name] = [text] if os.path.exists(text) else text.split(',')
        if '' in runs[name]: raise ValueError(f'{option}: {name}={text} has an empty name beside a comma.')
        for run, n in Counter(runs[name]).items():
            if n > 1: raise ValueError(f'{option}: {name} has {run} twice.')
    return runs


def import_modules(
    modules, # names of modules, installed or in this folder, or files that end in .py; or None
):
    "Import modules of the user, which register teachers and architectures"
    for module in modules or []: _import_module(module)


def _import_module(module):
    is_file = module.endswith('.py')
    name = Path(module).stem if is_file else module
    folder = os.path.abspath(Path(module).parent if is_file else '.')
    if folder not in sys.path: sys.path.append(folder)  # at the end: it hides no installed module
    try: found = importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing_itself = error.name in (name, name.partition('.')[0])
        if not missing_itself: raise  # it is there, but imports a module that is not
        why = 'no such module, here or installed'
        if is_file and '.' in name: why = 'the name of the file has a dot in it. Rename it'
        raise ValueError(f'--import {module}: {why}.') from None
    where = getattr(found, '__file__', None)
    if is_file and os.path.realpath(where or '') != os.path.realpath(module):
        other = where or 'built in'
        raise ValueError(f'--import {module}: there is another module {name}, {other}. '
                         'Rename the file.')
