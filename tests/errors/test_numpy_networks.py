"What `load_lean` does not understand is left to `load_checkpoint`"
import json, shutil
import numpy as np, pytest
from safetensors.numpy import load_file, save_file
from chordkd_nb._files import file_sha256
from chordkd_nb.checkpoint_files import bundled_folder
from chordkd_nb.numpy_networks import load_lean

BIAS = 'output_layer.output_projection.bias'


@pytest.fixture
def folder(tmp_path): return shutil.copytree(bundled_folder()/'btc-small', tmp_path/'copy')


def rewrite(folder, edit_config=lambda c: None, edit_weights=lambda w: None, right_hash=True):
    "Edit both files of a checkpoint"
    weights, config = load_file(folder/'model.safetensors'), json.loads((folder/'config.json').read_text())
    edit_weights(weights)
    save_file(weights, folder/'model.safetensors')
    if right_hash: config['weights']['sha256'] = file_sha256(folder/'model.safetensors')
    edit_config(config)
    (folder/'config.json').write_text(json.dumps(config))


def test_a_copy_loads(folder):
    rewrite(folder)
    assert load_lean(folder).arch == 'btc'


def test_a_run_means_its_best_epoch(folder, tmp_path):
    (tmp_path/'run').mkdir()
    shutil.move(folder, tmp_path/'run/best')
    assert load_lean(tmp_path/'run').arch == 'btc'


@pytest.mark.parametrize('edit', [
    lambda c: c.update(arch='other'),
    lambda c: c.update(std=0),
    lambda c: c['model'].update(num_layers=10**9),
    lambda c: c['model'].update(num_layers=c['model']['num_layers'] - 1),
    lambda c: c['model'].update(num_heads='4'),
    lambda c: c.update(model=[]),
    lambda c: c['weights'].update(sha256='0'*64),
], ids=['architecture', 'std', 'huge', 'fewer layers', 'text', 'list', 'hash'])
def test_other_configurations(edit, folder):
    rewrite(folder, edit)
    assert load_lean(folder) is None


@pytest.mark.parametrize('edit', [
    lambda w: w.pop(BIAS),
    lambda w: w.update(extra=np.zeros(2, np.float32)),
    lambda w: w.update({BIAS: np.zeros(25, np.float32)}),
    lambda w: w.update({BIAS: np.full(170, np.nan, np.float32)}),
    lambda w: w.update({BIAS: np.zeros(170, np.int32)}),
], ids=['missing', 'unexpected', 'shape', 'nan', 'integers'])
def test_other_weights(edit, folder):
    rewrite(folder, edit_weights=edit)
    assert load_lean(folder) is None


def test_weights_that_are_cut_off(folder):
    weights = folder/'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:-100])
    assert load_lean(folder) is None
