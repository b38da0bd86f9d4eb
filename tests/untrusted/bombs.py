"""Files that ask for more memory, or time, than their size suggests, and files that contradict themselves

Each function writes such files into a folder and yields their paths."""
import io
import json
import pickle
import struct
import zipfile
import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper
from refusing import changed_copy
from chordkd_nb.chords import vocabulary
from chordkd_nb.store import Store
from chordkd_nb._shards import schema
from chordkd_nb.features import LOG_CQT
from chordkd_nb.billboard import NNLS_HOP


def all_bombs(folder, checkpoint):
    "Write every bomb, the checkpoints among them as copies of a good one"
    yield from pickle_bombs(folder)
    yield from archive_bombs(folder)
    yield from weight_bombs(folder, checkpoint)
    yield from configuration_bombs(folder, checkpoint)
    yield from onnx_bombs(folder)
    yield from array_bombs(folder)
    yield from store_bombs(folder)


def sparse(path, size=10**11):
    "Make a file seem long: it takes no room on the disk"
    with open(path, 'r+b' if path.exists() else 'wb') as f: f.truncate(size)
    return path


def nested(n): return '['*n


# ---- pickles, in opcodes: see the documentation of the standard library's pickletools

def program(*opcodes): return b'\x80\x02' + b''.join(opcodes) + b'.'
def call(name, args): return b'c' + name + b'\n' + args + b'R'
def text(s): return b'X' + struct.pack('<I', len(s)) + s
def integer(n, size): return b'\x8a' + bytes([size]) + n.to_bytes(size, 'little')


PAIR = b'q\0h\0\x86'  # x → (x, x)
TEN_TB = integer(10**13, 6)
META_TENSOR = b'(ctorch\nfloat32\n' + TEN_TB + b'\x85K\1\x85\x89t'
DTYPE_OF_2_GB = call(b'numpy\ndtype', text(b'V2000000000') + b'\x85')
UTF32 = b'h\0' + text(b'utf-32') + b'\x86'
COLLIDING_KEYS = b''.join(integer(k*(2**61-1), 13) + b'N' for k in range(1, 60_000))  # all have the hash 0

PICKLES = dict(
    laughs=program(b'}K\1' + PAIR*60 + b'K\1s'),  # a key of 2⁶⁰ parts, which must be hashed
    deep=program(b'}K\1' + b'\x85'*10**5 + b'K\1s'),
    lists=program(b'(' + b']'*3_000_000 + b't'),
    memo=program(b']q\0' + b'h\0a'*2_000_000),
    bytearray=program(call(b'__builtin__\nbytearray', TEN_TB + b'\x85')),
    tensor=program(call(b'torch\nFloatTensor', TEN_TB + b'\x85')),
    meta=program(call(b'torch._utils\n_rebuild_meta_tensor_no_storage', META_TENSOR)),
    encode=program(text(b'a'*10**6) + b'q\0(' + call(b'_codecs\nencode', UTF32)*5000 + b't'),
    scalar=program(b'(' + call(b'numpy.core.multiarray\nscalar', DTYPE_OF_2_GB + b'\x85')*9 + b't'),
    integers=program(b'}(' + COLLIDING_KEYS + b'u'),
)


def torch_zip(data):
    "A pickle in the archive that torch.save writes"
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        archive.writestr('archive/data.pkl', data)
        archive.writestr('archive/version', b'3\n')
        archive.writestr('archive/byteorder', b'little')
    return out.getvalue()


def torch_old(data):
    "A pickle amid those that torch.save wrote before version 1.6"
    before = [0x1950a86a20f9469cfc6c, 1001, {}]  # magic number, protocol, system
    return b''.join(pickle.dumps(obj, 2) for obj in before) + data + pickle.dumps([], 2)


def pickle_bombs(folder):
    "Pickles that a reader who follows them does not survive, in two formats of torch"
    for name, data in PICKLES.items():
        for form, pack in dict(zip=torch_zip, old=torch_old).items():
            path = folder/f'{name}-{form}.pt'
            path.write_bytes(pack(data))
            yield path


# ---- archives

def archive_bombs(folder):
    "A zip that becomes 300 MB, one that holds a name twice, and 100 GB of zeros"
    with zipfile.ZipFile(folder/'zip.pt', 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        write_zeros(archive, 'archive/data.pkl', megabytes=300)
    yield folder/'zip.pt'
    with pytest.warns(UserWarning, match='Duplicate'), zipfile.ZipFile(folder/'twice.pt', 'w') as archive:
        archive.writestr('archive/data.pkl', program(b'}'))
        archive.writestr('archive/data.pkl', program(b'}'))
    yield folder/'twice.pt'
    yield sparse(folder/'sparse.pt')


def write_zeros(archive, name, megabytes):
    with archive.open(name, 'w', force_zip64=True) as f:
        for _ in range(megabytes): f.write(bytes(2**20))


# ---- weights

def safetensors(header, data=b''):
    "A file of safetensors whose header is a dictionary or bytes"
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(header)) + header + data


ONE_FLOAT = '{"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'
NAMES_OF_PATHS = {
    '../../x': dict(dtype='F32', shape=[1], data_offsets=[0, 4]),
    '/etc/x': dict(dtype='F32', shape=[1], data_offsets=[4, 8]),
}


def bad_weights(good):
    "Variants of a good file of safetensors: {name: bytes}"
    start = 8+int.from_bytes(good[:8], 'little')
    header, data = json.loads(good[8:start]), good[start:]
    first = next(name for name in header if name != '__metadata__')
    def with_first(**changes): return safetensors(header | {first: header[first] | changes}, data)
    floats = [name for name, entry in header.items() if entry.get('dtype') == 'F32']
    integers = header | {name: header[name] | dict(dtype='I32') for name in floats}
    return dict(
        huge=struct.pack('<Q', 10**11)+good[8:],
        longer=struct.pack('<Q', len(good)+1)+good[8:],
        shape=with_first(shape=[10**6, 10**5]),
        overflow=with_first(shape=[2**62, 2**62]),
        overlap=with_first(data_offsets=[0, 8]),
        negative=with_first(data_offsets=[-8, 8]),
        beyond=with_first(data_offsets=[0, 10**12]),
        dtype=with_first(dtype='X99'),
        types=with_first(shape='many'),
        deep=safetensors(b'{"a":'+b'['*10**5),
        bytes=safetensors(b'\xff\xfe{}'),
        twice=safetensors(f'{{"a":{ONE_FLOAT},"a":{ONE_FLOAT}}}'.encode(), bytes(4)),
        traversal=safetensors(NAMES_OF_PATHS, bytes(8)),
        integers=safetensors(integers, data),
    )


def weight_bombs(folder, checkpoint):
    good = (checkpoint/'model.safetensors').read_bytes()
    for name, data in bad_weights(good).items():
        yield changed_copy(checkpoint, folder/f'weights_{name}', weights=data)
    big = changed_copy(checkpoint, folder/'weights_big')
    sparse(big/'model.safetensors')
    yield big


# ---- configurations

BAD_MODELS = dict(
    hidden=dict(hidden_size=10**9),
    all=dict(hidden_size=2**16, filter_size=2**16, total_key_depth=2**16),
    layers=dict(num_layers=10**9),
    heads=dict(num_heads=0),
    number=dict(hidden_size=10**4000),
)

BAD_VOCABULARIES = dict(
    labels=dict(size=10**9),
)

BAD_CONTRACTS = dict(
    features=dict(n_features=10**9),
    rate=dict(sr=10**12),
    low=dict(fmin=1e-300),
    hop=dict(hop=0),
    chunk=dict(chunk=10**15),
)

BAD_ENTRIES = dict(
    std=dict(std=0.),
    mean=dict(mean='0'),
    true=dict(mean=True),
    licence=dict(licence=[]),
    decoding=dict(decoding=[]),
    arch=dict(arch={}),
    model=dict(model=[]),
    long=dict(arch='x'*10**5),
    key={'y'*10**5: 1},
)


def bad_texts(good):
    "Variants of a good `config.json` that a reader of JSON allows or does not survive: {name: text}"
    digits = '9'*10**5
    return dict(
        nan=good.replace('"mean": -3.0', '"mean": NaN'),
        infinity=good.replace('"std": 2.0', '"std": Infinity'),
        much=good.replace('"std": 2.0', '"std": 1e999'),
        again=good.replace('"std": 2.0', '"std": 2.0, "std": 3.0'),
        within=good.replace('"num_heads": 2', '"num_heads": 2, "num_heads": 4'),
        deep=nested(10**5),
        deeper=good.replace('"decoding": {}', '"decoding": '+'{"a":'*10**5),
        list='[]',
        cut=good[:-9],
        digits=good.replace('"std": 2.0', f'"std": {digits}'),
    )


def configuration_bombs(folder, checkpoint):
    for part, cases in dict(model=BAD_MODELS, vocabulary=BAD_VOCABULARIES, contract=BAD_CONTRACTS).items():
        for name, changes in cases.items():
            def change(config): config[part].update(changes)
            yield changed_copy(checkpoint, folder/f'{part}_{name}', change)
    for name, changes in BAD_ENTRIES.items():
        def change(config): config.update(changes)
        yield changed_copy(checkpoint, folder/f'entry_{name}', change)
    good = json.dumps(json.loads((checkpoint/'config.json').read_text()))
    for name, bad in bad_texts(good).items():
        assert bad != good
        yield changed_copy(checkpoint, folder/f'text_{name}', text=bad.encode())
    yield changed_copy(checkpoint, folder/'text_latin', text=good.replace('CC0', '\xff').encode('latin1'))
    big = changed_copy(checkpoint, folder/'text_big')
    sparse(big/'config.json')
    yield big


# ---- ONNX

def onnx_model(tensor, operator):
    "A network for 144 features whose answer is made of one tensor of its own: bytes"
    features = helper.make_tensor_value_info('x', TensorProto.FLOAT, ['b', 't', 144])
    mask = helper.make_tensor_value_info('mask', TensorProto.BOOL, ['b', 't'])
    logits = helper.make_tensor_value_info('logits', TensorProto.FLOAT, None)
    node = helper.make_node(operator, [tensor.name], ['logits'])
    graph = helper.make_graph([node], 'g', [features, mask], [logits], [tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    labels = dict(size=170, labels=list(vocabulary(170).labels))
    about = dict(arch='btc', vocabulary=labels, contract=LOG_CQT.to_dict(), decoding={})
    helper.set_model_props(model, {key: json.dumps(value) for key, value in about.items()})
    return model.SerializeToString()


def onnx_zeros(shape):
    "A network that makes an array of zeros"
    tensor = onnx.TensorProto(name='s', data_type=TensorProto.INT64, dims=[3])
    tensor.int64_data.extend(shape)
    return onnx_model(tensor, 'ConstantOfShape')


def onnx_external(location):
    "A network whose weights are in another file"
    tensor = onnx.TensorProto(name='s', data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in dict(location=location, offset='0', length='16').items():
        tensor.external_data.add(key=key, value=value)
    return onnx_model(tensor, 'ReduceSum')


def onnx_bombs(folder):
    cases = dict(
        memory=onnx_zeros([10**5, 10**5, 10**2]),
        more=onnx_zeros([10**4, 10**4, 50]),
        outside=onnx_external('/etc/passwd'),
        up=onnx_external('../../../../../../etc/passwd'),
        beside=onnx_external('zip.pt'),
        junk=b'\x08\x07junk',
        empty=b'',
    )
    for name, data in cases.items():
        path = folder/f'{name}.onnx'
        path.write_bytes(data)
        yield path


# ---- arrays of Billboard

def billboard_arrays(path, **changes):
    "The arrays of one song of nine frames, with changes"
    arrays = dict(
        chroma_q=np.zeros((9, 24), np.uint8), song=np.array(['a']), start=np.array([0]), end=np.array([9]),
        hop=np.array(NNLS_HOP), lab_song=np.array(['a']), lab_on=np.array([0.]), lab_off=np.array([.4]),
        lab=np.array(['N']))
    np.savez(path, **arrays | changes)
    return path


def array_with_shape(path, shape):
    "The same, but the header of the chroma claims another shape"
    with zipfile.ZipFile(billboard_arrays(path)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, dict(descr='|u1', fortran_order=False, shape=shape))
    members['chroma_q.npy'] = header.getvalue()
    with zipfile.ZipFile(path, 'w') as archive:
        for name, data in members.items(): archive.writestr(name, data)
    return path


def array_bombs(folder):
    yield billboard_arrays(folder/'wrong.npz', start=np.array(['x']))
    yield billboard_arrays(folder/'ends.npz', end=np.array([99]))
    yield billboard_arrays(folder/'hop.npz', hop=np.zeros(3))
    yield billboard_arrays(folder/'nan.npz', lab_on=np.array([np.nan]))
    yield array_with_shape(folder/'giant.npz', (10**11, 24))
    yield array_with_shape(folder/'larger.npz', (4*10**7, 24))
    yield array_with_shape(folder/'minus.npz', (-1, 24))
    arrays = billboard_arrays(folder/'bomb.npz')
    with zipfile.ZipFile(arrays, 'a', zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        write_zeros(archive, 'more.npy', megabytes=2100)
    yield folder/'bomb.npz'


# ---- stores

ROW = dict(
    id=['a'], sha256=['0'], seconds=[1.], n_frames=[1], features=[np.zeros(144, np.float16)],
    lab=[''], group=[''], y=[[]], top_index=[[]], top_prob=[[]], log_probs=[[]], bass=[[]])
MANIFEST = dict(format='chordkd-store', version=1, contract=LOG_CQT.to_dict(), songs={})
BAD_MANIFESTS = dict(
    list='[]',
    none='{}',
    deep=nested(10**5),
    twice='{"a":1,"a":2}',
    contract='{"contract":{},"songs":{}}',
)
ZSTD = pa.ipc.IpcWriteOptions(compression='zstd')


def row(**changes): return pa.table(ROW | changes, schema=schema())


def shard(table, options=None):
    "A table as a stream of Arrow: bytes"
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=options) as writer: writer.write_table(table)
    return out.getvalue()


def store_of(folder, name, shard, manifest=None):
    "A store of one shard"
    path = folder/f'{name}.store'
    path.mkdir()
    (path/'manifest.json').write_text(manifest or json.dumps(MANIFEST))
    (path/'part-00000.arrow').write_bytes(shard)
    return path


def store_bombs(folder):
    good = shard(row())
    Store(store_of(folder, 'good', good))  # so that the others are refused for what is wrong with them
    long = dict(features=[np.zeros(144*10**4, np.float16)], n_frames=[10**4])
    offsets, far = struct.pack('<ii', 0, 144), struct.pack('<ii', 0, 10**9)
    shards = dict(
        columns=shard(pa.table({'id': ['a']})),
        frames=shard(row(n_frames=[2])),
        million=shard(row(n_frames=[10**9])),
        zstd=shard(row(**long), ZSTD),
        cut=good[:-200],
        junk=b'junk'*99,
        offsets=good.replace(offsets, far),
        text=shard(row(id=['abcd'])).replace(b'abcd', b'\xff\xff\xff\xff'),
    )
    for name, data in shards.items(): yield store_of(folder, name, data)
    for name, manifest in BAD_MANIFESTS.items(): yield store_of(folder, f'manifest_{name}', good, manifest)
