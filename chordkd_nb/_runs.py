"The folder of a training run: which run it holds, how far that has come, and the state from which it resumes"
import csv, hashlib, json, os, re, shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from reprlib import repr as brief
import numpy as np, torch
from chordkd_nb._files import atomic_write, read_json, require_writable, write_json
from chordkd_nb._optional import require
from chordkd_nb.checkpoints import Checkpoint
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb._pickles import check_state
from chordkd_nb._processes import cpu_count
from chordkd_nb.splits import hide_names, join_song_hashes


@dataclass
class RunState:
    "How far a run has come"
    epoch:int = 0 # that is being trained, or comes next
    step:int = 0 # batches of this epoch that are done
    best:float = -1. # best validation accuracy so far
    stale:int = 0 # epochs since the last improvement
    loss_sum:float = 0. # of this epoch's batches
    loss_n:int = 0 # number of these
    history:list = field(default_factory=list) # one row an epoch

    def next_epoch(self):
        "Count a finished epoch"
        self.epoch += 1
        self.step, self.loss_sum, self.loss_n = 0, 0., 0


def trained_on(
    checkpoint:Checkpoint, # any
)->dict: # id → sha256 and group, see `Store.song_hashes`
    "List the songs whose targets a checkpoint has learned from, in any stage"
    return join_song_hashes(*(songs for part, songs in checkpoint.songs.items() if part not in ('teacher', 'valid')))


def songs_of_run(
    checkpoint:Checkpoint, # from which the run starts
    train, # `Windows` or `Replay`
    valid, # `Windows`
    names:bool=False, # keep names of songs? otherwise their hashes
)->dict: # part → id → sha256 and group
    "List the songs that a run learns from, now and before, those that choose its epochs, and those of its teachers"
    sets = train.parts | dict(valid=valid)
    sets = {part: sets[part] for part in ('train', 'valid', 'replay') if part in sets}
    songs = {part: windows.store.song_hashes(windows.ids) for part, windows in sets.items()}
    songs['valid'] = join_song_hashes(songs['valid'], checkpoint.songs.get('valid', {}))
    before = trained_on(checkpoint)
    teachers = [windows.store.teacher_songs for windows in sets.values() if windows.imitates]
    teacher = join_song_hashes(checkpoint.songs.get('teacher', {}), *teachers)
    songs |= {part: known for part, known in dict(before=before, teacher=teacher).items() if known}
    return songs if names else {part: hide_names(known) for part, known in songs.items()}


def describe_run(
    checkpoint:Checkpoint, # from which the run starts
    train, # `Windows` or `Replay`
    valid, # `Windows`
    recipe, # all settings
    loss:str|None, # name of the caller's own loss
)->dict: # the content of `recipe.json`
    "Describe everything that makes a run another run, targets and starting weights by a hash"
    hashed = hashlib.sha256()
    for windows in (*train.parts.values(), valid):
        for y in (*windows.y, *windows.basses): hashed.update(y.astype(np.int16).tobytes())
    teachers = [windows.store.manifest.get('teacher') for windows in train.parts.values() if windows.imitates]
    return dict(recipe=asdict(recipe), arch=checkpoint.arch, sizes=checkpoint.model.config, mean=checkpoint.mean,
                std=checkpoint.std, songs=len(train.ids), windows=len(train), targets=hashed.hexdigest(),
                teachers=teachers, student=checkpoint.provenance.get('student'), **(dict(loss=loss) if loss else {}))


def loss_name(
    loss, # the loss function of a run
    default, # the one that needs no name
)->str|None:
    "Name a caller's own loss"
    if loss is default: return None
    return getattr(loss, '__qualname__', type(loss).__qualname__)


def check_before_training(
    out, # folder of the run
):
    "Fail before a large store is read, if the run could not be written, or not be trained"
    require_writable(out, folder=True)
    require('accelerate')


def new_accelerator(
    recipe, # its `mixed_precision`
    log_with, # accelerate's trackers, or None
    folder:Path, # of the run, for the files of trackers
): # accelerate's `Accelerator`
    "Make an accelerator for the precision of a recipe"
    from accelerate import Accelerator
    precision = recipe.mixed_precision
    _forget_other_precision(precision)
    if not log_with: return Accelerator(mixed_precision=precision)
    accelerator = Accelerator(mixed_precision=precision, log_with=log_with, project_dir=str(folder))
    if not accelerator.log_with: raise ImportError(f'log_with={log_with!r}: this tracker is not installed.')
    return accelerator


def _forget_other_precision(precision):
    "Reset accelerate if an earlier run in this process used another precision"
    from accelerate.state import AcceleratorState
    if not AcceleratorState._shared_state: return  # there was no earlier run
    earlier = AcceleratorState()
    if earlier.mixed_precision == precision: return
    if earlier.num_processes > 1:
        raise ValueError(f'These processes train in {earlier.mixed_precision}: launch new ones')
    AcceleratorState._reset_state()


def batch_size_per_process(
    batch_size:int, # over all processes
    accelerator, # accelerate's
)->int:
    "Divide a batch size over the processes"
    share, rest = divmod(batch_size, accelerator.num_processes)
    if rest: raise ValueError(f'batch_size={batch_size} cannot be divided over the processes.')
    return share


def workers_for(
    accelerator, # accelerate's
)->int:
    "Choose how many processes prepare batches: none on a CPU, up to eight so that a GPU need not wait"
    if accelerator.device.type == 'cpu': return 0
    return min(8, max(0, cpu_count()//accelerator.num_processes - 1))


@contextmanager
def named_disk_errors(
    folder, # being written; deleted if that fails
):
    "Turn the errors of safetensors and torch on a full disk into an `OSError` that names the folder"
    try: yield
    except Exception as e:
        shutil.rmtree(folder, ignore_errors=True)  # its remains take up room
        if isinstance(e, (OSError, ValueError)): raise
        first_line = str(e).split('\n')[0]
        why = f'{type(e).__name__}: {first_line[:200]}'
        raise OSError(f'{folder}: could not be written ({why}); is the disk full?') from e


def remove_leftovers(
    out:Path, # folder of a run
    keep:str|None, # name of the state to keep
):
    "Finish or delete the remains of a process that was killed in `out`"
    for old in out.glob('.best.*.old'):  # killed between the two renames that replace `best`
        if not (out/'best').exists(): os.rename(old, out/'best')
    states = [state for state in out.glob('state-*') if state.name != keep]
    for folder in [*out.glob('.best.*'), *states]: shutil.rmtree(folder, ignore_errors=True)


OURS = {'split.json', 'recipe.json', '.lock'}  # what a run writes before its first state
LIMITS = 'epochs', 'patience'  # settings that only say how long a run may take, and may be raised
MEANING = dict(targets='the hash of the targets', student="the hash of the student's weights",
               mean='the mean of the features', std='the deviation of the features', teachers='the teacher')


def open_run(
    out:Path, # folder of the run
    split:dict, # 'train' and 'valid' → sorted ids
    description:dict, # everything else that makes it this run; JSON-able
    accelerator, # accelerate's
)->tuple: # the content of `state.json` or None; the numbers of epochs that the run was planned for before
    "Begin a run, or make sure that the run in a folder is this one, perhaps with more epochs"
    split, description = json.loads(json.dumps([split, description]))
    if accelerator.is_main_process: _begin(out, split, description)
    accelerator.wait_for_everyone()
    _check_shared(out, split, description, accelerator)
    return _found(out), read_json(out/'recipe.json').get('earlier_epochs', [])


def _found(out): return read_state(out/'state.json') if (out/'state.json').exists() else None


def _begin(out, split, description):
    "Check what is in the folder of a run, and write what the run is"
    found, earlier = _found(out), []
    if found or (out/'best').exists(): earlier = _check_same(out, split, description, found)
    elif not (out/'recipe.json').exists() and not set(os.listdir(out)) <= OURS:
        raise ValueError(f'{out}: the folder is not empty and holds no run. Choose a new one.')
    write_json(split, out/'split.json')
    write_json(description | (dict(earlier_epochs=earlier) if earlier else {}), out/'recipe.json')
    remove_leftovers(out, found['folder'] if found else None)


def _check_shared(out, split, description, accelerator):
    "Raise in all processes if one does not see what the main process has written, or has other songs"
    n = accelerator.num_processes
    if n == 1: return
    sees = (out/'recipe.json').exists()
    same = sees and (split, description) == (read_json(out/'split.json'), _description_in(out))
    answers = torch.tensor([sees, same], dtype=torch.int64, device=accelerator.device)
    n_see, n_same = accelerator.reduce(answers).tolist()
    if n_see < n: raise ValueError(
        f'{out}: {n - n_see} of {n} processes do not see this folder. Several machines need a disk that all of them'
        ' share for the run. The stores may be there, too, or a copy on each machine.')
    if n_same < n: raise ValueError(
        f'{out}: {n - n_same} of {n} processes have another recipe or other songs than the main process. '
        'Copy the stores to their machines again.')


def _description_in(out):
    "What a run is, by its folder"
    return {key: value for key, value in read_json(out/'recipe.json').items() if key != 'earlier_epochs'}


def _check_same(out, split, description, found):
    "Raise unless the run in `out` has this split and description, or fewer epochs; list the epochs planned before"
    there = read_json(out/'recipe.json')
    earlier = there.pop('earlier_epochs', [])
    differs = [*_moved_songs(out, split), *_differences(there, description, LIMITS)]
    if differs:
        raise ValueError(f'{out} holds another run: {"; ".join(differs[:5])}. Choose a new folder or delete it.')
    before, now = ([d['recipe'][name] for name in LIMITS] for d in (there, description))
    if before == now: return earlier
    if any(a > b for a, b in zip(before, now)):
        old, new = (', '.join(f'{name}={n}' for name, n in zip(LIMITS, values)) for values in (before, now))
        raise ValueError(f'{out}: this run was made with {old}, not {new}. Both can only be raised.')
    _check_extensible(out, found, *now)
    return [*earlier, before[0]] if before[0] != now[0] else earlier


def _check_extensible(out, found, epochs, patience):
    "Raise if a run with these limits would not go on"
    if not found or not found['finished']: return
    if found['stale'] >= patience:
        raise ValueError(f"{out}: the run ended after epoch {found['epoch']}, since {found['stale']} epochs brought no"
                         ' improvement. To go on, raise patience as well as epochs.')


def _differences(there, now, apart=(), inside=''):
    "Yield in words which values of two nested dictionaries differ"
    for key in sorted(there.keys() | now.keys()):
        a, b = there.get(key), now.get(key)
        if a == b or key in apart and inside == 'recipe: ': continue
        if isinstance(a, dict) and isinstance(b, dict): yield from _differences(a, b, apart, f'{key}: ')
        else: yield f'{inside}{MEANING.get(key, key)} is {_short(a)} there and {_short(b)} here'


def _short(value): return f'{value:.6g}' if isinstance(value, float) else brief(value)


def _moved_songs(out, split):
    "Say in words if the split in `out` is another one"
    sides = read_json(out/'split.json') if (out/'split.json').exists() else split
    moved = sorted({song for side in split for song in set(sides.get(side, [])) ^ set(split[side])})
    return [f'{len(moved)} songs are on other sides of its split, e.g. {moved[:3]}'] if moved else []


@contextmanager
def without_false_start(
    out:Path, # folder of a run, locked
    begun, # function: has the run made a step?
):
    "If the block raises before the first step of a new run, delete what it has written"
    before = set(os.listdir(out)) - {'.lock'}
    try: yield
    except BaseException:
        if not before and not begun(): _empty(out)
        raise


def _empty(folder):
    "Delete a folder, or as much of it as is possible while it is locked"
    for path in folder.iterdir():
        with suppress(OSError): shutil.rmtree(path) if path.is_dir() else path.unlink()
    with suppress(OSError): folder.rmdir()


def write_history(
    rows:list, # one dictionary an epoch
    path, # a `.csv` file
)->None:
    "Write the epochs of a run as a table"
    with atomic_write(path) as part, open(part, 'w', newline='', encoding='utf-8') as f:
        table = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
        table.writeheader()
        table.writerows(rows)


def read_state(
    path:Path, # `state.json`
)->dict: # the fields of `RunState`, 'finished' and 'folder'
    "Read and check how far a run has come"
    found = read_json(path, finite=False)
    kinds:dict = {f.name: (int, float) if f.type is float else f.type for f in fields(RunState)} | dict(finished=bool)
    odd = [k for k, kind in kinds.items() if not isinstance(found.get(k), kind)]
    if not odd: odd = [k for k in ('epoch', 'step', 'stale', 'loss_n') if found[k] < 0]
    if not odd and not all(isinstance(row, dict) for row in found['history']): odd = ['history']
    named = re.fullmatch(r'state-\d{4,}-\d{6,}', str(found.get('folder')))
    if not odd and not named: odd = ['folder']
    if odd: raise CheckpointError(f"{path}: not the state of a run ({', '.join(odd)} missing or of a wrong kind).")
    return found


def restored(
    found:dict, # of `read_state`
)->RunState:
    "Take up the counts of a saved state"
    return RunState(**{f.name: found[f.name] for f in fields(RunState)})


def save_state(
    accelerator, # accelerate's
    out:Path, # folder of the run
    state:RunState, # how far it has come
    others:list, # what accelerate does not save: schedules, running mean
    finished:bool=False, # is this the state that was saved last? it stays, so that epochs can be raised
):
    "Write the state under a new name, then let `state.json` point to it: a kill leaves one of the two"
    accelerator.wait_for_everyone()
    name = f'state-{state.epoch:04d}-{state.step:06d}'
    if not finished: _write_state(accelerator, out/name, others)
    if accelerator.is_main_process:
        write_json(dict(folder=name, finished=finished, **asdict(state)), out/'state.json')
        remove_leftovers(out, name)
    accelerator.wait_for_everyone()


def _write_state(accelerator, folder, others):
    if accelerator.is_main_process: shutil.rmtree(folder, ignore_errors=True)
    accelerator.wait_for_everyone()
    with named_disk_errors(folder):
        accelerator.save_state(str(folder))
        # accelerate would unpickle registered objects without restrictions, so we save and load them ourselves
        if accelerator.is_main_process: torch.save([other.state_dict() for other in others], folder/'others.pt')
    accelerator.wait_for_everyone()


def load_state(
    accelerator, # accelerate's, with network, optimiser and loaders prepared
    folder:Path, # the saved state
    others:list, # as in `save_state`
)->None:
    "Load a saved state; nothing in its files is executed"
    try:
        check_state(folder)
        with torch.serialization.safe_globals(_NUMPY_RANDOM_STATE):
            # accelerate would resume without random states that it cannot read, so we read them first
            torch.load(folder/f'random_states_{accelerator.process_index}.pkl', map_location='cpu', weights_only=True)
            accelerator.load_state(str(folder))
        saved = torch.load(folder/'others.pt', map_location='cpu', weights_only=True)
        for other, content in zip(others, saved, strict=True): other.load_state_dict(content)
    except CheckpointError: raise
    except Exception as e:
        why = f"{type(e).__name__}: {' '.join(str(e).split())[:200]}"
        raise CheckpointError(f'{folder}: damaged, incomplete or of another run ({why}); nothing in it was executed.'
                              f' To begin anew, delete {folder.parent}.') from None


_reconstruct = np.zeros(1).__reduce__()[0]
_NUMPY_RANDOM_STATE:list = [np.ndarray, np.dtype, type(np.dtype('uint32')),
                            *((_reconstruct, f'numpy.{core}.multiarray._reconstruct') for core in ('core', '_core'))]
