"Files of a checkpoint that are incomplete or out of range are refused with a clear error"
import json
import pytest
from chordkd_nb.checkpoint_files import CheckpointError, bundled_folder, check_stats, read_config, read_contract
from chordkd_nb.checkpoint_files import read_songs, read_vocabulary
from chordkd_nb.features import LOG_CQT

CONFIG = json.loads((bundled_folder()/'btc-small/config.json').read_text())


def error(f):
    with pytest.raises(CheckpointError) as e: f()
    return str(e.value)


@pytest.mark.parametrize('change, why', [
    (dict(format='other'), "'other' version 1"),
    (dict(format_version=2), 'version 2'),
    (dict(colour=1), "unknown keys ['colour']"),
    (dict(arch=3), 'arch must be a str, not 3'),
    (dict(licence=3), 'licence must be a str'),
    (dict(provenance=[]), 'provenance must be a dict'),
    (dict(decoding=[]), 'decoding must be a dict'),
    (dict(weights=[]), 'weights must be a dict'),
    (dict(weights={}), 'sha256'),
])
def test_configurations_with_odd_values(change, why, tmp_path):
    path = tmp_path/'config.json'
    path.write_text(json.dumps(CONFIG | change))
    message = error(lambda: read_config(path))
    assert str(path) in message and why in message


@pytest.mark.parametrize('key', CONFIG)
def test_a_configuration_needs_every_key(key, tmp_path):
    path = tmp_path/'config.json'
    path.write_text(json.dumps({k: v for k, v in CONFIG.items() if k != key}))
    assert error(lambda: read_config(path)).endswith(f'lacks {key}')


@pytest.mark.parametrize('change, why', [
    (dict(n_features=4097), 'n_features is 4097'),
    (dict(sr=2**19 + 1), 'sr is'),
    (dict(hop=2**20 + 1), 'hop is'),
    (dict(bins_per_octave=97), 'bins_per_octave is 97'),
    (dict(log_offset=1.5), 'log_offset is 1.5'),
    (dict(chunk=2**26 + 1, chunk_frames=1), 'chunk is'),
    (dict(chunk=1000, chunk_frames=2**16 + 1), 'chunk_frames is'),
    (dict(chunk=1000), 'chunk and chunk_frames'),
    (dict(fmin=11025.), 'half of the sample rate'),
    (dict(fmin=.001), 'filters would be too long'),
])
def test_contracts_out_of_range(change, why): assert why in error(lambda: read_contract(LOG_CQT.to_dict() | change))


@pytest.mark.parametrize('d', [
    {}, [], LOG_CQT.to_dict() | dict(hop='2048'), LOG_CQT.to_dict() | dict(sr=True)], ids=str)
def test_no_contract(d):
    with pytest.raises(ValueError, match='contract'): read_contract(d)


@pytest.mark.parametrize('mean, std, why', [
    (None, 1., 'mean must be a finite number, not None'),
    (0., None, 'std must be a finite number'),
    (True, 1., 'not True'),
    ('0', 1., "not '0'"),
    (float('nan'), 1., 'nan'),
    (float('inf'), 1., 'inf'),
    (0., 0., 'std must be above 0'),
    (0., -1., 'std must be above 0'),
])
def test_statistics_that_cannot_normalise(mean, std, why): assert why in error(lambda: check_stats(mean, std))


@pytest.mark.parametrize('v', [None, [], {}, dict(size=170), dict(size='170', labels=[])], ids=str)
def test_no_vocabulary(v): assert 'size and labels' in error(lambda: read_vocabulary(v))


@pytest.mark.parametrize('text', ['{"train": ["a"]}', '{"train": {"a": 1}}', '{"train": {"a": {"x": "y"}}}', '{'])
def test_songs_of_another_kind(text, tmp_path):
    (tmp_path/'songs.json').write_text(text)
    assert 'without songs.json' in error(lambda: read_songs(tmp_path))
