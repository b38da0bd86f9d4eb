"""Training on two machines: two network namespaces that a cable joins, as root on Linux

With a shared folder both train one network, as one machine would. Without one, both say so."""
import csv
import os
import shutil
import subprocess
import sys
import pytest
from chordkd_nb._toys import SMALL_BTC, ToyTeacher, toy_songs
from chordkd_nb.pseudo_labels import label_songs

pytestmark = pytest.mark.slow
NAMES = 'chordkd-one', 'chordkd-two'
SETTINGS = ['epochs=2', 'warmup_epochs=0', 'batch_size=4']
RATES = 'input_dropout', 'layer_dropout', 'attention_dropout', 'relu_dropout'
DROPOUT = dict.fromkeys(RATES, 0.)  # or each machine would draw its own
SIZE = [f'{name}={value}' for name, value in (SMALL_BTC | DROPOUT).items()]
PORT = 29511


def ip(*arguments, check=True): return subprocess.run(['ip', *arguments], capture_output=True, check=check)


def remove_machines():
    for name in NAMES: ip('netns', 'del', name, check=False)  # and with it its end of the cable


@pytest.fixture(scope='module')
def addresses():
    "Two namespaces with an address each"
    if not shutil.which('ip'): pytest.skip('no ip')
    remove_machines()
    if ip('netns', 'add', NAMES[0], check=False).returncode: pytest.skip('cannot make network namespaces')
    ip('netns', 'add', NAMES[1])
    ip('link', 'add', 'cable0', 'netns', NAMES[0], 'type', 'veth', 'peer', 'name', 'cable1', 'netns', NAMES[1])
    found = []
    for k, name in enumerate(NAMES):
        found.append(f'10.77.0.{k+1}')
        ip('-n', name, 'addr', 'add', f'{found[k]}/24', 'dev', f'cable{k}')
        for device in ('lo', f'cable{k}'): ip('-n', name, 'link', 'set', device, 'up')
    yield found
    remove_machines()


@pytest.fixture(scope='module')
def pool(tmp_path_factory):
    folder = tmp_path_factory.mktemp('two-machines')/'pool'
    label_songs(ToyTeacher(), toy_songs(9, seed=1, frames=108), folder, progress=False)
    return folder


def command(pool, out):
    options = ['--arch', 'btc', '--out', out, '--set', *SETTINGS, '--size', *SIZE]
    return ['chordkd_nb.cli', 'train', 'stage1', pool, *options]


def machine(rank, address, pool, out):
    "Run `accelerate launch` on a machine of two"
    launch = ['--multi_gpu', '--num_machines', '2', '--num_processes', '2', '--machine_rank', rank,
              '--main_process_ip', address, '--main_process_port', PORT, '--mixed_precision', 'no',
              '--dynamo_backend', 'no', '-m']
    program = [sys.executable, '-m', 'accelerate.commands.launch', *launch, *command(pool, out)]
    env = os.environ | dict(OMP_NUM_THREADS='1', ACCELERATE_USE_CPU='true', GLOO_SOCKET_IFNAME=f'cable{rank}')
    return subprocess.Popen(list(map(str, ['ip', 'netns', 'exec', NAMES[rank], *program])), env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def train(addresses, pools, folders):
    "Train on both machines, each with its store and its folder: exit statuses and outputs"
    running = [machine(rank, addresses[0], *places) for rank, places in enumerate(zip(pools, folders))]
    try: outputs = [p.communicate(timeout=300)[0] for p in running]
    finally:
        for p in running: p.kill()
    return [p.returncode for p in running], outputs


def losses(run): return [float(row['train_loss']) for row in csv.DictReader(open(run/'history.csv'))]


def test_two_machines_train_as_one_does(addresses, pool, tmp_path):
    copy = shutil.copytree(pool, tmp_path/'copy')
    codes, outputs = train(addresses, [pool, copy], [tmp_path/'run']*2)
    assert codes == [0, 0], outputs
    subprocess.run([sys.executable, '-m', *map(str, command(pool, tmp_path/'alone'))], check=True)
    assert losses(tmp_path/'run') == pytest.approx(losses(tmp_path/'alone'), rel=1e-4)


def test_two_machines_with_separate_folders_say_so(addresses, pool, tmp_path):
    codes, outputs = train(addresses, [pool]*2, [tmp_path/'one', tmp_path/'other'])
    assert all(codes)
    assert all('1 of 2 processes do not see this folder' in output for output in outputs), outputs


def test_a_machine_with_other_songs_is_found(addresses, pool, tmp_path):
    other = label_songs(ToyTeacher(), toy_songs(9, seed=2, frames=108), tmp_path/'other', progress=False).path
    codes, outputs = train(addresses, [pool, other], [tmp_path/'run']*2)
    assert all(codes)
    assert all('1 of 2 processes have another recipe or other songs' in output for output in outputs), outputs
