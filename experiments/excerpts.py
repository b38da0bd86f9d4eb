"""A stretch of every song of a part, for teachers too slow to be asked about whole songs; made anew each time.
usage: excerpts.py FOLDER[@SPLIT.json:PART] OUT SECONDS [PREFIX]     (FOLDER: in the layout audio/; PREFIX: only songs whose ids begin so)"""
import sys
from pathlib import Path
import numpy as np, soundfile
from chordkd_nb._progress import progress_bar
from chordkd_nb._files import atomic_write
from chordkd_nb.splits import choose_ids
from chordkd_nb.songs import find_songs
from chordkd_nb._files import write_json
from chordkd_nb.audio import load_audio

source, out, seconds, *prefix = sys.argv[1:]
folder, _, part = source.partition('@'); songs = find_songs(folder, labelled=False); ids = set(choose_ids(part, [s.id for s in songs]))
songs = [s for s in songs if s.id in ids and s.id.startswith(''.join(prefix))]
rng, n = np.random.default_rng(0), round(float(seconds)*22050)
for s in progress_bar(songs):
    y, to = load_audio(s.path), Path(out)/'audio'/f'{s.id}.flac'
    a = round(rng.random()*max(0, len(y)-n)); to.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(to) as p: soundfile.write(p, y[a:a+n], 22050, format='FLAC')
write_json({s.id: s.group for s in songs if s.group}, Path(out)/'groups.json')
print(f'{len(songs)} excerpts')
