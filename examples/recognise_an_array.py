"""Recognise the chords of samples that are already in memory: an array of numbers and its sampling rate.

We use the recogniser that comes with the package. It is loaded once, in numpy, so a server that recognises many songs
starts quickly and never imports torch. To use another checkpoint, pass `model=`.

    pip install chordkd_nb
"""
import sys
import numpy as np
from chordkd_nb import recognize

RATE = 44100


def chord(*pitches, seconds=2.):
    "A few decaying harmonics on each MIDI pitch: (n,) samples"
    t = np.arange(int(seconds*RATE))/RATE
    frequencies = [440*2**((p-69)/12) for p in pitches]
    partials = [np.exp(-t*(1+h/2))*np.sin(2*np.pi*h*f*t)/h**1.5 for f in frequencies for h in range(1, 7)]
    return .05*sum(partials)


audio = np.concatenate([chord(36, 48, 64, 67), chord(45, 57, 60, 64), chord(41, 53, 60, 69), chord(43, 55, 59, 62)]*2)
stereo = np.stack([audio, .5*audio])   # (2, n); (n,) and (n, 2) are also accepted

chords = recognize(stereo, orig_sr=RATE, min_duration=.5)
for (start, end),label,sure in zip(chords.intervals, chords.labels, chords.confidence):
    print(f'{start:6.2f} … {end:5.2f} s  {label:6} {sure:.0%}')
assert chords.labels == ['C', 'A:min', 'F', 'G']*2
assert 'torch' not in sys.modules

print(chords.to_lab().splitlines()[0])   # `to_lab('song.lab')` and `to_jams('song.jams')` write files
