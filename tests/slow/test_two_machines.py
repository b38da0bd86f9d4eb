"Training on two machines needs a shared folder, and says so where there is none"
import os
import socket
import subprocess
import sys
import pytest
from chordkd_nb._toys import ToyTeacher, toy_songs
from chordkd_nb.pseudo_labels import label_songs

pytestmark = pytest.mark.slow
SCRIPT = '''
import sys
from chordkd_nb._toys import SMALL_BTC
from chordkd_nb.stages import stage1
stage1(sys.argv[1], sys.argv[2], changes=dict(epochs=1, warmup_epochs=0, batch_size=4), sizes=SMALL_BTC, progress=False)
'''


@pytest.fixture(scope='module')
def pool(tmp_path_factory):
    folder = tmp_path_factory.mktemp('two-machines')/'pool'
    label_songs(ToyTeacher(), toy_songs(6, seed=1, frames=108), folder, progress=False)
    return folder


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def machine(rank, port, pool, out):
    "Start what `accelerate launch` starts on a machine of two"
    env = os.environ | dict(RANK=str(rank), WORLD_SIZE='2', LOCAL_RANK='0', LOCAL_WORLD_SIZE='1', OMP_NUM_THREADS='1',
                            MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port), ACCELERATE_USE_CPU='true')
    command = [sys.executable, '-c', SCRIPT, str(pool), str(out)]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def train(pool, *folders):
    "Train in two processes, each with its folder: exit statuses and what they wrote about errors"
    port = free_port()
    running = [machine(rank, port, pool, out) for rank, out in enumerate(folders)]
    errors = [p.communicate(timeout=120)[1] for p in running]
    return [p.returncode for p in running], errors


def test_two_machines_with_a_shared_folder(pool, tmp_path):
    codes, errors = train(pool, tmp_path/'run', tmp_path/'run')
    assert codes == [0, 0], errors
    assert (tmp_path/'run/best/model.safetensors').exists()


def test_two_machines_with_separate_folders(pool, tmp_path):
    codes, errors = train(pool, tmp_path/'one', tmp_path/'other')
    assert all(codes)
    assert all('1 of 2 processes do not see this folder' in error for error in errors), errors
