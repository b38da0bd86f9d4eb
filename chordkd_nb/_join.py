"A job in parts: each part labels its own songs, and all stores together become that of the whole job"
from pathlib import Path
import numpy as np
from ._files import folder_lock, read_json, write_json
from ._manifest import changed_setting, read_manifest
from ._shards import TEXT, read_shard
from .store import SHARD_SONGS, Store, write_rows

PART_FILE = 'part.json'


def songs_of_part(
    songs:list, # of the whole job
    part:int, # 1…parts
    parts:int, # how many there are
)->list:
    "The songs of a part: a stretch of the list, so that the parts in order are the list"
    return songs[len(songs)*(part-1)//parts:len(songs)*part//parts]


def begin_part(
    out, # folder of the store
    part:tuple|None, # (part, parts), or None for a whole job
):
    "Write down which part of a job a store is, or check that it is this one"
    path = Path(out)/PART_FILE
    if path.exists() and (found := _part(out)) != part:
        raise ValueError(f'{out}: this store is part {_in_words([found])} of a job. Choose another folder.')
    if not part: return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(dict(zip(('part', 'of'), part)), path)


def join_stores(
    folders, # of the stores of all parts
    out, # folder to write, new
    progress:bool=True, # show a bar
)->Store: # the same files as if one machine had labelled all songs
    "Join the stores of a job in parts"
    folders, out = sorted(map(Path, folders), key=_part), Path(out)
    manifests = [read_manifest(folder/'manifest.json') for folder in folders]
    _check_parts(folders, manifests)
    if (out/'manifest.json').exists(): raise ValueError(f'{out}: there is a store already. Give a new folder.')
    asked = sum(manifest['asked'] for manifest in manifests)
    with folder_lock(out):
        manifest = manifests[0] | dict(songs={}, asked=asked)
        write_rows(out, _rows(folders, manifests), manifest, 0, SHARD_SONGS, asked, progress)
        if (folders[0]/'teacher_songs.json').exists():
            write_json(read_json(folders[0]/'teacher_songs.json'), out/'teacher_songs.json')
    return Store(out)


def _part(folder)->tuple[int, int]:
    "The place of a store among the parts: (part, parts)"
    path = Path(folder)/PART_FILE
    if not path.exists(): raise ValueError(f"{folder}: not a part of a job; 'label --shard 1/4' makes one.")
    part, parts = map(read_json(path).get, ('part', 'of'))
    if isinstance(part, int) and isinstance(parts, int) and 1 <= part <= parts: return part, parts
    raise ValueError(f'{path}: must tell the part and of how many, as {{"part": 1, "of": 4}}.')


def _check_parts(folders, manifests):
    "Check that the parts are those of one job, and that none is missing or unfinished"
    found, parts = [_part(folder) for folder in folders], _part(folders[0])[1]
    wanted = [(k, parts) for k in range(1, parts+1)]
    if found != wanted:
        missing = _in_words(set(wanted) - set(found)) or 'none'
        raise ValueError(f'Give each of the {parts} parts once. Here are {_in_words(found)}; missing: {missing}.')
    for folder, manifest in zip(folders, manifests):
        key = changed_setting(manifests[0], manifest)
        if key: raise ValueError(f'{folder}: this part was made with another {key} than {folders[0]}.')
        waiting = manifest['asked'] - len(manifest['songs'])
        if waiting > 0: raise ValueError(f'{folder}: {waiting} songs are not there yet. Run its command again.')


def _in_words(places): return ', '.join(f'{k}/{n}' for k, n in sorted(places))


def _rows(folders, manifests):
    "Yield (row, None) for each stored song of the parts in order, and (its id, error) for those that failed"
    for folder, manifest in zip(folders, manifests):
        for path in sorted(folder.glob('part-*.arrow')):
            table = read_shard(path)
            for k in range(len(table)): yield _row(table, k, manifest), None
        for id, entry in manifest['songs'].items():
            if entry['status'] != 'ok': yield dict(id=id), entry['error']


def _row(table, k, manifest):
    "A row of a shard as `song_row` makes it"
    row = {}
    for name in table.column_names:
        value = table[name][k]
        if name in TEXT or name in ('seconds', 'n_frames'): row[name] = value.as_py()
        else:
            array = value.values.to_numpy(zero_copy_only=False)
            row[name] = array if len(array) else None
    row['group'] = manifest['songs'][row['id']].get('group')
    return row
