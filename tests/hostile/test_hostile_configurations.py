"A `config.json` beside good weights that is not the configuration of a checkpoint"
import json
from shutil import copyfile
import pytest
from audio_files import encoded, triad
from judging import chordkd, is_one_line_error
from chordkd_nb.checkpoint_files import bundled_folder

WEIGHTS = bundled_folder()/'btc-small'

INSTEAD = dict(  # values in the place of an entry, or of no entry at all
    mean=['x', None, [1]],
    std=[0, -1, 'x'],
    arch=['lstm', 5, None],
    model=[[], dict(a=1), None, 5],
    vocabulary=[5, dict(size=3, labels=[]), dict(size=170, labels=[])],
    contract=[[], dict(name='x', version=1), None],
    decoding=[
        [1], 5, dict(penalty='x'), dict(penalty=-1), dict(overlap=7), dict(colour=1), dict(temperature=0),
        dict(smoothing=5)],
    weights=[5, dict(sha256='x'), dict(sha256=1)],
    format=['x'],
    format_version=[2],
    extra=[1],
)

WITHIN = [
    ('model', dict(num_heads=0)),
    ('model', dict(num_heads=7)),
    ('model', dict(num_layers=-1)),
    ('model', dict(num_layers=1)),
    ('model', dict(hidden_size='x')),
    ('contract', dict(hop=0)),
    ('contract', dict(sr='x')),
]

NO_CONFIGURATION = [b'', b'[]', b'{', b'\xff\xfe', b'{"a": NaN}']


@pytest.fixture
def refuses(tmp_path):
    "A function: bytes of a configuration → is a recognition with it refused in one line?"
    (tmp_path/'model').mkdir()
    copyfile(WEIGHTS/'model.safetensors', tmp_path/'model'/'model.safetensors')
    (tmp_path/'a.wav').write_bytes(encoded(triad()))
    def refuses(config):
        (tmp_path/'model'/'config.json').write_bytes(config)
        error = chordkd('recognize', tmp_path/'a.wav', '--model', tmp_path/'model').error
        return is_one_line_error(error) and 'Error: ' not in error
    return refuses


def configuration(): return json.loads((WEIGHTS/'config.json').read_text())


@pytest.mark.parametrize('key, value', [(key, v) for key, values in INSTEAD.items() for v in values], ids=str)
def test_an_entry_of_another_kind_is_refused(refuses, key, value):
    assert refuses(json.dumps(configuration() | {key: value}).encode())


@pytest.mark.parametrize('key, change', WITHIN, ids=str)
def test_a_setting_that_does_not_fit_is_refused(refuses, key, change):
    config = configuration()
    assert set(change) <= set(config[key])
    config[key] |= change
    assert refuses(json.dumps(config).encode())


@pytest.mark.parametrize('text', NO_CONFIGURATION, ids=str)
def test_a_file_without_a_configuration_is_refused(refuses, text): assert refuses(text)


def test_the_configuration_itself_is_accepted(refuses):
    assert not refuses((WEIGHTS/'config.json').read_bytes())
