"""`selective_kd_loss` in a training loop of one's own: any network, any data, no store and no recipe of this package.

The losses are plain functions of tensors. A student is trained on wrong-in-places labels while a teacher holds on to it:
total = alpha · selective distillation + (1 - alpha) · cross-entropy. Frames in which the teacher is unsure are dropped,
those in which it is very sure count less; `mask` leaves out padding, and labels below 0 leave out frames whose chord is not known.

    pip install chordkd_nb
"""
import torch
from torch import nn
from chordkd_nb import selective_kd_loss
from chordkd_nb.losses import combined_loss, cross_entropy, selective_weight

torch.manual_seed(0); torch.set_num_threads(1)
T, F, V = 50, 24, 25

def songs(B):
    "Features (B, T, F) and the classes behind them (B, T)"
    y = torch.randint(V, (B, T))
    return nn.functional.one_hot(y, V)[..., :F] + .3*torch.randn(B, T, F), y

(x, true), (x_new, true_new) = songs(32), songs(32)
teacher = 4*nn.functional.one_hot(true, V) + torch.randn(32, T, V)                 # logits (or log-probabilities), mostly right
labels = torch.where(torch.rand(32, T) < .4, torch.randint(V, (32, T)), true)      # annotations, two fifths of them random
mask = torch.arange(T).expand(32, T) < torch.randint(T//2, T + 1, (32, 1))         # songs of unequal length

print('weight of a frame by confidence:', {c: round(selective_weight(torch.tensor(c)).item(), 2) for c in (.05, .5, .95, 1.)})

def train(alpha, steps=100):
    "Share of the frames of new songs that the student then gets right"
    torch.manual_seed(1)
    student = nn.Sequential(nn.Linear(F, 64), nn.ReLU(), nn.Linear(64, V))
    opt = torch.optim.AdamW(student.parameters(), lr=1e-2)
    for _ in range(steps):
        logits = student(x)
        hard = cross_entropy(logits, labels, mask)
        kd = selective_kd_loss(logits, teacher, T=3., mask=mask)
        loss = combined_loss(hard, kd, alpha)
        opt.zero_grad(); loss.backward(); opt.step()
    return (student(x_new).argmax(-1) == true_new).float().mean().item()

alone, with_teacher = train(0.), train(.3)
print(f'labels alone: {alone:.1%} right; with distillation: {with_teacher:.1%}')
assert with_teacher > alone
