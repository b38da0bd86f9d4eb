"""Write what the teacher of a labelled store said as .lab files, decoded like everybody's.   usage: answers.py STORE OUT"""
import sys
from pathlib import Path
from chordkd_nb.store import Store
from chordkd_nb.recognition import teacher_answers

out = Path(sys.argv[2]); out.mkdir(parents=True, exist_ok=True); written = set()
for i, chords in teacher_answers(Store(sys.argv[1])).items():
    if (to := out/f'{Path(i).name}.lab') in written: sys.exit(f'{i}: two songs of the store end in {to.stem}.')
    chords.to_lab(to); written.add(to)
