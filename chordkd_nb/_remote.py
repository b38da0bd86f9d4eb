"""Songs at addresses such as s3://bucket/music, read through fsspec

We list an address once, and bring the label files here. A recording is here only while somebody works on it, so
the disk that this needs is one recording for each process.
"""
import atexit, os, shutil, tempfile
from contextlib import contextmanager
from copy import copy
from pathlib import Path, PurePosixPath
from .songs import AUDIO_EXTENSIONS, find_songs

SMALL = '.lab', '.jams', '.csv', '.json'  # endings of what `find_songs` reads


def is_address(
    path, # of a folder, or its address
)->bool:
    "Tell an address from a path"
    return '://' in str(path)


def remote_songs(
    address:str, # of a folder: s3://bucket/music, gs://…, hf://…, http://…, file://…
    *how, # as for `find_songs`
)->list: # of `Song`, whose `remote` is the address of their recording
    "Find the songs at an address"
    mirror = Path(tempfile.mkdtemp(prefix='chordkd-'))
    atexit.register(shutil.rmtree, mirror, ignore_errors=True)
    with _told(address):
        fs, root = _open(address)
        files = {PurePosixPath(path).relative_to(root): (path, info)
                 for path, info in fs.find(root, detail=True).items()}
        if not files: raise FileNotFoundError('no files there')
        for name, (path, info) in files.items():
            _check_name(name)
            if name.suffix.lower() in SMALL: _bring(fs, path, mirror/name)
            elif name.suffix.lower() in AUDIO_EXTENSIONS: _stand_in(mirror/name, info)
    try: songs = find_songs(mirror, *how)
    except (ValueError, OSError) as error: raise _about(error, mirror, address) from None
    for song in songs:
        path, _ = files[PurePosixPath(song.path.relative_to(mirror).as_posix())]
        song.remote = fs.unstrip_protocol(path)
    return songs


@contextmanager
def fetched(
    song, # a `Song`
): # the song, with a file on this machine
    "Bring the recording of a song here, for as long as it is needed"
    if not song.remote:
        yield song
        return
    with tempfile.TemporaryDirectory(prefix='chordkd-') as folder:
        here = copy(song)
        here.path = Path(folder)/PurePosixPath(song.remote).name
        with _told(song.remote):
            fs, path = _open(song.remote)
            _bring(fs, path, here.path)
        try: yield here
        except (ValueError, OSError) as error: raise _about(error, here.path, song.remote) from None


def _open(address):
    "The file system of an address, and the path in it"
    from fsspec.core import url_to_fs
    return url_to_fs(address)


@contextmanager
def _told(address):
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


def _stand_in(path, info):
    "An empty file in place of a recording, as old as that"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    changed = info.get('LastModified') or info.get('mtime') or info.get('created')
    seconds = changed.timestamp() if hasattr(changed, 'timestamp') else changed
    if isinstance(seconds, (int, float)): os.utime(path, (seconds, seconds))
