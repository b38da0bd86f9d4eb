"How these tests make broken checkpoints and expect errors"
import json
import shutil
import pytest
from chordkd_nb._files import file_sha256
from chordkd_nb.cli import main
from chordkd_nb.checkpoint_files import CheckpointError


def changed_copy(folder, out, change=None, text=None, weights=None):
    """Copy a checkpoint with another `config.json` or other weights, and put the hash of the weights right

    change: function that changes the dictionary of `config.json`
    text: bytes, instead of `config.json`
    weights: bytes, instead of `model.safetensors`"""
    shutil.copytree(folder, out)
    if weights is not None: (out/'model.safetensors').write_bytes(weights)
    config = json.loads((out/'config.json').read_text())
    config['weights']['sha256'] = file_sha256(out/'model.safetensors')
    if change: change(config)
    (out/'config.json').write_bytes(text if text is not None else json.dumps(config).encode())
    return out


def expect_refusal(read, path, *words):
    "Reading must end with one error that the command line shows in one line, and that names the file"
    with pytest.raises((CheckpointError, ValueError)) as error: read()
    text = str(error.value)
    assert str(path) in text
    assert all(word in text for word in words), text
    assert len(text) < 2000


def expect_error_line(*command, contains=()):
    "A command must end with an error that begins with its name"
    with pytest.raises(SystemExit) as exit: main([str(part) for part in command])
    error = str(exit.value)
    assert error.startswith('chordkd: ')
    assert all(str(word) in error for word in contains), error
