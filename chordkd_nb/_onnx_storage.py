"How an ONNX file stores the tensors of a network in 16 or 8 bits; `g` collects the nodes that make floats of them"
import numpy as np

SMALL = 256  # numbers; a smaller tensor stays as it is
ROBUST = 'query_linear.weight', 'key_linear.weight', 'value_linear.weight'  # tensors that 8 bits hold well enough
FLOAT = 1  # in ONNX


def in_16_bits(g, name, x):
    "A tensor in 16 bits that becomes `x` again in the graph; None if this would change it"
    with np.errstate(over='ignore'): half = x.astype(np.float16)
    if (half.astype(np.float32) != x).any(): return None
    g.Cast(f'{name}.half', to=FLOAT, result=name)
    return [g.numpy_helper.from_array(half, f'{name}.half')]


def in_8_bits(g, name, x):
    "A tensor in 8 bits, and the factors that make `x` of it, nearly"
    def rounded(axis):
        others = tuple(i for i in range(x.ndim) if i != axis)
        scale = np.maximum(np.abs(x).max(others), 1e-12).astype(np.float32)/127
        wide = np.expand_dims(scale, others)
        whole = np.round(x/wide)
        return np.abs(whole*wide - x).mean(), axis, whole.astype(np.int8), scale
    _, axis, whole, scale = min((rounded(axis) for axis in range(min(x.ndim, 2))), key=lambda r: r[0])
    g.DequantizeLinear(f'{name}.whole', f'{name}.scale', axis=axis, result=name)
    return [g.numpy_helper.from_array(a, f'{name}.{kind}') for a, kind in ((whole, 'whole'), (scale, 'scale'))]


def stored(g, tensor, int8):
    "Tensors of the file for a tensor of the network, and nodes that make it of them"
    x = g.numpy_helper.to_array(tensor)
    if x.dtype != np.float32 or x.size < SMALL: return [tensor]
    if int8 and tensor.name.endswith(ROBUST): return in_8_bits(g, tensor.name, x)
    return in_16_bits(g, tensor.name, x) or [tensor]
