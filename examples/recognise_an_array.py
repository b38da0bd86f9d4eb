"""Chords of samples that are already in memory: a song here is any array of numbers with its sampling rate.

The recogniser that comes with the package is used; it is loaded once, in numpy, so that a server that recognises
many songs starts quickly and never imports torch. `model=` takes any other checkpoint.

    pip install chordkd_nb
"""
import sys
import numpy as np
from chordkd_nb import recognize

RATE = 44100

def chord(*pitches, seconds=2.):
    "A few decaying harmonics on each MIDI pitch, (n,) samples"
    t = np.arange(int(seconds*RATE))/RATE
    f = [440*2**((p - 69)/12) for p in pitches]
    return .05*sum(np.exp(-t*(1 + h/2))*np.sin(2*np.pi*h*x*t)/h**1.5 for x in f for h in range(1, 7))

audio = np.concatenate([chord(36, 48, 64, 67), chord(45, 57, 60, 64), chord(41, 53, 60, 69), chord(43, 55, 59, 62)]*2)
stereo = np.stack([audio, .5*audio])   # (2, n) is as good as (n,) or (n, 2)

chords = recognize(stereo, orig_sr=RATE, min_duration=.5)
for (start, end), label, sure in zip(chords.intervals, chords.labels, chords.confidence): print(f'{start:6.2f} … {end:5.2f} s  {label:6} {sure:.0%}')
assert chords.labels == ['C', 'A:min', 'F', 'G']*2 and 'torch' not in sys.modules

print(chords.to_lab().splitlines()[0])   # the same as text; to_lab('song.lab') and to_jams('song.jams') write files
