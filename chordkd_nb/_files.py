"Files that are written whole or not at all, read strictly, and locked while one process works on them"
import hashlib, json, math, os, re, socket, tempfile, time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

DEATH_TIMEOUT = 5.  # s; a worker process whose parent was killed ends within one


def _part_name(path):
    "A hidden name beside `path` that tells which process of which machine writes there"
    return path.with_name(f'.{socket.gethostname()}-{os.getpid()}-{os.urandom(4).hex()}.part')


def _writer(part):
    "The process of this machine that writes `part`, or None if another machine or this process does"
    found = re.fullmatch(rf'\.{re.escape(socket.gethostname())}-(\d+)-[0-9a-f]{{8}}\.part', part.name)
    return int(found[1]) if found and int(found[1]) != os.getpid() else None


@contextmanager
def atomic_write(
    path, # where the file is to be
): # a path beside it, to write to
    "Write a file so that it is there in full or not at all"
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():  # a pipe or a terminal
        yield path
        return
    part = _part_name(path)
    try:
        yield part
        with open(part, 'rb+') as f: os.fsync(f.fileno())
        os.replace(part, path)
    except OSError as e:
        ours = e.errno and e.filename in (None, str(part))
        if ours: raise OSError(e.errno, e.strerror, str(path)) from None  # the name that the user knows
        raise
    finally: part.unlink(missing_ok=True)


def require_writable(
    path, # of a file or folder that will be written; what is missing of its folders will be made
    folder:bool=False, # is it a folder?
):
    "Fail before long work if its result could not be written"
    path = Path(path)
    if path.exists() and not path.is_dir() and not path.is_file(): return  # a pipe or a terminal
    if path.is_file() and folder: raise ValueError(f'{path}: this is a file. Give a folder.')
    if path.is_dir() and not folder: raise ValueError(f'{path}: this is a folder. Give a file.')
    nearest = next(p for p in ([path] if folder else []) + [*path.absolute().parents] if p.exists())
    if not nearest.is_dir(): raise ValueError(f'{path}: {nearest} is a file, not a folder.')
    try: tempfile.TemporaryFile(dir=nearest).close()
    except OSError as e: raise type(e)(f'{path}: cannot be written: {e.strerror}.') from None


@contextmanager
def without_leftovers(
    *folders, # where the block writes; they need not exist
):
    "Work in folders; before and after, delete the unfinished files of processes that have died"
    _delete_leftovers(folders, timeout=0.)
    try: yield
    finally: _delete_leftovers(folders, timeout=DEATH_TIMEOUT)


def _delete_leftovers(folders, timeout):
    "Delete the `.part` files of dead processes; wait up to `timeout` seconds for those that are dying"
    if os.name != 'posix': return
    parts = [p for folder in folders for p in Path(folder).glob('.*.part')]
    until = time.monotonic()+timeout
    for part in parts:
        if writer := _writer(part): _delete_when_dead(part, writer, until)


def _delete_when_dead(part, writer, until):
    while part.exists():
        try: os.kill(writer, 0)
        except ProcessLookupError:
            part.unlink(missing_ok=True)
            return
        except (OSError, OverflowError): return  # alive, and another user's
        if time.monotonic() >= until: return
        time.sleep(.02)


@contextmanager
def folder_lock(
    out, # a folder, made if it does not exist
):
    "Let one process at a time write to the folder `out`"
    from filelock import FileLock, Timeout
    Path(out).mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(Path(out)/'.lock'))
    try: lock.acquire(timeout=0)
    except Timeout:
        raise RuntimeError(f'{out}: another process is writing to this folder. '
                           'Wait for it, or choose another folder.') from None
    try:
        with without_leftovers(out): yield
    finally: lock.release()


def text_file(
    path, # a file, which need not exist
    most:int=64, # MB
)->Path:
    "Refuse what is no file, and what is too large to be text that we read into memory"
    path = Path(path)
    if path.exists() and not path.is_file(): raise ValueError(f'{path}: not a file.')
    megabytes = path.stat().st_size >> 20 if path.exists() else 0
    if megabytes >= most: raise ValueError(f'{path}: {megabytes} MB; text files up to {most} MB are read.')
    return path


def read_text(
    path, # a text file
    most:int=64, # MB
)->str: # its content
    "Read text in UTF-8, with or without a byte-order mark"
    try: return text_file(path, most).read_text(encoding='utf-8-sig')
    except UnicodeDecodeError: raise ValueError(f'{path}: not a text file in UTF-8.') from None


def file_sha256(
    path, # any file
)->str: # 64 hexadecimal digits
    "Hash the bytes of a file"
    h = hashlib.sha256()
    with open(path, 'rb') as f:
        while block := f.read(2**20): h.update(block)
    return h.hexdigest()


def repeated(items):
    "List what is there more than once, in order"
    return [item for item, n in Counter(items).items() if n > 1]


def read_json(
    path, # a file, perhaps from a stranger
    limit:int=2**28, # bytes; a larger file is refused
    finite:bool=True, # refuse NaN and infinite numbers?
)->dict: # what it holds
    "Read the object in a JSON file strictly: UTF-8, no larger than `limit`, no key twice"
    path = Path(path)
    size = path.stat().st_size if path.is_file() else 0
    if size > limit: raise ValueError(f'{path}: {size} bytes; at most {limit} are read.')

    def number(text):
        if finite and not math.isfinite(float(text)): raise ValueError(f'{text} is no finite number')
        return float(text)

    def unique(pairs):
        if twice := repeated(key for key,_ in pairs): raise ValueError(f'the key {twice[0][:50]!r} is there twice')
        return dict(pairs)

    text = read_text(path, (limit >> 20) + 1)  # we know its size
    try: found = json.loads(text, parse_constant=number, parse_float=number, object_pairs_hook=unique)
    except (ValueError, RecursionError) as e: raise ValueError(f'{path}: not valid JSON ({e}).') from None
    if not isinstance(found, dict): raise ValueError(f'{path}: must hold a JSON object, not {text.strip()[:40]}.')
    return found


def write_json(
    obj, # anything that JSON can hold
    path, # where to write it
)->None:
    "Write a JSON file, in full or not at all"
    with atomic_write(path) as part:
        part.write_bytes(json.dumps(obj, indent=1, ensure_ascii=False).encode())
