"Chunks of songs on a Ray cluster: each worker writes the shards of its chunks, and says what is in them"
import pickle
from dataclasses import replace
from ._manifest import songs_in_shards
from ._processes import Packed, ProcessPool, WorkerDied, one_torch_thread
from ._ray import map_on_ray
from ._remote import failure

NOT_SEEN = ('{}: a worker of the cluster does not see this folder. Give one that all machines share, or an address '
            'such as s3://bucket/pool.')


def write_on_cluster(
    place, # of the store, which all workers see
    chunks:list, # of `Chunk`
    make, # function song or `Reading` → (row, None), or (its id as a row, the error)
    read, # function song → `Reading`; None without readers
    entries:dict, # of the manifest, to which the songs are added
    bar, # counts songs
    where:tuple, # (cluster, workers, processes that read ahead for each), see `map_on_ray`
):
    "Let the workers of a cluster write chunks"
    cluster, workers, readers = where
    args = place.seen_by_workers(), pickle.dumps(make), pickle.dumps(read), readers
    lost = {}
    for chunk, found in map_on_ray(ChunkWriter, args, chunks, cluster, workers, _packed_chunk, 1 + readers):
        if isinstance(found, WorkerDied): lost |= {song.id: _failed(str(found)) for song in chunk.songs}
        else: entries |= found
        bar.update(len(chunk.songs))
    if not lost: return
    stored, *_ = songs_in_shards(place)  # a worker may have written shards of a chunk before it died
    entries |= lost | {id: entry for id, entry in stored.items() if id in lost}


class ChunkWriter:
    "A function chunk → what the manifest says of its songs, whose shards it has written; songs cannot kill it"
    def __init__(self, place, make, read, readers):
        if not place.has('manifest.json'): raise RuntimeError(NOT_SEEN.format(place))
        self.place, self.process = place, ProcessPool(1, Packed(make), one_torch_thread)
        self.readers = ProcessPool(readers, Packed(read)) if readers else None

    def __call__(self, chunk):
        from .store import write_chunk
        entries = {}
        try: write_chunk(self.place, chunk, self._rows(chunk.songs), entries)
        except Exception as e: return {id: _failed(f'{type(e).__name__}: {e}') for id, *_ in chunk.songs} | entries
        return entries

    def _rows(self, songs):
        "Yield (row, None), or (its id as a row, the error), for each song"
        items = (Packed(song) for _, song, error in songs if not error)
        if self.readers: items = (found for _, found in self.readers.map(items, ahead=1))
        for id, _, error in songs:
            if error: yield dict(id=id), error
            else: yield self._row(id, next(items))

    def _row(self, id, item):
        answer = item if isinstance(item, WorkerDied) else self.process(item)
        return (dict(id=id), str(answer)) if isinstance(answer, WorkerDied) else answer


def _failed(error): return dict(status='failed', error=error)


def _packed_chunk(chunk): return pickle.dumps(replace(chunk, songs=list(map(_packed, chunk.songs))))


def _packed(song):
    "A song for another machine, which may not see its label file: its id, the song, what is wrong with its labels"
    try: song.annotation
    except Exception as e: return song.id, None, failure(song, e)
    return song.id, pickle.dumps(song), None
