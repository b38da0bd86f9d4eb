"""A stretch of every song of a part, for teachers too slow to be asked about whole songs; made anew each time.
usage: excerpts.py FOLDER[@SPLIT.json:PART] OUT SECONDS [SEED]     (of a part of a gathered corpus, FOLDER/song are taken and the songs of other folders are not)"""
import json, sys
from pathlib import Path
import numpy as np, soundfile
from tqdm import tqdm
from chordkd_nb.chords import whole
from chordkd_nb.corpus import find_songs, write_json
from chordkd_nb.features import load_audio

source, out, seconds, *seed = sys.argv[1:]
folder, _, part = source.partition('@'); songs = find_songs(folder, labelled=False)
if part:
    path, _, name = part.rpartition(':')
    own = f'{Path(folder).name}/'; ids = json.loads(Path(path).read_text())[name]
    if any('/' in i for i in ids): ids = [i.removeprefix(own) for i in ids if i.startswith(own)]
    if not ids or set(ids)-{s.id for s in songs}: sys.exit(f'{source}: songs of the part are not in the folder.')
    songs = [s for s in songs if s.id in set(ids)]
rng, n = np.random.default_rng(int(*seed or [0])), round(float(seconds)*22050)
for s in tqdm(songs):
    start, to = rng.random(), Path(out)/'audio'/f'{s.id}.flac'
    y = load_audio(s.path); a = round(start*max(0, len(y)-n)); to.parent.mkdir(parents=True, exist_ok=True)
    with whole(to) as p: soundfile.write(p, y[a:a+n], 22050, format='FLAC')
write_json({s.id: s.group for s in songs if s.group}, Path(out)/'groups.json')
print(f'{len(songs)} excerpts')
