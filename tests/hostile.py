"""Hostile and broken files: each generator writes into a folder and returns {name: what must come of it}.
What must come of an audio file is the seconds that its chords cover, a C-major triad where there is a second or more of one, or a regular expression that its one-line error matches.
`python tests/hostile.py --long` recognises three hours of audio in a process of its own and prints the memory it took."""
import shutil, io, json, os, struct, subprocess, sys
from pathlib import Path
import numpy as np, soundfile as sf

SR = 22050

def triad(seconds=1.5, sr=SR, level=.2):
    "C major with overtones"
    t = np.arange(round(seconds*sr))/sr
    return (level*sum(np.sin(2*np.pi*f*k*t)/k**2 for f in (130.81,261.63,329.63,392.) for k in (1,2,3))/2).astype(np.float32)

def wav(data, channels=1, rate=SR, bits=16, code=1, riff=None, length=None):
    "A RIFF file whose header says whatever is asked"
    head = struct.pack('<IHHIIHH', 16, code, channels, rate, rate*channels*bits//8 & 0xffffffff, channels*bits//8 & 0xffff, bits)
    return b'RIFF'+struct.pack('<I', 36+len(data) if riff is None else riff)+b'WAVEfmt '+head+b'data'+struct.pack('<I', len(data) if length is None else length)+data

def encoded(y, sr=SR, format='WAV', subtype='PCM_16'):
    out = io.BytesIO(); sf.write(out, y, sr, format=format, subtype=subtype)
    return out.getvalue()

FORMATS = dict(wav=('WAV','PCM_16'), wavex=('WAVEX','PCM_16'), flac=('FLAC','PCM_16'), ogg=('OGG','VORBIS'), opus=('OGG','OPUS'), mp3=('MP3','MPEG_LAYER_III'), aiff=('AIFF','PCM_16'), au=('AU','PCM_16'),
    caf=('CAF','PCM_16'), w64=('W64','PCM_16'), rf64=('RF64','PCM_16'), nist=('NIST','PCM_16'), voc=('VOC','PCM_16'), ircam=('IRCAM','PCM_16'), paf=('PAF','PCM_16'), svx=('SVX','PCM_16'), avr=('AVR','PCM_16'), mat5=('MAT5','PCM_16'), pvf=('PVF','PCM_16'), htk=('HTK','PCM_16'))
SUBTYPES = ('PCM_U8','PCM_16','PCM_24','PCM_32','FLOAT','DOUBLE','ULAW','ALAW','IMA_ADPCM','MS_ADPCM')

def audio(folder, seed=0):
    "Files of audio, or of what only looks like it: {name: seconds, or a regular expression of the error}"
    rng, want, folder = np.random.default_rng(seed), {}, Path(folder)
    def put(name, data, expect): (folder/name).write_bytes(data); want[name] = expect
    y = triad(); pcm = (y*32767).astype('<i2').tobytes(); full = 1.5
    missing = 'a^' if shutil.which('ffmpeg') else 'and ffmpeg, which might, is not installed'   # what only ffmpeg reads, or is asked about last
    undecodable = f'ffmpeg could not decode it|cannot be decoded|no audio in it|{missing}'
    all_of = {k: encoded(triad(sr=24000), 24000, *f) if k=='opus' else encoded(y, SR, *f) for k,f in FORMATS.items()}
    for k,b in all_of.items():                                         # all formats that libsndfile writes, all under one name: content decides
        put(f'format-{k}.wav', b, full); put(f'format-{k}.mp3', b, full)
        put(f'head-{k}.wav', b[:20], undecodable if k!='pvf' else (0,.01))
        if k in ('wav','wavex','aiff','au','w64','rf64','caf'): put(f'half-{k}.wav', b[:len(b)//2], (full/2-.1,full/2+.01,missing))
        if k in ('flac',): put(f'half-{k}.wav', b[:len(b)//2], undecodable)
        if k in ('ogg','opus','mp3'): put(f'half-{k}.wav', b[:len(b)*3//4], (.2,1.3,undecodable))
        if k in ('wav','flac','ogg','mp3','aiff','caf','w64'):
            put(f'most-{k}.wav', b[:-1], (full-.2,full+.01) if k not in ('flac','ogg') else (.2,full+.01, undecodable))
            put(f'junk-{k}.wav', rng.bytes(len(b)), undecodable)
            put(f'zeros-{k}.{k}', bytes(len(b)), undecodable)
            x = bytearray(b); at = rng.integers(200, len(b), 40)       # forty flipped bytes
            for i in at: x[i] ^= 255
            put(f'flipped-{k}.wav', bytes(x), (.0,full*1.3, undecodable+'|holds'))
    for s in SUBTYPES: put(f'sub-{s}.wav', encoded(y, SR, 'WAV', s), (full-.01,full+.1))
    for sr in (4000,6000,8000,11025,12000,16000,22050,24000,32000,44100,48000,64000,88200,96000,176400,192000): put(f'rate-{sr}.wav', encoded(triad(full, sr), sr), full)
    for c in range(1,9): put(f'channels-{c}.wav', encoded(np.repeat(y[:,None],c,1)), full)
    put('channels-100.wav', encoded(np.repeat(y[:,None],100,1)), full)
    for n,s in ((1,1/SR),(2,2/SR),(220,.01),(2205,.1),(11025,.5)): put(f'short-{n}.wav', encoded(y[:n]), s)
    put('one-of-192k.wav', encoded(y[:1], 192000), (0,1e-3,'not one sample'))
    put('silence.wav', encoded(0*y), (full,'N')); put('silence.flac', encoded(0*y, format='FLAC'), (full,'N'))
    put('offset.wav', encoded(y*.5+.5, subtype='FLOAT'), full); put('constant.wav', encoded(0*y+.7, subtype='FLOAT'), (full,'any'))
    put('clipped.wav', encoded(np.clip(50*y,-1,1)), (full,'any')); put('loud.wav', encoded(y*1e4, subtype='FLOAT'), full); put('quiet.wav', encoded(y*.02, subtype='FLOAT'), full); put('noise.wav', encoded(rng.normal(0,.1,len(y))), (full,'any'))
    for name,bad in (('nan',np.nan),('inf',np.inf),('minus-inf',-np.inf),('huge',1e30)):
        for k,t in (('float','FLOAT'),('double','DOUBLE')): x = y.astype(float); x[len(x)//2] = bad; put(f'{name}-{k}.wav', encoded(x, subtype=t), 'NaN or infinite|full scale is 1')
    # headers that lie: what they claim is not believed
    put('claims-4GB.wav', wav(pcm, riff=2**32-1, length=2**32-1), full); put('claims-10h.wav', wav(pcm, riff=36+36000*2*SR, length=36000*2*SR), full)
    put('claims-half.wav', wav(pcm, length=len(pcm)//2), full/2); put('claims-nothing.wav', wav(pcm, length=0), 'no audio in it')
    put('odd-length.wav', wav(pcm+b'x'), full); put('riff-0.wav', wav(pcm, riff=0), full)
    for c in (0,65535): put(f'claims-{c}-channels.wav', wav(pcm, c), undecodable)
    put('claims-1024-channels.wav', wav(pcm, 1024), (0,.01))
    for r in (1,10,999,1_000_001,10**7,2**31-1): put(f'claims-{r}-Hz.wav', wav(pcm, rate=r), 'a sample rate of')
    for r in (0,2**32-1): put(f'claims-{r}-Hz.wav', wav(pcm, rate=r), undecodable)
    put('claims-0-bits.wav', wav(pcm, bits=0), undecodable); put('claims-format-1234.wav', wav(pcm, code=0x1234), undecodable)
    flac = bytearray(all_of['flac']); flac[21] = (flac[21]&0xf0)|0xf; flac[22:26] = b'\xff'*4; put('claims-weeks.flac', bytes(flac), (0,full+.1,undecodable))
    # not audio
    for e in ('wav','mp3','flac','ogg','m4a','aiff'): put(f'empty.{e}', b'', 'the file is empty'); put(f'text.{e}', b'this is not audio\n'*50, undecodable); put(f'byte.{e}', b'\0', undecodable)
    put('picture.wav', b'\x89PNG\r\n\x1a\n'+rng.bytes(500), undecodable); put('json.mp3', b'{"a": [1,2,3]}', undecodable); put('html.mp3', b'<html><body>404 Not Found</body></html>', undecodable)
    put('playlist.mp3', b'#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n', undecodable); put('concat.wav', b"ffconcat version 1.0\nfile '/etc/hostname'\n", undecodable)
    put('midi.wav', b'MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0', undecodable); put('gzip.flac', b'\x1f\x8b\x08'+rng.bytes(300), undecodable); put('id3-only.mp3', b'ID3\x04\0\0\0\0\x02\x01'+bytes(257), undecodable)
    loop = all_of['mp3']+rng.bytes(3000); put('junk-after.mp3', loop, (full-.2,full+.5,undecodable)); put('junk-before.mp3', bytes(600)+all_of['mp3'], (full-.2,full+.3,missing))
    return want

NAMES = ('ünïcödé 音楽 🎵.wav', ' leading and trailing .wav', '-dash.wav', '--out.wav', 'new\nline.wav', 'tab\tand\x1b[31mescape.wav', "quote'\"$(x)`.wav", 'percent%d%s{}.wav', 'file:x|y.wav', 'UPPER.WAV', 'two.dots.mp3.wav', 'l'*251+'.wav', b'latin\xe9.wav'.decode(errors='surrogateescape'))

def names(folder):
    "Names that shells, terminals and format strings stumble over, each on good audio and, in a folder beside it, on a text: {name: seconds}"
    good,bad = Path(folder)/'good', Path(folder)/'bad'; good.mkdir(); bad.mkdir()
    for n in NAMES: (good/n).write_bytes(encoded(triad())); (bad/n).write_bytes(b'no audio'*20)
    return {n:1.5 for n in NAMES}

def not_files(folder):
    "Links, folders, FIFOs and devices with names of audio: {name: seconds or error}"
    folder = Path(folder); song = encoded(triad())
    (folder/'song.wav').write_bytes(song); (folder/'folder.wav').mkdir(); (folder/'folder.wav'/'inside.wav').write_bytes(song)
    other = folder.parent/f'{folder.name}-elsewhere'; other.mkdir(); (other/'linked.wav').write_bytes(song); (other/'back').symlink_to(folder)
    for n,to in (('link.wav','song.wav'),('dangling.wav','nothing'),('loop-a.wav','loop-b.wav'),('loop-b.wav','loop-a.wav'),('zero.wav','/dev/zero'),('null.wav','/dev/null'),('itself','.'),('album',other)): (folder/n).symlink_to(to)
    os.mkfifo(folder/'fifo.wav')
    return {'song.wav':1.5, 'folder.wav/inside.wav':1.5, 'link.wav':1.5, 'album/linked.wav':1.5, 'dangling.wav':'a link to a file that is not there', 'loop-a.wav':'a link to', 'loop-b.wav':'a link to', 'zero.wav':'not a file', 'null.wav':'not a file', 'fifo.wav':'not a file'}

LABS = dict( # content, and what reading must come to: a number of segments or an error
    good=(b'0 1 C\n1 2 A:min\n', 2), crlf=(b'0 1 C\r\n1 2 A:min\r\n', 2), cr=(b'0 1 C\r1 2 A:min\r', 2), bom=(b'\xef\xbb\xbf0 1 C\n', 1), tabs=(b'0\t1\tC\n', 1), comments=(b'# a\n0 1 C\n# b\n\n1 2 N\n', 2), no_newline=(b'0 1 C', 1),
    exponent=(b'0 1e0 C\n1e0 2E0 N', 2), snapped=(b'0 1.0004 C\n1 2 N', 2), slips=(b'0 1 Emin/4\n1 2 C:aug7(9)\n2 3 C:maj11\n', 3), spaces=(b'  0   1   C:maj( 9 , 11 ) \n', 1),
    overlap=(b'0 2 C\n1 3 D\n','line 2: overlap'), gap=(b'0 1 C\n2 3 D\n','line 2: gap'), late=(b'1 2 C\n','line 1: gap'), reversed=(b'1 0 C\n','line 1: it ends'), empty_segment=(b'0 1 C\n1 1 D\n','line 2: it ends'), backwards=(b'1 2 C\n0 1 D\n','line 1: gap'), inside=(b'0 2 C\n1.9992 1.9998 D\n','line 2: it ends'),
    nan=(b'0 nan C\n','not finite'), inf=(b'0 inf C\n','not finite'), overflow=(b'0 1e999 C\n','not finite'), negative=(b'-1 1 C\n','line 1: overlap'), unknown=(b'0 1 H:maj\n',"line 1: 'H:maj' is not a Harte"), lead_sheet=(b'0 1 Cmaj7\n',"Did you mean 'C:maj7'"), bass_note=(b'0 1 C/E\n','bass after the slash'), no_bass=(b'0 1 C/\n','not a Harte'),
    latin1=('0 1 C\n# Caf\xe9\n'.encode('latin1'),'not a text file in UTF-8'), utf16=('0 1 C\n'.encode('utf-16'),'not a text file in UTF-8'), utf16le=('0 1 C\n'.encode('utf-16-le'),'line 1: expected'), nul=(b'0 1 C\0\n','not a Harte'), nuls=(bytes(100),'line 1: expected'), binary=(bytes(range(256)),'not a text'),
    empty=(b'','no chord segments'), blank=(b'\n \n\t\n','no chord segments'), only_comments=(b'# a\n','no chord segments'), two_columns=(b'0 1\n','line 1: expected'), words=(b'from to chord\n','line 1: expected'), commas=(b'0,1,C\n','line 1: expected'), times_last=(b'C 0 1\n','line 1: expected'),
    long_label=(b'0 1 C'+b'x'*10**6,'has 1000001 characters'), long_line=(b'0 1'+b' '*10**6+b'C\n', 1), long_number=(b'0 '+b'9'*10**5+b' C\n','not finite'), backtracking=(b'0 1 C:('+b'1,'*60+b'x\n','not a Harte'), blanks_in_label=(b'0 1 C'+b' '*10**5+b'x\n','characters'), hyphens=(b'0 1 '+b'('*400+b'\n','not a Harte'))

_obs = dict(time=0., duration=1., value='C', confidence=.5)
def _jams(*data, **more): return dict(annotations=[dict(namespace='chord', data=list(data), annotation_metadata={}, sandbox={}, time=0, duration=2) | more], file_metadata=dict(duration=2., title=''), sandbox={})
JAMS = dict( # content (JSON-able, or bytes), and what reading must come to
    good=(_jams(_obs, _obs|dict(time=1.,value='A:min')), 2), unsorted=(_jams(_obs|dict(time=1.), _obs), 2), no_confidence=(_jams(_obs|dict(confidence=None)), 1), garbage=(b'\x00\x01garbage','not a readable JAMS'), empty=(b'','not a readable JAMS'), half=(json.dumps(_jams(_obs)).encode()[:60],'not a readable JAMS'), array=([1,2],'JAMS'), number=(3,'JAMS'), null=(None,'JAMS'), text=('chords','JAMS'),
    deep=(b'['*10**5,'not a readable JAMS'), none=(dict(annotations=[], file_metadata={}, sandbox={}),'0 chord annotations'), other=(_jams(_obs, namespace='beat'),'0 chord annotations'), annotations_number=(dict(annotations=5, file_metadata={}, sandbox={}),'JAMS'), no_data=(_jams(),'at least one'),
    **{f'{k}_{n}': (_jams(_obs|{k:v}), r'\.jams: ') for k,vs in dict(time=dict(text='x', null=None, list=[1], negative=-5., nan=float('nan'), inf=float('inf')), duration=dict(text='x', null=None, zero=0., negative=-1., inf=float('inf')), value=dict(null=None, number=5, unknown='H', list=['C'], object={}), confidence=dict(text='high', high=7., list=[1])).items() for n,v in vs.items()},
    overlap=(_jams(_obs, _obs|dict(time=.5)),'overlap'), gap=(_jams(_obs, _obs|dict(time=1.5)),'gap'), alternatives_number=(_jams(_obs, sandbox=dict(alternatives=5)), r'\.jams: '), alternatives_text=(_jams(_obs, sandbox=dict(alternatives=['C'])), r'\.jams: '), alternatives_odd=(_jams(_obs, sandbox=dict(alternatives=[[['H',.5]]])), r'\.jams: '))

def labels(folder):
    "`.lab` and `.jams` files: {name: number of segments, or error}"
    folder, want = Path(folder), {}
    for n,(b,w) in LABS.items(): (folder/f'{n}.lab').write_bytes(b); want[f'{n}.lab'] = w
    for n,(d,w) in JAMS.items(): (folder/f'{n}.jams').write_bytes(d if isinstance(d,bytes) else json.dumps(d).encode()); want[f'{n}.jams'] = w
    for e in ('lab','jams'):
        os.mkfifo(folder/f'fifo.{e}'); (folder/f'folder.{e}').mkdir(); (folder/f'zero.{e}').symlink_to('/dev/zero'); (folder/f'dangling.{e}').symlink_to('nothing')
        want |= {f'fifo.{e}':'not a file', f'folder.{e}':'not a file', f'zero.{e}':'not a file', f'dangling.{e}':'No such file'}
    return want

def long_song(path, hours=3.):
    "A FLAC of so many hours at 8 kHz: C, silence and noise in turn"
    rng = np.random.default_rng(0); parts = [triad(60,8000), np.zeros(60*8000,np.float32), rng.normal(0,.05,60*8000).astype(np.float32)]
    with sf.SoundFile(path, 'w', 8000, 1, format='FLAC') as f:
        for i in range(round(hours*60)): f.write(parts[i%3])

def peak_of(path):
    "Recognise a file in a process of its own: (last line it printed, peak memory in MB)"
    code = "import sys,resource; from chordkd_nb.recognition import recognize; a = recognize(sys.argv[1]); print(f'{a.duration:.1f}', len(a), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss>>10)"
    r = subprocess.run([sys.executable,'-c',code,str(path)], capture_output=True, text=True, timeout=900)
    if r.returncode: raise RuntimeError(r.stderr[-500:])
    *said,mb = r.stdout.split(); return said, int(mb)

if __name__=='__main__':
    import tempfile
    if sys.argv[1:]!=['--long']: sys.exit('usage: python tests/hostile.py --long')
    with tempfile.TemporaryDirectory() as d:
        for hours in (1/3,1,3):
            long_song(Path(d)/'long.flac', hours); (seconds,segments),mb = peak_of(Path(d)/'long.flac')
            print(f'{hours:.2f} h: {seconds} s in {segments} segments, peak {mb} MB', flush=True)
