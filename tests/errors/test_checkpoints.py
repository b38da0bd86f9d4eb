"Checkpoints that are incomplete, damaged or do not fit are refused, and the error names file and reason"
import json, os, shutil
import numpy as np, pytest, torch
from torch import nn
from safetensors.torch import save_file
from chordkd_nb import checkpoints
from chordkd_nb.btc import BTC
from chordkd_nb.checkpoints import ARCHS, Checkpoint, build_model, check_shapes, load_folder, meta_model
from chordkd_nb.checkpoints import register_arch, save_checkpoint
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT
from chordkd_nb.checkpoint_files import CheckpointError, read_songs
from chordkd_nb._files import file_sha256

SMALL = dict(hidden_size=32, num_layers=2, total_key_depth=32, total_value_depth=32, filter_size=32)
FIELDS = dict(arch='btc', vocab=vocabulary(170), contract=LOG_CQT, mean=-3.2, std=2.5, licence='CC0-1.0', provenance={})
BIAS = 'output_layer.output_projection.bias'


@pytest.fixture(scope='module')
def ckpt():
    torch.manual_seed(0)
    return Checkpoint(BTC(**SMALL).eval(), **FIELDS)


@pytest.fixture(scope='module')
def good(ckpt, tmp_path_factory): return save_checkpoint(ckpt, tmp_path_factory.mktemp('good')/'good')


@pytest.fixture
def folder(good, tmp_path):
    "A copy of a good checkpoint"
    return shutil.copytree(good, tmp_path/'copy')


def error(f):
    "The message of the CheckpointError that `f` raises"
    with pytest.raises(CheckpointError) as e: f()
    return str(e.value)


# ---- configurations

@pytest.mark.parametrize('changes, why', [
    (dict(num_layers=10**9), 'above the limit of 64'),
    (dict(num_heads=10**400), 'above the limit'),
    (dict(filter_size=10**6), 'above'),
    (dict(num_heads='4'), 'integer'),
    (dict(num_heads=4.), 'integer'),
    (dict(num_heads=True), 'integer'),
    (dict(relu_dropout=None), 'number'),
    (dict(relu_dropout=float('nan')), 'number'),
    (dict(layers=3), "unknown model configuration: 'layers'"),
])
def test_configurations_of_wrong_type_or_size(changes, why):
    config = BTC(num_layers=1).config
    meta_model('btc', config)
    assert why in error(lambda: meta_model('btc', {**config, **changes}))


@pytest.mark.parametrize('arch, config, why', [
    ('btc', {'num_heads': 4}, 'missing model configuration: feature_size, num_chords'),
    ('btc', [4], 'dict'),
    (['btc'], {}, 'unknown architecture'),
])
def test_configurations_that_are_none(arch, config, why): assert why in error(lambda: meta_model(arch, config))


def test_no_tensors_at_all(ckpt):
    assert 'my file: tensors do not fit the network' in error(lambda: check_shapes({}, ckpt.model, 'my file'))


def test_unknown_architectures_and_arguments():
    assert 'known are btc, 2e1d' in error(lambda: build_model('lstm'))
    assert 'layers' in error(lambda: build_model('btc', layers=3))


def test_built_in_names_are_taken():
    with pytest.raises(ValueError, match='built in'): register_arch('btc', nn.Linear)
    assert ARCHS['btc'] is BTC


# ---- fields

@pytest.mark.parametrize('changes, why', [
    (dict(std=0.), 'above 0'),
    (dict(mean=float('nan')), 'finite'),
    (dict(mean=None), 'finite number, not None'),
    (dict(vocab=170), 'Vocabulary'),
    (dict(vocab=vocabulary(25)), '170 classes'),
    (dict(contract='log-cqt'), 'FeatureContract'),
    (dict(songs=[]), 'songs must be a dict'),
    (dict(provenance={'x': {1}}), 'JSON'),
    (dict(provenance=[]), 'provenance must be a dict'),
    (dict(decoding={'x': float('inf')}), 'JSON'),
    (dict(licence=None), 'licence'),
    (dict(arch='2e1d'), 'configuration'),
])
def test_fields_that_are_wrong(changes, why, ckpt):
    assert why in error(lambda: Checkpoint(ckpt.model, **{**FIELDS, **changes}))


def test_networks_that_do_not_fit():
    assert 'wrapper' in error(lambda: Checkpoint(nn.Linear(1, 1), **FIELDS))
    assert 'takes 24 features' in error(lambda: Checkpoint(BTC(feature_size=24, **SMALL), **FIELDS))


# ---- saving

def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    bad = Checkpoint(BTC(**SMALL), **FIELDS)
    bias = bad.model.output_layer.output_projection.bias.data
    bias[3] = float('nan')
    assert 'output_projection.bias holds NaN' in error(lambda: save_checkpoint(bad, tmp_path/'bad'))
    bias[3] = 1e6
    assert 'too large' in error(lambda: save_checkpoint(bad, tmp_path/'bad', dtype='float16'))
    assert os.listdir(tmp_path) == []


def test_arguments_of_save_checkpoint(ckpt, folder, tmp_path):
    assert 'int8' in error(lambda: save_checkpoint(ckpt, tmp_path/'bad', dtype='int8'))
    assert 'overwrite=True' in error(lambda: save_checkpoint(ckpt, folder))
    assert 'is a file' in error(lambda: save_checkpoint(ckpt, folder/'config.json'))


def test_a_field_that_was_spoilt_later_is_noticed(tmp_path):
    bad = Checkpoint(BTC(**SMALL), **FIELDS)
    bad.std = 0.
    assert 'above 0' in error(lambda: save_checkpoint(bad, tmp_path/'bad'))


def test_a_provenance_that_would_be_too_long_to_read(tmp_path):
    long = Checkpoint(BTC(**SMALL), **{**FIELDS, 'provenance': {'x': 'x'*2**20}})
    assert 'Shorten the provenance' in error(lambda: save_checkpoint(long, tmp_path/'bad'))
    assert os.listdir(tmp_path) == []


def test_an_error_while_writing_leaves_the_old_checkpoint(ckpt, folder, monkeypatch):
    before = (folder/'config.json').read_bytes()
    monkeypatch.setattr(checkpoints, 'save_file', lambda *args, **kwargs: 1/0)
    with pytest.raises(ZeroDivisionError): save_checkpoint(ckpt, folder, overwrite=True)
    assert (folder/'config.json').read_bytes() == before
    assert os.listdir(folder.parent) == ['copy']


def test_a_save_that_was_killed_between_the_renames_is_repaired(ckpt, folder):
    (folder/'README.md').write_text('my notes')
    os.rename(folder, folder.with_name('.copy.0123abcd.old'))
    save_checkpoint(ckpt, folder, overwrite=True)
    assert os.listdir(folder.parent) == ['copy'] and (folder/'README.md').read_text() == 'my notes'


# ---- weights

def save_tensors(ckpt, folder, edit):
    "Overwrite the weights with edited tensors"
    tensors = {name: t.clone() for name,t in ckpt.model.state_dict().items()}
    edit(tensors)
    save_file(tensors, folder/'model.safetensors')


def correct_hash(folder):
    "Note the hash of the changed weights"
    config = json.loads((folder/'config.json').read_text())
    config['weights']['sha256'] = file_sha256(folder/'model.safetensors')
    (folder/'config.json').write_text(json.dumps(config))


def test_the_good_folder_loads(folder): load_folder(folder)


@pytest.mark.parametrize('edit, reasons', [
    (lambda t: t.pop(BIAS), ('1 missing', BIAS)),
    (lambda t: t.update(extra=torch.zeros(2)), ('1 unexpected: extra',)),
    (lambda t: t.update({BIAS: torch.zeros(25)}), ('wrong shape', f'{BIAS} is (25,), should be (170,)')),
    (lambda t: t[BIAS].add_(1), ('SHA-256',)),
], ids=['missing', 'unexpected', 'shape', 'value'])
def test_other_tensors(edit, reasons, ckpt, folder):
    save_tensors(ckpt, folder, edit)
    message = error(lambda: load_folder(folder))
    assert all(part in message for part in (str(folder/'model.safetensors'), *reasons))


@pytest.mark.parametrize('edit, why', [
    (lambda t: t[BIAS][:1].fill_(float('nan')), 'NaN'),
    (lambda t: t.update({BIAS: torch.zeros(170, dtype=torch.int32)}), 'is of type torch.int32'),
], ids=['nan', 'integers'])
def test_odd_tensors_with_the_right_hash(edit, why, ckpt, folder):
    save_tensors(ckpt, folder, edit)
    correct_hash(folder)
    message = error(lambda: load_folder(folder))
    assert BIAS in message and why in message


@pytest.mark.parametrize('edit, why', [
    (lambda b: b[:-100], 'cut off'),
    (lambda b: b'', 'cut off'),
    (lambda b: b'\xff'*100, 'cut off'),
    (lambda b: b[:-9] + b'!' + b[-8:], 'SHA-256'),
], ids=['short', 'empty', 'junk', 'one byte'])
def test_damaged_weights(edit, why, folder):
    weights = folder/'model.safetensors'
    weights.write_bytes(edit(weights.read_bytes()))
    message = error(lambda: load_folder(folder))
    assert str(weights) in message and why in message


def test_a_hash_from_elsewhere_must_agree(folder):
    load_folder(folder, sha256=file_sha256(folder/'model.safetensors'))
    assert 'SHA-256' in error(lambda: load_folder(folder, sha256='0'*64))


# ---- config.json

@pytest.mark.parametrize('edit, why', [
    (lambda c: c.pop('mean'), 'lacks mean'),
    (lambda c: c.pop('std'), 'lacks std'),
    (lambda c: c.update(std=0), 'above 0'),
    (lambda c: c.update(mean='0'), "not '0'"),
    (lambda c: c.update(colour=1), "unknown keys ['colour']"),
    (lambda c: c.update(arch='gpt'), "unknown architecture 'gpt'"),
    (lambda c: c.update(format_version=2), 'version 2'),
    (lambda c: c['model'].update(num_layers=10**12), 'limit of 64'),
    (lambda c: c['model'].update(num_heads=5), 'num_heads 5'),
    (lambda c: c['model'].update(num_heads=None), 'integer'),
    (lambda c: c['model'].pop('num_heads'), 'missing model configuration: num_heads'),
    (lambda c: c['contract'].update(n_features=24), 'takes 144'),
    (lambda c: c['contract'].pop('hop'), 'contract'),
    (lambda c: c['contract'].update(hop='2048'), 'hop must be of type int'),
    (lambda c: c.update(weights={}), 'sha256'),
    (lambda c: c['vocabulary']['labels'].reverse(), 'class list'),
    (lambda c: c['vocabulary'].update(size=10**9), 'vocabular'),
    (lambda c: c.update(licence=3), 'licence'),
    (lambda c: c.update(provenance=[]), 'provenance'),
])
def test_configurations_on_disk(edit, why, folder):
    config = json.loads((folder/'config.json').read_text())
    edit(config)
    (folder/'config.json').write_text(json.dumps(config))
    message = error(lambda: load_folder(folder))
    assert str(folder/'config.json') in message and why in message


@pytest.mark.parametrize('sizes', [
    dict(filter_size=60_000),
    dict.fromkeys(('hidden_size', 'total_key_depth', 'total_value_depth', 'filter_size'), 2**16),
], ids=['a gigabyte', 'hundreds'])
def test_a_huge_network_is_refused_by_its_shapes(sizes, folder):
    config = json.loads((folder/'config.json').read_text())
    config['model'].update(sizes)
    (folder/'config.json').write_text(json.dumps(config))
    message = error(lambda: load_folder(folder))
    assert str(folder/'model.safetensors') in message and 'wrong shape' in message


@pytest.mark.parametrize('text, why', [
    ('{', 'not valid JSON'),
    ('[]', 'object'),
    ('{"mean": NaN}', 'not valid JSON'),
    ('['*10**5, 'not valid JSON'),
    (' '*2**21, 'no configuration'),
], ids=['cut', 'list', 'nan', 'deep', 'blank'])
def test_files_that_are_no_configuration(text, why, folder):
    (folder/'config.json').write_text(text)
    assert why in error(lambda: load_folder(folder))


def test_no_folder(tmp_path): assert 'no such file' in error(lambda: load_folder(tmp_path/'nowhere'))


def test_songs_that_are_not_as_they_should_be(folder):
    (folder/'songs.json').write_text('{"train": ["a"]}')
    assert 'without songs.json' in error(lambda: load_folder(folder))
    (folder/'songs.json').unlink()
    assert read_songs(folder) == {}


def test_a_configuration_on_disk_is_checked_once(folder, monkeypatch):
    seen, check = [], checkpoints._check_config
    def counted(*args):
        seen.append(args)
        check(*args)
    monkeypatch.setattr(checkpoints, '_check_config', counted)
    load_folder(folder)
    assert len(seen) == 1


def test_numbers_of_numpy_are_fine(ckpt):
    c = Checkpoint(ckpt.model, **{**FIELDS, 'mean': np.float32(-3), 'std': np.int64(2)})
    assert (type(c.mean), c.mean, c.std) == (float, -3., 2.)
