"""Where a store is: a folder of this machine, or an address that fsspec knows, such as s3://bucket/pool

At an address each shard has a small file beside it, `part-00000.json`, which says what songs are in it.
"""
import json, math
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from ._files import folder_lock, write_json
from ._manifest import read_manifest
from ._remote import fetched_file, is_address, modified, named, open_address, sent_file
from ._shards import read_shard, write_shard

ABOUT = ['id', 'seconds', 'n_frames', 'sha256', 'group', 'lab']  # columns that say what a row is


def place_of(
    out, # a folder, or an address
)->'Folder':
    "Find out where a store is"
    return Address(str(out)) if is_address(out) else Folder(Path(out))


@dataclass
class Folder:
    "A store in a folder of this machine"
    path: Any  # a `Path`

    def __str__(self): return str(self.path)

    @property
    def name(self): return self.path.name

    def seen_by_workers(self):
        "The same place, named so that processes with another working directory find it"
        return Folder(self.path.absolute())

    def lock(self): return folder_lock(self.path)
    def reading(self, name): return nullcontext(self.path/name)

    def writing(self, name):
        self.path.mkdir(parents=True, exist_ok=True)
        return nullcontext(self.path/name)

    def times(self):
        "name → time at which it was written, of all files"
        return {path.name: path.stat().st_mtime for path in self.path.glob('*') if path.is_file()}

    def shards(self):
        "The names of all shards, in order"
        return _shard_names(self.times())

    def has(self, name): return (self.path/name).exists()

    def write_json(self, obj, name):
        with self.writing(name) as path: write_json(obj, path)

    def write_shard(self, rows, name):
        with self.writing(name) as path: write_shard(rows, path)

    def songs(self):
        "Yield the name of each shard, what it says of its songs, and the time at which it was written"
        times = self.times()
        for name in _shard_names(times): yield name, self._rows(name), times[name]

    def _rows(self, name):
        with self.reading(name) as path: return read_shard(path).select(ABOUT).to_pylist()


@dataclass
class Address(Folder):
    "A store at an address, which is its `path`"
    def __post_init__(self): self.path = self.path.rstrip('/')

    @property
    def name(self): return PurePosixPath(self.path).name

    def seen_by_workers(self): return self
    def lock(self): return nullcontext()
    def reading(self, name): return fetched_file(f'{self.path}/{name}')
    def writing(self, name): return sent_file(f'{self.path}/{name}')

    def has(self, name): return name in self.times()

    def times(self):
        with named(self.path):
            fs, root = open_address(self.path)
            try: found = fs.ls(root, detail=True)
            except FileNotFoundError: return {}
        return {PurePosixPath(info['name']).name: _time(info) for info in found if info['type'] == 'file'}

    def write_shard(self, rows, name):
        super().write_shard(rows, name)
        self.write_json(dict(songs=[{key: row.get(key) for key in ABOUT} for row in rows]), _beside(name))

    def songs(self):
        times = self.times()
        shards = _shard_names(times)
        said = self._read_beside([_beside(name) for name in shards if _beside(name) in times])
        for name in shards: yield name, said.get(_beside(name)) or self._rows(name), times[name]

    def _read_beside(self, names):
        "file beside a shard → what it says; all at once, since each takes a round trip"
        with named(self.path):
            fs, root = open_address(self.path)
            found = fs.cat([f'{root}/{name}' for name in names]) if names else {}
        return {PurePosixPath(path).name: _said(text) for path, text in found.items()}


def _shard_names(names): return sorted(name for name in names if PurePosixPath(name).match('part-*.arrow'))


def _time(info):
    "When a file was written; unknown is later than all recordings"
    seconds = modified(info)
    return math.inf if seconds is None else seconds


def _said(text):
    "The rows in a file beside a shard, or None if it holds something else"
    try: rows = json.loads(text)['songs']
    except (ValueError, LookupError, TypeError): return None
    return rows if all(isinstance(row, dict) and row.keys() == {*ABOUT} for row in rows) else None


def _beside(shard): return shard.replace('.arrow', '.json')


class StoreAtAddress:
    "What the manifest of a store at an address says; the songs are there"
    def __init__(self, address):
        place = Address(address)
        with place.reading('manifest.json') as path: self.manifest = read_manifest(path)
        self.path = place.path
        entries = self.manifest['songs']
        self.failed = {id: entry['error'] for id, entry in entries.items() if entry['status'] != 'ok'}
        self.ids = [id for id in entries if id not in self.failed]
        self.hours = sum(entries[id]['seconds'] for id in self.ids)/3600

    def __len__(self): return len(self.ids)
    def __repr__(self):
        return f'StoreAtAddress({self.path}: {len(self)} songs, {self.hours:.2f} h, {len(self.failed)} failed)'
