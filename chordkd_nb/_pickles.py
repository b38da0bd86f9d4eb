"""Read PyTorch's pickle files without running them

A pickle is a program. PyTorch can follow it with a list of permitted names (`weights_only=True`): nothing else runs.
That list still lets a file of a few kilobytes ask for terabytes (`bytearray(10**12)`), or for years of hashing (a
dictionary key that is a pair of pairs of pairs, forty deep). So we read each instruction before PyTorch follows it."""
import io, pickle, pickletools, re, struct, zipfile
from pathlib import Path
from reprlib import repr as brief
from typing import Any
import torch
from chordkd_nb.checkpoint_files import CheckpointError

MAX_WORK = 2**20  # objects in a pickle, counted each time they are visited; with a trainer's optimiser there are 40 000
MAX_ENTRIES = 20_000  # of a zip archive
PICKLES = 5  # in a `torch.save` file before the zip format, one after another

PERMITTED = re.compile('|'.join([  # names that published files ask for
    r'torch\._utils _rebuild_(tensor_v2|parameter)', r'torch (\w+Storage|Size|device|b?float\d+|int\d+)',
    r'numpy\._?core\.multiarray scalar', r'numpy dtype', r'collections OrderedDict', r'_codecs encode']))

NO_OBJECT = {'PROTO', 'STOP', 'BINPERSID'}
ONE_OBJECT = {'GLOBAL', 'NONE', 'NEWTRUE', 'NEWFALSE', 'EMPTY_TUPLE', 'EMPTY_LIST', 'EMPTY_DICT', 'EMPTY_SET',
              'BININT', 'BININT1', 'BININT2', 'BINFLOAT'}


def _refusal(path, why):
    "The error for a file that we do not read"
    return CheckpointError(f'{path}: {why}. Nothing in it was executed')


class _Costs:
    "Follow a pickle without making its objects; of each we keep its cost, the number of objects to visit in it"
    def __init__(self): self.stack, self.outer, self.memo = [], [], {}

    def step(self, op, arg):
        "Follow one instruction and return the cost of the object on top"
        stack = self.stack
        match op:
            case 'MARK':
                self.outer.append(stack)
                self.stack = []
            case 'TUPLE': self.stack = [*self.outer.pop(), 1 + sum(stack)]
            case 'TUPLE1' | 'TUPLE2' | 'TUPLE3':
                n = int(op[-1])
                stack[-n:] = [1 + sum(stack[-n:])]
            case 'APPENDS' | 'SETITEMS': self.stack = self.outer.pop()
            case 'APPEND' | 'BUILD': stack.pop()
            case 'SETITEM': del stack[-2:]
            case 'REDUCE' | 'NEWOBJ':
                stack.pop()
                stack[-1] = 1
            case 'BINPUT' | 'LONG_BINPUT': self.memo[arg] = stack[-1]
            case 'BINGET' | 'LONG_BINGET': stack.append(self.memo[arg])
            case 'BINUNICODE' | 'SHORT_BINSTRING': stack.append(1 + len(arg)//64)
            case 'LONG1': stack.append(100)
            case _ if op in ONE_OBJECT: stack.append(1)
            case _ if op not in NO_OBJECT: raise pickle.UnpicklingError(f'PyTorch does not write the instruction {op}')
        return self.stack[-1] if self.stack else 1


def _follow(f, permitted, work):
    "Follow one pickle to its end; return `work` and the cost of each of its instructions"
    costs = _Costs()
    op:Any
    arg:Any
    for op,arg,_ in pickletools.genops(f):
        if op.name == 'GLOBAL' and permitted and not permitted.fullmatch(arg):
            raise pickle.UnpicklingError(f'{arg.replace(" ", ".")[:100]} is not on the list of permitted things')
        work += costs.step(op.name, arg)
        if work > MAX_WORK: raise pickle.UnpicklingError(f'it makes or visits more than {MAX_WORK} objects')
    return work


def check_pickles(
    data:bytes, # a pickle, or several, one after another
    path, # named in errors
    permitted=None, # compiled pattern of permitted 'module name' pairs; None: all
    pickles:int=1, # how many to look at, at most
)->None:
    "Refuse pickles that ask for what is not permitted, or that make more than `MAX_WORK` objects; make nothing"
    f, work = io.BytesIO(data), 0
    for _ in range(pickles):
        try: work = _follow(f, permitted, work)
        except pickle.UnpicklingError as e: raise _refusal(path, f'refused, because {e}') from None
        if f.tell() == len(data): break


def _copy_archive(data, path):
    "Copy a zip archive entry by entry and check its pickles, so that PyTorch gets exactly what we have looked at"
    if data.count(b'PK\1\2') > MAX_ENTRIES: raise _refusal(path, 'an archive of too many entries')
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as theirs, zipfile.ZipFile(out, 'w') as ours:
        if why := _odd_archive(theirs, len(data)): raise _refusal(path, why)
        for entry in theirs.infolist():
            content = theirs.read(entry)
            if entry.filename.endswith('.pkl'): check_pickles(content, path, PERMITTED)
            ours.writestr(entry.filename, content)
    return out.getvalue()


def _odd_archive(archive, n_bytes):
    "Say how an archive differs from those that PyTorch writes, or None"
    entries = archive.infolist()
    compressed = any(e.compress_type for e in entries) or sum(e.file_size for e in entries) > n_bytes
    if compressed: return 'a compressed archive; PyTorch writes none'
    if len({e.filename for e in entries}) < len(entries): return 'two entries of the archive have one name'


class _Float64:
    "Take the place of NumPy's dtype: float64 and nothing else"
    def __init__(self, name, *_):
        if name != 'f8': raise pickle.UnpicklingError(f'got dtype {brief(name)}')
    def __setstate__(self, state): self.order = '>' if state[1] == '>' else '<'


def _scalar(dtype, data):
    "Take the place of NumPy's scalar, under the names from before and after NumPy 2"
    return struct.unpack(dtype.order + 'd', data)[0]

ALLOWED = [(_Float64, 'numpy.dtype'), (_scalar, 'numpy.core.multiarray.scalar'),
           (_scalar, 'numpy._core.multiarray.scalar')]


def read_pickle(
    data:bytes, # content of a `torch.save` file, old or new format
    path, # named in errors
)->Any: # tensors, plain containers, numbers and text
    "Read the object in a `torch.save` file if it consists of permitted things only"
    try:
        if data[:2] == b'PK': data = _copy_archive(data, path)
        else: check_pickles(data, path, PERMITTED, PICKLES)
        with torch.serialization.safe_globals(ALLOWED):
            return torch.load(io.BytesIO(data), map_location='cpu', weights_only=True)
    except CheckpointError: raise
    except pickle.UnpicklingError as e:
        message = str(e).rpartition('WeightsUnpickler error: ')[2].strip()
        first, _, _ = message.partition('\n')  # the other lines tell how to load it unsafely
        why = f'refused ({first[:200]})'
    except Exception as e: why = f'damaged, cut off or not a PyTorch file ({type(e).__name__}: {str(e)[:200]})'
    raise _refusal(path, why)


def _check_state_file(path):
    "Check the pickles of one file of a training state; None, or what is wrong"
    if path.is_symlink() or not path.is_file(): return 'not a file'
    if path.suffix not in ('.pkl', '.bin', '.pt'): return None
    if not zipfile.is_zipfile(path): return 'damaged or cut off'
    with zipfile.ZipFile(path) as z:
        if any(entry.compress_type for entry in z.infolist()): return 'a compressed archive; PyTorch writes none'
        for name in z.namelist():
            if name.endswith('.pkl'): check_pickles(z.read(name), path)


def check_state(
    folder, # of `.pkl`, `.bin` and `.pt` files
)->None:
    "Refuse a training state with links, or with pickles that ask for far more than they hold"
    folder = Path(folder)
    if not folder.is_dir() or folder.is_symlink(): raise CheckpointError(f'{folder}: no such folder')
    for path in sorted(folder.iterdir()):
        try: why = _check_state_file(path)
        except CheckpointError: raise
        except (zipfile.BadZipFile, LookupError, ValueError) as e: why = f'damaged or cut off ({e})'
        if why: raise CheckpointError(f'{path}: {why}')
