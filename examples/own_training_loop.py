"""Use `selective_kd_loss` in a training loop of your own: any network, any data, no store and no recipe of ours.

The losses are plain functions of tensors. Here the labels are wrong in many places, and a teacher helps the student:
total = alpha · selective distillation + (1 - alpha) · cross-entropy. Frames in which the teacher is unsure are dropped,
and frames in which it is very sure count less. `mask` leaves out padding; labels below 0 leave out unknown frames.

    pip install 'chordkd_nb[train]'
"""
import torch
from torch import nn
from chordkd_nb import selective_kd_loss
from chordkd_nb.losses import combined_loss, cross_entropy, selective_weight

torch.manual_seed(0)
torch.set_num_threads(1)
T, F, V = 50, 24, 25


def songs(B):
    "Features (B, T, F) and the classes behind them (B, T)"
    y = torch.randint(V, (B, T))
    return nn.functional.one_hot(y, V)[..., :F] + .3*torch.randn(B, T, F), y


(x, true), (x_new, true_new) = songs(32), songs(32)
teacher = 4*nn.functional.one_hot(true, V) + torch.randn(32, T, V)             # logits, mostly right
labels = torch.where(torch.rand(32, T) < .4, torch.randint(V, (32, T)), true)  # two fifths of them random
mask = torch.arange(T).expand(32, T) < torch.randint(T//2, T+1, (32, 1))       # songs of unequal length

weights = {c: round(selective_weight(torch.tensor(c)).item(), 2) for c in (.05, .5, .95, 1.)}
print('weight of a frame by confidence:', weights)


def train(alpha, steps=100):
    "Train a student: the share of frames of new songs that it then gets right"
    torch.manual_seed(1)
    student = nn.Sequential(nn.Linear(F, 64), nn.ReLU(), nn.Linear(64, V))
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-2)
    for _ in range(steps):
        logits = student(x)
        hard = cross_entropy(logits, labels, mask)
        kd = selective_kd_loss(logits, teacher, T=3., mask=mask)
        loss = combined_loss(hard, kd, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (student(x_new).argmax(-1) == true_new).float().mean().item()


alone, with_teacher = train(0.), train(.3)
print(f'labels alone: {alone:.1%} right; with distillation: {with_teacher:.1%}')
assert with_teacher > alone
