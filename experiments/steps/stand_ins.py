"""Small generated data in the formats of data and programs that the smoke configuration must not fetch.

usage: stand_ins.py billboard OUT.npz SONGS        McGill Billboard's compact copy
       stand_ins.py pop909 OUT SONGS               a folder of POP909
       stand_ins.py sheets OUT SONGS               scores with chord symbols
       stand_ins.py soundfont OUT                  the soundfont that comes with pretty_midi
       stand_ins.py nnls CORPUS OUT [--jobs N]     instead of nnls_chroma.py
       stand_ins.py program OUT FILE …             instead of benchmarks/peer.py"""
import shutil
import sys
from pathlib import Path
import numpy as np
from chordkd_nb.beats import Beats
from chordkd_nb.billboard import NNLS_HOP
from chordkd_nb.chords import chord_tones
from chordkd_nb.compose import progression
from chordkd_nb.formats import save_chords
from chordkd_nb.pop909 import POP909_HELD_OUT

SECONDS = 12.  # of a song


def noisy_chroma(annotation, rng):
    "Rows of bothchroma, which starts at A: the bass and the tones of each chord, and noise"
    times = np.arange(int(annotation.duration/NNLS_HOP))*NNLS_HOP
    chroma = rng.random((len(times), 24))*.5
    for (start, end), label in zip(annotation.intervals, annotation.labels):
        tones = chord_tones(label)
        if tones is None: continue
        _, bass, pitches = tones
        rows = (times >= start) & (times < end)
        for column in [(bass-9) % 12, *(12 + (pitch-9) % 12 for pitch in pitches)]: chroma[rows, column] += 2
    return chroma


def billboard(out, songs):
    names, chroma, labels = [f'{k:04d}' for k in range(int(songs))], [], []
    for k, name in enumerate(names):
        annotation = progression(k, SECONDS).annotation
        chroma.append(noisy_chroma(annotation, np.random.default_rng(k)))
        rows = zip(annotation.intervals.tolist(), annotation.labels)
        labels += [(name, start, end, label) for (start, end), label in rows]
    ends = np.cumsum([len(x) for x in chroma])
    lab_song, lab_on, lab_off, lab = map(np.array, zip(*labels))
    quantised = np.round(255*np.sqrt(np.concatenate(chroma)/4)).astype(np.uint8)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out, chroma_q=quantised, hop=np.float64(NNLS_HOP), song=np.array(names), start=np.r_[0, ends[:-1]],
        end=ends, lab_song=lab_song, lab_on=lab_on, lab_off=lab_off, lab=lab)


def midi_of(sheet):
    "Three piano tracks: a melody and a bridge of roots, and chords with the pedal"
    import pretty_midi
    tracks = {name: pretty_midi.Instrument(0, name=name) for name in ('MELODY', 'BRIDGE', 'PIANO')}
    def play(name, pitch, start, end):
        tracks[name].notes.append(pretty_midi.Note(80, int(pitch), float(start), float(end)))
    for (start, end), label in zip(sheet.annotation.intervals, sheet.annotation.labels):
        tones = chord_tones(label)
        if tones is None: continue
        _, bass, pitches = tones
        play('MELODY', 72 + pitches[0], start, end)
        play('BRIDGE', 48 + bass, start, end)
        for pitch in pitches: play('PIANO', 60 + pitch, start, end)
        moves = [(start+.05, 127), (end-.02, 0)]
        tracks['PIANO'].control_changes += [pretty_midi.ControlChange(64, v, float(t)) for t, v in moves]
    midi = pretty_midi.PrettyMIDI()
    midi.instruments += tracks.values()
    return midi


def pop909(out, songs):
    count = int(songs)
    for name in [f'{k:03d}' for k in range(1, count+1)] + [n for n in POP909_HELD_OUT[:1] if int(n) > count]:
        sheet, folder = progression(int(name), SECONDS), Path(out)/name
        folder.mkdir(parents=True, exist_ok=True)
        rows = zip(sheet.annotation.intervals, sheet.annotation.labels)
        chords = [f'{start:.6f}\t{end:.6f}\t{label}\n' for (start, end), label in rows]
        (folder/'chord_midi.txt').write_text(''.join(chords))
        beats = zip(sheet.beats, sheet.position)
        lines = [f'{time} {float(place % 2 == 0)} {float(place == 0)}\n' for time, place in beats]
        (folder/'beat_midi.txt').write_text(''.join(lines))
        midi_of(sheet).write(str(folder/f'{name}.mid'))


def sheets(out, songs):
    for k in range(int(songs)):
        sheet = progression(k, 2*SECONDS)
        save_chords(sheet.annotation, Path(out)/f'{k}.musicxml', beats=Beats(sheet.beats[:-1], sheet.position))


def soundfont(out):
    from chordkd_nb.render import default_soundfont
    Path(out).mkdir(parents=True, exist_ok=True)
    shutil.copy(default_soundfont(), Path(out)/'FluidR3_GM.sf2')


def nnls(corpus, out, *_):
    "Chroma from an ordinary spectrum, with the plugin's file names"
    import librosa
    for audio in sorted(Path(corpus, 'audio').iterdir()):
        y, _ = librosa.load(audio, sr=44100)
        chroma = np.roll(librosa.feature.chroma_stft(y=y, sr=44100, hop_length=2048), -9, 0).T
        times = np.arange(len(chroma))*NNLS_HOP
        folder = Path(out)/audio.stem
        folder.mkdir(parents=True, exist_ok=True)
        np.savetxt(folder/'bothchroma.csv', np.c_[times, chroma, chroma], ['%.6f'] + ['%.5g']*24, ',')
        shutil.copy(Path(corpus, 'chordlab', f'{audio.stem}.lab'), folder/'full.lab')


def program(out, *files):
    from chordkd_nb.recognition import recognize
    Path(out).mkdir(parents=True, exist_ok=True)
    for file in map(Path, files): recognize(file, 'btc-small').to_lab(Path(out)/f'{file.stem}.lab')


if __name__ == '__main__':
    kinds = dict(billboard=billboard, pop909=pop909, sheets=sheets, soundfont=soundfont, nnls=nnls, program=program)
    kinds[sys.argv[1]](*sys.argv[2:])
