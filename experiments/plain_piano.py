"""The songs on which other recognisers were compared (`POP909_HELD_OUT`), all three tracks as plain piano at 44.1 kHz, with POP909's own labels.
usage: plain_piano.py POP909 SOUNDFONT.sf2 OUT"""
import sys
from pathlib import Path
import numpy as np, pretty_midi, soundfile
from chordkd_nb.chords import Annotation
from chordkd_nb.synth import pop909_songs, render_midi

source, font, out = map(Path, sys.argv[1:])
for d in ('audio', 'chordlab'): (out/d).mkdir(parents=True, exist_ok=True)
for song in pop909_songs(source, held_out=True):
    midi = pretty_midi.PrettyMIDI(str(source/song/f'{song}.mid'))
    for i in midi.instruments: i.program = 0
    audio = render_midi(midi, font, 44100)
    ann, end = Annotation.from_lab(source/song/'chord_midi.txt', repair=True), len(audio)/44100
    iv = np.minimum(ann.intervals, end); keep = iv[:, 1] > iv[:, 0]
    iv, labels = iv[keep], [l for l, k in zip(ann.labels, keep) if k]
    if iv[-1, 1] < end: iv, labels = np.r_[iv, [[iv[-1, 1], end]]], labels+['N']
    Annotation(iv, labels).to_lab(out/'chordlab'/f'{song}.lab')
    soundfile.write(str(out/'audio'/f'{song}.wav'), audio/max(1., np.abs(audio).max()), 44100, subtype='PCM_16')
print(f'{len(list((out/"audio").glob("*.wav")))} songs')
