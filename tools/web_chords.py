"""Write what the page of web/ has to know of chords: `web_chords.py OUT.json`

chords: Harte label → root, bass, notes, pop and jazz (`chord_table`), colour, MIDI notes, and the labels with
less detail; spellings: tonic → names of the twelve pitches; classes: labels in the order of the model's classes.
Chords may be over any of their notes.
"""
import json
import sys
from chordkd_nb.annotation import Annotation, chord_colour
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import slash_labels
from chordkd_nb.edits import simplify
from chordkd_nb.keys import LINE_OF_FIFTHS, root_name, spelling_in
from chordkd_nb.lead_sheets import voicing
from chordkd_nb.player import chord_table

TONICS = LINE_OF_FIFTHS[2:17]  # Gb to G#, which `key_of` finds


def labels():
    "All classes over each of their notes, with each root that a key may ask for"
    for label in vocabulary(170).labels:
        if label in ('N', 'X'): yield label
        elif root_name(label) == 'C':
            yield from (root + name[1:] for name in slash_labels(label).values() for root in LINE_OF_FIFTHS)


def simple(label, detail): return simplify(Annotation([(0, 1)], [label]), detail).labels[0]


def entry(label, named):
    "What the page knows of one label"
    known = dict(named.get(label, {}), colour=[round(255*c) for c in chord_colour(label)])
    if label in named:
        bass, notes = voicing(label)
        known['midi'] = [bass, *notes]
    return known | {detail: simple(label, detail) for detail in ('sevenths', 'triads', 'majmin')}


def main(out):
    every = list(labels())
    named = chord_table(every)
    known = dict(classes=vocabulary(170).labels, chords={label: entry(label, named) for label in every},
                 spellings={tonic: spelling_in(tonic) for tonic in TONICS})
    with open(out, 'w', encoding='utf-8') as f: json.dump(known, f)


if __name__ == '__main__': main(*sys.argv[1:])
