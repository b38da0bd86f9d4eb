"""How the mean of two channels compares with what unrelated channels would leave, in pieces of half a second of stereo music.
usage: channels.py FOLDER [...]     (03_audio: the music of Debian's packages drascula-music, planetblupi-music-ogg,
singularity-music, warzone2100-music and wesnoth-1.16-music)"""
import sys
from pathlib import Path
import numpy as np, soundfile as sf

files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob('*') if p.suffix in ('.ogg', '.opus', '.flac', '.mp3', '.wav'))
songs = []
for path in files:
    with sf.SoundFile(path) as f:
        if f.channels != 2 or f.frames < 20*f.samplerate: continue
        changes = [np.diff(x, axis=0) for x in f.blocks(f.samplerate//2, dtype='float32')]
    power = np.array([((d**2).sum(), (d.sum(1)**2).sum()) for d in changes])
    loud = power[:, 0] > 1e-6*power[:, 0].max()
    songs.append(power[loud, 1]/power[loud, 0])
shares = np.concatenate(songs)
print(f'{len(songs)} songs, {len(shares)} pieces; a song in the median: {np.median([np.median(s) for s in songs]):.2f}')
for limit in (.1, .25, .5): print(f'below {limit}: {(shares < limit).mean():.3%} of the pieces, in {sum((s < limit).any() for s in songs)} songs')
