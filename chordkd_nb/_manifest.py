"The manifest of a feature store, and the comparison of songs with those that a store already holds"
import math, warnings
from contextlib import contextmanager
import numpy as np
from .annotation import Annotation
from .chords import vocabulary
from .features import FeatureContract
from .songs import data_sha256
from ._chunks import Part, chunk_number, chunks_to_do
from ._files import file_sha256, read_json
from ._remote import fetched
from ._sources import is_alignment, read_source_line, source_line
from ._unicode import nfc, nfc_keys

FORMAT = dict(format='chordkd-store', version=1)
PART_FILE = 'part.json'
GROWN = 'grown_from'  # key of an unfinished manifest: number of the first shard after a complete store
MAX_BYTES = 2**30  # of a manifest
END_TOLERANCE = .1  # s; features end with a whole frame
SAMPLED = 20  # about so many files of this machine are read again in each run: is it another folder with these names?


def begin_store(
    place, # of the store, see `place_of`
    songs:list, # the songs asked for
    contract:FeatureContract, # of the features
    meta:dict, # what else must be the same when a store is continued
    shard_songs:int, # songs of a chunk
)->tuple: # the manifest, with the songs that are stored; list of `Chunk` with the others
    "Begin a store, or check that the one that is there may be continued with these songs"
    manifest: dict = open_manifest(place, contract, meta)
    first, offset = first_chunk(place, manifest, shard_songs)
    manifest['songs'], written, numbers = songs_in_shards(place)  # failed songs are tried again
    check_unchanged(place, songs, manifest['songs'], written)
    update_groups(manifest['songs'], songs)
    manifest['asked'] = len(written.keys() | {song.id for song in songs})
    if first is None: first = manifest[GROWN] = 1 + max((number for number, _ in numbers.values()), default=-1)
    place.write_json(manifest, 'manifest.json')
    return manifest, list(chunks_to_do(songs, numbers, first, offset, shard_songs))


def first_chunk(place, manifest, shard_songs):
    "Number of the first chunk, and how many of its songs another part of the job has; (None, 0): after all others"
    if len(manifest['songs']) >= manifest.get('asked', math.inf): return None, 0  # it was complete, and grows
    if GROWN in manifest: return manifest[GROWN], 0
    return divmod(first_of_part(place), shard_songs)


@contextmanager
def manifest_kept(
    place, # of the store
    manifest:dict, # to which songs are added in the block
    progress:bool, # show a bar
): # the bar, which counts songs
    "Write the manifest whatever happens in the block"
    from ._progress import progress_bar
    done = len(manifest['songs'])
    with progress_bar(total=manifest['asked'], initial=done, name=place.name, show=progress) as bar:
        try: yield bar
        finally:
            whole: dict = manifest | dict(songs=dict(sorted(manifest['songs'].items())))
            if len(whole['songs']) >= whole['asked']: whole.pop(GROWN, None)
            place.write_json(whole, 'manifest.json')


def first_of_part(place)->int:
    "How many songs of the whole job come before those of a store"
    return part_of(place).start if place.has(PART_FILE) else 0


def part_of(place):
    "Which part of a job a store is"
    with place.reading(PART_FILE) as path: found = read_json(path)
    numbers: list = [found.get(key) for key in ('part', 'of', 'songs')]
    are_numbers = all(isinstance(n, int) for n in numbers)
    if are_numbers and 1 <= numbers[0] <= numbers[1] and numbers[2] >= 0 and isinstance(found.get('sha256'), str):
        return Part(numbers[0], numbers[1], numbers[2], found['sha256'])
    raise ValueError(f"{place}/{PART_FILE}: must tell the part, of how many, the songs of the whole job and a hash of "
                     "their ids. If an earlier version wrote it, label the part anew: 'label --shard'.")


def open_manifest(place, contract, meta):
    "A new manifest, or the old one if it was made in the same way"
    new = FORMAT | dict(contract=contract.to_dict()) | meta | dict(songs={})
    if not place.has('manifest.json'):
        if place.shards(): raise ValueError(f'{place}: shards without a manifest.json; choose a new folder.')
        place.write_json(new, 'manifest.json')
        return new
    with place.reading('manifest.json') as path: old = read_manifest(path)
    if key := changed_setting(old, new):
        before, now = (str(manifest.get(key))[:120] for manifest in (old, new))
        raise ValueError(
            f'{place}: this store was made with another {key} ({before}, not {now}); write to a new folder.')
    return old


def changed_setting(old, new):
    "Name a setting that two manifests do not share, or None"
    keys = (old.keys() | new.keys()) - {'songs', 'asked', GROWN}
    return next((key for key in sorted(keys) if old.get(key) != new.get(key)), None)


def read_manifest(
    path, # a file, perhaps from a stranger
)->dict:
    "Read and check the manifest of a store"
    manifest = read_json(path, MAX_BYTES)
    if {key: manifest.get(key) for key in FORMAT} != FORMAT:
        raise ValueError(f'{path}: not the manifest of a feature store. If this is a folder of songs, make a store of '
                         'it first: chordkd label SONGS STORE --teacher none.')
    songs, asked = manifest.get('songs'), manifest.get('asked', 0)
    are_numbers = isinstance(asked, int) and isinstance(manifest.get(GROWN, 0), int)
    if not are_numbers or not isinstance(songs, dict) or not all(map(_is_entry, songs.values())):
        raise ValueError(f'{path}: asked must be a number, and songs must map ids to objects with a status.')
    try:
        FeatureContract.from_dict(manifest.get('contract'))
        vocabulary(manifest.get('vocabulary', 170))
    except (ValueError, TypeError) as e: raise ValueError(f'{path}: {e}') from None
    return manifest | dict(songs=nfc_keys(songs, path))


def _is_entry(entry):
    if not isinstance(entry, dict) or not isinstance(entry.get('group', ''), str): return False
    if entry.get('status') == 'ok': return True
    return isinstance(entry.get('status'), str) and isinstance(entry.get('error'), str)


def enter_songs(
    entries:dict, # id → what the manifest says of a song
    rows, # of a shard
):
    "Add the songs of a shard to the entries of the manifest"
    for row in rows:
        entry = dict(status='ok', seconds=row['seconds'], n_frames=row['n_frames'], sha256=row['sha256'])
        entries[row['id']] = entry | (dict(group=row['group']) if row['group'] else {})


def update_groups(entries, songs):
    "Enter groups that were learned after the songs were stored"
    for song in songs:
        if song.id not in entries: continue
        if song.group: entries[song.id]['group'] = song.group
        else: entries[song.id].pop('group', None)


def songs_in_shards(
    place, # of the store
)->tuple: # entries of the songs; id → (lab, time at which it was written); id → (number of its chunk, of the piece)
    "Read which songs are stored; after a kill the shards know it, and the manifest does not"
    entries, written, numbers = {}, {}, {}
    for name, rows, time in place.songs():
        for row in rows: row['id'] = nfc(row['id'])
        enter_songs(entries, rows)
        written |= {row['id']: (row['lab'], time) for row in rows}
        numbers |= {row['id']: chunk_number(name) for row in rows}
    return entries, written, numbers


def check_unchanged(
    out, # where the store is
    songs, # those asked for now
    entries:dict, # of the manifest
    written:dict, # id → (lab, time at which it was written)
):
    "Check that every stored song is among those asked for now, as it was"
    songs = {song.id: song for song in songs}
    if others := [id for id in written if id not in songs]: _tell_of_others(out, others, written, songs)
    written = {id: row for id, row in written.items() if id in songs}
    again = {id for id in list(written)[::max(1, len(written)//SAMPLED)] if not songs[id].remote}
    changes = {id: _change(songs[id], entries[id], lab, -math.inf if id in again else since)
               for id,(lab, since) in written.items()}
    if changed := [f'{id} ({change})' for id,change in changes.items() if change]:
        raise ValueError(f'{out}: {len(changed)} songs have changed, e.g. {changed[:3]}; write to a new folder.')


def _tell_of_others(out, others, written, songs):
    "Refuse stored songs that are not asked for now; some that have vanished from an address are only told"
    text = f'{out}: {len(others)} stored songs are not among those asked for now, e.g. {others[:3]}'
    at_address = any(song.remote for song in songs.values())
    if not at_address or len(others) == len(written):
        raise ValueError(f'{text}. Put them back, or write to a new folder.')
    warnings.warn(f'{text}. They stay in the store.', stacklevel=4)


def _change(song, entry, lab, since):
    "What has changed since the song was stored at time `since`, or None"
    if _recording_changed(song, entry['sha256'], since): return 'features' if song.contract else 'audio'
    try: same = _same_chords(song_lab(song), lab, entry['seconds'])
    except (ValueError, OSError) as e: return f'annotation: {e}'
    return None if same else 'annotation'


def _recording_changed(song, stored_hash, since):
    "Is it another recording? A file that is older than `since` is not read again"
    if song.path:
        if not song.path.exists() or song.path.stat().st_mtime <= since: return False
        with fetched(song) as here: return file_sha256(here.path) != stored_hash
    if stored_hash == song.sha256: return False
    return stored_hash != data_sha256(song)  # the recording of ready features may have been unknown then


def _same_chords(lab, other, seconds):
    "Do two annotations, as text, agree about `seconds` of audio? They may extend beyond it"
    if lab == other: return True
    if not (lab and other): return False
    a, b = read_lab(lab), read_lab(other)
    end = min(a.duration, b.duration)
    return end >= seconds-END_TOLERANCE and chord_lines(a.cut(end)) == chord_lines(b.cut(end))


def song_lab(song)->str:
    "The annotation of a song as a store keeps it, or ''"
    annotation = song.annotation
    return source_line(annotation.source) + chord_lines(annotation) if annotation else ''


def chord_lines(annotation)->str:
    "The lines of a `.lab` file; those of an aligned chart also have the confidence of each chord"
    if not is_alignment(annotation): return annotation.to_lab()
    lines = annotation.to_lab().splitlines()
    return ''.join(f'{line}\t{confidence:.3f}\n' for line, confidence in zip(lines, annotation.confidence))


def read_lab(lab)->Annotation:
    "An annotation from the text that a store keeps"
    source, lines = read_source_line(lab.splitlines())
    starts, ends, labels, *more = zip(*(line.split('\t') for line in lines))
    confidence = np.array(more[0], float) if more else None
    return Annotation(np.c_[np.array(starts, float), np.array(ends, float)], [*labels], confidence, source=source)
