"Songs whose features give the chord away, and a teacher that reads it off them, for notebooks and tests"
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
