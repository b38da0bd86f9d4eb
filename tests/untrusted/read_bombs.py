"""Read every bomb in one process that has little memory and little time; print what came of each reading

usage: read_bombs.py CHECKPOINT BOMB...
The good checkpoint is read first, so that every library is loaded before memory is limited.
The output is JSON: {path: [[error or null, bytes of memory taken], ...]}.
An error that is not one of our own begins with `!`."""
import json
import resource
import sys
from collections import defaultdict
from pathlib import Path
import numpy
import onnxruntime  # noqa: F401
import pyarrow  # noqa: F401
import torch  # noqa: F401
from chordkd_nb.published import convert_published, load_checkpoint
from chordkd_nb.store import Store
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.onnx import OnnxModel
from chordkd_nb.recognition import get_model
from chordkd_nb.billboard import read_npz

MEMORY = 6*2**30  # bytes above what the process has when it begins
SECONDS = 100     # of the processor


def read_published(path): convert_published(path, 'btc')
def read_arrays(path): list(read_npz(path))
def run_onnx(path): OnnxModel(path)(numpy.zeros((1, 2, 144)), [[True, True]])


READERS = {
    '.pt': [read_published],
    '': [load_checkpoint, get_model],
    '.npz': [read_arrays],
    '.onnx': [run_onnx],
    '.store': [Store],
}


def memory(name):
    "A line of /proc/self/status: bytes"
    lines = Path('/proc/self/status').read_text().splitlines()
    return 1024*int(next(line.split()[1] for line in lines if line.startswith(name)))


def set_limits():
    most = memory('VmSize')+MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def attempt(read, path):
    "The error of a reading, and the memory that it took at its peak"
    Path('/proc/self/clear_refs').write_text('5')  # the peak begins anew
    before, error = memory('VmRSS'), None
    try: read(path)
    except (CheckpointError, ValueError) as e: error = str(e)
    except BaseException as e: error = f'!{type(e).__name__}: {e}'
    return error, memory('VmHWM')-before


def main():
    good, *paths = map(Path, sys.argv[1:])
    for read in (load_checkpoint, get_model, load_lean): read(good)
    set_limits()
    results = defaultdict(list)
    for path in paths:
        for read in READERS[path.suffix]: results[str(path)].append(attempt(read, path))
    print(json.dumps(results))


if __name__ == '__main__': main()
