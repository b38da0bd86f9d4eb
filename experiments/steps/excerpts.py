"""Cut a stretch out of every song, at random, for teachers that are too slow for whole songs.

usage: excerpts.py CORPUS OUT SECONDS"""
import sys
from pathlib import Path
import numpy as np
import soundfile
from tqdm import tqdm
from chordkd_nb.songs import find_songs

SR = 22050  # Hz

corpus, out, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
rng, length = np.random.default_rng(0), round(seconds*SR)
(out/'audio').mkdir(parents=True, exist_ok=True)
for song in tqdm(find_songs(corpus, labelled=False), unit='song'):
    y = song.load()
    start = round(rng.random()*max(0, len(y)-length))
    soundfile.write(out/f'audio/{song.id}.flac', y[start:start+length], SR)
