"""Stage 1 without dropout on as many whole windows as fill the batches: then one process and two must agree to rounding.   usage: even_batches.py STORE OUT (called by scale.py)"""
import sys
import torch
from chordkd_nb import training

torch.set_num_threads(1); made = training.Windows.__init__
def whole(self, *args, **kw):
    made(self, *args, **kw)
    if self.train: t = [(s,i) for s,i in self.table if i+108<=self.store.n_frames[self.ids[s]]]; self.table = t[:len(t)//16*16]
training.Windows.__init__ = whole
still = dict(input_dropout=0., layer_dropout=0., attention_dropout=0., relu_dropout=0.)
training.stage1(*sys.argv[1:], 'btc', sizes=still, changes=dict(epochs=3, batch_size=16, lr=1e-3, warmup_epochs=1), progress=False)
