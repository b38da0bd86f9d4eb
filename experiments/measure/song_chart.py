"""The chords of a recording by a teacher and by a student, with its spectrogram.

OUT.txt gets a line with the agreement of the two.
usage: song_chart.py AUDIO TEACHER MODEL OUT.png OUT.txt [START END]     (seconds)"""
import sys
from pathlib import Path
import matplotlib
matplotlib.use('agg')
from chordkd_nb.decoding import decode
from chordkd_nb.recognition import plot_song, recognize
from chordkd_nb.songs import Song
from chordkd_nb.teachers import load_teacher

audio, teacher_name, model, picture, text, *span = sys.argv[1:]
start, end = map(float, span or (0, 40))
song, teacher = Song(Path(audio).stem, path=audio), load_teacher(teacher_name)
contract, seconds = teacher.contract, song.seconds()
theirs = decode(teacher.log_probs(song), contract, teacher.vocab, duration=seconds)
ours = recognize(audio, model)
rows = {teacher.name: theirs, 'chordkd': ours}
figure = plot_song(song.features_for(), rows, contract, start, end, title=song.id)
figure.savefig(picture, dpi=75)
frames = int(seconds/contract.frame_seconds)
same = theirs.to_frames(frames, contract.frame_seconds) == ours.to_frames(frames, contract.frame_seconds)
line = (f'{song.id}: {seconds:.0f} s, student {len(ours)} segments, teacher {len(theirs)}; '
        f'the two agree in {same.mean():.1%} of frames')
Path(text).write_text(line + '\n')
print(line)
