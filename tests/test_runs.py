"The folder of a training run: kills at awkward moments, other runs, other processes, other precisions"
import csv, json, os, shutil
import numpy as np, pytest, torch
from chordkd_nb._files import folder_lock
from chordkd_nb._toys import SMALL_BTC, ToyTeacher, toy_songs
from chordkd_nb.batches import Windows
from chordkd_nb.published import load_checkpoint
from chordkd_nb.losses import cross_entropy
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.recipes import recipe
from chordkd_nb.splits import overlap
from chordkd_nb.stages import stage1
from chordkd_nb.trainer import Callback

QUICK = dict(epochs=3, batch_size=4, lr=5e-3, warmup_epochs=0, jitter=0)


@pytest.fixture(scope='module', autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope='module')
def pool(tmp_path_factory):
    return label_songs(ToyTeacher(), toy_songs(16, seed=1), tmp_path_factory.mktemp('pool')/'store', progress=False)


def train(pool, out, changes=QUICK, **kwargs):
    return stage1(pool, out, sizes=SMALL_BTC, changes=changes, progress=False, **kwargs)


@pytest.fixture(scope='module')
def finished(pool, tmp_path_factory):
    "(checkpoint, folder) of a run that nobody disturbed"
    out = tmp_path_factory.mktemp('finished')/'run'
    return train(pool, out), out


@pytest.fixture
def copy(finished, tmp_path):
    "A copy of the folder of the finished run"
    return shutil.copytree(finished[1], tmp_path/'run')


def equal(a, b):
    "Have two checkpoints the same weights?"
    weights = [checkpoint.model.state_dict().values() for checkpoint in (a, b)]
    return all(torch.equal(x, y) for x, y in zip(*weights, strict=True))


class StopAt(Callback):
    def __init__(self, n): self.n = n
    def on_step(self, metrics):
        if metrics['step'] == self.n: raise KeyboardInterrupt


def test_a_kill_between_the_two_renames_of_the_checkpoint_is_put_right(pool, finished, copy):
    files = sorted(p.name for p in copy.iterdir())
    os.rename(copy/'best', copy/'.best.1.old')
    for leftover in ('.best.2.new', 'state-0003-000001'): (copy/leftover).mkdir()
    assert equal(train(pool, copy), finished[0])
    assert sorted(p.name for p in copy.iterdir()) == files


def test_another_split_is_another_run(pool, copy):
    split = json.loads((copy/'split.json').read_text())
    moved = dict(train=[*split['train'][1:], split['valid'][0]], valid=[*split['valid'][1:], split['train'][0]])
    with pytest.raises(ValueError, match='2 songs are on other sides of its split'): train(pool, copy, split=moved)
    assert json.loads((copy/'split.json').read_text()) == split


def test_a_folder_belongs_to_one_process_at_a_time(pool, copy):
    with folder_lock(copy), pytest.raises(RuntimeError, match='another process is writing'): train(pool, copy)


def test_another_recipe_is_another_run_and_the_message_has_both_values(pool, copy):
    with pytest.raises(ValueError, match='holds another run: recipe: lr is 0.005 there and 1 here. Choose'):
        train(pool, copy, QUICK | dict(lr=1.))


def test_a_network_of_another_size_is_another_run(pool, copy):
    sizes = SMALL_BTC | dict(num_layers=2)
    with pytest.raises(ValueError, match='sizes: num_layers is 1 there and 2 here'):
        stage1(pool, copy, sizes=sizes, changes=QUICK, progress=False)


# Runs that fail before their first step

def broken(logits, batch, recipe): return logits.sum()*torch.nan


def test_a_run_that_fails_before_its_first_step_leaves_nothing(pool, tmp_path):
    with pytest.raises(FloatingPointError, match='the loss is nan in epoch 0, step 0'):
        train(pool, tmp_path/'run', loss=broken)
    assert not (tmp_path/'run').exists()
    assert train(pool, tmp_path/'run', QUICK | dict(epochs=1)).provenance['recipe']['epochs'] == 1


def test_a_failure_in_a_folder_with_a_run_deletes_nothing(pool, copy):
    files = sorted(copy.rglob('*'))
    with pytest.raises(ValueError, match='another run'): train(pool, copy, loss=broken)
    assert sorted(copy.rglob('*')) == files


def test_a_run_that_was_killed_before_its_first_state_gives_way_to_another(pool, copy, tmp_path):
    (tmp_path/'killed').mkdir()
    for name in ('recipe.json', 'split.json'): shutil.copy(copy/name, tmp_path/'killed')
    assert train(pool, tmp_path/'killed', QUICK | dict(epochs=1, lr=1e-3)).provenance['recipe']['lr'] == 1e-3


# More epochs

PLATEAU = QUICK | dict(schedule='plateau')


def test_a_finished_run_goes_on_with_more_epochs(pool, tmp_path):
    train(pool, tmp_path/'short', PLATEAU | dict(epochs=2))
    longer, at_once = train(pool, tmp_path/'short', PLATEAU), train(pool, tmp_path/'long', PLATEAU)
    assert equal(longer, at_once)
    histories = [list(csv.DictReader(open(tmp_path/name/'history.csv'))) for name in ('short', 'long')]
    for row in (*histories[0], *histories[1]): del row['seconds']
    assert histories[0] == histories[1]
    assert longer.provenance['earlier_epochs'] == [2]


def test_a_cosine_follows_its_longer_curve_and_says_so(pool, copy, tmp_path):
    with pytest.warns(UserWarning, match='for 5 epochs the learning rate follows a longer curve'):
        train(pool, copy, QUICK | dict(epochs=5))
    train(pool, tmp_path/'at once', QUICK | dict(epochs=5))
    rates = [[row['lr'] for row in csv.DictReader(open(d/'history.csv'))] for d in (copy, tmp_path/'at once')]
    assert rates[0][3:] == rates[1][3:]
    assert rates[0][:3] != rates[1][:3]


def test_fewer_epochs_are_refused(pool, copy):
    with pytest.raises(ValueError, match='made with epochs=3, patience=10, not epochs=2, patience=10'):
        train(pool, copy, QUICK | dict(epochs=2))


def test_a_run_that_no_longer_improved_needs_more_patience(pool, tmp_path):
    stuck = PLATEAU | dict(epochs=9, lr=1e-9, min_lr=0., patience=2)
    train(pool, tmp_path/'run', stuck)
    done = len(list(csv.DictReader(open(tmp_path/'run/history.csv'))))
    assert done < 9
    with pytest.raises(ValueError, match='raise patience as well'): train(pool, tmp_path/'run', stuck | dict(epochs=12))
    train(pool, tmp_path/'run', stuck | dict(patience=3))
    assert len(list(csv.DictReader(open(tmp_path/'run/history.csv')))) == done+1


def test_a_state_outside_of_the_run_is_refused(pool, copy):
    state = json.loads((copy/'state.json').read_text())
    (copy/'state.json').write_text(json.dumps(state | dict(folder='../elsewhere')))
    with pytest.raises(ValueError, match='folder missing or of a wrong kind'): train(pool, copy)


# What the trained checkpoint says

def test_licence_author_and_names_are_yours_to_say(pool, finished, copy):
    said = finished[0]
    assert (said.licence, 'author' in said.provenance) == ('not stated', False)
    songs = json.loads((copy/'best/songs.json').read_text())
    assert not set(pool.ids) & set(songs['train'])
    assert set(overlap(pool.song_hashes(), songs['train']).values()) == {'file'}

    named = train(pool, copy, licence='CC0-1.0', author='A. Musician', song_names=True)
    assert (named.licence, named.provenance['author']) == ('CC0-1.0', 'A. Musician')
    assert set(named.songs['train']) | set(named.songs['valid']) == set(pool.ids)
    assert equal(named, said)


def test_a_folder_that_holds_something_else_is_refused(pool, tmp_path):
    (tmp_path/'mine.txt').write_text('keep me')
    with pytest.raises(ValueError, match='holds no run'): train(pool, tmp_path)
    assert (tmp_path/'mine.txt').read_text() == 'keep me'


def test_a_split_that_was_written_before_the_kill_is_no_obstacle(pool, finished, copy, tmp_path):
    (tmp_path/'begun').mkdir()
    shutil.copy(copy/'split.json', tmp_path/'begun')
    assert equal(train(pool, tmp_path/'begun'), finished[0])


@pytest.mark.parametrize('n', [1, 3, 4, 7])
def test_stopped_at_any_step_and_resumed(pool, finished, tmp_path, n):
    with pytest.raises(KeyboardInterrupt): train(pool, tmp_path/'run', save_every=1, callbacks=[StopAt(n)])
    assert equal(train(pool, tmp_path/'run', save_every=1), finished[0])
    rows = [list(csv.DictReader(open(d/'history.csv'))) for d in (tmp_path/'run', finished[1])]
    for row in (*rows[0], *rows[1]): del row['seconds']
    assert rows[0] == rows[1]


def test_a_run_that_mixes_the_windows_of_few_songs_resumes(pool, finished, tmp_path):
    few = QUICK | dict(mix_songs=8)
    whole = train(pool, tmp_path/'whole', few)
    with pytest.raises(KeyboardInterrupt):
        train(pool, tmp_path/'run', few, save_every=1, callbacks=[StopAt(3)])
    assert equal(train(pool, tmp_path/'run', few, save_every=1), whole)
    assert not equal(whole, finished[0])


def test_other_weights_come_of_other_seeds(pool, finished, tmp_path):
    assert not equal(train(pool, tmp_path/'run', QUICK | dict(seed=1, epochs=1)), finished[0])


def test_one_precision_after_the_other_in_one_process(pool, tmp_path):
    for precision in ('bf16', 'no'):
        run = train(pool, tmp_path/precision, QUICK | dict(epochs=1, mixed_precision=precision))
        assert run.provenance['recipe']['mixed_precision'] == precision


def test_validation_counts_the_frames_that_have_a_target(pool, tmp_path):
    half_sure = float(np.median(pool[pool.ids[0]].top_prob[:, 0]))
    run = train(pool, tmp_path/'run', QUICK | dict(epochs=1, min_confidence=half_sure))
    held = json.loads((tmp_path/'run/split.json').read_text())['valid']
    windows = Windows(pool, held, recipe('laptop', 'stage1', min_confidence=half_sure), run.mean, run.std, train=False)
    batch = windows.__getitems__(range(len(windows)))
    with torch.inference_mode(): logits = run.model(batch['x'], batch['mask'])
    expected = cross_entropy(logits, batch['y'], batch['mask'])
    history = list(csv.DictReader(open(tmp_path/'run/history.csv')))
    assert abs(float(history[-1]['valid_loss']) - expected.item()) < 1e-3


def test_a_tracker_that_is_not_installed_is_named(pool, tmp_path):
    "accelerate would go on without it"
    from accelerate.utils import is_comet_ml_available
    if is_comet_ml_available(): pytest.skip('comet is installed')
    with pytest.raises(ImportError, match='comet_ml'): train(pool, tmp_path/'run', log_with='comet_ml')


def test_a_compiled_network_resumes_and_is_saved_as_the_network_itself(pool, tmp_path, monkeypatch):
    "By the dynamo backend that traces and does not compile, with a running mean of the weights"
    from accelerate.state import AcceleratorState
    changes = QUICK | dict(ema=.9)
    plain = train(pool, tmp_path/'plain', changes)
    AcceleratorState._reset_state()  # it reads the backend when it is made
    torch._dynamo.utils.counters.clear()
    monkeypatch.setenv('ACCELERATE_DYNAMO_BACKEND', 'EAGER')
    try:
        with pytest.raises(KeyboardInterrupt):
            train(pool, tmp_path/'traced', changes, save_every=1, callbacks=[StopAt(3)])
        train(pool, tmp_path/'traced', changes, save_every=1)
        assert torch._dynamo.utils.counters['stats']['unique_graphs']
    finally: AcceleratorState._reset_state()
    traced = load_checkpoint(tmp_path/'traced')
    for a, b in zip(plain.model.state_dict().values(), traced.model.state_dict().values(), strict=True):
        assert (a - b).abs().max() < 1e-5
