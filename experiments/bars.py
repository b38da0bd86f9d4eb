"""Where in the bar chords change (`beats.CHANGES`), and how well `beats.position_in_bar` finds the bars of other songs, both with POP909's own beats, bars and chords.
usage: bars.py POP909 SPLIT.json:PART     (PART: the songs to try it on; the shares are those of all others)"""
import json, sys
from pathlib import Path
import numpy as np
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats, position_in_bar
from chordkd_nb.pop909 import pop909_beats, pop909_songs

source, (path, _, part) = Path(sys.argv[1]), sys.argv[2].rpartition(':')
aside = {i.split('_')[0] for i in json.loads(Path(path).read_text())[part]}
changes, beats_, right, counted = {3: np.zeros(3), 4: np.zeros(4)}, {3: np.zeros(3), 4: np.zeros(4)}, [], []
for song in pop909_songs(source):
    times, place = pop909_beats(source/song/'beat_midi.txt'); times = times[:len(place)]
    ann = Annotation.from_lab(source/song/'chord_midi.txt', repair=True)
    if song in aside:
        found = position_in_bar(ann, Beats(times, None))-1
        right.append((found == place).mean()); counted.append((np.arange(len(place))%4 == place).mean())
    elif (m := int(place.max())+1) in changes:                                      # not songs with a bar of another length in between
        t = ann.intervals[:, 0][[a != b for a, b in zip(['N', *ann.labels], ann.labels)]]
        hit = np.zeros(len(times), bool); hit[np.searchsorted((times[1:]+times[:-1])/2, t)] = True
        for p in range(m): beats_[m][p] += (place == p).sum(); changes[m][p] += (hit & (place == p)).sum()
for m in changes: print(f'{m} beats a bar, {int(beats_[m].sum())} beats: the chord changes at', (changes[m]/beats_[m]).round(2))
print(f'{len(right)} other songs: {100*np.mean(right):.0f} % of beats in their place ({100*np.mean(np.array(right) > .9):.0f} % of songs with nine in ten), {100*np.mean(counted):.0f} % if bars were counted from the first beat')
