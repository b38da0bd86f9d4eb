"The classes of a bass: twelve pitch classes, C first, and none"
from chordkd_nb.chords import chord_tones

N_BASSES = 13
NO_BASS = 12  # where there is no chord
DEGREES = '1 b2 2 b3 3 4 b5 5 b6 6 b7 7'.split()  # of a bass, by semitones above the root


def bass_class(
    label:str, # a Harte label
)->int: # 0 (C) … 11 (B), `NO_BASS` for N, −1 for X
    "Find the class of a chord's bass"
    if label == 'X': return -1
    tones = chord_tones(label)
    return tones[1] if tones else NO_BASS


class Basses:
    "The bass instead of the chord, where a `Vocabulary` is asked for classes of labels"
    size, N = N_BASSES, NO_BASS

    def index(self, label, mapping='default'): return bass_class(label)


def hears_bass(
    teacher, # see the notebook on teachers
)->bool:
    "Does this teacher hear the bass? It has `answer` and, if not always, says so in `has_bass`"
    return hasattr(teacher, 'answer') and getattr(teacher, 'has_bass', True)
