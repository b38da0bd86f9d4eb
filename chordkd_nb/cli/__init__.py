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
import os
import select
import sys
import warnings
from pathlib import Path
from chordkd_nb import __version__
from chordkd_nb.cli import align, convert, corpus, demo, evaluate, export_onnx, label, recognize, split, store, train
from chordkd_nb.cli._arguments import Parser, import_modules
from chordkd_nb.cli._common import in_options, one_line

COMMANDS = (demo, corpus, split, label, store, train, evaluate, recognize, align, convert, export_onnx)
# errors whose messages are written for users; we show other errors with their type
EXPECTED = (ValueError, OSError, RuntimeError, ImportError, FloatingPointError)
QUIET = dict(TQDM_DISABLE='1', HF_HUB_DISABLE_PROGRESS_BARS='1')  # what our bars look at, and those of downloads
NO_READER = 141  # exit status that a shell shows for programs that write to a pipe without a reader

START = """\
chordkd writes the chords of songs, and trains networks that do. Try first:

  chordkd recognize song.mp3                # start and end in seconds, chord
  chordkd recognize song.mp3 -o song.html   # a page that plays the song and follows its chords
  chordkd recognize album/ -o chords/       # a file for each song of a folder
  chordkd demo                              # train and compare students on composed songs, in minutes

chordkd --help lists all commands, and chordkd COMMAND --help shows examples."""


def parser()->Parser:
    "Build the parser of the whole command line"
    top = Parser(
        prog='chordkd',
        description='Train and use chord recognisers by pseudo-labelling and knowledge distillation.',
        epilog='chordkd COMMAND --help shows examples.')
    top.add_argument('--version', action='version', version=__version__)
    # every command has --debug and --quiet
    top.set_defaults(run=show_start, prog=top.prog, debug=False, quiet=False)
    commands = top.add_subparsers(metavar='COMMAND')
    for command in COMMANDS: command.add_parser(commands)
    return top


def show_start(args):
    "Show what to try first"
    print(START)


def main(
    argv=None, # arguments; default: those of the process
):
    "Run `chordkd`; leave by `SystemExit` if anything failed"
    _allow_any_character(sys.stdout)
    _allow_any_character(sys.stderr)
    if sys.stderr and sys.stderr is sys.__stderr__: faulthandler.enable()  # a crash tells where it was
    if argv is None:  # this process is ours
        os.environ['MPLBACKEND'] = 'agg'  # it opens no windows
        warnings.formatwarning = _warning_line
    status = _run(argv)
    try:
        if sys.stdout: sys.stdout.flush()
    except OSError as error:
        status = status or _pipe_status(error)
        _drop_text(sys.stdout)
    if status: sys.exit(status)


def _run(argv):
    "Run a command, and return its exit status, or the line that says what went wrong"
    ours = parser()
    try:
        args, unknown = ours.parse_known_args(argv)
        if unknown: ours.refuse(args.prog, _unknown(unknown))
    except SystemExit as exit:  # after --help, or an error
        if exit.code: raise
        return 0
    from chordkd_nb._processes import environment
    try:
        _refuse_empty_names(args)
        import_modules(getattr(args, 'modules', None))
        with environment(QUIET if args.quiet else {}): return args.run(args)
    except BrokenPipeError as error: return _pipe_status(error)
    except Exception as error:
        if args.debug: raise
        return _error_line(error)
    except KeyboardInterrupt:
        return 'chordkd: interrupted. To continue, run the same command again.'


def _unknown(arguments):
    "Say which arguments nobody knows"
    late = ' (options come after the command)' if {*arguments} & {'--debug', '-q', '--quiet'} else ''
    return f'unknown arguments: {" ".join(arguments)}{late}'


def _warning_line(message, category, filename, lineno, line=None):
    "Show a warning of this package without the line of code that it comes from"
    ours = Path(filename).is_relative_to(Path(__file__).parent.parent)
    if ours and category is UserWarning: return f'note: {one_line(in_options(str(message)))}\n'
    return _usual_warning(message, category, filename, lineno, line)


_usual_warning = warnings.formatwarning


def _pipe_status(error):
    "Return `NO_READER` if nobody reads standard output any more, as in `chordkd … | head -1`, else a line"
    return NO_READER if any(map(_has_no_reader, (sys.stdout, sys.stderr))) else _error_line(error)


def _has_no_reader(stream):
    "Check whether a stream is a pipe that nobody reads any more"
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (AttributeError, OSError): return False  # no such call on Windows, no stream, no file


def _drop_text(stream):
    "Drop what a stream could not write; Python would try again when it ends"
    try: os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (AttributeError, OSError): pass  # no stream, no file


def _allow_any_character(stream):
    "Write `?` for characters such as ▲ that the encoding of a terminal lacks"
    if not isinstance(stream, io.TextIOWrapper): return
    if stream.encoding.lower().replace('-', '') != 'utf8': stream.reconfigure(errors='replace')


def _refuse_empty_names(args):
    "Refuse '', which usually comes from a shell variable that is not set"
    for name, value in vars(args).items():
        if value == '' or isinstance(value, list) and '' in value:
            option = 'import' if name == 'modules' else name.replace('_', '-')
            raise ValueError(f"an empty name was given for '{option}'.")


def _error_line(error):
    "Choose the message that a user should read"
    if isinstance(error, EXPECTED): text = error
    elif isinstance(error, KeyError) and error.args: text = error.args[0]
    else: text = f'{type(error).__name__}: {error} (--debug shows where)'
    return one_line(in_options(f'chordkd: {text}'))
