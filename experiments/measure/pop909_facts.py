"""Two facts about POP909: where in the bar chords change, and how long the sustain pedal is down.

The table has the share of beats at which the chord changes, by place in the bar (`beats.CHANGES`), and how
well `beats.position_in_bar` finds the bars of the songs in PART; the shares are those of all other songs.
usage: pop909_facts.py POP909 SPLIT.json:PART OUT.csv"""
import sys
from pathlib import Path
import numpy as np
import pandas as pd
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats, position_in_bar
from chordkd_nb.pop909 import pop909_beats, pop909_sheet, pop909_songs
from chordkd_nb.splits import load_split

METRES = (3, 4)  # beats in a bar


def read_beats(folder, song):
    "Times of beats and their places in the bar, 0 for the first"
    times, place = pop909_beats(folder/song/'beat_midi.txt')
    return times[:len(place)], place


def changes_at_beats(annotation, times):
    "At which beats does the chord change?"
    before = ['N', *annotation.labels]
    rows = zip(annotation.intervals[:, 0], before, annotation.labels)
    starts = [start for start, old, new in rows if old != new]
    hit = np.zeros(len(times), bool)
    hit[np.searchsorted((times[1:]+times[:-1])/2, starts)] = True
    return hit


def bars(folder, aside):
    "Yield rows about changes of chord and places of beats: what, value, of how many"
    counts = {metre: np.zeros((2, metre)) for metre in METRES}  # changes, beats
    found, counted = [], []
    for song in pop909_songs(folder):
        times, place = read_beats(folder, song)
        annotation = Annotation.from_lab(folder/song/'chord_midi.txt', repair=True)
        metre = int(place.max())+1
        if song in aside:
            found.append((position_in_bar(annotation, Beats(times, None))-1 == place).mean())
            counted.append((np.arange(len(place))%4 == place).mean())
        elif metre in counts:
            hit = changes_at_beats(annotation, times)
            counts[metre] += [np.bincount(at, minlength=metre) for at in (place[hit], place)]
    for metre, (changes, beats) in counts.items():
        for place in range(metre):
            what = f'{metre} beats a bar: share of beats {place+1} with a change'
            yield dict(what=what, value=changes[place]/beats[place], of=int(beats[place]))
    yield dict(what='beats placed as in the file', value=np.mean(found), of=len(found))
    yield dict(what='songs with nine beats in ten', value=(np.array(found) > .9).mean(), of=len(found))
    yield dict(what='beats, if counted in fours from the first', value=np.mean(counted), of=len(counted))


def pedal_share(folder, song):
    "Share of the song during which the pedal of the piano is down"
    sheet = pop909_sheet(folder, song)
    moves = sheet.pedals.get('PIANO', np.zeros((0, 2)))
    if not len(moves): return 0.
    end = max(notes[:, 1].max() for notes in sheet.parts.values() if len(notes))
    return (np.diff(np.r_[moves[:, 0], end])*(moves[:, 1] >= 64)).sum()/end


def pedals(folder):
    "Yield rows about all songs"
    shares = pd.Series([pedal_share(folder, song) for song in pop909_songs(folder)])
    yield dict(what='songs with a pedal', value=(shares > 0).mean(), of=len(shares))
    for name, share in dict(lower=.25, median=.5, upper=.75).items():
        title = name if name == 'median' else f'{name} quartile'
        yield dict(what=f'share of a song with the pedal down: {title}', value=shares.quantile(share),
                   of=len(shares))


def main():
    folder, (file, _, part) = Path(sys.argv[1]), sys.argv[2].rpartition(':')
    aside = {i.partition('_')[0] for i in load_split(file)[part]}
    table = pd.DataFrame([*bars(folder, aside), *pedals(folder)]).round(3)
    table.to_csv(sys.argv[3], index=False)
    print(table.to_string(index=False))


if __name__ == '__main__': main()
