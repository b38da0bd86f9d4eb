"""Bring a teacher and a network of your own: labelling, training, recognition and `chordkd` then know them by name.

A teacher has a name, a vocabulary, a frame grid and two methods; it needs no base class. A student is an `nn.Module`
with a `config` of its constructor arguments. You register each with one call, and continue as usual: `label_songs`,
`stage1`, `recognize`, or `chordkd label music/ pool/ --teacher templates --import mine.py`, with a file that ends where
they are registered. This example takes seconds and learns next to nothing; real pools are folders of audio.

    pip install 'chordkd_nb[train]'
"""
import tempfile
from pathlib import Path
import numpy as np, torch
from torch import nn
from chordkd_nb import Song, label_songs, load_teacher, recognize, register_arch, register_teacher, stage1, vocabulary
from chordkd_nb.chords import QUALITIES, QUALITY_SEMITONES
from chordkd_nb.sliding_windows import log_softmax
from chordkd_nb.features import LOG_CQT
from chordkd_nb.teachers import check_teacher


def template(root, quality): return [float((p-root)%12 in QUALITY_SEMITONES[quality]) for p in range(12)]


def unit(x): return x/np.linalg.norm(x, axis=1, keepdims=True)


class Templates:
    "The oldest recogniser: compare the twelve pitch classes with the notes of every chord (Fujishima 1999)"
    name, vocab, contract = 'templates', vocabulary(170), LOG_CQT
    notes = np.array([template(r, q) for r in range(12) for q in QUALITIES] + [[1.]*12]*2)

    def identity(self): return dict(teacher='templates', version=1)   # is written beside every label

    def log_probs(self, song):
        octaves = np.exp(song.features_for(LOG_CQT)).reshape(-1, 6, 12, 2)
        chroma = octaves[..., 0].sum(1)
        return log_softmax(30*unit(chroma)@unit(self.notes).T).astype(np.float32)


class Frames(nn.Module):
    "A student that looks at a few frames around each"
    def __init__(self, n_features:int=144, n_classes:int=170, width:int=64):
        super().__init__()
        self.config = dict(n_features=n_features, n_classes=n_classes, width=width)
        self.n_features, self.n_classes = n_features, n_classes
        self.around = nn.Conv1d(n_features, width, 5, padding=2)
        self.out = nn.Linear(width, n_classes)

    def forward(self, x, mask=None): return self.out(self.around(x.transpose(1, 2)).relu().transpose(1, 2))


def tone(pitch, t):
    "Four decaying harmonics of a MIDI pitch"
    f = 440*2**((pitch-69)/12)
    return sum(np.sin(2*np.pi*h*f*t)*np.exp(-h*t)/h for h in range(1, 5))


def song(name, seconds=16., rate=22050):
    "Major and minor triads in a random order, a second each"
    rng, t = np.random.default_rng(list(name.encode())), np.arange(rate)/rate
    def triad(root, third): return sum(tone(p, t) for p in (36+root, 60+root, 60+root+third, 67+root))
    chords = [triad(rng.integers(12), rng.choice((3, 4))) for _ in range(int(seconds))]
    return Song(name, audio=.05*np.concatenate(chords).astype(np.float32), orig_sr=rate)


register_teacher('templates', Templates)
register_arch('frames', Frames)

torch.set_num_threads(1)
teacher = load_teacher('templates')
songs = [song(name) for name in ('first', 'second', 'third', 'fourth', 'fifth')]
check_teacher(teacher, songs[0])          # finds wrong answers before a hundred thousand songs are labelled
with tempfile.TemporaryDirectory() as d:
    store = label_songs(teacher, songs[:4], Path(d)/'pool', progress=False)
    quick = dict(epochs=3, warmup_epochs=0, lr=3e-3)
    student = stage1(store, Path(d)/'run', arch='frames', changes=quick, progress=False)
    chords = recognize(songs[4].load(), Path(d)/'run', orig_sr=22050)
print(store)
agreement = student.provenance['valid_accuracy']
print(f'The student agrees with its teacher on {agreement:.0%} of the frames of a held-out song. It recognises:')
print(', '.join(chords.labels))
assert student.arch == 'frames' and len(store) == 4 and chords.duration == 16
