"""NNLS chroma of a corpus, in the layout of McGill Billboard's public release, for `chordkd corpus billboard`.

The plugin is GPL-2, so this runs in an environment of its own: Chordino's, as benchmarks/peer.py describes it,
with soxr. A minute and a half of music takes a second of one core; a song that is there already is left alone.
usage: ENVIRONMENT/bin/python nnls_chroma.py CORPUS OUT [--jobs 2]     (CORPUS: audio/ and chordlab/)"""
import argparse
import os
import shutil
from multiprocessing import Pool
from pathlib import Path

# the plugin's defaults: with them, bass and treble have the mean and the share of zeros of Billboard's files
SETTINGS = dict(useNNLS=1, rollon=0, tuningmode=0, whitening=1, s=.7, chromanormalize=0)
SILENCE = .114  # s before each song: then rows and labels are apart as in Billboard's files (`estimate_offset`)
SR = 44100  # Hz


def bothchroma(audio):
    "(n, 25): time in s, bass and treble chroma"
    import numpy as np
    import soundfile
    import soxr
    import vamp
    y, sr = soundfile.read(str(audio), dtype='float32', always_2d=True)
    y = np.r_[np.zeros(round(SILENCE*sr), np.float32), y.mean(1)]
    step, chroma = vamp.collect(
        soxr.resample(y, sr, SR), SR, 'nnls-chroma:nnls-chroma', output='bothchroma',
        parameters=SETTINGS)['matrix']
    return np.c_[np.arange(len(chroma))*float(step), chroma]


def convert(job):
    "Write bothchroma.csv and full.lab of a song; the latter is written last"
    import numpy as np
    audio, lab, out = job
    out.mkdir(parents=True, exist_ok=True)
    np.savetxt(out/'bothchroma.csv', bothchroma(audio), ['%.6f'] + ['%.5g']*24, ',')
    shutil.copy(lab, out/'full.lab')


def find_plugin():
    from pkg_resources import resource_filename
    library = resource_filename('chord_extractor', '_lib/nnls-chroma.so')
    os.environ.setdefault('VAMP_PATH', os.path.dirname(library))


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', type=Path)
    p.add_argument('out', type=Path)
    p.add_argument('--jobs', type=int, default=2)
    a = p.parse_args()
    find_plugin()
    files = sorted((a.corpus/'audio').iterdir())
    jobs = [(f, a.corpus/'chordlab'/f'{f.stem}.lab', a.out/f.stem) for f in files]
    todo = [job for job in jobs if not (job[2]/'full.lab').exists()]
    with Pool(a.jobs) as pool:
        for n, _ in enumerate(pool.imap_unordered(convert, todo), 1):
            print(f'\r{n} songs', end='', flush=True)
    print(f'\r{a.out}: {len(jobs)} songs')


if __name__ == '__main__': main()
