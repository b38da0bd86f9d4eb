"Whatever a file holds, the answer is right or a line that names the file and says why; nothing hangs, nothing is passed over, memory stays bounded"
import contextlib, io, json, os, re, resource, subprocess, sys, warnings
from pathlib import Path
import numpy as np, pytest
sys.path.insert(0, str(Path(__file__).parent))
import hostile
from chordkd_nb.chords import Annotation
from chordkd_nb.cli import main
from chordkd_nb.features import AudioError, load_audio
from chordkd_nb.recognition import recognize

pytestmark = pytest.mark.skipif(not hasattr(os,'mkfifo'), reason='FIFOs and links as on POSIX')
warnings.simplefilter('ignore')

def chordkd(*args):
    "(status or message of the exit, standard output, standard error) of a command"
    out,err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try: main([str(a) for a in args]); code = 0
        except SystemExit as e: code = e.code
    assert 'Traceback' not in err.getvalue()
    return code, out.getvalue(), err.getvalue()

def judge(name, want, answer, error):
    "Whether an answer or an error is what must come of a file: reason, or none"
    if isinstance(want,str): want = (want,)
    if not isinstance(want,tuple): want = (want-.02, want+.02)
    low,high = (want[0],want[1]) if len(want)>1 and not isinstance(want[1],str) else (want[0]-.02,want[0]+.02) if not isinstance(want[0],str) else (None,None)
    reason = want[-1] if isinstance(want[-1],str) else None
    if error is not None:
        if '\n' in error or len(error)>600: return f'not one short line: {error[:200]!r}'
        if Path(name).name not in error: return f'does not name the file: {error}'
        return None if reason and reason not in ('N','any') and re.search(reason, error) else f'not the error expected: {error}'
    if low is None: return f'expected an error ({reason}), got {answer}'
    if not low<=answer.duration<=high: return f'lasts {answer.duration} s, not {low} to {high}'
    if len(want)==2 and reason is None and low+.04>=high and answer.duration>=1 and set(answer.labels)!={'C'}: return f'is C, not {set(answer.labels)}'
    return None if reason!='N' or answer.labels==['N'] else f'is silent, not {answer.labels}'

def judge_all(want, folder, out, err):
    "Judge what `chordkd recognize FOLDER --out OUT` made of every file"
    failed = {}
    for line in err.splitlines():
        if line.startswith('failed: '): failed.update({n:line for n in want if f'{folder/n}:' in line or f"'{folder/n}'" in line})
    def of(n, w):
        lab = (out/n).with_suffix('.lab'); e = failed.get(n) or (None if lab.exists() else f'{n}: neither answer nor error')
        return judge(n, w, None if e else Annotation.from_lab(lab), e)
    found = {n: of(n,w) for n,w in want.items()}
    return {n:r for n,r in found.items() if r}

@pytest.fixture(scope='module')
def audio(tmp_path_factory):
    d = tmp_path_factory.mktemp('audio'); return d, hostile.audio(d)

def test_every_audio_file_by_the_api(audio):
    folder,want = audio; wrong = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for n,w in want.items():
        try: answer,error = recognize(folder/n), None
        except (AudioError,OSError) as e: answer,error = None,str(e)
        if r := judge(n, w, answer, error): wrong[n] = r
    assert not wrong, '\n'.join(f'{n}: {r}' for n,r in wrong.items())
    assert len(want)>=200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-before < 400<<10   # KB; a header of 4 GB or 10 h was not believed

def test_a_folder_of_all_of_them(audio, tmp_path):
    folder,want = audio
    some = {n:w for k,(n,w) in enumerate(want.items()) if k%4==0}; (tmp_path/'some').mkdir()
    for n in some: (tmp_path/'some'/n).symlink_to(folder/n)
    same = {}                                                          # names that differ only by the ending: the second is refused, not overwritten
    for n in sorted(some): same.setdefault(Path(n).stem, []).append(n)
    for ns in same.values():
        for n in ns[1:]: some[n] = 'already the result of'
    code,_,err = chordkd('recognize', tmp_path/'some', '--out', tmp_path/'out', '--workers', 1)
    assert code==1 and judge_all(some, tmp_path/'some', tmp_path/'out', err)=={}
    bad = sum(l.startswith('failed: ') for l in err.splitlines())
    assert f'{len(some)-bad} of {len(some)} songs recognised, {bad} failed' in err and bad>=10

def test_names(tmp_path):
    want = hostile.names(tmp_path)
    for f in ('lab','json','jams'):
        code,_,err = chordkd('recognize', tmp_path/'good', '--out', tmp_path/f, '--format', f, '--workers', 1)
        longest = [n for n in want if len(os.fsencode(n))+len(f)-3>255]
        assert (code, len(list((tmp_path/f).iterdir()))) == (int(bool(longest)), len(want)-len(longest)), err
        assert all('too long' in l for l in err.splitlines() if l.startswith('failed'))
        if f=='json': assert all(json.loads(p.read_bytes())['segments'] for p in (tmp_path/f).iterdir())
    code,_,err = chordkd('recognize', tmp_path/'bad', '--out', tmp_path/'none', '--workers', 1)
    lines = err.splitlines()
    assert code==1 and len([l for l in lines if l.startswith('failed: ')])==len(want) and '\x1b[31m' not in err
    assert chordkd('recognize', '--', tmp_path/'good'/'--out.wav')[0]==0

def test_links_folders_fifos_devices(tmp_path):
    (tmp_path/'in').mkdir(); want = hostile.not_files(tmp_path/'in')
    code,_,err = chordkd('recognize', tmp_path/'in', '--out', tmp_path/'out', '--workers', 1)
    assert code==1 and judge_all(want, tmp_path/'in', tmp_path/'out', err)=={}
    assert f'4 of {len(want)} songs' in err
    for n,w in want.items():
        if isinstance(w,str): code,_,_ = chordkd('recognize', tmp_path/'in'/n); assert re.search(w, code) and n in code
    assert 'No audio files' in chordkd('recognize', tmp_path/'out')[0] and 'no such file' in chordkd('recognize', tmp_path/'nothing.wav')[0]

def test_unreadable_file(tmp_path):
    p = tmp_path/'secret.wav'; p.write_bytes(hostile.encoded(hostile.triad())); p.chmod(0)
    if os.access(p, os.R_OK):                                          # root reads everything, so ask as somebody else
        for d in (tmp_path,*tmp_path.parents[:2]): d.chmod(0o755)
        r,w = os.pipe(); pid = os.fork()
        if not pid:
            try: os.setgid(65534); os.setuid(65534); load_audio(p)
            except BaseException as e: os.write(w, f'{type(e).__name__}: {e}'.encode())
            finally: os._exit(0)
        os.close(w); os.waitpid(pid, 0); said = os.read(r, 10000).decode()
    else: said = chordkd('recognize', p)[0]
    assert 'Permission denied' in said and 'secret.wav' in said

@pytest.mark.parametrize('bad', [[0,1000], np.zeros(9,np.int64), np.zeros(9,np.uint16), np.zeros(0), np.zeros((2,0)), np.zeros((2,2,2)), np.zeros(9,bool), np.zeros(9,complex), ['a'], None, {}, 5., [[1.,2.],[3.]], np.array([0,np.nan]), np.array([np.inf]), np.array([1e300]), np.array([1e20],np.float32), np.array([None])], ids=lambda b: repr(b)[:30])
def test_arrays(bad):
    with pytest.raises(AudioError) as e: load_audio(bad)
    assert '\n' not in str(e.value)

def test_good_arrays():
    y = hostile.triad()
    for x in (y, y.astype(float), y.astype(np.float16), (y*32767).astype(np.int16), (y*2**31).astype(np.int32), (y*127).astype(np.int8), (y*127+128).astype(np.uint8), np.stack([y,y]), np.stack([y,y],1), y[::-1], y.tolist()): assert recognize(x).labels==['C']
    for n in (1,2,100): assert recognize(y[:n]).duration==pytest.approx(n/hostile.SR)
    for sr in (0,-1,1,10**9,float('nan')):
        with pytest.raises(AudioError): load_audio(y, orig_sr=sr)

def test_every_label_file(tmp_path):
    want, wrong = hostile.labels(tmp_path), {}
    for n,w in want.items():
        try: a = (Annotation.from_lab if n.endswith('.lab') else Annotation.from_jams)(tmp_path/n); error = None
        except (ValueError,OSError) as e: a,error = None,str(e)
        if error is None: r = None if len(a)==w else f'{len(a)} segments'
        else: r = None if isinstance(w,str) and re.search(w,error) and n in error and len(error)<600 else error[:300]
        if r: wrong[n] = r
    assert not wrong, '\n'.join(f'{n}: {r}' for n,r in wrong.items())
    assert len(want)>90

def test_repair_mends_or_says(tmp_path):
    hostile.labels(tmp_path)
    for n in hostile.LABS:
        try: a = Annotation.from_lab(tmp_path/f'{n}.lab', repair=True)
        except ValueError as e: assert f'{n}.lab' in str(e)
        else: assert a.intervals[0,0]==0 and (np.diff(a.intervals)>0).all() and (a.intervals[1:,0]==a.intervals[:-1,1]).all()

def test_evaluate_with_bad_labels(tmp_path):
    for d in ('ref','est','bad'): (tmp_path/d).mkdir()
    for d in ('ref','est'): (tmp_path/d/'a.lab').write_text('0 1 C\n1 2 A:min\n')
    assert chordkd('evaluate','--ref',tmp_path/'ref','--est',f'x={tmp_path/"est"}')[0]==0
    for n in ('nan','latin1','backtracking','no_bass','empty'):
        (tmp_path/'bad'/'a.lab').write_bytes(hostile.LABS[n][0])
        assert 'bad/a.lab' in chordkd('evaluate','--ref',tmp_path/'ref','--est',f'x={tmp_path/"bad"}')[0]
    assert 'no such folder' in chordkd('evaluate','--ref',tmp_path/'ref','--est',f'x={tmp_path/"none"}')[0]
    for d in ('ref','est','bad'): (tmp_path/d/'b.lab').write_text('0 1 G\n')
    code,out,err = chordkd('evaluate','--ref',tmp_path/'ref','--est',f'x={tmp_path/"est"}',f'y={tmp_path/"bad"}','--out',tmp_path/'out')   # a.lab is empty in one folder: neither row has it
    assert code==1 and out.startswith('1 songs') and 'bad/a.lab' in err and '1 songs were left out of every row' in err
    for n in 'xy': assert [l.split(',')[0] for l in (tmp_path/'out'/f'songs-{n}.csv').read_text().splitlines()[1:]]==['b']
    assert 'there twice' in chordkd('evaluate','--ref',tmp_path/'ref','--est',f'x={tmp_path/"est"}',f'x={tmp_path/"ref"}')[0]

@pytest.mark.parametrize('args', [('recognize','x.wav',*a) for a in (('--penalty','nan'),('--penalty','-1'),('--penalty','inf'),('--overlap','1'),('--overlap','-0.1'),('--overlap','nan'),('--min-duration','nan'),('--min-duration','-2'),('--top-k','0'),('--top-k','-3'),('--top-k','1.5'),('--workers','0'),('--workers','-1'),('--confidence','2'),('--confidence','nan'),('--reach','-1'),('--reach','inf'),('--format','pdf'))]
    + [('corpus','demo','out',*a) for a in (('--songs','0'),('--songs','-1'),('--seconds','nan'),('--seconds','inf'),('--seconds','0'),('--workers','-1'),('--seed','-1'),('--versions','0'))]
    + [('label','in','out','--teacher','x',*a) for a in (('--limit','-1'),('--limit','0'),('--workers','-2'),('--probs','all'))] + [('train','stage1','store','--out','o',*a) for a in (('--seed','-5'),('--save-every','-1'),('--set','lr'),('--size','x'))]
    + [('split','in','o.json',a) for a in ('a=nan','a=-1','a=x','a','a=1e999','a=true')] + [('evaluate','s','--model',a) for a in ('x','x=','=y')], ids=' '.join)
def test_bad_arguments(args):
    code,_,err = chordkd(*args)
    assert code==2 and re.search(r'error: argument .*(expected|invalid)', err.splitlines()[-1])

@pytest.mark.parametrize('change', [dict(epochs='ten'), dict(epochs=0), dict(epochs=1.5), dict(epochs=True), dict(lr='x'), dict(lr=0), dict(lr=float('nan')), dict(lr=float('inf')), dict(lr=[1]), dict(batch_size=-1), dict(batch_size=None), dict(stride=0), dict(stride=109), dict(shifts=3), dict(shifts=(1,)), dict(shifts=(-40,40)), dict(shifts='all'), dict(seed=-1), dict(clip=0), dict(temperature=0), dict(confidence_temperature='x'), dict(loss=3), dict(kd='some'), dict(ema=1), dict(colour=1)], ids=str)
def test_bad_recipes(change):
    from chordkd_nb.training import recipe
    with pytest.raises(ValueError) as e: recipe('laptop','supervised',**change)
    assert next(iter(change)) in str(e.value) and '\n' not in str(e.value)

@pytest.fixture(scope='module')
def corpus(tmp_path_factory):
    "Three good songs and ten bad ones, with labels good and bad"
    d = tmp_path_factory.mktemp('corpus'); a,l = d/'audio', d/'chordlab'; a.mkdir(); l.mkdir()
    for k,n in enumerate(('one','two','latin\udce9')): (a/f'{n}.wav').write_bytes(hostile.encoded(hostile.triad(12+k/100))); (l/f'{n}.lab').write_text('0 12 C\n')
    for n in ('nan','latin1','unknown','overlap'): (a/f'lab-{n}.wav').write_bytes(hostile.encoded(hostile.triad())); (l/f'lab-{n}.lab').write_bytes(hostile.LABS[n][0])
    (a/'text.mp3').write_text('no audio'*9); (a/'empty.wav').touch(); (a/'gone.flac').symlink_to('nowhere'); os.mkfifo(a/'fifo.wav'); (a/'nan.wav').write_bytes(hostile.encoded(np.array([0,np.nan]), subtype='FLOAT')); os.mkfifo(l/'fifo.lab')
    return d

BAD = ('lab-nan','lab-latin1','lab-unknown','lab-overlap','text','empty','gone','fifo','nan')

def test_corpus_check_goes_on(corpus, tmp_path):
    code,out,_ = chordkd('corpus','check',corpus,'--write-ids',tmp_path/'ids.json')
    found = json.loads((tmp_path/'ids.json').read_text())
    assert code==1 and sorted(found['failed'])==sorted(BAD) and 'failed: ' in out

def test_label_and_train_go_on(corpus, tmp_path):
    code,_,err = chordkd('label',corpus,tmp_path/'store','--teacher','btc-small','--workers',1,'--probs','full')
    assert code==1
    for n in BAD: assert sum(l.startswith(f'failed: {n}: ') for l in err.splitlines())==1
    from chordkd_nb.corpus import Store
    assert sorted(Store(tmp_path/'store').ids)==['latin\\udce9','one','two']
    quick = ('--set','epochs=1','warmup_epochs=0')
    for args,says in ((('--set','epochs=x'),'epochs'),(('--set','nothing=1'),'nothing'),(('--set','lr=NaN'),'lr'),(('--set','lr=1','lr=2'),'there twice'),(('--size','num_heads=0'),''),(('--size','nothing=1'),'nothing'),(('--ids',f'{tmp_path}/none.json:a'),'none.json'),(('--arch','lstm'),'lstm')):
        code,_,_ = chordkd('train','supervised',tmp_path/'store','--out',tmp_path/'run',*args); assert str(code).startswith('chordkd: ') and says in code and '\n' not in code

STORES = dict(text=b'not json', empty=b'', array=b'[]', number=b'5', other=b'{"settings": {}, "songs": {}}', utf16='{}'.encode('utf-16'), deep=b'{"a":'*9999,
    **{k: json.dumps(dict(format='chordkd-store', version=1, songs={}, contract=dict(name='log-cqt',version=1,n_features=144,sr=22050,hop=2048,bins_per_octave=24)) | v).encode() for k,v in dict(version=dict(version=9), songs=dict(songs=[]), song=dict(songs=dict(a=1)), status=dict(songs=dict(a=dict(status=1))), lost=dict(songs=dict(a=dict(status='ok'))), contract=dict(contract=[]), no_contract=dict(contract=None), vocabulary=dict(vocabulary=[1])).items()},
    **{f'contract-{k}-{v}': json.dumps(dict(format='chordkd-store', version=1, songs={}, contract=dict(name='log-cqt',version=1,n_features=144,sr=22050,hop=2048,bins_per_octave=24)|{k:v})).encode() for k,v in (('hop',0),('sr',-1),('sr','x'),('n_features',1.5),('bins_per_octave',True),('fmin',None),('pad_mode','x'),('chunk',-1),('colour',1))})

@pytest.mark.parametrize('name', STORES)
def test_bad_manifests(tmp_path, name):
    from chordkd_nb.corpus import Store
    (tmp_path/'manifest.json').write_bytes(STORES[name])
    with pytest.raises(ValueError) as e: Store(tmp_path)
    assert str(tmp_path) in str(e.value) and '\n' not in str(e.value)

def test_bad_shards_splits_groups(tmp_path):
    from chordkd_nb.corpus import Store, Song, build_store, find_songs, load_split
    song = Song('a', audio=hostile.triad(3)); store = build_store([song], tmp_path/'s', progress=False); shard = next((tmp_path/'s').glob('*.arrow')); whole = shard.read_bytes()
    assert len(store)==1
    for data in (b'', b'garbage'*99, whole[:100], whole[:len(whole)//2], whole[:-9]):
        shard.write_bytes(data)
        try: assert len(Store(tmp_path/'s'))==1                        # only what follows the last song is missing
        except ValueError as e: assert str(tmp_path) in str(e) and '\n' not in str(e)
        else: assert data==whole[:-9]
    for text in ('', '[]', '{"a": 1}', '{"a": "bc"}', '{"a": [1]}', '{"a": null}', 'x', '{"a":'*5000):
        (tmp_path/'x.json').write_text(text)
        with pytest.raises(ValueError, match='x.json'): load_split(tmp_path/'x.json')
    (tmp_path/'c').mkdir(); (tmp_path/'c'/'a.wav').write_bytes(hostile.encoded(hostile.triad()))
    for text in ('', '[]', '{"a": 1}', '{"a": ["b"]}'):
        (tmp_path/'c'/'groups.json').write_text(text)
        with pytest.raises(ValueError, match='groups.json'): find_songs(tmp_path/'c')
    (tmp_path/'c'/'groups.json').unlink(); (tmp_path/'c'/'a.lab').write_text('0 1 C'); (tmp_path/'c'/'a.jams').write_text('{}')
    with pytest.raises(ValueError, match='two label files'): find_songs(tmp_path/'c')

CONFIGS = [(k,v) for k,vs in dict(mean=('x',None,[1]), std=(0,-1,'x'), arch=('lstm',5,None), model=([],dict(a=1),None,5), vocabulary=(5,dict(size=3,labels=[]),dict(size=170,labels=[])), contract=([],dict(name='x',version=1),None), decoding=([1],5,dict(penalty='x'),dict(penalty=-1),dict(overlap=7),dict(colour=1),dict(temperature=0),dict(smoothing=5)), weights=(5,dict(sha256='x'),dict(sha256=1)), format=('x',), format_version=(2,), extra=(1,)).items() for v in vs]

@pytest.mark.parametrize('k,v', CONFIGS+[('model',dict(num_heads=0)),('model',dict(num_layers=-1)),('model',dict(num_layers=1)),('model',dict(hidden_size='x')),('model',dict(num_heads=7)),('contract',dict(hop=0)),('contract',dict(sr='x')),(None,b''),(None,b'[]'),(None,b'{'),(None,b'\xff\xfe'),(None,b'{"a": NaN}')], ids=lambda x: str(x)[:30])
def test_bad_configurations(tmp_path, k, v):
    from chordkd_nb.lean import bundled_folder
    src = bundled_folder()/'btc-small'; (tmp_path/'m').mkdir(); (tmp_path/'m'/'model.safetensors').symlink_to(src/'model.safetensors')
    d = json.loads((src/'config.json').read_text())
    if k: d[k] = d[k]|v if isinstance(v,dict) and isinstance(d.get(k),dict) and len(v)==1 and k in ('model','contract') and next(iter(v)) in d[k] else v
    (tmp_path/'m'/'config.json').write_bytes(json.dumps(d).encode() if k else v); (tmp_path/'a.wav').write_bytes(hostile.encoded(hostile.triad()))
    code,_,_ = chordkd('recognize', tmp_path/'a.wav', '--model', tmp_path/'m')
    assert str(code).startswith('chordkd: ') and '\n' not in code and 'Error: ' not in code

def test_bad_beats(tmp_path):
    from chordkd_nb.export import read_beats
    for text in (b'', b'x', b'nan', b'inf', b'2\n1', b'1 x', b'1 inf', b'1 1e30', b'1 0', b'1 -1', b'1 1\n2', b'\xff\xfe1', bytes(9)):
        (tmp_path/'b.txt').write_bytes(text)
        with pytest.raises(ValueError, match='b.txt'): read_beats(tmp_path/'b.txt')
    os.mkfifo(tmp_path/'f.txt')
    with pytest.raises(ValueError, match='f.txt: not a file'): read_beats(tmp_path/'f.txt')

def test_a_real_process(tmp_path):
    "One line and status 1 without --debug, a traceback with it; a batch in worker processes goes on"
    (tmp_path/'in').mkdir(); os.mkfifo(tmp_path/'in'/'fifo.wav'); (tmp_path/'in'/'t.wav').write_text('text'*9); (tmp_path/'in'/'ok.wav').write_bytes(hostile.encoded(hostile.triad()))
    run = lambda *a: subprocess.run([sys.executable,'-m','chordkd_nb.cli','recognize',*map(str,a)], capture_output=True, text=True, timeout=120)
    r = run(tmp_path/'in'/'t.wav'); assert (r.returncode, r.stdout, len(r.stderr.splitlines()), r.stderr[:9]) == (1,'',1,'chordkd: ') and 't.wav' in r.stderr
    assert 'Traceback' in run('--debug', tmp_path/'in'/'t.wav').stderr
    r = run(tmp_path/'in','--out',tmp_path/'out','--workers',2)
    assert r.returncode==1 and 'Traceback' not in r.stderr and '1 of 3 songs recognised, 2 failed' in r.stderr and (tmp_path/'out'/'ok.lab').exists()

def test_mp3_of_unknown_length_in_full(tmp_path):
    import shutil
    if not shutil.which('ffmpeg'): pytest.skip('needs ffmpeg')
    quiet,loud = tmp_path/'quiet.wav', np.random.default_rng(0).normal(0,.2,10*44100); quiet.write_bytes(hostile.encoded(np.r_[loud, np.zeros(5*44100), loud], 44100))
    subprocess.run(['ffmpeg','-v','error','-i',quiet,'-q:a','5','-write_xing','0',tmp_path/'vbr.mp3'], check=True)
    assert len(load_audio(tmp_path/'vbr.mp3'))/22050==pytest.approx(25, abs=.2)

def test_ffmpeg_messages_do_not_block(tmp_path, monkeypatch):
    "More messages than a pipe holds, before the first sample"
    fake = tmp_path/'ffmpeg'; fake.write_text(f'#!{sys.executable}\nimport sys\nsys.stderr.write("bad frame\\n"*50000)\nsys.stderr.flush()\nsys.stdout.buffer.write(bytes(88200))\n'); fake.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep); (tmp_path/'a.m4a').write_bytes(b'something'*9)
    assert len(load_audio(tmp_path/'a.m4a'))==22050
