"Songs, teachers and drawings for notebooks and tests: features that give the chord away, listeners of any skill"
import numpy as np
from chordkd_nb.annotation import Annotation
from chordkd_nb.chords import vocabulary
from chordkd_nb.songs import Song
from chordkd_nb.features import FeatureContract

CHROMA = FeatureContract('toy-chroma', 1, 24, 22050, 2048, 12)  # bass and treble, 12 pitch classes each
SMALL_BTC = dict(hidden_size=24, num_layers=1, num_heads=2, total_key_depth=24, total_value_depth=24, filter_size=24)


def toy_song(
    name:str, # id of the song
    rng, # numpy random generator
    frames:int=150, # length
): # a `Song` with features and annotation
    "Make a song of random minor (a quarter) and major chords, each 6 to 13 frames long"
    roots, majors = rng.choice(12, 20), rng.choice([0, 1], 20, p=[.25, .75])
    y = np.repeat(roots*14 + majors, rng.integers(6, 14, 20))[:frames]
    t, root, third = np.arange(len(y)), y//14, 3 + y%14
    x = rng.random((len(y), 24))*.6
    x[t, root] += 1                    # bass
    x[t, 12 + (root + third)%12] += 1  # treble: the third
    x[t, 12 + (root + 7)%12] += .7     # and the fifth
    annotation = Annotation.from_frames(y, CHROMA.frame_seconds, vocabulary(170))
    return Song(name, features=x.astype(np.float32), contract=CHROMA, annotation=annotation)


def toy_songs(
    n:int, # how many
    seed:int=0, # of the random numbers; also part of the ids
    frames:int=150, # length of a song
)->list:
    "Make `n` toy songs"
    rng = np.random.default_rng(seed)
    return [toy_song(f'{seed}-{i}', rng, frames) for i in range(n)]


class ToyTeacher:
    "Scores each major and minor triad by the energy of its notes"
    name, vocab, contract = 'toy', vocabulary(170), CHROMA

    def identity(self): return dict(name=self.name)

    def log_probs(self, song):
        x = song.features_for(CHROMA)
        z = np.zeros((len(x), 170))
        for root in range(12):
            fifth = x[:, 12 + (root + 7)%12]
            for quality, third in ((0, 3), (1, 4)):
                z[:, 14*root + quality] = 5*(x[:, root] + x[:, 12 + (root + third)%12] + .5*fifth)
        z -= z.max(1, keepdims=True)
        return (z - np.log(np.exp(z).sum(1, keepdims=True))).astype(np.float32)


LABELS = ('C G F A:min D:min E:min G:7 D:min7 C:maj7 F:maj7 A:min7 B:hdim7 G:sus4 D:sus2 '
          'E:aug C#:dim7 F:maj6 N X C/3 G:7/b7 F:maj(9) A:min(*b3) Bb:9 Eb:minmaj7').split()


def made_song(
    seed, # of the random numbers
    seconds:float=60., # duration
): # an `Annotation`
    "Make a reference with a chord every two seconds or so; the first labels are the most frequent"
    r, n = np.random.default_rng(seed), int(seconds/2)
    p = 1/np.arange(2, len(LABELS) + 2)
    t = np.sort(r.uniform(0, seconds, n - 1))
    labels = r.choice(LABELS, n, p=p/p.sum())
    return Annotation(np.stack([np.r_[0, t], np.r_[t, seconds]], 1), list(labels))


def listen(
    ref, # the reference, an `Annotation`
    skill:float, # share of the chords that are named right
    seed, # of the random numbers
): # an `Annotation`
    "Estimate `ref` with boundaries up to 0.1 s off, some missing sevenths and some wrong chords"
    r, n = np.random.default_rng(seed), len(ref)
    u, kind, other = r.random(n), r.random(n), r.choice(LABELS, n)
    simple = [label.split(':')[0].split('/')[0] for label in ref.labels]
    mistakes = np.where(kind < .6, simple, other)
    labels = np.where(u < skill, ref.labels, mistakes).tolist()
    step = np.arange(n)*1e-4  # keeps the ends in order
    ends = np.maximum.accumulate(ref.intervals[:, 1] + r.uniform(-.1, .1, n).round(3)) + step
    ends = np.maximum(ends, .01 + step)
    return Annotation(np.stack([np.r_[0, ends[:-1]], ends], 1), labels)


def draw_network(
    ax, # of matplotlib
    boxes:dict, # text → (x, y)
    arrows, # pairs of numbers of boxes, from and to
):
    "Draw the parts of a network, each at its place, with an arrow to every part that it feeds"
    style = dict(ha='center', va='center', fontsize=7, bbox=dict(boxstyle='round', fc='white', ec='C0'))
    texts = [ax.text(x, y, text, **style) for text, (x, y) in boxes.items()]
    ax.figure.canvas.draw()
    for a, b in arrows:
        start, end = texts[a], texts[b]
        ends = dict(patchA=start.get_bbox_patch(), patchB=end.get_bbox_patch(), shrinkA=0, shrinkB=0)
        arrow = dict(arrowstyle='->', color='.4', **ends)
        ax.annotate('', end.get_position(), start.get_position(), arrowprops=arrow)
    ax.axis('off')
