"""The songs on which other recognisers were compared (`POP909_HELD_OUT`) and those of a part of a split, as they are: all three tracks as plain piano at 44.1 kHz, pedal and all, straight from the synthesiser.
usage: plain_piano.py POP909 SOUNDFONT.sf2 OUT SPLIT.json:PART"""
import json, sys
from pathlib import Path
import numpy as np, pretty_midi, soundfile
from chordkd_nb.annotation import Annotation
from chordkd_nb.pop909 import pop909_labels, pop909_songs
from chordkd_nb.render import render_midi

source, font, out = map(Path, sys.argv[1:4]); path, _, part = sys.argv[4].rpartition(':')
songs = pop909_songs(source, held_out=True) + [i.split('_')[0] for i in json.loads(Path(path).read_text())[part]]
for d in ('audio', 'chordlab'): (out/d).mkdir(parents=True, exist_ok=True)
for song in songs:
    midi = pretty_midi.PrettyMIDI(str(source/song/f'{song}.mid'))
    for i in midi.instruments: i.program = 0
    audio = render_midi(midi, font, 44100)
    ann, end = Annotation.from_lab(pop909_labels(source, song), repair=True), len(audio)/44100
    iv = np.minimum(ann.intervals, end); keep = iv[:, 1] > iv[:, 0]
    iv, labels = iv[keep], [l for l, k in zip(ann.labels, keep) if k]
    if iv[-1, 1] < end: iv, labels = np.r_[iv, [[iv[-1, 1], end]]], labels+['N']
    Annotation(iv, labels).to_lab(out/'chordlab'/f'{song}.lab')
    soundfile.write(str(out/'audio'/f'{song}.wav'), audio/max(1., np.abs(audio).max()), 44100, subtype='PCM_16')
print(f'{len(songs)} songs')
