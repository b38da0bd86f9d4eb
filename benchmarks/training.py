"""Time one step of training (forward, backward, clipping, AdamW) of our networks and of the published implementations.

The published code is not part of this project; clone it and name the folders:
    git clone https://github.com/jayg996/BTC-ISMIR19
    git clone https://github.com/ptnghia-j/ChordMini
    python benchmarks/training.py --btc BTC-ISMIR19 --chordmini ChordMini

All networks of a row take turns within one run. A ratio is the median of the rounds' ratios, with the smallest and the
largest. First we check that they are the same network: from the same weights, without dropout, on the same batches,
we compare the losses of the first steps. 'ours, bf16' is our network as `--set mixed_precision=bf16` trains it; it
gains on processors that compute in bfloat16 (AVX-512 BF16, AMX)."""
import argparse, copy, importlib, os, sys, warnings
import timing

SIZES = {
    '2e1d': dict(n_group=2, f_layer=3, f_head=2, t_layer=4, t_head=4, d_layer=3, d_head=4),
    '2e1d-yaml': dict(n_group=12, f_layer=5, f_head=6, t_layer=5, t_head=8, d_layer=5, d_head=8)}
BTC_SIZES = dict(
    feature_size=144, num_chords=170, timestep=108, seq_len=108, hidden_size=128, num_layers=8, num_heads=4,
    total_key_depth=128, total_value_depth=128, filter_size=128, probs_out=False)
BTC_DROPOUTS = ('input_dropout', 'layer_dropout', 'attention_dropout', 'relu_dropout')
KINDS = ['btc', *SIZES]


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--btc', metavar='FOLDER', help='a clone of BTC-ISMIR19')
    p.add_argument('--chordmini', metavar='FOLDER', help='a clone of ChordMini')
    p.add_argument('--threads', type=int, nargs='+', default=[1], help='CPU threads, one table each (default: 1)')
    p.add_argument('--batch', type=int, default=32, help='windows of 108 frames (default: 32)')
    p.add_argument('--rounds', type=int, default=10, help='timed steps of each network (default: 10)')
    p.add_argument('--steps', type=int, default=5, help='steps whose losses are compared (default: 5)')
    p.add_argument('--models', nargs='+', default=KINDS, choices=KINDS,
                   help="2e1d: sizes of the published checkpoint; 2e1d-yaml: of the published configuration file")
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


def cross_entropy(z, y):
    import torch.nn.functional as F
    return F.cross_entropy(z.reshape(-1, z.shape[-1]), y.reshape(-1))


def all_real(x):
    "A mask without padding; our loop masks the padding of a song's last window, so a mask is part of the step"
    import torch
    return torch.ones(x.shape[:2], dtype=torch.bool)


def btc_networks(args, dropout):
    "name -> (network, function of x and y that returns the mean cross-entropy)"
    from chordkd_nb.btc import BTC
    rates = dict.fromkeys(BTC_DROPOUTS, dropout)
    ours = BTC(**rates)
    found = {'ours': (ours, lambda x, y: cross_entropy(ours(x, all_real(x)), y))}
    if args.btc:
        theirs = published(args.btc, 'btc_model', 'BTC_model')(BTC_SIZES|rates)
        found['BTC-ISMIR19'] = theirs, lambda x, y: theirs(x, y)[1]
    if args.chordmini:
        mini = published(args.chordmini, 'src.models.btc_model', 'BTC_model')(BTC_SIZES|rates)
        found['ChordMini'] = mini, lambda x, y: cross_entropy(mini(x), y)
    return found


def twoe1d_networks(args, dropout, sizes):
    "The same for 2E1D"
    from chordkd_nb.twoe1d import TwoE1D
    ours = TwoE1D(dropout=dropout, **sizes)
    found = {'ours': (ours, lambda x, y: cross_entropy(ours(x, all_real(x)), y))}
    if args.chordmini:
        mini = published(args.chordmini, 'src.models.chord_net', 'ChordNet')(dropout=dropout, **sizes)
        found['ChordMini'] = mini, lambda x, y: cross_entropy(mini(x)[0], y)
    return found


def networks(kind, args, dropout):
    "All competitors of a row, with ours in bfloat16 as the second"
    import torch
    found = btc_networks(args, dropout) if kind == 'btc' else twoe1d_networks(args, dropout, SIZES[kind])
    net = copy.deepcopy(found['ours'][0])
    def bf16(x, y):
        with torch.autocast('cpu', torch.bfloat16): z = net(x, all_real(x))
        return cross_entropy(z.float(), y)
    return {'ours': found.pop('ours'), 'ours, bf16': (net, bf16)} | found


class Steps:
    "A network with its optimizer, as each of the projects sets it up"
    def __init__(self, name, net, loss):
        import torch
        self.net, self.loss = net.train(), loss
        fused = True if name.startswith('ours') else None  # as our trainer does, and as ChordMini does
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4, weight_decay=1e-5, fused=fused)

    def __call__(self, x, y):
        import torch
        loss = self.loss(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()


def start_alike(kind, nets):
    "Give all networks the weights of ours"
    state = {k: v.clone() for k,v in nets['ours'][0].state_dict().items()}
    if kind != 'btc':
        for k,v in state.items():
            if 'alpha' in k: v.fill_(.5)   # gates start closed; open them, so that attention counts
    for net,_ in nets.values():
        own = net.state_dict()
        if unknown := set(state)-set(own): sys.exit(f'{kind}: tensors without a counterpart: {sorted(unknown)[:3]}')
        net.load_state_dict(own|state)


def loss_differences(kind, args):
    "name -> largest difference of losses over the first steps from the same weights, without dropout"
    import torch
    nets = networks(kind, args, 0.)
    start_alike(kind, nets)
    generator = torch.Generator().manual_seed(0)
    def batch():
        x = torch.randn(8, 108, 144, generator=generator)
        return x, torch.randint(0, 170, (8, 108), generator=generator)
    batches = [batch() for _ in range(args.steps)]
    curves = {}
    for name,(net,loss) in nets.items():
        step = Steps(name, net, loss)
        curves[name] = [step(x, y) for x,y in batches]
    return {name: max(abs(p-q) for p,q in zip(c, curves['ours'])) for name,c in curves.items()}


def time_steps(kind, args):
    "Print a line for each network of a row"
    import torch
    torch.manual_seed(0)
    differences = loss_differences(kind, args)
    steps = {name: Steps(name, net, loss) for name,(net,loss) in networks(kind, args, .2).items()}
    x, y = torch.randn(args.batch, 108, 144), torch.randint(0, 170, (args.batch, 108))
    calls = {name: (lambda step=step: step(x, y)) for name,step in steps.items()}
    times = timing.alternate(calls, args.rounds, warm=2)
    for name,t in times.items():
        wall, cpu = timing.median(t, 0)*1e3, timing.median(t, 1)*1e3
        line = f'{kind:10} {name:12} {wall:7.0f} ms wall {cpu:7.0f} ms CPU'
        if not name.startswith('ours'):
            line += ''.join(f'   {ours} faster {timing.ratio(t, times[ours])}' for ours in ('ours', 'ours, bf16'))
        if name != 'ours': line += f'; losses of {args.steps} steps differ from ours by at most {differences[name]:.1e}'
        print(line, flush=True)


def main():
    args = arguments()
    timing.limit_threads(max(args.threads))
    import torch
    print(f'{timing.machine()}, torch {torch.__version__}')
    warnings.filterwarnings('ignore', message='f_head')
    for threads in args.threads:
        torch.set_num_threads(threads)
        print(f'threads: {threads}, batch {args.batch} x 108 frames, median of {args.rounds} rounds')
        for kind in args.models: time_steps(kind, args)


if __name__ == '__main__': main()
