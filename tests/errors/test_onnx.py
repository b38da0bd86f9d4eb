"ONNX files that are no recogniser, and exports that cannot be made, end in a clear error; the threads of a good one"
import sys
import numpy as np
import pytest
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.onnx import OnnxModel, export_onnx
from chordkd_nb.recognition import get_model

onnx = pytest.importorskip('onnx')
pytest.importorskip('torch', '2.11')


@pytest.fixture
def good(exported): return exported[0]


def error(f, kind=CheckpointError):
    with pytest.raises(kind) as e: f()
    return str(e.value)


def test_the_name_must_end_in_onnx(tiny, tmp_path):
    assert 'ends in .onnx' in error(lambda: export_onnx(tiny, tmp_path/'tiny.bin'), ValueError)


def test_a_checkpoint_that_does_not_exist(tmp_path):
    assert 'no such folder' in error(lambda: export_onnx('no-such-thing', tmp_path/'a.onnx'))


def test_a_file_that_does_not_exist(tmp_path): assert 'no such file' in error(lambda: OnnxModel(tmp_path/'none.onnx'))


def test_a_file_that_is_no_graph(tmp_path):
    (tmp_path/'bad.onnx').write_bytes(b'not a graph')
    assert 'cannot load it' in error(lambda: OnnxModel(tmp_path/'bad.onnx'))


def test_a_graph_without_metadata(good, tmp_path):
    graph = onnx.load(good)
    del graph.metadata_props[:]
    onnx.save(graph, tmp_path/'bare.onnx')
    assert 'not written by' in error(lambda: OnnxModel(tmp_path/'bare.onnx'))


def test_a_batch_of_other_features(good):
    assert 'cannot compute it' in error(lambda: OnnxModel(good)(np.zeros((1, 9, 24)), np.ones((1, 9), bool)))


def test_a_missing_package_is_named(good, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    assert 'pip install "chordkd_nb[train]"' in error(lambda: OnnxModel(good), ImportError)


def test_an_old_torch_cannot_export(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr('torch.__version__', '2.6.0+cpu')
    assert 'version 2.6.0+cpu is installed' in error(lambda: export_onnx(tiny, tmp_path/'b.onnx'), ImportError)


def test_a_graph_that_differs_from_the_network_is_not_kept(tiny, quick_export, tmp_path, monkeypatch):
    monkeypatch.setattr(OnnxModel, '__call__', lambda self, x, mask, bass: np.zeros((*mask.shape, 170)))
    assert 'differs from the network' in error(lambda: export_onnx(tiny, tmp_path/'b.onnx'))
    assert list(tmp_path.iterdir()) == []


def test_a_file_takes_the_threads_it_was_loaded_with(good):
    def threads(model): return model.session.get_session_options().intra_op_num_threads
    assert [threads(get_model(str(good), n)) for n in (1, 2, None)] == [1, 2, 0]   # 0: onnxruntime decides
    assert threads(get_model(str(good))) == 1
