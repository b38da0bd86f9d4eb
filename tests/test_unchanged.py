"""What this package computes, compared with what version 0.16.2 computed: `data/goldens/unchanged/`.

    pytest tests/test_unchanged.py
    pytest tests/test_unchanged.py -m slow     # the trainings
    python tests/test_unchanged.py     # writes the goldens anew, where a change is meant

The variable PACKAGE_ROOT names another checkout to test.
`unchanged.py` says what is compared; its folders say how much may differ on another processor.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
GOLDENS = HERE / 'data/goldens/unchanged'
FRAME = 2048 / 22050  # s
CLOSE = 1e-4, 1e-4  # relative and absolute tolerance

# other tolerances, by a pattern of the place: settings are exact, log-probabilities are not
OTHERS = [
    (r'/lr$|/recipe/recipe/', (1e-6, 0)),
    (r'log_probs/|teachers/', (2e-3, 2e-3)),
]


TRAININGS = 'training', 'real_features', 'demo'  # sections that take minutes, and the files they write:
TRAINED = re.compile(
    r'exact/(finished|read_back|resumed)/|exact/(check_ids|split_corpus)|'
    r'numbers/(train|real_train|real_store|relabelled|check_tables|evaluate_|demo(?!_songs))'
)


def written(folder, sections=()):
    "Let `unchanged.py` write some sections, or all, into a folder, in a process of its own"
    root = os.environ.get('PACKAGE_ROOT', HERE)
    chosen = ['--only', *sections] if sections else []
    command = [sys.executable, HERE / 'tests/unchanged.py', folder, '--package-root', root, *chosen]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope='session')
def quick(tmp_path_factory):
    "The folder with what the code computes now, without trainings"
    from unchanged import SECTIONS

    return written(tmp_path_factory.mktemp('quick'), [s for s in SECTIONS if s not in TRAININGS])


@pytest.fixture(scope='session')
def trained(tmp_path_factory):
    "The folder with the trainings that the code does now"
    return written(tmp_path_factory.mktemp('trained'), TRAININGS)


def names(folder):
    "Return the files to be compared, as places below a folder"
    found = (path.relative_to(folder).as_posix() for path in Path(folder).rglob('*') if path.is_file())
    return sorted(name for name in found if not name.startswith('machine/'))


def optional(name):
    "Whether a file is written only where a teacher is installed"
    return name.startswith('numbers/teachers/')


# ---------------------------------------------------------------- numbers


def tolerance(place):
    "Return the relative and absolute tolerance of a number at a place such as 'demo.json/table/0/1'"
    return next((t for pattern, t in OTHERS if re.search(pattern, place)), CLOSE)


def differences(old, new, place):
    "Yield what differs between two JSON values"
    if isinstance(old, dict) and isinstance(new, dict):
        if old.keys() != new.keys():
            yield f'{place}: keys {sorted(old.keys() ^ new.keys())}'
        for key in old.keys() & new.keys():
            yield from differences(old[key], new[key], f'{place}/{key}')
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f'{place}: {len(old)} and {len(new)} entries'
        for k, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, f'{place}/{k}')
    elif isinstance(old, float) or isinstance(new, float):
        relative, absolute = tolerance(place)
        if (
            type(old) not in (int, float)
            or type(new) not in (int, float)
            or abs(old - new) > absolute + relative * abs(old)
        ):
            yield f'{place}: {old!r} and {new!r}'
    elif old != new or type(old) is not type(new):
        yield f'{place}: {old!r} and {new!r}'


# ---------------------------------------------------------------- chords


def segments(text):
    "Read a label file: (start, end, label) of each line"
    rows = [line.split('\t') for line in text.splitlines()]
    return [(float(a), float(b), label) for a, b, label in rows]


def labels_near(rows, t):
    "Return the labels within a frame of a time"
    return {label for a, b, label in rows if a - FRAME <= t <= b + FRAME}


def agreement(old, new):
    "Return the share of time in which a new label is that of the old file, within a frame: 0 to 1"
    end = old[-1][1]
    times = [end * (k + 0.5) / 1000 for k in range(1000)]
    label_at = [next((label for a, b, label in new if a <= t <= b), None) for t in times]
    return sum(label in labels_near(old, t) for t, label in zip(times, label_at)) / len(times)


# ---------------------------------------------------------------- tests


def is_trained(name):
    return TRAINED.match(name) is not None


def check_names(folder, trained):
    new, old = ([n for n in names(f) if is_trained(n) == trained] for f in (folder, GOLDENS))
    assert [n for n in new if not optional(n)] == [n for n in old if not optional(n)]


def check_unchanged(name, folder):
    if not (folder / name).exists() and optional(name):
        pytest.skip('this teacher is not installed')
    old, new = (GOLDENS / name).read_bytes(), (folder / name).read_bytes()
    if name.startswith('numbers/'):
        found = list(differences(json.loads(old), json.loads(new), name.removeprefix('numbers/')))
        assert not found, '\n'.join(found[:20])
    elif name.startswith('labs/'):
        a, b = segments(old.decode()), segments(new.decode())
        assert abs(a[-1][1] - b[-1][1]) <= FRAME
        assert agreement(a, b) >= 0.99 and agreement(b, a) >= 0.99
    elif old != new:
        assert old.decode(errors='replace') == new.decode(errors='replace')
        assert old == new


def test_the_same_files_are_written(quick):
    check_names(quick, trained=False)


@pytest.mark.parametrize('name', [n for n in names(GOLDENS) if not is_trained(n)])
def test_unchanged(name, quick):
    check_unchanged(name, quick)


@pytest.mark.slow
def test_trainings_write_the_same_files(trained):
    check_names(trained, trained=True)


@pytest.mark.slow
@pytest.mark.parametrize('name', [n for n in names(GOLDENS) if is_trained(n)])
def test_trainings_are_unchanged(name, trained):
    check_unchanged(name, trained)


def rounded(x):
    "Keep seven digits of each number, which is more than is compared"
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    if isinstance(x, list):
        return [rounded(v) for v in x]
    return float(f'{x:.7g}') if isinstance(x, float) else x


def write_goldens():
    "Replace the committed goldens by what the code computes now"
    with tempfile.TemporaryDirectory() as folder:
        written(folder)
        shutil.rmtree(GOLDENS, ignore_errors=True)
        for name in names(folder):
            data = (Path(folder) / name).read_bytes()
            if name.startswith('numbers/'):
                data = (
                    json.dumps(
                        rounded(json.loads(data)), ensure_ascii=False, separators=(',', ':'), sort_keys=True
                    ).encode()
                    + b'\n'
                )
            (GOLDENS / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDENS / name).write_bytes(data)


if __name__ == '__main__':
    write_goldens()
