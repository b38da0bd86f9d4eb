"Read the archives of strangers: Debian packages and the zip files in them, with names that lead nowhere and a limit on size"
import subprocess, tarfile, tempfile, zipfile
from pathlib import Path, PurePosixPath

MAX_UNPACKED = 2**34  # bytes that one archive may become; the largest package we know has 3 GB
ZIP_SUFFIXES = ('.zip', '.pk3', '.love')  # games keep their music in zip files under these names
_BLOCK = 2**20  # bytes read at a time


class Budget:
    "How many bytes an archive may still become when it is unpacked"
    def __init__(self,
        archive, # its path, for the message
    ):
        self.archive, self.left = archive, MAX_UNPACKED

    def spend(self, n):
        "Take off `n` bytes"
        self.left -= n
        if self.left < 0: raise ValueError(f'{self.archive}: unpacked it is larger than {MAX_UNPACKED} bytes.')


def copy_within(
    f, # open binary file to read
    g, # open binary file to write
    budget:Budget, # of the archive that `f` belongs to
)->None:
    "Copy a file to its end, or until the budget is spent"
    while block := f.read(_BLOCK):
        budget.spend(len(block))
        g.write(block)


def safe_path(
    name:str, # of a member of an archive
)->Path: # relative, without `..`, and without usr/share/games in front
    "Turn the name of a member into a path inside the folder that we unpack to"
    path = PurePosixPath(name.replace('\\', '/'))
    odd = any(':' in part or '\0' in part for part in path.parts)
    if path.is_absolute() or '..' in path.parts or odd:
        raise ValueError(f'The archive has a member with a path that leads elsewhere: {name!r}.')
    parts = list(path.parts)
    while parts and parts[0] in ('.', 'usr', 'share', 'games', 'lib'): parts.pop(0)
    return Path(*parts) if parts else Path('file')


# A .deb is an `ar` archive (`man 5 deb`): a magic line, then members with a header of 60 bytes each

def _members(f, deb):
    "Yield (name, size) of the members of an `ar` archive, with `f` at the first byte of each"
    while len(header := f.read(60)) == 60:
        start = f.tell()
        try: name, size = header[:16].decode().strip().rstrip('/'), int(header[48:58])
        except ValueError: size = -1
        if size < 0: raise ValueError(f'{deb}: damaged, it has a member of no size.')
        yield name, size
        f.seek(start + size + size%2)


def _open_member(f, size):
    "Open a tar archive of `size` bytes that begins where `f` is"
    part = tempfile.TemporaryFile()
    while size and (block := f.read(min(size, _BLOCK))):
        part.write(block)
        size -= len(block)
    part.seek(0)
    return tarfile.open(fileobj=part)


def _open_zstandard(deb):
    "Let dpkg-deb unpack the data of a .deb: `tarfile` cannot read Zstandard, which Ubuntu uses"
    part = tempfile.TemporaryFile()
    with subprocess.Popen(['dpkg-deb', '--fsys-tarfile', str(deb)], stdout=subprocess.PIPE) as process:
        try: copy_within(process.stdout, part, Budget(deb))
        except ValueError:
            process.kill()
            raise
    if process.returncode: raise ValueError(f'{deb}: dpkg-deb cannot unpack it (status {process.returncode}).')
    part.seek(0)
    return tarfile.open(fileobj=part)


def _open_data(deb):
    "Open the member of a .deb that holds the files"
    with open(deb, 'rb') as f:
        if f.read(8) != b'!<arch>\n': raise ValueError(f'{deb}: not a Debian package (no ar magic).')
        for name,size in _members(f, deb):
            if name == 'data.tar.zst': return _open_zstandard(deb)
            if name.startswith('data.tar'): return _open_member(f, size)
    raise ValueError(f'{deb}: no data.tar in this Debian package; the file may be cut short.')


def _zip_files(f, name, wanted):
    "Yield (path, open file) of the wanted files in the zip archive `f`, below a folder named after it"
    if not zipfile.is_zipfile(f): return
    with zipfile.ZipFile(f) as archive:
        for member in archive.infolist():
            if member.is_dir() or Path(member.filename).suffix.lower() not in wanted: continue
            yield Path(PurePosixPath(name).stem)/safe_path(member.filename), archive.open(member)


def deb_files(
    deb, # path of a .deb
    wanted, # suffixes in lower case, e.g. ('.ogg',)
): # yields (relative path, open binary file)
    "Yield the wanted files of a Debian package, also those in zip archives, and its copyright file"
    with _open_data(deb) as tar:
        for member in tar:
            if not member.isfile(): continue  # links are not followed
            f, suffix = tar.extractfile(member), Path(member.name).suffix.lower()
            if suffix in wanted or member.name.endswith('/copyright'):
                yield safe_path(member.name.removeprefix('./')), f
            elif suffix in ZIP_SUFFIXES: yield from _zip_files(f, member.name, wanted)
