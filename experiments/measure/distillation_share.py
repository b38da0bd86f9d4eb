"""Which share of the labelled frames does selective distillation use? The teacher's confidence decides.

usage: distillation_share.py STORE OUT.csv     (STORE: with all of the teacher's probabilities)"""
import sys
import numpy as np
import pandas as pd
import torch
from chordkd_nb.losses import selective_weight
from chordkd_nb.store import Store

store, out = Store(sys.argv[1]), sys.argv[2]
log_probs = torch.from_numpy(np.concatenate([song.log_probs for song in store])).float()
rows = []
for temperature in (1, 2, 3):
    confidence = (log_probs/temperature).softmax(-1).amax(-1)
    weight = selective_weight(confidence)
    shares = dict(dropped=weight == 0, full=weight == 1, reduced=(weight > 0) & (weight < 1))
    rows.append(dict(temperature=temperature) | {k: v.float().mean().item() for k, v in shares.items()})
table = pd.DataFrame(rows).rename(columns=dict(full='full weight')).round(3)
table.to_csv(out, index=False)
print(table.to_string(index=False))
