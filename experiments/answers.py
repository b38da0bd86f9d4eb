"""Write what the teacher of a labelled store said as .lab files, decoded like everybody's.   usage: answers.py STORE OUT"""
import sys
from pathlib import Path
from chordkd_nb.corpus import Store
from chordkd_nb.demo import teacher_answers

out = Path(sys.argv[2]); out.mkdir(parents=True, exist_ok=True)
for i, chords in teacher_answers(Store(sys.argv[1])).items(): chords.to_lab(out/f'{Path(i).name}.lab')
