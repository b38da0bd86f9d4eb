"""Run inside an environment of `versions.py`: the cells of a notebook, or the whole way from audio to scores.
usage: inside.py notebook FILE.ipynb | inside.py probe FOLDER"""
import json, os, re, subprocess, sys
from importlib import import_module
from pathlib import Path

SKIPPED = {'notest', 'slow', 'cuda'}   # flags, as in settings.ini
CHORDS = {'C': [60, 64, 67], 'A:min': [57, 60, 64], 'F': [65, 69, 72], 'G:7': [67, 71, 74, 77]}   # MIDI pitches
PITCHES = 'C C# D D# E F F# G G# A A# B'.split()


def notebook(path):
    "Run the cells that nbdev_test would run, in an IPython shell alone: no version of nbdev or execnb is involved"
    from IPython.core.interactiveshell import InteractiveShell
    shell, ran = InteractiveShell.instance(), 0
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    os.chdir(path.parent)
    for cell in cells:
        code = ''.join(cell['source'])
        directives = {d.strip() for d in re.findall(r'^#\s*\|(.*)$', code, re.M)}
        if cell['cell_type'] != 'code' or 'eval: false' in directives or SKIPPED & directives: continue
        if not shell.run_cell(code).success: sys.exit(f'{path.name}: the cell above failed:\n{code}')
        ran += 1
    if not ran: sys.exit(f'{path.name}: no cell ran')


def chord_sound(pitches, t):
    "A few decaying harmonics on each MIDI pitch"
    import numpy as np
    frequencies = [440*2**((p-69)/12) for p in pitches]
    partials = [np.exp(-t*(1+h/2))*np.sin(2*np.pi*h*f*t)/h**1.5 for f in frequencies for h in range(1, 6)]
    return .05*sum(partials)


def transposed(label, semitones):
    root, _, quality = label.partition(':')
    return PITCHES[(PITCHES.index(root)+semitones)%12] + ':'*bool(quality) + quality


def make_songs(folder, n=8, rate=22050):
    "Audio and labels of `n` songs by a formula, in 16 bits, so that they are the same wherever numpy runs"
    import numpy as np, soundfile
    (folder/'audio').mkdir(parents=True)
    (folder/'chordlab').mkdir()
    t = np.arange(2*rate)/rate
    for i in range(n):
        rng, sound, lab = np.random.RandomState(i), [], []
        for k in range(8):
            label, up = list(CHORDS)[rng.randint(4)], rng.randint(12)
            pitches = CHORDS[label] + [CHORDS[label][0]-24]
            sound.append(chord_sound([p+up for p in pitches], t))
            lab.append(f'{2*k}\t{2*k+2}\t{transposed(label, up)}\n')
        soundfile.write(folder/'audio'/f's{i}.wav', np.concatenate(sound), rate, subtype='PCM_16')
        (folder/'chordlab'/f's{i}.lab').write_text(''.join(lab))


def run_commands(default, others):
    "Recognise, label, train and evaluate in the current folder"
    from chordkd_nb.cli import main
    def chordkd(*args): main(list(map(str, args)))   # in this process: torch takes long to start
    script = Path(sys.executable).parent/'chordkd'
    recognize = ['recognize', 'songs/audio', '--model', default, '--out', f'chords-{default}', '--workers', '1']
    subprocess.run([script, *recognize], check=True)
    for m in others: chordkd('recognize', 'songs/audio', '--model', m, '--out', f'chords-{m}', '--workers', 1)
    chordkd('label', 'songs', 'store', '--teacher', default, '--probs', 'full', '--workers', 1)
    chordkd('train', 'stage1', 'store', '--out', 's1', '--set', 'epochs=4', 'batch_size=4')
    chordkd('train', 'stage2', 'store', '--student', 's1', '--out', 's2', '--set', 'epochs=2', 'batch_size=4')
    chordkd('recognize', 'songs/audio', '--model', 's2', '--out', 'chords-s2', '--workers', 1)
    chordkd('evaluate', 'store', '--teacher', '--model', 's1=s1', 's2=s2', '--out', 'scores')


def import_all_modules():
    import chordkd_nb
    package = Path(chordkd_nb.__file__).parent
    for module in sorted(p.stem for p in package.glob('*.py')): import_module(f'chordkd_nb.{module}')


def probe(folder):
    "Import every module, and go from audio to scores by the command line; `answers.npz` has the results"
    import numpy as np
    import_all_modules()
    from chordkd_nb import load_audio, load_checkpoint, log_cqt
    from chordkd_nb.sliding_windows import log_softmax, song_logits
    from chordkd_nb.checkpoint_files import BUNDLED
    make_songs(folder/'songs')
    os.chdir(folder)
    default, *others = BUNDLED
    run_commands(default, others)
    X = log_cqt(load_audio(folder/'songs/audio/s0.wav'))
    answers = dict(magnitudes=np.exp(X))
    networks = [('networks', m, m) for m in BUNDLED] + [('trained', run, folder/run) for run in ('s1', 's2')]
    for kind,name,where in networks: answers[f'{kind} {name}'] = log_softmax(song_logits(load_checkpoint(where), X))
    for m in (*BUNDLED, 's2'):
        texts = [p.read_text() for p in sorted((folder/f'chords-{m}').rglob('*.lab'))]
        assert len(texts) == 8, (m, len(texts))
        answers[f'chords {m}'] = np.array(texts)
    np.savez(folder/'answers.npz', **answers)


if __name__ == '__main__':
    what, path = sys.argv[1:]
    dict(notebook=notebook, probe=probe)[what](Path(path).resolve())
