"How these tests run `chordkd`, and how they judge what came of a file"
import contextlib
import io
import re
from collections import namedtuple
from pathlib import Path
from chordkd_nb.annotation import Annotation
from chordkd_nb.cli import main

Result = namedtuple('Result', 'status error out err')


def chordkd(*args):
    "Run a command in this process: exit status, one-line error ('' if none), standard output and error"
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try: main([str(a) for a in args])
        except SystemExit as exit: code = exit.code
    assert 'Traceback' not in err.getvalue()
    if isinstance(code, str): return Result(1, code, out.getvalue(), err.getvalue())
    return Result(code, '', out.getvalue(), err.getvalue())


def is_one_line_error(message): return message.startswith('chordkd: ') and '\n' not in message


def fault_of_error(name, expected, error):
    "Why this is not the error that a file must have, or None"
    if '\n' in error or len(error) > 600: return f'not one short line: {error[:200]!r}'
    if Path(name).name not in error: return f'does not name the file: {error}'
    if expected.error and re.search(expected.error, error): return None
    return f'not the error expected: {error}'


def fault_of_answer(expected, answer):
    "Why this is not the answer that a file must have, or None"
    if expected.low is None: return f'expected an error ({expected.error}), got {answer}'
    if not expected.low <= answer.duration <= expected.high:
        return f'lasts {answer.duration} s, not {expected.low} to {expected.high}'
    if expected.chord and answer.duration >= 1 and set(answer.labels) != {expected.chord}:
        return f'is {expected.chord}, not {set(answer.labels)}'


def faults_of_folder(expected, folder, out, err):
    "What is wrong with each answer or error of `chordkd recognize FOLDER --out OUT`: {name: fault}"
    folder, out = Path(folder), Path(out)
    failures = [line for line in err.splitlines() if line.startswith('failed: ')]
    faults = {}
    for name, wanted in expected.items():
        errors = [line for line in failures if f'{folder/name}:' in line or f"'{folder/name}'" in line]
        lab = (out/name).with_suffix('.lab')
        if errors: faults[name] = fault_of_error(name, wanted, errors[-1])
        elif lab.exists(): faults[name] = fault_of_answer(wanted, Annotation.from_lab(lab))
        else: faults[name] = 'neither an answer nor an error'
    return {name: fault for name, fault in faults.items() if fault}
