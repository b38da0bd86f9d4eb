"ONNX files that take samples: exports that cannot be made, and uses that cannot be meant, end in a clear error"
from dataclasses import replace
import pytest
from chordkd_nb.audio_onnx import export_audio_onnx
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.checkpoints import Checkpoint, build_model
from chordkd_nb.features import BTC10S, LOG_CQT
from chordkd_nb.onnx import OnnxModel
from chordkd_nb.recognition import recognize

onnx = pytest.importorskip('onnx')


@pytest.fixture
def good(tiny, quick_export, tmp_path): return export_audio_onnx(tiny, tmp_path/'good.onnx')


def error(f, kind=ValueError):
    with pytest.raises(kind) as e: f()
    return str(e.value)


def test_the_name_must_end_in_onnx(tiny, tmp_path):
    assert 'ends in .onnx' in error(lambda: export_audio_onnx(tiny, tmp_path/'tiny.bin'))


@pytest.mark.parametrize('decoding', [dict(smoothing='uniform'), dict(min_duration=1.)])
def test_settings_that_the_graph_does_not_know(tiny, tmp_path, decoding):
    changed = replace(tiny, decoding=decoding)
    assert 'cannot be part of an ONNX file' in error(lambda: export_audio_onnx(changed, tmp_path/'a.onnx'))


def test_int8_of_a_network_whose_matrices_it_does_not_know(tiny, tmp_path):
    network = build_model('2e1d', f_layer=1, t_layer=1, d_layer=1).eval()
    changed = Checkpoint(network, '2e1d', tiny.vocab, LOG_CQT, -2., 2., 'Apache-2.0')
    assert 'int8 knows the matrices of btc' in error(lambda: export_audio_onnx(changed, tmp_path/'a.onnx', int8=True))


def test_a_contract_that_the_graph_does_not_compute(tiny, quick_export, tmp_path):
    changed = replace(tiny, contract=BTC10S)
    assert 'padded with zeros' in error(lambda: export_audio_onnx(changed, tmp_path/'a.onnx'))
    assert list(tmp_path.iterdir()) == []


def test_a_contract_with_other_bins(tiny, tmp_path):
    changed = replace(tiny, contract=replace(LOG_CQT, name='low', fmin=27.5))
    assert "samples of 'log-cqt' only, not of 'low'" in error(lambda: export_audio_onnx(changed, tmp_path/'a.onnx'))


def test_a_file_that_differs_from_the_model_is_not_kept(tiny, quick_export, tmp_path, monkeypatch):
    monkeypatch.setattr('chordkd_nb.audio_onnx.song_logits', lambda ckpt, features, overlap, bass: features@features.T)
    monkeypatch.setattr('chordkd_nb.audio_onnx.softmax', lambda logits: 0*logits[:, :1])
    said = error(lambda: export_audio_onnx(tiny, tmp_path/'a.onnx'), CheckpointError)
    assert 'probabilities of chords differ from those of the model' in said
    assert list(tmp_path.iterdir()) == []


def test_it_is_no_model_for_features(good):
    assert 'takes samples' in error(lambda: OnnxModel(good), CheckpointError)
    assert 'examples/onnx/decode.py' in error(lambda: recognize('song.wav', good), CheckpointError)
