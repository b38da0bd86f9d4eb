"""Songs at addresses such as s3://bucket/music, read through fsspec

We list an address once, and bring the label files here. A recording is here only while somebody works on it, so
the disk that this needs is one recording for each process.
"""
import atexit, os, shutil, tempfile
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from pathlib import Path, PurePosixPath
from .songs import AUDIO_EXTENSIONS, find_songs

WHOLE = {'s3', 's3a', 'gs', 'gcs', 'az', 'abfs', 'hf'}  # protocols that show a file only when it is complete
LABELS = '.lab', '.jams'


def is_address(
    path, # of a folder, or its address
)->bool:
    "Tell an address from a path"
    return '://' in str(path)


def remote_songs(
    address:str, # of a folder: s3://bucket/music, gs://…, hf://…, http://…, file://…
    labelled:bool|None=None, # False: ignore labels
    *how, # as for `find_songs`
)->list: # of `Song`, whose `remote` is the address of their recording
    "Find the songs at an address"
    mirror = Path(tempfile.mkdtemp(prefix='chordkd-'))
    atexit.register(shutil.rmtree, mirror, ignore_errors=True)
    with named(address):
        fs, root = open_address(address)
        files = {PurePosixPath(path).relative_to(root): (path, info)
                 for path, info in fs.find(root, detail=True).items()}
        if not files: raise FileNotFoundError('no files there')
        for name, (path, info) in files.items():
            _check_name(name)
            if name.suffix.lower() in AUDIO_EXTENSIONS: _stand_in(mirror/name, info)
        gone = _bring_labels(fs, files, mirror, labelled)
    try: songs = find_songs(mirror, labelled, *how)
    except (ValueError, OSError) as error: raise _about(error, mirror, address) from None
    for label_file in gone: label_file.unlink()
    for song in songs:
        path, _ = files[PurePosixPath(song.path.relative_to(mirror).as_posix())]
        song.remote, song.mirror = fs.unstrip_protocol(path), (str(mirror), address)
    return songs


def failure(
    song, # a `Song`
    error, # what went wrong with it
)->str: # one line
    "Describe an error; files of an address are named by their address"
    text = f'{type(error).__name__}: {str(error).replace(*song.mirror)}'
    return text.encode(errors='backslashreplace').decode()  # the name of a file may not be UTF-8


@contextmanager
def fetched(
    song, # a `Song`
): # the song, with a file on this machine
    "Bring the recording of a song here, for as long as it is needed"
    if not song.remote:
        yield song
        return
    here = copy(song)
    with fetched_file(song.remote) as here.path: yield here


@contextmanager
def fetched_file(
    address:str, # of a file
): # its path on this machine
    "Bring a file here, for as long as it is needed"
    with _temporary_folder() as folder:
        here = folder/PurePosixPath(address).name
        with named(address):
            fs, path = open_address(address)
            _bring(fs, path, here)
        try: yield here
        except (ValueError, OSError) as error: raise _about(error, here, address) from None


@contextmanager
def sent_file(
    address:str, # where the file is to be
): # a path on this machine, to write to
    "Write a file at an address, so that it is there in full or not at all"
    with _temporary_folder() as folder:
        here = folder/PurePosixPath(address).name
        yield here
        with named(address):
            fs, path = open_address(address)
            _send(fs, here, path)
            arrived, size = fs.info(path)['size'], here.stat().st_size
            if arrived != size: raise OSError(f'{arrived} of {size} bytes arrived')


def open_address(
    address:str, # of a file or folder
)->tuple: # the file system, the path in it
    "Find the file system of an address; what it remembers of its folders is forgotten"
    from fsspec.core import url_to_fs
    fs, path = url_to_fs(address)
    fs.invalidate_cache()
    return fs, path


@contextmanager
def named(
    address:str, # of a file or folder
):
    "Let errors of any file system name the address"
    try: yield
    except ImportError as error: raise ImportError(f'{address}: {error}') from None
    except Exception as error:
        why = str(error) or type(error).__name__
        raise OSError(f'{address}: {why}') from None


def _about(error, path, address):
    "The same error about an address instead of a file on this machine"
    return type(error)(str(error).replace(str(path), address))


def _check_name(name):
    if '..' in name.parts: raise ValueError(f'{name}: leads out of the folder')


def _bring(fs, path, to):
    "Copy a file here"
    to.parent.mkdir(parents=True, exist_ok=True)
    fs.get_file(path, str(to))


def _send(fs, here, path):
    "Put a file where it is to be; where readers could see half of it, under a hidden name first"
    protocols = {fs.protocol} if isinstance(fs.protocol, str) else {*fs.protocol}
    if protocols & WHOLE: return fs.put_file(str(here), path)
    folder, _, name = path.rpartition('/')
    part = f'{folder}/.{name}-{os.urandom(4).hex()}.part'
    fs.makedirs(folder, exist_ok=True)
    fs.put_file(str(here), part)
    fs.mv(part, path)


@contextmanager
def _temporary_folder():
    with tempfile.TemporaryDirectory(prefix='chordkd-', ignore_cleanup_errors=True) as folder: yield Path(folder)


def _bring_labels(fs, files, mirror, labelled):
    "Bring the files that `find_songs` reads; an empty file for each label file that has vanished since the listing"
    gone = []
    for name, (path, _) in files.items():
        ending = name.suffix.lower()
        may_be_label = ending in (*LABELS, '.csv') and labelled is not False
        if not may_be_label and str(name) != 'groups.json': continue
        try: _bring(fs, path, mirror/name)
        except FileNotFoundError:
            if ending not in LABELS: raise
            (mirror/name).write_bytes(b'')
            gone.append(mirror/name)
    return gone


def _stand_in(path, info):
    "An empty file in place of a recording, as old as that; of 1970 if nobody knows, so that nothing is read again"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    seconds = modified(info) or 0
    os.utime(path, (seconds, seconds))


def modified(
    info:dict, # what a file system says of a file
)->float|None: # s since 1970; None: it does not say
    "Find out when a file was written"
    changed = info.get('LastModified') or info.get('mtime') or info.get('created')
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed
    return seconds if isinstance(seconds, (int, float)) else None
