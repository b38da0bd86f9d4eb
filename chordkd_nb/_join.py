"A job in parts: each part labels its own songs, and all stores together become that of the whole job"
import hashlib, json
from itertools import chain
from ._chunks import Chunk, Part, chunk_number
from ._files import read_json, repeated
from ._manifest import PART_FILE, changed_setting, manifest_kept, part_of, read_manifest, songs_in_shards
from ._places import place_of
from ._remote import is_address
from ._shards import TEXT, read_shard
from ._unicode import nfc
from .store import Store, write_chunk
UNFINISHED = 'join.json'  # beside the shards until all are there: a hash of what is joined
ANOTHER_LIST = 'Songs came or went while the parts were made: make them anew from one list (--ids).'


def begin_part(
    out, # folder or address of the store
    part:Part|None, # None for a whole job
):
    "Write down which part of a job a store is, or check that it is this one"
    place = place_of(out)
    found = part_of(place) if place.has(PART_FILE) else None
    if found and found != part:
        raise ValueError(f'{out}: this store is part {found} of a job with {found.songs} songs. '
                         'Choose another folder.')
    if part and not found and place.has('manifest.json'):
        raise ValueError(f'{out}: this store is not a part of a job. Choose another folder for part {part}.')
    if part and not found: place.write_json(vars(part), PART_FILE)


def join_stores(
    stores, # folders or addresses of the stores of all parts, or of one whole store
    out, # folder to write, new
    progress:bool=True, # show a bar
)->Store: # the same files as if one machine had labelled all songs
    "Join the stores of a job in parts, or copy a store; call again to continue"
    if is_address(out): raise ValueError(f'{out}: an address. Give a folder of this machine.')
    places, to = list(map(place_of, stores)), place_of(out)
    if len(places) > 1 or places[0].has(PART_FILE): places = sorted(places, key=_part)
    manifests = list(map(_manifest, places))
    _check_parts(places, manifests)
    failed = {id: entry for m in manifests for id, entry in m['songs'].items() if entry['status'] != 'ok'}
    whole: dict = manifests[0] | dict(songs=failed, asked=sum(map(_asked, manifests)))
    with to.lock():
        begun = _begin_join(to, manifests, whole)
        with manifest_kept(to, whole, progress) as bar:
            for number, sources in _by_number(places, manifests):
                if number < begun: continue
                rows = chain.from_iterable(_rows(place, manifest, name, bar) for place, manifest, name in sources)
                write_chunk(to, Chunk(number), rows, whole['songs'])
        if places[0].has('teacher_songs.json'): _copy_json(places[0], to, 'teacher_songs.json')
        (to.path/UNFINISHED).unlink()
    return Store(out)


def _begin_join(to, manifests, whole):
    "Begin a join, or continue one: the number of the first chunk to write; chunks before it are entered in `whole`"
    source = dict(sha256=hashlib.sha256(json.dumps(manifests, sort_keys=True).encode()).hexdigest())
    is_new = not (to.has('manifest.json') or to.shards())
    if not (is_new or to.has(UNFINISHED) and read_json(to.path/UNFINISHED) == source):
        raise ValueError(f'{to}: there is a store already, or what a join of other parts has left. Give a new folder.')
    to.write_json(source, UNFINISHED)
    entries, _, numbers = songs_in_shards(to)
    last = max((number for number, _ in numbers.values()), default=0)  # it may lack songs
    whole['songs'] |= {id: entries[id] for id, (number, _) in numbers.items() if number < last}
    return last


def _part(place):
    if place.has(PART_FILE): return part_of(place)
    raise ValueError(f"{place}: not a part of a job; 'label --shard 1/4' makes one.")


def _manifest(place):
    if not place.has('manifest.json'):
        raise FileNotFoundError(f'{place}: not a feature store (no manifest.json in it).')
    with place.reading('manifest.json') as path: return read_manifest(path)


def _asked(manifest):
    "How many songs a store was asked for; at least one, if it was stopped before it said so"
    return manifest.get('asked', len(manifest['songs']) or 1)


def _check_parts(places, manifests):
    "Check that the parts are those of one job, and that none is missing or unfinished"
    if len(places) > 1 or places[0].has(PART_FILE): _check_complete(list(map(_part, places)))
    for place, manifest in zip(places, manifests):
        key = changed_setting(manifests[0], manifest)
        if key: raise ValueError(f'{place}: this part was made with another {key} than {places[0]}.')
        waiting = _asked(manifest) - len(manifest['songs'])
        if waiting > 0: raise ValueError(f'{place}: {waiting} songs are not there yet. Run its command again.')
    if twice := repeated(id for manifest in manifests for id in manifest['songs']):
        raise ValueError(f'{len(twice)} songs are in two parts, e.g. {twice[:3]}. {ANOTHER_LIST}')


def _check_complete(parts):
    found, of = [part.part for part in parts], parts[0].of
    if found != list(range(1, of+1)) or any(part.of != of for part in parts):
        missing = _in_words(f'{k}/{of}' for k in range(1, of+1) if k not in found) or 'none'
        raise ValueError(f'Give each of the {of} parts once. Here are {_in_words(parts)}; missing: {missing}.')
    lengths = sorted({part.songs for part in parts})
    if len(lengths) > 1: raise ValueError(f'The parts are of lists of {_in_words(lengths)} songs. {ANOTHER_LIST}')
    if len({part.sha256 for part in parts}) > 1: raise ValueError(f'The parts are of different songs. {ANOTHER_LIST}')


def _in_words(items): return ', '.join(map(str, items))


def _by_number(places, manifests):
    "(number of a chunk, the shards that have songs of it), in order; a chunk may begin in one part and end in the next"
    found = {}
    for place, manifest in zip(places, manifests):
        for name in place.shards(): found.setdefault(chunk_number(name)[0], []).append((place, manifest, name))
    return sorted(found.items())


def _rows(place, manifest, name, bar):
    "Yield (row, None) for each song of a shard"
    with place.reading(name) as path:
        table = read_shard(path)
        for k in range(len(table)):
            yield _row(table, k, manifest), None
            bar.update()


def _row(table, k, manifest):
    "A row of a shard as `song_row` makes it"
    row = {}
    for name in table.column_names:
        value = table[name][k]
        if name in TEXT or name in ('seconds', 'n_frames'): row[name] = value.as_py()
        else:
            array = value.values.to_numpy(zero_copy_only=False)
            row[name] = array if len(array) else None
    row['id'] = nfc(row['id'])  # an early version did not
    row['group'] = manifest['songs'][row['id']].get('group')
    return row


def _copy_json(place, to, name):
    with place.reading(name) as path: to.write_json(read_json(path), name)
