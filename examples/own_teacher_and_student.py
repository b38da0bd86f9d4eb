"""A teacher and a student architecture of one's own, known by name to everything here: labelling, training, recognition, `chordkd`.

A teacher has a name, a vocabulary, a frame grid and two methods; no base class is needed. A student is an `nn.Module`
with a `config` of its constructor arguments. Both register by one call, and the pipeline is then the usual one:
`label_songs` → `stage1` → `recognize`, or `chordkd label music/ pool/ --teacher templates --import mine.py` with a file
that ends where they are registered. This takes seconds and learns next to nothing; real pools are folders of audio.

    pip install 'chordkd_nb[train]'
"""
import tempfile
from pathlib import Path
import numpy as np, torch
from torch import nn
from chordkd_nb import Song, label_songs, load_teacher, recognize, register_teacher, stage1, vocabulary
from chordkd_nb.checkpoints import register_arch
from chordkd_nb.chords import QUALITIES, QUALITY_SEMITONES
from chordkd_nb.decoding import log_softmax
from chordkd_nb.features import LOG_CQT
from chordkd_nb.teachers import check_teacher

class Templates:
    "The oldest recogniser there is: twelve pitch classes, compared with the notes of every chord (Fujishima 1999)"
    name, vocab, contract = 'templates', vocabulary(170), LOG_CQT
    notes = np.array([[(p - r)%12 in QUALITY_SEMITONES[q] for p in range(12)] for r in range(12) for q in QUALITIES] + [[1]*12]*2, float)
    def identity(self): return dict(teacher='templates', version=1)   # is written beside every label
    def log_probs(self, song):
        chroma = np.exp(song.features_for(LOG_CQT)).reshape(-1, 6, 12, 2)[..., 0].sum(1)
        unit = lambda x: x/np.linalg.norm(x, axis=1, keepdims=True)
        return log_softmax(30*unit(chroma)@unit(self.notes).T).astype(np.float32)

class Frames(nn.Module):
    "A student that looks at a few frames around each"
    def __init__(self, n_features:int=144, n_classes:int=170, width:int=64):
        super().__init__()
        self.config = dict(n_features=n_features, n_classes=n_classes, width=width)
        self.n_features, self.n_classes = n_features, n_classes
        self.around, self.out = nn.Conv1d(n_features, width, 5, padding=2), nn.Linear(width, n_classes)
    def forward(self, x, mask=None): return self.out(self.around(x.transpose(1, 2)).relu().transpose(1, 2))

def song(name, seconds=16., rate=22050):
    "Major and minor triads in a random order, a second each"
    rng, t = np.random.default_rng(list(name.encode())), np.arange(rate)/rate
    tone = lambda m: sum(np.sin(2*np.pi*h*440*2**((m - 69)/12)*t)*np.exp(-h*t)/h for h in range(1, 5))
    triad = lambda r,third: sum(map(tone, (36 + r, 60 + r, 60 + r + third, 67 + r)))
    return Song(name, audio=.05*np.concatenate([triad(rng.integers(12), rng.choice((3, 4))) for _ in range(int(seconds))]).astype(np.float32))

register_teacher('templates', Templates)
register_arch('frames', Frames)

torch.set_num_threads(1)
teacher, songs = load_teacher('templates'), [song(n) for n in ('first', 'second', 'third', 'fourth', 'fifth')]
check_teacher(teacher, songs[0])          # says what is wrong with an answer, before it labels a hundred thousand songs
with tempfile.TemporaryDirectory() as d:
    store = label_songs(teacher, songs[:4], Path(d)/'pool', progress=False)
    student = stage1(store, Path(d)/'run', arch='frames', changes=dict(epochs=3, warmup_epochs=0, lr=3e-3), progress=False)
    chords = recognize(songs[4].load(), Path(d)/'run')
print(store)
print(f"the student agrees with its teacher on {student.provenance['valid_accuracy']:.0%} of the frames of a held-out song; it hears", ', '.join(chords.labels))
assert student.arch == 'frames' and len(store) == 4 and chords.duration == 16
