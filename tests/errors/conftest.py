"A tiny network, and its ONNX file: PyTorch's exporter takes seconds, so it works once for all tests of errors"
import pytest
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT


@pytest.fixture(scope='session')
def tiny():
    "A checkpoint of a network of one layer that has learned nothing"
    from chordkd_nb.checkpoints import Checkpoint, build_model
    sizes = dict(hidden_size=16, num_layers=1, num_heads=2, total_key_depth=16, total_value_depth=16, filter_size=16)
    return Checkpoint(build_model('btc', **sizes).eval(), 'btc', vocabulary(170), LOG_CQT, -2., 2., 'Apache-2.0')


@pytest.fixture(scope='session')
def exported(tiny, tmp_path_factory):
    "The ONNX file of the tiny network, and the graph that PyTorch's exporter drew for it"
    import torch
    from chordkd_nb.onnx import export_onnx
    export, graphs = torch.onnx.export, []
    def noted(*args, **options):
        graphs.append(export(*args, **options))
        return graphs[-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('torch.onnx.export', noted)
        path = export_onnx(tiny, tmp_path_factory.mktemp('onnx')/'good.onnx')
    return path, *graphs


@pytest.fixture
def quick_export(exported, monkeypatch):
    "Let PyTorch's exporter give the graph of the tiny network, which it has drawn already"
    monkeypatch.setattr('torch.onnx.export', lambda *args, **options: exported[1])
