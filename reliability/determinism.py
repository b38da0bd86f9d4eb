"""The same seed, the same machine: is the result the same, whatever the number of workers, and how near is it with another number of threads?

    python reliability/determinism.py

Runs `corpus demo`, `label`, `train` and `recognize` with 1, 2 and 3 workers (training: twice), each with one thread for numerical libraries: the folders must be equal to the byte. Then again with
two threads, where sums are added up in another order: the differences are measured and must stay below TOLERANCE. Another seed must give something else, else the check says nothing.
The exit status is 1 if anything was not as it should be."""
import argparse, json, sys, tempfile
from pathlib import Path
import numpy as np
from common import NETWORK, RECIPE, different, done, save

TOLERANCE = dict(corpus=0., features=2e-3, probabilities=5e-3, classes=.002, weights=1e-2, chords=.002)  # of samples; absolute; absolute; share of frames; absolute; share of time


def commands(base, out, workers, threads, n=6):
    "Corpus, labels, student and chords below `out`, from the corpus and store of `base`"
    done('corpus', 'demo', out/'corpus', '--songs', n, '--seconds', 8, '--workers', workers, threads=threads)
    done('label', base/'corpus', out/'store', '--teacher', 'btc-small', '--probs', 'full', '--workers', workers, threads=threads)
    done('recognize', base/'corpus'/'audio', '--out', out/'chords', '--format', 'json', '--workers', workers, threads=threads)


def train(base, out, threads, *more): done('train', 'stage1', base/'store', '--out', out, *NETWORK, *RECIPE, *more, threads=threads)


def distance(a, b):
    "How far two folders of results are from each other"
    import soundfile as sf
    from safetensors.numpy import load_file
    from chordkd_nb.corpus import Store
    def frames(p): return [s['label'] for s in json.loads(p.read_text())['segments'] for _ in range(round(100*(s['end']-s['start'])))]
    A, B = Store(a/'store'), Store(b/'store'); far = lambda f: float(max(np.abs(f(A[i])-f(B[i])).max() for i in A.ids))
    pairs = [(frames(p), frames(b/'chords'/p.name)) for p in sorted((a/'chords').iterdir())]
    W, V = (load_file(d/'run'/'best'/'model.safetensors') for d in (a, b))
    return dict(corpus=float(max(np.abs(sf.read(p)[0]-sf.read(b/'corpus'/'audio'/p.name)[0]).max() for p in (a/'corpus'/'audio').iterdir())), features=far(lambda s: s.features.astype(float)),
                probabilities=far(lambda s: np.exp(s.log_probs.astype(float))), classes=float(np.mean(np.concatenate([A[i].y != B[i].y for i in A.ids]))),
                weights=float(max(np.abs(W[k].astype(float)-V[k]).max() for k in W)), chords=float(np.mean([x != y for p, q in pairs for x, y in zip(p, q)])))


def check(base, workers=(1, 2, 3), threads=2, n=6, say=print):
    "(rows, what was wrong)"
    base, rows, wrong = Path(base), [], []; one = base/'w1'
    def row(what, d, **more):
        rows.append(dict(what=what, identical=not d, **more)); say(' '.join(f'{k}={v}' for k, v in rows[-1].items()), *([d] if d else []), flush=True)
        if d: wrong.append(f'{what}: {d}')
    commands(one, one, 1, 1, n); train(one, one/'run', 1)
    for w in workers[1:]:
        commands(one, base/f'w{w}', w, 1, n)
        for k in ('corpus', 'store', 'chords'): row(f'{k}, {w} workers and 1', different(one/k, base/f'w{w}'/k))
    train(one, base/'again'/'run', 1); row('training, twice', different(one/'run', base/'again'/'run'))
    if threads > 1:
        two = base/'t2'; commands(one, two, 1, threads, n); train(one, two/'run', threads)
        for k, d in distance(one, two).items():
            rows.append(dict(what=f'{k}, {threads} threads and 1', identical=d == 0, difference=d, tolerance=TOLERANCE[k])); say(' '.join(f'{k}={v}' for k, v in rows[-1].items()), flush=True)
            if d > TOLERANCE[k]: wrong.append(f'{k}: {d}')
    done('corpus', 'demo', base/'other', '--songs', n, '--seconds', 8, '--seed', 1, '--workers', 1); train(one, base/'seed'/'run', 1, '--seed', 1)
    for k, a, b in (('corpus', one/'corpus'/'audio', base/'other'/'audio'), ('training', one/'run'/'best', base/'seed'/'run'/'best')):
        d = different(a, b); rows.append(dict(what=f'{k}, another seed', identical=not d)); say(' '.join(f'{k}={v}' for k, v in rows[-1].items()), flush=True)
        if not d: wrong.append(f'{k}: the seed does nothing')
    return rows, wrong


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as d: rows, wrong = check(d)
    print('as it should be' if not wrong else wrong)
    save('determinism', rows, ok=not wrong); sys.exit(bool(wrong))


if __name__ == '__main__': main()
