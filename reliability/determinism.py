"""The same seed on the same machine: is the result the same, whatever the number of workers and threads?

    python reliability/determinism.py

Runs `corpus demo`, `label`, `train` and `recognize` with 1, 2 and 3 workers (training: twice), each with one thread for
numerical libraries: the folders must be equal to the byte. Then again with two threads, where sums are added up in
another order: we measure the differences, which must stay below TOLERANCE. Another seed must give another result, else
the check proves nothing. The exit status is 1 if anything was wrong."""
import argparse, json, sys, tempfile
from pathlib import Path
import numpy as np
from common import NETWORK, RECIPE, different, done, print_row, save

TOLERANCE = dict(
    corpus=0.,            # of samples
    features=2e-3,        # absolute
    probabilities=5e-3,   # absolute
    classes=.002,         # share of frames
    weights=1e-2,         # absolute
    chords=.002)          # share of time
SONGS = 6
THREADS = 2


def commands(base, out, workers, threads):
    "Corpus, labels and chords below `out`; the latter from the corpus of `base`"
    same = dict(threads=threads)
    done('corpus', 'demo', out/'corpus', '--songs', SONGS, '--seconds', 8, '--workers', workers, **same)
    done('label', base/'corpus', out/'store', '--teacher', 'btc-small', '--probs', 'full', '--workers', workers, **same)
    done('recognize', base/'corpus'/'audio', '--out', out/'chords', '--format', 'json', '--workers', workers, **same)


def train(base, out, threads, *more):
    done('train', 'stage1', base/'store', '--out', out, *NETWORK, *RECIPE, *more, threads=threads)


def chord_frames(path):
    "A label for every hundredth of a second"
    segments = json.loads(path.read_text())['segments']
    return [s['label'] for s in segments for _ in range(round(100*(s['end']-s['start'])))]


def largest(pairs): return float(max(np.abs(x.astype(float)-y).max() for x,y in pairs))


def share_different(pairs): return float(np.mean([x != y for p,q in pairs for x,y in zip(p, q)]))


def distance(a, b):
    "How far two folders of results are from each other, for each key of TOLERANCE"
    import soundfile as sf
    from safetensors.numpy import load_file
    from chordkd_nb import Store
    store_a, store_b = Store(a/'store'), Store(b/'store')
    songs = [(store_a[i], store_b[i]) for i in store_a.ids]
    audio = [(p, b/'corpus'/'audio'/p.name) for p in (a/'corpus'/'audio').iterdir()]
    chords = [(p, b/'chords'/p.name) for p in sorted((a/'chords').iterdir())]
    weights_a, weights_b = (load_file(d/'run'/'best'/'model.safetensors') for d in (a, b))
    probabilities = [(np.exp(s.log_probs.astype(float)), np.exp(t.log_probs.astype(float))) for s,t in songs]
    return dict(
        corpus=largest((sf.read(p)[0], sf.read(q)[0]) for p,q in audio),
        features=largest((s.features, t.features.astype(float)) for s,t in songs),
        probabilities=largest(probabilities),
        classes=share_different((s.y, t.y) for s,t in songs),
        weights=largest((weights_a[k], weights_b[k]) for k in weights_a),
        chords=share_different((chord_frames(p), chord_frames(q)) for p,q in chords))


class Table:
    "Rows, and what was wrong"
    def __init__(self): self.rows, self.wrong = [], []

    def add(self, fault, **row):
        self.rows.append(row)
        print_row(row, fault)
        if fault: self.wrong.append(f'{row["what"]}: {fault}')

    def equal(self, what, a, b):
        difference = different(a, b)
        self.add(difference, what=what, identical=not difference)

    def near(self, what, size, tolerance):
        fault = f'differs by {size}' if size > tolerance else ''
        self.add(fault, what=what, identical=size == 0, difference=size, tolerance=tolerance)

    def unequal(self, what, a, b):
        equal = not different(a, b)
        self.add('the seed has no effect' if equal else '', what=what, identical=equal)


def check(base, workers=(1, 2, 3)):
    "Run everything below `base`: (rows, what was wrong)"
    base, table = Path(base), Table()
    one, two = base/'w1', base/f't{THREADS}'
    commands(one, one, 1, 1)
    train(one, one/'run', 1)
    for w in workers[1:]:
        commands(one, base/f'w{w}', w, 1)
        for part in ('corpus', 'store', 'chords'):
            table.equal(f'{part}, {w} workers and 1', one/part, base/f'w{w}'/part)
    train(one, base/'again'/'run', 1)
    table.equal('training, twice', one/'run', base/'again'/'run')
    commands(one, two, 1, THREADS)
    train(one, two/'run', THREADS)
    for part,size in distance(one, two).items(): table.near(f'{part}, {THREADS} threads and 1', size, TOLERANCE[part])
    done('corpus', 'demo', base/'other', '--songs', SONGS, '--seconds', 8, '--seed', 1, '--workers', 1)
    train(one, base/'seed'/'run', 1, '--seed', 1)
    table.unequal('corpus, another seed', one/'corpus'/'audio', base/'other'/'audio')
    table.unequal('training, another seed', one/'run'/'best', base/'seed'/'run'/'best')
    return table.rows, table.wrong


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as d: rows, wrong = check(d)
    print('all as it should be' if not wrong else wrong)
    save('determinism', rows, ok=not wrong)
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
