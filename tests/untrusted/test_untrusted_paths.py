"A checkpoint stays in its folder, and a name is neither a path nor an address"
import os
import shutil
import subprocess
import sys
import huggingface_hub
import pytest
from refusing import changed_copy, expect_refusal
from chordkd_nb.published import load_checkpoint
from chordkd_nb._checkpoint_names import FILES
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.recognition import get_model


def make_target(kind, tmp_path, good_file):
    "Something outside of the checkpoint that a link can point to"
    if kind == 'good file': return good_file
    if kind == 'device': return '/dev/zero'
    path = tmp_path/kind
    if kind == 'fifo': os.mkfifo(path)
    else: path.write_text('password')
    return path


@pytest.mark.parametrize('kind', ['secret', 'good file', 'device', 'fifo'])
@pytest.mark.parametrize('name', ['model.safetensors', 'config.json'])
def test_a_link_out_of_the_folder_is_refused_without_a_look_inside(tmp_path, checkpoint_folder, name, kind):
    folder = changed_copy(checkpoint_folder, tmp_path/'linked')
    (folder/name).unlink()
    (folder/name).symlink_to(make_target(kind, tmp_path, checkpoint_folder/name))
    assert load_lean(folder) is None
    expect_refusal(lambda: load_checkpoint(folder), folder/name)
    with pytest.raises(CheckpointError) as error: load_checkpoint(folder)
    assert 'password' not in str(error.value)


def test_the_cache_of_the_hub_works_with_its_links(tmp_path, checkpoint_folder):
    cache = tmp_path/'models--me--x'
    snapshot = cache/'snapshots/abc'
    snapshot.mkdir(parents=True)
    (cache/'blobs').mkdir()
    for name in FILES:
        shutil.copy(checkpoint_folder/name, cache/'blobs'/f'h-{name}')
        (snapshot/name).symlink_to(f'../../blobs/h-{name}')
    assert load_checkpoint(snapshot).arch == 'btc'
    assert load_lean(snapshot) is not None


@pytest.mark.parametrize('name', [
    '../x', 'x/..', 'hf://../x', 'me/x@../../y', '/no/such', './x', 'me//x', 'hf://me/.x', 'me/x@/etc'])
def test_an_odd_name_is_refused_without_asking_the_hub(name, monkeypatch):
    def ask(*args, **kwargs): pytest.fail('the Hub was asked')
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', ask)
    monkeypatch.setattr(huggingface_hub, 'HfApi', ask)
    expect_refusal(lambda: load_checkpoint(name), name)
    expect_refusal(lambda: get_model(name), name)


WITHOUT_TORCH = '''
import sys
import chordkd_nb.cli
from chordkd_nb.recognition import get_model
get_model()
print('torch' in sys.modules)
'''


def test_the_command_line_reads_its_checkpoint_without_torch():
    done = subprocess.run([sys.executable, '-c', WITHOUT_TORCH], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'False'
