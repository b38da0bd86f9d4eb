"The folder of a stopped training run that someone else sent: nothing in it runs, and odd values are refused"
import io
import json
import pickle
import shutil
import numpy as np
import pytest
import torch
from payloads import saved, touches
from refusing import expect_refusal
from chordkd_nb.songs import Song
from chordkd_nb.store import build_store
from chordkd_nb.features import LOG_CQT
from chordkd_nb.stages import stage1
from chordkd_nb.trainer import Callback


class Stop(Callback):
    def on_step(self, metrics):
        if metrics['step'] == 2: raise KeyboardInterrupt


def teacher_answers(song):
    "The same answer in every frame"
    n_frames = len(song.features_for(LOG_CQT))
    return dict(
        y=np.zeros(n_frames, np.int16),
        top_index=np.tile(np.arange(8, dtype=np.uint8), (n_frames, 1)),
        top_prob=np.full((n_frames, 8), .1, np.float16))

teacher_answers.meta = dict(teacher={}, vocabulary=170, probs='top8')


@pytest.fixture(scope='module')
def pool(tmp_path_factory):
    "A store of four songs of noise with a teacher's answers"
    rng = np.random.default_rng(0)
    features = [rng.normal(size=(40, 144)).astype(np.float32) for _ in range(4)]
    songs = [Song(f's{k}', features=f, contract=LOG_CQT) for k, f in enumerate(features)]
    out = tmp_path_factory.mktemp('pool')/'store'
    return build_store(songs, out, LOG_CQT, teacher_answers, progress=False)


@pytest.fixture(scope='module')
def train(pool, small):
    "A function: folder of a run → its student"
    changes = dict(epochs=2, batch_size=2, ema=.9)
    def train(out, **options):
        return stage1(pool, out, sizes=small, changes=changes, progress=False, save_every=1, **options)
    return train


@pytest.fixture(scope='module')
def stopped(train, tmp_path_factory):
    "The folder of a run that was stopped at its second step"
    out = tmp_path_factory.mktemp('run')/'run'
    with pytest.raises(KeyboardInterrupt): train(out, callbacks=[Stop()])
    return out


@pytest.fixture
def run(stopped, tmp_path): return shutil.copytree(stopped, tmp_path/'run')


def state_of(run): return next(run.glob('state-*'))


STATE_FILES = ['model.safetensors', 'optimizer.bin', 'others.pt', 'random_states_0.pkl']
UNPICKLED_BY_ACCELERATE = 'custom_checkpoint_0.pkl'  # which is not among them for that reason


def test_these_are_the_files_of_a_state(stopped):
    assert sorted(path.name for path in state_of(stopped).iterdir()) == STATE_FILES


@pytest.mark.parametrize('name', [*STATE_FILES, UNPICKLED_BY_ACCELERATE])
@pytest.mark.parametrize('save', [saved, pickle.dumps], ids=['torch', 'pickle'])
def test_no_file_of_a_state_runs(run, train, tmp_path, name, save):
    canary = tmp_path/'canary'
    (state_of(run)/name).write_bytes(save(touches(canary)))
    expect_refusal(lambda: train(run), state_of(run))
    assert not canary.exists()


def test_the_payload_works(tmp_path):
    canary = tmp_path/'canary'
    torch.load(io.BytesIO(saved(touches(canary))), weights_only=False)
    assert canary.exists()


def test_the_stopped_run_itself_continues(run, train, tmp_path):
    continued = train(run).model.state_dict()
    undisturbed = train(tmp_path/'undisturbed').model.state_dict()
    assert all(torch.equal(continued[name], undisturbed[name]) for name in undisturbed)


STATE = dict(
    folder='state-0000-000001', finished=False, epoch=0, step=1, best=-1., stale=0, loss_sum=1., loss_n=1,
    history=[])


def state(**changes): return json.dumps(STATE | changes)


BAD_STATES = dict(
    cut='{',
    list='[]',
    twice='{"epoch":0,"epoch":0}',
    deep='['*10**5,
    not_utf8='\xff',
    nothing='{}',
    folder_above=state(folder='../x'),
    folder_elsewhere=state(folder='/etc'),
    folder_around=state(folder='state-0000-000001/..'),
    folder_number=state(folder=3),
    epoch=state(epoch='0'),
    history=state(history={}),
    step=state(step=-1),
    finished=state(finished='no'),
)


@pytest.mark.parametrize('name', BAD_STATES)
def test_a_bad_state_is_refused(run, train, name):
    (run/'state.json').write_bytes(BAD_STATES[name].encode('latin1'))
    expect_refusal(lambda: train(run), run/'state.json')


@pytest.mark.parametrize('name', BAD_STATES)
def test_a_bad_recipe_is_refused(run, train, name):
    (run/'recipe.json').write_bytes(BAD_STATES[name].encode('latin1'))
    expect_refusal(lambda: train(run), run)
