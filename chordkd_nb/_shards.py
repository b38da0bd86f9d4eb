"The Arrow files of a feature store: written whole, and checked before anything is read from them"
import struct
import numpy as np
from ._basses import N_BASSES
from ._files import atomic_write, repeated

TEXT = 'id', 'sha256', 'lab', 'group'
DTYPES = dict(features=np.float16, y=np.int16, top_index=np.uint8, top_prob=np.float16, log_probs=np.float16)
LATER_COLUMNS = {'group', 'sha256', 'bass'}  # a shard may lack them



def schema():
    "The columns of a shard; they are described in the notebook on the store"
    import pyarrow as pa
    return pa.schema([
        ('id', pa.string()),
        ('sha256', pa.string()),
        ('seconds', pa.float64()),
        ('n_frames', pa.int32()),
        ('features', pa.list_(pa.float16())),
        ('lab', pa.string()),
        ('group', pa.string()),
        ('y', pa.list_(pa.int16())),
        ('top_index', pa.list_(pa.uint8())),
        ('top_prob', pa.list_(pa.float16())),
        ('log_probs', pa.list_(pa.float16())),
        ('bass', pa.list_(pa.float16())),
    ])


def write_shard(
    rows:list, # of dictionaries, column → value; None or a missing column is stored as empty
    path, # where the file is to be
):
    "Write a shard, in full or not at all"
    import pyarrow as pa
    def column(name):
        values = (row.get(name) for row in rows)
        return [_empty(name) if v is None else v for v in values]
    columns = schema()
    if all(row.get('bass') is None for row in rows): columns = columns.remove(columns.names.index('bass'))
    table = pa.table({name: column(name) for name in columns.names}, schema=columns)
    with atomic_write(path) as part:
        with pa.OSFile(str(part), 'wb') as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)


def _empty(name): return '' if name in TEXT else np.zeros(0, DTYPES.get(name, np.float16))


def read_shard(
    path, # a file, perhaps from a stranger
    n_features:int|None=None, # F; None: not checked
): # pyarrow table, memory-mapped
    "Open a shard after checking everything that reading from it relies on"
    import pyarrow as pa
    try:
        with pa.memory_map(str(path)) as file: _check_stream(file, path)
        table = pa.ipc.open_stream(pa.memory_map(str(path))).read_all()
        table.validate(full=True)
    except (pa.ArrowException, LookupError, OSError, struct.error, MemoryError) as e:
        raise _no_shard(path, str(e)[:200] or type(e).__name__) from None
    _check_lengths(table, n_features, path)
    return table


def _no_shard(path, why):
    return ValueError(f'{path}: not a shard of a feature store ({why}). It is damaged, or another program made it.')


def _check_stream(file, path):
    "Check the columns, and that no array is compressed: a small file could unpack to any size"
    import pyarrow as pa
    known = {c.name: c.type for c in schema()}
    found = {c.name: c.type for c in pa.ipc.open_stream(file).schema}
    if not found.items() <= known.items() or set(known)-LATER_COLUMNS-set(found):
        raise _no_shard(path, 'it has other columns')
    file.seek(0)
    for message in pa.ipc.MessageReader.open_stream(file):
        if message.type == 'record batch' and _is_compressed(message.metadata.to_pybytes()):
            raise _no_shard(path, 'its arrays are compressed')


def _check_lengths(table, n_features, path):
    "Check that each array has one row of the right width for each frame of its song, or is empty"
    n_frames = np.asarray(table['n_frames'])
    widths = dict(features=n_features, y=1, top_index=8, top_prob=8, log_probs=None, bass=N_BASSES)
    for name, width in widths.items():
        if name not in table.column_names: continue
        lengths = [k for chunk in table[name].chunks for k in np.diff(np.asarray(chunk.offsets))]
        fits = all(_fits(k, n, width, may_be_empty=name != 'features') for k,n in zip(lengths, n_frames))
        if table[name].null_count or not fits: raise _no_shard(path, f'{name} has not one row for each frame')


def _fits(length, n_frames, width, may_be_empty):
    if length == 0 and may_be_empty: return True
    if width is None: return length % max(1, n_frames) == 0
    return length == n_frames*width


def _is_compressed(metadata):
    """Has the record batch of this message a field `compression`?

    The metadata of a message is a flatbuffer: Message.header is its third field, RecordBatch.compression the fourth
    (https://github.com/apache/arrow/blob/main/format/Message.fbs)."""
    message = _follow(metadata, 0)
    batch = _follow(metadata, _field(metadata, message, 2))
    return _field(metadata, batch, 3) > 0


def _follow(buffer, at): return at+struct.unpack_from('<I', buffer, at)[0]


def _field(buffer, table, k):
    "Where field `k` of the flatbuffer table at `table` is, or 0"
    vtable = table-struct.unpack_from('<i', buffer, table)[0]
    entry = 4+2*k
    if entry >= struct.unpack_from('<H', buffer, vtable)[0]: return 0
    offset = struct.unpack_from('<H', buffer, vtable+entry)[0]
    return table+offset if offset else 0


def check_once(
    ids:list, # of the songs in all shards
    path, # of the store, for the message
):
    "Raise if a song is in two shards, as when a file of another job is in the folder"
    if twice := repeated(ids):
        raise ValueError(f"{path}: stored twice: '{twice[0]}' ({len(twice)} songs in all). Perhaps the folder holds a "
                         'shard of another job. Delete that file, or make the store again.')
