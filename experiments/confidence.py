"""Which share of a labelled store's frames does selective distillation look at? Confidence of the teacher's full answers at several temperatures.
usage: confidence.py STORE"""
import sys
import numpy as np, torch
from chordkd_nb.store import Store
from chordkd_nb.losses import selective_weight

lp = torch.from_numpy(np.concatenate([s.log_probs for s in Store(sys.argv[1])])).float()
print('temperature,dropped,full weight,reduced')
for t in (1, 2, 3):
    w = selective_weight((lp/t).softmax(-1).amax(-1))
    print(f'{t},{(w == 0).float().mean():.3f},{(w == 1).float().mean():.3f},{((w > 0) & (w < 1)).float().mean():.3f}')
