"""How the mean of two channels compares with what unrelated channels would leave, in half seconds of stereo music.

usage: channels.py FOLDER [...]

03_audio shows the figures for the music of Debian's packages drascula-music, planetblupi-music-ogg, singularity-music,
warzone2100-music and wesnoth-1.16-music."""
import sys
from pathlib import Path
import numpy as np, soundfile as sf

ENDINGS = ('.ogg', '.opus', '.flac', '.mp3', '.wav')
SHORTEST = 20  # s
LIMITS = (.1, .25, .5)


def shares(path):
    "Power of the sum over that of the channels, for each half second that is not silent; None if not stereo"
    with sf.SoundFile(path) as f:
        if f.channels != 2 or f.frames < SHORTEST*f.samplerate: return None
        changes = [np.diff(x, axis=0) for x in f.blocks(f.samplerate//2, dtype='float32')]
    both = np.array([(d**2).sum() for d in changes])
    mixed = np.array([(d.sum(1)**2).sum() for d in changes])
    loud = both > 1e-6*both.max()
    return mixed[loud]/both[loud]


def main():
    files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob('*') if p.suffix in ENDINGS)
    songs = [found for path in files if (found := shares(path)) is not None]
    pieces = np.concatenate(songs)
    median = np.median([np.median(song) for song in songs])
    print(f'{len(songs)} songs, {len(pieces)} pieces; a song in the median: {median:.2f}')
    for limit in LIMITS:
        n = sum((song < limit).any() for song in songs)
        print(f'below {limit}: {(pieces < limit).mean():.3%} of the pieces, in {n} songs')


if __name__ == '__main__': main()
