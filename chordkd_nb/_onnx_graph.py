"An ONNX graph, written operation by operation"
from functools import partial
import numpy as np


class Graph:
    "Nodes of ONNX, written as calls: `g.Add(a, 1.)` appends a node and returns the name of its result"
    def __init__(self):
        from onnx import helper, numpy_helper
        self.helper, self.numpy_helper = helper, numpy_helper
        self.nodes, self.constants = [], {}

    def __getattr__(self, op):
        if op.startswith('_'): raise AttributeError(op)
        return partial(self._add, op)

    def _add(self, op, *inputs, outputs=1, result=None, **attributes):
        "Append a node, and return the names of its outputs"
        names = [result] if result else [f'{op}.{len(self.nodes)}.{k}' for k in range(outputs)]
        self.nodes.append(self.helper.make_node(op, [self._name(x) for x in inputs], names, **attributes))
        return names[0] if len(names) == 1 else names

    def _name(self, x):
        "Name of a result, or of a constant"
        if isinstance(x, str): return x
        x = np.array(x)
        x = x.astype({'f': np.float32, 'i': np.int64, 'U': object}.get(x.dtype.kind, x.dtype))
        key = str(x.dtype), x.shape, str(x.tolist()) if x.dtype == object else x.tobytes()
        if key not in self.constants:
            self.constants[key] = name = f'constant.{len(self.constants)}'
            self.nodes.append(self.helper.make_node('Constant', [], [name], value=self.numpy_helper.from_array(x)))
        return self.constants[key]
