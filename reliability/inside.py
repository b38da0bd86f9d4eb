"""What `versions.py` runs inside an environment: the cells of a notebook, or the whole way from audio to chords.
usage: inside.py notebook FILE.ipynb | inside.py probe FOLDER"""
import json, os, re, subprocess, sys
from importlib import import_module
from pathlib import Path

SKIP = {'notest', 'slow', 'cuda'}   # flags, as in settings.ini
PARTS = [60, 64, 67], [57, 60, 64], [65, 69, 72], [67, 71, 74, 77]   # C, A:min, F, G:7 in MIDI pitches
NAMES = 'C', 'A:min', 'F', 'G:7'


def notebook(path):
    "Run the cells that nbdev_test would run, in an IPython shell alone, so that no version of nbdev or execnb has a say"
    from IPython.core.interactiveshell import InteractiveShell
    shell, ran = InteractiveShell.instance(), 0
    cells, _ = json.loads(path.read_text(encoding='utf-8'))['cells'], os.chdir(path.parent)
    for c in cells:
        code = ''.join(c['source'])
        said = {d.strip() for d in re.findall(r'^#\s*\|(.*)$', code, re.M)}
        if c['cell_type'] != 'code' or 'eval: false' in said or SKIP & said: continue
        if not shell.run_cell(code).success: sys.exit(f'{path.name}: the cell above failed:\n{code}')
        ran += 1
    if not ran: sys.exit(f'{path.name}: no cell ran')


def songs(d, n=8, rate=22050):
    "Audio and labels of `n` songs by a formula, in 16 bits, so that they are the same wherever numpy runs"
    import numpy as np, soundfile
    (d/'audio').mkdir(parents=True); (d/'chordlab').mkdir()
    for i in range(n):
        rng, t, y, lab = np.random.RandomState(i), np.arange(2*rate)/rate, [], []
        for k in range(8):
            j, up = rng.randint(4), rng.randint(12)
            f = [440*2**((p - 69 + up)/12) for p in PARTS[j] + [PARTS[j][0] - 24]]
            y.append(.05*sum(np.exp(-t*(1 + h/2))*np.sin(2*np.pi*h*x*t)/h**1.5 for x in f for h in range(1, 6)))
            root, _, kind = NAMES[j].partition(':')
            names = 'C C# D D# E F F# G G# A A# B'.split()
            lab.append(f'{2*k}\t{2*k+2}\t{names[(names.index(root) + up) % 12]}{":"*bool(kind)}{kind}\n')
        soundfile.write(d/'audio'/f's{i}.wav', np.concatenate(y), rate, subtype='PCM_16')
        (d/'chordlab'/f's{i}.lab').write_text(''.join(lab))


def probe(d):
    "Every module is imported; songs are recognised, labelled, learnt and scored by the command line: `answers.npz` has what came out"
    import chordkd_nb, numpy as np
    for m in sorted(p.stem for p in Path(chordkd_nb.__file__).parent.glob('*.py')): import_module(f'chordkd_nb.{m}')
    from chordkd_nb.cli import main
    from chordkd_nb.checkpoints import BUNDLED
    default, *others = BUNDLED
    def chordkd(*args): main(list(map(str, args)))   # in this process: torch takes long to start
    songs(d/'songs'); os.chdir(d)
    subprocess.run([Path(sys.executable).parent/'chordkd', 'recognize', 'songs/audio', '--model', default, '--out', f'chords-{default}', '--workers', '1'], check=True)
    for m in others: chordkd('recognize', 'songs/audio', '--model', m, '--out', f'chords-{m}', '--workers', 1)
    chordkd('label', 'songs', 'store', '--teacher', default, '--probs', 'full', '--workers', 1)
    chordkd('train', 'stage1', 'store', '--out', 's1', '--set', 'epochs=4', 'batch_size=4')
    chordkd('train', 'stage2', 'store', '--student', 's1', '--out', 's2', '--set', 'epochs=2', 'batch_size=4')
    chordkd('recognize', 'songs/audio', '--model', 's2', '--out', 'chords-s2', '--workers', 1)
    chordkd('evaluate', 'store', '--teacher', '--model', 's1=s1', 's2=s2', '--out', 'scores')
    from chordkd_nb import load_checkpoint, log_cqt
    from chordkd_nb.decoding import log_softmax, song_logits
    from chordkd_nb.features import load_audio
    X = log_cqt(load_audio(d/'songs/audio/s0.wav')); answers = dict(magnitudes=np.exp(X))
    for kind, m in [('networks', m) for m in BUNDLED] + [('trained', d/'s1'), ('trained', d/'s2')]: answers[f'{kind} {Path(m).name}'] = log_softmax(song_logits(load_checkpoint(m), X))
    for m in (*BUNDLED, 's2'): answers[f'chords {m}'] = np.array([p.read_text() for p in sorted((d/f'chords-{m}').rglob('*.lab'))])
    assert all(len(v) == 8 for k, v in answers.items() if k.startswith('chords')), {k: len(v) for k, v in answers.items()}
    np.savez(d/'answers.npz', **answers)


if __name__ == '__main__':
    what, path = sys.argv[1:]
    dict(notebook=notebook, probe=probe)[what](Path(path).resolve())
