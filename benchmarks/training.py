"""Time one step of training (forward, backward, clipping, AdamW) of our BTC and 2E1D, and of the published implementations where their code is at hand.

The published code is not part of this project; clone it and name the folders:
    git clone https://github.com/jayg996/BTC-ISMIR19; git clone https://github.com/ptnghia-j/ChordMini
    python benchmarks/training.py --btc BTC-ISMIR19 --chordmini ChordMini

All networks of a row are timed in turn within one run, so what else the machine does hits them alike; a ratio is the median of the ratios of such rounds, with the smallest and the largest.
First it is checked that they are the same network: from the same weights, without dropout, on the same batches, the losses of the first steps are compared.
'ours, bf16' is our network as `--set mixed_precision=bf16` trains it; it gains on processors that compute in bfloat16 (AVX-512 BF16, AMX)."""
import argparse, copy, importlib, os, sys, warnings
import timing


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--btc', metavar='FOLDER', help='a clone of BTC-ISMIR19')
    p.add_argument('--chordmini', metavar='FOLDER', help='a clone of ChordMini')
    p.add_argument('--threads', type=int, nargs='+', default=[1], help='CPU threads, one table each (default: 1)')
    p.add_argument('--batch', type=int, default=32, help='windows of 108 frames (default: 32)')
    p.add_argument('--rounds', type=int, default=10, help='timed steps of each network (default: 10)')
    p.add_argument('--steps', type=int, default=5, help='steps whose losses are compared (default: 5)')
    p.add_argument('--models', nargs='+', default=['btc', '2e1d', '2e1d-yaml'], choices=['btc', '2e1d', '2e1d-yaml'], help="2e1d: the published checkpoint's sizes; 2e1d-yaml: those of the published configuration file")
    return p.parse_args()


def published(folder, module, name):
    "A class of a clone, imported from its folder alone"
    import numpy as np
    if not hasattr(np, 'float'): np.float = float   # BTC-ISMIR19 is written for numpy before 1.24
    sys.path.insert(0, os.path.abspath(folder))
    try: return getattr(importlib.import_module(module), name)
    finally:
        sys.path.pop(0)
        for m in [m for m in sys.modules if m.split('.')[0] in ('utils', 'src')]: del sys.modules[m]


SIZES = {'2e1d': dict(n_group=2, f_layer=3, f_head=2, t_layer=4, t_head=4, d_layer=3, d_head=4), '2e1d-yaml': dict(n_group=12, f_layer=5, f_head=6, t_layer=5, t_head=8, d_layer=5, d_head=8)}


def networks(kind, a, dropout):
    "name → (network, function of x and y that returns the mean cross-entropy)"
    import torch, torch.nn.functional as F
    from chordkd_nb.btc import BTC
    from chordkd_nb.twoe1d import TwoE1D
    mask = lambda x: torch.ones(x.shape[:2], dtype=torch.bool)   # our loop masks the padding of a song's last window, so a mask is part of the step
    ce = lambda z, y: F.cross_entropy(z.reshape(-1, z.shape[-1]), y.reshape(-1))
    out = {}
    if kind == 'btc':
        rates = {k: dropout for k in ('input_dropout', 'layer_dropout', 'attention_dropout', 'relu_dropout')}
        m = BTC(**rates); out['ours'] = m, lambda x, y, m=m: ce(m(x, mask(x)), y)
        cfg = dict(feature_size=144, num_chords=170, timestep=108, seq_len=108, hidden_size=128, num_layers=8, num_heads=4, total_key_depth=128, total_value_depth=128, filter_size=128, probs_out=False, **rates)
        if a.btc: m = published(a.btc, 'btc_model', 'BTC_model')(cfg); out['BTC-ISMIR19'] = m, lambda x, y, m=m: m(x, y)[1]
        if a.chordmini: m = published(a.chordmini, 'src.models.btc_model', 'BTC_model')(cfg); out['ChordMini'] = m, lambda x, y, m=m: ce(m(x), y)
    else:
        m = TwoE1D(dropout=dropout, **SIZES[kind]); out['ours'] = m, lambda x, y, m=m: ce(m(x, mask(x)), y)
        if a.chordmini: m = published(a.chordmini, 'src.models.chord_net', 'ChordNet')(dropout=dropout, **SIZES[kind]); out['ChordMini'] = m, lambda x, y, m=m: ce(m(x)[0], y)
    net = copy.deepcopy(out['ours'][0])
    def bf16(x, y):
        with torch.autocast('cpu', torch.bfloat16): z = net(x, mask(x))
        return ce(z.float(), y)
    return {'ours': out.pop('ours'), 'ours, bf16': (net, bf16)} | out


class Steps:
    "A network with its optimizer, as each of the projects sets it up"
    def __init__(self, name, net, loss):
        import torch
        self.net, self.loss = net.train(), loss
        self.opt = torch.optim.AdamW(net.parameters(), lr=1e-4, weight_decay=1e-5, fused=True if name.startswith('ours') else None)   # as `fit` does, as ChordMini does

    def __call__(self, x, y):
        import torch
        l = self.loss(x, y); l.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.)
        self.opt.step(); self.opt.zero_grad()
        return l.item()


def same_losses(kind, a):
    "Largest difference of losses over the first steps from the same weights, without dropout"
    import torch
    nets = networks(kind, a, 0.); ours = nets['ours'][0]
    gen = torch.Generator().manual_seed(0)
    batches = [(torch.randn(8, 108, 144, generator=gen), torch.randint(0, 170, (8, 108), generator=gen)) for _ in range(a.steps)]
    state = {k: v.clone() for k, v in ours.state_dict().items()}
    if kind != 'btc':
        for k, v in state.items():
            if 'alpha' in k: v.fill_(.5)   # gates start closed; open them, so that attention counts
    for net, _ in nets.values():
        own = net.state_dict(); unknown = set(state)-set(own)
        if unknown: raise SystemExit(f'{kind}: tensors without a counterpart: {sorted(unknown)[:3]}')
        net.load_state_dict(own | state)
    curves = {}
    for name, (net, loss) in nets.items(): step = Steps(name, net, loss); curves[name] = [step(*b) for b in batches]
    return {n: max(abs(p-q) for p, q in zip(c, curves['ours'])) for n, c in curves.items()}


def main():
    a = arguments(); timing.one_thread(max(a.threads))
    import torch
    print(f'{timing.machine()}, torch {torch.__version__}')
    warnings.filterwarnings('ignore', message='f_head')
    for threads in a.threads:
        torch.set_num_threads(threads)
        print(f'{threads} thread{"s"*(threads>1)}, batch {a.batch} x 108 frames, median of {a.rounds} rounds')
        for kind in a.models:
            torch.manual_seed(0)
            diffs = same_losses(kind, a)
            nets = {n: Steps(n, *nl) for n, nl in networks(kind, a, .2).items()}
            x, y = torch.randn(a.batch, 108, 144), torch.randint(0, 170, (a.batch, 108))
            ts = timing.alternate({n: (lambda step=step: step(x, y)) for n, step in nets.items()}, a.rounds, warm=2)
            for n, t in ts.items():
                line = f'{kind:10} {n:12} {timing.median(t,0)*1e3:7.0f} ms wall {timing.median(t,1)*1e3:7.0f} ms CPU'
                if not n.startswith('ours'): line += ''.join(f'   {o} faster {timing.ratio(t, ts[o])}' for o in ('ours', 'ours, bf16'))
                if n != 'ours': line += f'; losses of {a.steps} steps differ from ours by {diffs[n]:.1e} at most'
                print(line, flush=True)


if __name__ == '__main__': main()
