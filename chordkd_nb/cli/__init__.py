"""The command line: `chordkd COMMAND …`

Each command is a file here. `add_parser` describes its arguments, and `run` carries it out with a few
public functions of the package. Both import numpy, scipy and torch only inside functions, so that
`chordkd --help` is quick.

An error that you can correct is one line; `--debug` shows the traceback. The exit status is 2 if
argparse refuses the command line, 1 if anything else goes wrong, and 0 otherwise.

How the commands fit together:

     music/ ─ corpus check ─▶ keep.json ─┐
       │                                 ▼
       ├────── split ──────────────▶ split.json ─┐
       ▼                                         ▼
     label ──▶ pool/, labelled/ ──▶ train stage1 ──▶ train stage2 ──▶ runs/s2 ──▶ export-onnx ──▶ chords.onnx
                  │                                                     │
                  └───────────────▶ evaluate ◀──────────────────────────┤
                                     table.csv                          ▼
                                               song.mp3 ──────────▶ recognize ──▶ .lab .json .mid …
"""
import argparse
import faulthandler
import io
import sys
from chordkd_nb import __version__
from chordkd_nb.cli import convert, corpus, demo, evaluate, export_onnx, label, recognize, split, train
from chordkd_nb.cli._arguments import import_modules
from chordkd_nb.cli._common import one_line

COMMANDS = (demo, corpus, split, label, train, evaluate, recognize, convert, export_onnx)
# errors whose messages are written for users; we show other errors with their type
EXPECTED = (ValueError, OSError, RuntimeError, ImportError, FloatingPointError)


def parser()->argparse.ArgumentParser:
    "Build the parser of the whole command line"
    top = argparse.ArgumentParser(
        prog='chordkd',
        description='Train and use chord recognisers by pseudo-labelling and knowledge distillation.',
        epilog='chordkd COMMAND --help shows examples.')
    top.add_argument('--version', action='version', version=__version__)
    top.set_defaults(debug=False)  # every command has --debug
    commands = top.add_subparsers(required=True, metavar='COMMAND')
    for command in COMMANDS: command.add_parser(commands)
    return top


def main(
    argv=None, # arguments; default: those of the process
):
    "Run `chordkd`; leave by `SystemExit` if anything failed"
    _allow_any_character(sys.stdout)
    _allow_any_character(sys.stderr)
    if sys.stderr and sys.stderr is sys.__stderr__: faulthandler.enable()  # a crash tells where it was
    args = parser().parse_args(argv)
    try:
        _refuse_empty_names(args)
        import_modules(getattr(args, 'modules', None))
        status = args.run(args)
    except Exception as error:
        if args.debug: raise
        sys.exit(one_line(f'chordkd: {_message(error)}'))
    except KeyboardInterrupt:
        sys.exit('chordkd: interrupted. To continue, run the same command again.')
    if status: sys.exit(status)


def _allow_any_character(stream):
    "Write `?` for characters such as ▲ that the encoding of a terminal lacks"
    if not isinstance(stream, io.TextIOWrapper): return
    if stream.encoding.lower().replace('-', '') != 'utf8': stream.reconfigure(errors='replace')


def _refuse_empty_names(args):
    "Refuse '', which usually comes from a shell variable that is not set"
    for name, value in vars(args).items():
        if value == '' or isinstance(value, list) and '' in value:
            raise ValueError(f"an empty name was given for '{name}'.")


def _message(error):
    "Choose the message that a user should read"
    if isinstance(error, EXPECTED): return error
    if isinstance(error, KeyError) and error.args: return error.args[0]
    return f'{type(error).__name__}: {error} (--debug shows where)'
