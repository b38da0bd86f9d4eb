"""How much of the time the sustain pedal of POP909's pianos is down, song by song. usage: pedals.py POP909"""
import sys
import numpy as np
from chordkd_nb.pop909 import pop909_sheet, pop909_songs

shares = []
for song in pop909_songs(sys.argv[1]):
    sheet = pop909_sheet(sys.argv[1], song); moves, end = sheet.pedals.get('PIANO', np.zeros((0, 2))), max(n[:, 1].max() for n in sheet.parts.values() if len(n))
    t, down = np.r_[moves[:, 0], end], moves[:, 1] >= 64
    shares.append((np.diff(t)*down).sum()/end if len(moves) else 0.)
shares = np.array(shares)
print(f'{len(shares)} songs, {(shares > 0).mean():.0%} of them with a pedal, which is down for {np.median(shares):.0%} of the time (median; quartiles {", ".join(f"{q:.0%}" for q in np.quantile(shares, [.25, .75]))})')
