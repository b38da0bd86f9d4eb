"""Songs of POP909 as they are: all tracks as plain piano at 44.1 kHz, straight from the synthesiser.

Nothing is transposed, and the pedal is that of the file. The songs are those of a part of a split, and the
songs of `POP909_HELD_OUT`, on which other recognisers were compared first.
usage: plain_piano.py POP909 SOUNDFONT.sf2 OUT SPLIT.json:PART"""
import sys
from pathlib import Path
import numpy as np
import pretty_midi
import soundfile
from chordkd_nb.annotation import Annotation
from chordkd_nb.make_songs import rescale_times
from chordkd_nb.pop909 import pop909_labels, pop909_songs
from chordkd_nb.render import render_midi
from chordkd_nb.splits import load_split

SR = 44100  # Hz


def play(path, soundfont):
    "All tracks of a MIDI file as piano: (n,) samples, at most 1"
    midi = pretty_midi.PrettyMIDI(str(path))
    for track in midi.instruments: track.program = 0
    audio = render_midi(midi, soundfont, SR)
    return audio/max(1., np.abs(audio).max())


def read_labels(folder, song, seconds):
    "The chords of a song of that length; without chords after the last label"
    annotation = Annotation.from_lab(pop909_labels(folder, song), repair=True)
    if annotation.duration >= seconds: return rescale_times(annotation, 1., seconds)
    intervals = np.r_[annotation.intervals, [[annotation.duration, seconds]]]
    return Annotation(intervals, annotation.labels + ['N'])


def main():
    source, soundfont, out = map(Path, sys.argv[1:4])
    file, _, part = sys.argv[4].rpartition(':')
    songs = pop909_songs(source, held_out=True) + [i.split('_')[0] for i in load_split(file)[part]]
    for folder in ('audio', 'chordlab'): (out/folder).mkdir(parents=True, exist_ok=True)
    for song in songs:
        audio = play(source/song/f'{song}.mid', soundfont)
        read_labels(source, song, len(audio)/SR).to_lab(out/f'chordlab/{song}.lab')
        soundfile.write(out/f'audio/{song}.wav', audio, SR, subtype='PCM_16')
    print(f'{out}: {len(songs)} songs')


if __name__ == '__main__': main()
