"""A stretch of every song of a part, for teachers too slow to be asked about whole songs.
usage: excerpts.py FOLDER[@SPLIT.json:PART] OUT SECONDS [SEED]     (FOLDER: in the layout audio/; PART may name the songs as FOLDER/song)"""
import json, sys
from pathlib import Path
import numpy as np, soundfile
from tqdm import tqdm
from chordkd_nb.chords import whole
from chordkd_nb.corpus import find_songs
from chordkd_nb.features import load_audio

source, out, seconds, *seed = sys.argv[1:]
folder, _, part = source.partition('@'); songs = find_songs(folder, labelled=False)
if part:
    path, _, name = part.rpartition(':'); ids = {i.removeprefix(f'{Path(folder).name}/') for i in json.loads(Path(path).read_text())[name]}
    songs = [s for s in songs if s.id in ids]
rng, n = np.random.default_rng(int(*seed or [0])), round(float(seconds)*22050)
for s in tqdm(songs):
    start, to = rng.random(), Path(out)/'audio'/f'{s.id}.flac'
    if to.exists(): continue
    y = load_audio(s.path); a = round(start*max(0, len(y)-n)); to.parent.mkdir(parents=True, exist_ok=True)
    with whole(to) as p: soundfile.write(p, y[a:a+n], 22050, format='FLAC')
print(f'{len(songs)} excerpts')
