"""Stage 1 without dropout on as many whole windows as fill the batches: one process and two must agree to rounding.
usage: even_batches.py STORE OUT      (called by scale.py)"""
import sys
import torch
from chordkd_nb.batches import Windows, mean_std
from chordkd_nb.recipes import recipe
from chordkd_nb.sliding_windows import WINDOW
from chordkd_nb.stages import new_checkpoint, train_valid
from chordkd_nb.store import Store
from chordkd_nb.trainer import Trainer

store, out = Store(sys.argv[1]), sys.argv[2]
r = recipe('laptop', 'stage1', epochs=3, batch_size=16, lr=1e-3, warmup_epochs=1)
still = dict(input_dropout=0., layer_dropout=0., attention_dropout=0., relu_dropout=0.)
split = train_valid(store.ids, r.seed, store.groups)
torch.set_num_threads(1)
torch.manual_seed(r.seed)
checkpoint = new_checkpoint('btc', store, *mean_std(store, split['train']), **still)
train = Windows(store, split['train'], r, checkpoint.mean, checkpoint.std)
valid = Windows(store, split['valid'], r, checkpoint.mean, checkpoint.std, train=False)
full = [(song, start) for song,start in train.table if start+WINDOW <= len(train.y[song])]
train.table = full[:len(full)//r.batch_size*r.batch_size]
Trainer(checkpoint, train, valid, out, r, progress=False).fit()
