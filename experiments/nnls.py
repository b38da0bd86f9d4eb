"""NNLS chroma of a corpus (audio/ and chordlab/), in the layout of McGill Billboard's public release, NAME/bothchroma.csv and NAME/full.lab, for `chordkd corpus billboard --source`.
Runs in an environment of its own, as the plugin is GPL-2: that of Chordino in benchmarks/peer.py, and soxr.
usage: P/chordino/bin/python experiments/nnls.py CORPUS OUT [--jobs 2]     (a second of a core for a minute and a half of music; run again to go on)"""
import argparse, os, shutil
from multiprocessing import Pool
from pathlib import Path

# the plugin's own defaults; bass and treble then have the mean and the share of zeros that they have in Billboard's files
SETTINGS = dict(useNNLS=1, rollon=0, tuningmode=0, whitening=1, s=.7, chromanormalize=0)
BEFORE = .114  # s of silence before each song: rows and labels then lie to each other as in Billboard's files (`estimate_offset`, 04_sources: its peaks are between 0.08 and 0.12 s, Billboard's at 0.11)


def convert(job):
    "bothchroma.csv and full.lab of a song; the latter is written last"
    audio, lab, out = job
    import numpy as np, soundfile, soxr, vamp
    y, sr = soundfile.read(str(audio), dtype='float32', always_2d=True)
    step, x = vamp.collect(soxr.resample(np.r_[np.zeros(round(BEFORE*sr), np.float32), y.mean(1)], sr, 44100), 44100, 'nnls-chroma:nnls-chroma', output='bothchroma', parameters=SETTINGS)['matrix']
    out.mkdir(parents=True, exist_ok=True)
    np.savetxt(out/'bothchroma.csv', np.c_[np.arange(len(x))*float(step), x], ['%.6f']+['%.5g']*24, ',')
    shutil.copy(lab, out/'full.lab')


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', type=Path); p.add_argument('out', type=Path); p.add_argument('--jobs', type=int, default=2); a = p.parse_args()
    from pkg_resources import resource_filename
    os.environ.setdefault('VAMP_PATH', os.path.dirname(resource_filename('chord_extractor', '_lib/nnls-chroma.so')))
    songs = [(f, a.corpus/'chordlab'/f'{f.stem}.lab', a.out/f.stem) for f in sorted((a.corpus/'audio').iterdir())]
    if not songs: raise SystemExit(f'{a.corpus}/audio: no files')
    with Pool(a.jobs) as pool:
        for k, _ in enumerate(pool.imap_unordered(convert, [s for s in songs if not (s[2]/'full.lab').exists()]), 1): print(f'\r{k} songs', end='', flush=True)
    print(f'\r{a.out}: {len(songs)} songs')
