"Chords as a few decaying harmonics: short clips for notebooks and tests"
import numpy as np
from chordkd_nb.chords import QUALITY_SEMITONES


def tone(
    midi, # MIDI number of the pitch; 69: A4 = 440 Hz
    seconds, # length
    sr=22050, # Hz
): # (n,) float64
    "Add up six harmonics, the higher ones weaker and shorter"
    t = np.arange(int(seconds*sr))/sr
    f = 440*2**((midi - 69)/12)
    return sum(np.exp(-t*(1 + .5*h))*np.sin(2*np.pi*h*f*t)/h**1.5 for h in range(1, 7))


def play(
    chords, # [(root, quality), ...]; root: 0…11 from C
    seconds, # length of each chord
)->np.ndarray: # (n,) float32 at 22 050 Hz
    "Play each chord with its root in two octaves below"
    def notes(root, quality): return [36 + root, 48 + root] + [60 + (root + s)%12 for s in QUALITY_SEMITONES[quality]]
    y = np.concatenate([sum(tone(midi, seconds) for midi in notes(root, quality)) for root,quality in chords])
    return (.1*y).astype(np.float32)


def turnaround():
    "I–vi–IV–V in C, twice: (n,) float32, twelve seconds at 22 050 Hz"
    return play([(0, 'maj'), (9, 'min'), (5, 'maj'), (7, 'maj')]*2, 1.5)


def clicks(
    every, # s between two of them
    seconds=20, # length
):
    "Clicks from half a second on: (n,) float32 at 22 050 Hz"
    y, n = np.zeros(seconds*22050, np.float32), np.arange(600)
    for t in np.arange(.5, seconds - .4, every): y[int(t*22050):][:600] += np.sin(.3*n)*np.exp(-n/90)
    return y


def beat_signals():
    "Name → audio with and without beats, (n,) float32 at 22 050 Hz"
    waltz = play([(0, 'maj'), (5, 'maj'), (0, 'maj'), (7, '7')]*3, 1.65)
    noise = np.random.default_rng(0).normal(0, .1, 20*22050).astype(np.float32)
    return dict(
        clicks=clicks(.5), fast=clicks(.27), slow=clicks(.93), waltz=waltz + clicks(.55)[:len(waltz)],
        held=play([(0, 'maj'), (9, 'min')], 10.), turnaround=turnaround(), noise=noise)
