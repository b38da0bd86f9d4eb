"Published files that are incomplete or do not fit are refused; nothing is guessed, and nothing in them runs"
import io, os
from types import SimpleNamespace
import huggingface_hub, numpy as np, pytest, torch
from torch import nn
from chordkd_nb import published
from chordkd_nb.btc import BTC
from chordkd_nb.checkpoints import Checkpoint, load_folder, save_checkpoint
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT
from chordkd_nb.checkpoint_files import BUNDLED, CheckpointError
from chordkd_nb.published import Published, convert_published, download, load_checkpoint
from chordkd_nb.twoe1d import TwoE1D
from chordkd_nb._downloads import git_blob_hash
from chordkd_nb._files import file_sha256

SMALL = dict(hidden_size=32, num_layers=2, total_key_depth=32, total_value_depth=32, filter_size=32)
HEADS = dict(f_head=2, t_head=4, d_head=4)
ONE = torch.ones(1)


class Trap:
    "Unpickled, it makes a folder"
    def __init__(self, path): self.path = str(path)
    def __reduce__(self): return os.mkdir, (self.path,)


def saved(obj):
    f = io.BytesIO()
    torch.save(obj, f)
    return f.getvalue()


def published_btc(model):
    "State dict as published: ours and the LSTM"
    h = model.config['hidden_size']
    lstm = nn.LSTM(h, h//2, batch_first=True, bidirectional=True).state_dict()
    return {**model.state_dict(), **{f'output_layer.lstm.{k}': v for k,v in lstm.items()}}


def logits(model):
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 108, 144)).astype(np.float32))
    with torch.no_grad(): return model(x)


def same(a, b): return torch.equal(logits(a), logits(b))


def error(f):
    "The message of the CheckpointError that `f` raises"
    with pytest.raises(CheckpointError) as e: f()
    return str(e.value)


# ---- parts of a payload

@pytest.mark.parametrize('payload, why', [
    ({'model': {}}, 'no state dict'),
    ({'model': {'a': 1}}, 'no state dict'),
    ({'weights': {'a': ONE}}, "keys are ['weights']"),
    ([1], 'holds a list'),
    ({'model': {'a': ONE, 'module.a': ONE}}, 'names coincide'),
], ids=['empty', 'no tensor', 'unknown key', 'list', 'names coincide'])
def test_payloads_without_a_state_dict(payload, why): assert why in error(lambda: published._state_dict(payload))


@pytest.mark.parametrize('payload, mean, std, why', [
    ({'mean': 2.}, None, None, 'holds no std'),
    ({'mean': 2., 'std': 3.}, 1., None, '1.0 as given'),
    ({'mean': 2., 'std': torch.ones(2)}, None, None, 'std must be'),
    ({'mean': 2., 'std': 0.}, None, None, 'above 0'),
])
def test_statistics_that_are_missing_or_disagree(payload, mean, std, why):
    assert why in error(lambda: published._stats(payload, mean, std))


def test_statistics_that_agree(): assert published._stats({'mean': 2., 'std': 3.}, None, 3.) == (2., 3.)


# ---- BTC

@pytest.fixture(scope='module')
def majmin(tmp_path_factory):
    "BTC with 25 classes, and its file"
    model = BTC(num_chords=25).eval()
    path = tmp_path_factory.mktemp('majmin')/'btc_model.pt'
    path.write_bytes(saved({'model': published_btc(model), 'mean': np.float64(-2.5), 'std': np.float64(1.75)}))
    return model, path


def test_btc_with_25_classes(majmin):
    c = convert_published(majmin[1], 'btc')
    assert (c.vocab.size, c.model.config['num_chords'], c.licence) == (25, 25, 'not stated')
    assert same(c.model, majmin[0]) and not c.model.training
    assert len(c.provenance['dropped_tensors']) == 8
    file = c.provenance['converted_from']
    assert (file['git_blob'], file['sha256']) == (git_blob_hash(majmin[1].read_bytes()), file_sha256(majmin[1]))


@pytest.mark.parametrize('arch, config, why', [
    ('btc', dict(num_chords=170), '25 by the shapes of the tensors and 170 as given'),
    ('btc', dict(heads=4), 'no argument heads'),
    ('2e1d', HEADS, 'not a published 2e1d network'),
    ('gpt', {}, "not 'gpt'"),
])
def test_arguments_that_do_not_fit(arch, config, why, majmin):
    assert why in error(lambda: convert_published(majmin[1], arch, **config))


def test_no_file(tmp_path): assert 'no such file' in error(lambda: convert_published(tmp_path/'none.pt', 'btc'))


def test_unusual_sizes_need_the_number_of_heads(tmp_path):
    model = BTC(**SMALL).eval()
    (tmp_path/'f.pt').write_bytes(saved({'model': published_btc(model), 'mean': -2.5, 'std': 1.75}))
    assert 'num_heads cannot be known' in error(lambda: convert_published(tmp_path/'f.pt', 'btc'))
    assert same(convert_published(tmp_path/'f.pt', 'btc', num_heads=4).model, model)


def test_btc_as_chordmini_saves_it(tmp_path):
    model = BTC().eval()
    payload = trainer_payload(model, published_btc(model), best_val_acc=np.float64(.71))
    (tmp_path/'f.pth').write_bytes(saved(payload))
    c = convert_published(tmp_path/'f.pth', 'btc', licence='mine')
    assert same(c.model, model) and (c.mean, c.std, c.licence) == (-3.25, 2.5, 'mine')
    assert c.provenance['stated_in_file'] == {'epoch': 31, 'accuracy': .71, 'best_val_acc': .71}


# ---- 2E1D

def trainer_payload(model, state_dict, **changes):
    "What ChordMini's trainers save"
    return {
        'epoch': 31, 'model_state_dict': {'module.' + k: v for k,v in state_dict.items()},
        'optimizer_state_dict': torch.optim.AdamW(model.parameters()).state_dict(),
        'accuracy': .71, 'loss': float('nan'), 'normalization': {'mean': np.float64(-3.25), 'std': 2.5},
        'idx_to_chord': dict(enumerate(vocabulary(170).labels)), **changes}


@pytest.fixture(scope='module')
def mini(): return TwoE1D().eval()


def convert(mini, path, arch='2e1d', config=HEADS, **changes):
    path.write_bytes(saved(trainer_payload(mini, mini.state_dict(), **changes)))
    return convert_published(path, arch, **config)


def test_2e1d_survives_saving(mini, tmp_path):
    c = convert(mini, tmp_path/'f.pth')
    assert same(c.model, mini)
    assert load_folder(save_checkpoint(c, tmp_path/'mini')).config() == c.config()


WEIGHTS = {k: v for k,v in TwoE1D().state_dict().items()}

@pytest.mark.parametrize('changes, why', [
    (dict(normalization={}), 'holds no mean'),
    (dict(normalization={'mean': 0., 'std': float('nan')}), 'std must be'),
    (dict(idx_to_chord=dict(enumerate(vocabulary(170).labels[::-1]))), "class 0 is 'N'"),
    (dict(idx_to_chord={'x': 'C'}), "class 'x' is 'C'"),
    (dict(model_state_dict={**WEIGHTS, 'decoder.extra': ONE}), '1 unexpected: decoder.extra'),
    (dict(model_state_dict={k: v for k,v in WEIGHTS.items() if k != 'fc.bias'}), '1 missing: fc.bias'),
    (dict(model_state_dict={**WEIGHTS, 'fc.bias': torch.ones(171)}), 'fc.bias is (171,), should be (170,)'),
    (dict(model_state_dict={**WEIGHTS, 'fc.bias': torch.full((170,), float('inf'))}), 'fc.bias holds NaN or infinite'),
    (dict(model_state_dict={**WEIGHTS, 'fc.weight': ONE.expand(10**9, 144)}), 'above the limit'),
    (dict(arch='btc', config={}), 'not a published btc network'),
    (dict(config={}), 'head counts of 2E1D leave no trace'),
    (dict(config=HEADS | dict(n_group=12)), 'n_group is 2 by the shapes of the tensors and 12 as given'),
], ids=range(12))
def test_payloads_that_do_not_fit(changes, why, mini, tmp_path):
    message = error(lambda: convert(mini, tmp_path/'f.pth', **changes))
    assert why in message and 'f.pth' in message


def test_a_trap_in_a_payload_is_not_sprung(mini, tmp_path):
    assert 'Nothing in it was executed' in error(lambda: convert(mini, tmp_path/'f.pth', extra=Trap(tmp_path/'victim')))
    assert not (tmp_path/'victim').exists()


# ---- by name

@pytest.fixture(scope='module')
def ckpt(): return Checkpoint(BTC(**SMALL).eval(), 'btc', vocabulary(170), LOG_CQT, -3.2, 2.5, 'CC0-1.0')


@pytest.fixture(scope='module')
def folder(ckpt, tmp_path_factory): return save_checkpoint(ckpt, tmp_path_factory.mktemp('ckpt')/'mine')


def test_folders(ckpt, folder):
    for path in (folder, str(folder)): assert same(load_checkpoint(path, device='cpu').model, ckpt.model)


NO_REPOSITORIES = '../no-x', 'no-x/..', './no-x', 'hf://../x', 'me/x@../../y', 'me//x', '/no-x', 'hf://me/.git'

@pytest.mark.parametrize('name, why', [
    ('chordmini-2e1d', 'f_head=8, t_head=8, d_head=4'),
    ('no-such-thing', 'btc-large'),
    ('/no/such/folder', 'no such folder'),
    *((name, 'no such folder') for name in NO_REPOSITORIES),
])
def test_names_that_lead_nowhere(name, why): assert why in error(lambda: load_checkpoint(name))


def test_a_file_is_no_folder(folder): assert 'convert_published' in error(lambda: load_checkpoint(folder/'config.json'))


def test_unknown_downloads(): assert 'known are btc-large' in error(lambda: download('btc-small'))


def test_loading_leaves_the_random_generator_alone(folder):
    before = torch.random.get_rng_state()
    load_checkpoint(folder)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_published_name_whose_file_is_in_the_cache(ckpt, tmp_path, monkeypatch):
    model = BTC().eval()
    data = saved({'model': published_btc(model), 'mean': np.float64(-2.5), 'std': np.float64(1.75)})
    file = Published('me/models', '0'*40, 'test/big.pt', git_blob_hash(data), 'btc', 'CC0')
    monkeypatch.setitem(published.PUBLISHED, 'test', file)
    monkeypatch.setenv('CHORDKD_CACHE', str(tmp_path))
    (tmp_path/'test').mkdir()
    (tmp_path/'test'/'big.pt').write_bytes(data)
    c = load_checkpoint('test')
    assert same(c.model, model) and (c.mean, c.licence, c.model.training) == (-2.5, 'CC0', False)
    assert c.provenance['converted_from']['published_as'] == 'test'


def test_bundled_weights_must_have_their_hash(ckpt, folder, monkeypatch):
    monkeypatch.setattr(published, 'bundled_folder', lambda: folder.parent)
    monkeypatch.setitem(BUNDLED, 'mine', file_sha256(folder/'model.safetensors'))
    assert same(load_checkpoint('mine').model, ckpt.model)
    monkeypatch.setitem(BUNDLED, 'mine', '0'*64)
    assert 'SHA-256' in error(lambda: load_checkpoint('mine'))


# ---- the Hub

@pytest.fixture
def hub(folder, monkeypatch):
    "A Hub whose only repository is a good checkpoint"
    hub = SimpleNamespace(asked=[], size=10**6)
    def model_info(repo, revision, files_metadata):
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename='model.safetensors', size=hub.size)])
    def snapshot_download(repo, revision, allow_patterns, local_files_only):
        hub.asked.append((repo, revision, allow_patterns))
        return str(folder)
    monkeypatch.setattr(huggingface_hub, 'HfApi', lambda token: SimpleNamespace(model_info=model_info))
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', snapshot_download)
    return hub


def no_network(*args, **kwargs): raise ConnectionError('no network')


def not_cached(*args, local_files_only, **kwargs):
    assert local_files_only
    raise FileNotFoundError('not in the cache')


def test_a_repository_on_the_hub(hub, ckpt):
    assert same(load_checkpoint('hf://me/my-chords@v1').model, ckpt.model)
    load_checkpoint('me/my-chords')
    files = ['model.safetensors', 'config.json', 'songs.json']
    assert hub.asked == [('me/my-chords', 'v1', files), ('me/my-chords', None, files)]


def test_large_files_are_not_fetched(hub):
    hub.size = 10**12
    assert 'model.safetensors has 1000000000000 bytes' in error(lambda: load_checkpoint('me/my-chords'))
    assert hub.asked == []


def test_without_a_network_the_cache_will_do(hub, ckpt, monkeypatch):
    monkeypatch.setattr(huggingface_hub, 'HfApi', no_network)
    assert same(load_checkpoint('me/my-chords').model, ckpt.model)
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', not_cached)
    assert 'no network' in error(lambda: load_checkpoint('me/my-chords'))
