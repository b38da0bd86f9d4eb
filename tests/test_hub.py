"A server on this machine plays the Hugging Face Hub; networks go there and come back, and `torch.hub` loads them"
import base64, hashlib, json, os, re, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import pytest, torch
from chordkd_nb import BTC, TwoE1D, load_checkpoint
from chordkd_nb._hub import model_card
from chordkd_nb.checkpoint_files import CheckpointError

ROOT = Path(__file__).resolve().parent.parent
COMMIT = '0123456789abcdef0123456789abcdef01234567'


class Hub(BaseHTTPRequestHandler):
    "Repositories in memory: name → file → bytes; as much of the Hub's API as uploads and downloads need"
    repositories, seen = {}, []

    def log_message(self, *_): pass

    def answer(self, content=b'', status=200, **headers):
        if not isinstance(content, bytes): content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name.replace('_', '-'), value)
        if 'Content_Length' not in headers: self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(content)

    def home(self): return 'http://{}:{}'.format(*self.server.server_address)

    def body(self): return self.rfile.read(int(self.headers.get('Content-Length', 0)))

    def do_POST(self):
        self.seen.append(('POST', self.path, self.headers.get('Authorization')))
        body = self.body()
        if self.path == '/api/repos/create':
            asked = json.loads(body)
            name = f"{asked.get('organization') or 'me'}/{asked['name']}"
            self.repositories.setdefault(name, {})
            return self.answer(dict(url=f'{self.home()}/{name}', id=name, name=name))
        if self.path == '/api/validate-yaml': return self.answer(dict(errors=[], warnings=[]))
        name, what = re.match(r'/api/models/([^/]+/[^/]+)/(preupload|commit)/', self.path).groups()
        if what == 'preupload':
            files = [dict(path=f['path'], uploadMode='regular', shouldIgnore=False) for f in json.loads(body)['files']]
            return self.answer(dict(files=files))
        for line in map(json.loads, body.splitlines()):
            if line['key'] != 'file': continue
            self.repositories[name][line['value']['path']] = base64.b64decode(line['value']['content'])
        self.answer(dict(commitUrl=f'{self.home()}/{name}/commit/{COMMIT}', commitOid=COMMIT, hookOutput=''))

    def do_GET(self):
        self.seen.append((self.command, self.path, self.headers.get('Authorization')))
        path = self.path.partition('?')[0]
        if found := re.match(r'/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?$', path):
            if found[1] not in self.repositories: return self.missing('RepoNotFound')
            files = self.repositories[found[1]]
            siblings = [dict(rfilename=name, size=len(content)) for name, content in files.items()]
            return self.answer(dict(id=found[1], modelId=found[1], sha=COMMIT, siblings=siblings, tags=[],
                                    downloads=0, likes=0, private=False))
        if found := re.match(r'/api/models/([^/]+/[^/]+)/tree/[^/]+', path):
            files = self.repositories[found[1]]
            return self.answer([dict(type='file', path=name, size=len(content), oid=hashlib.sha1(content).hexdigest())
                                for name, content in files.items()])
        found = re.match(r'/([^/]+/[^/]+)/resolve/[^/]+/(.+)', path)
        content = self.repositories.get(found[1], {}).get(found[2]) if found else None
        if content is None: return self.missing('EntryNotFound')
        self.answer(content, ETag=f'"{hashlib.sha1(content).hexdigest()}"', X_Repo_Commit=COMMIT)

    do_HEAD = do_GET

    def missing(self, code): self.answer(dict(error='not here'), 404, X_Error_Code=code)


@pytest.fixture
def hub(tmp_path):
    "The environment of processes that take the server for the Hub"
    Hub.repositories, Hub.seen = {}, []
    server = ThreadingHTTPServer(('127.0.0.1', 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f'http://127.0.0.1:{server.server_port}'
    yield os.environ | dict(
        HF_ENDPOINT=address, HF_HOME=str(tmp_path/'home'), HF_HUB_DISABLE_TELEMETRY='1', HF_HUB_DISABLE_XET='1',
        HF_HUB_DISABLE_PROGRESS_BARS='1', PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1')
    server.shutdown()
    server.server_close()


def python(code, env, cwd):
    "Run code in a process of its own: what it prints"
    r = subprocess.run([sys.executable, '-c', code], env=env, cwd=cwd, capture_output=True, text=True)
    assert not r.returncode, r.stderr
    return r.stdout


@pytest.fixture
def wav(tmp_path):
    import numpy as np, soundfile as sf
    t = np.arange(5*22050)/22050
    sf.write(tmp_path/'a.wav', .2*sum(np.sin(2*np.pi*f*t) for f in (261.6, 329.6, 392.)), 22050)


THERE = '''
from chordkd_nb import BTC
print(BTC.from_pretrained('btc-small').push_to_hub('me/my-chords', token='hf_secret'))
'''
BACK = '''
import torch
from chordkd_nb import BTC, TwoE1D, recognize
from chordkd_nb.checkpoint_files import CheckpointError
here, back = BTC.from_pretrained('btc-small'), BTC.from_pretrained('me/my-chords', token='hf_secret')
x = torch.zeros(1, 108, 144)
assert torch.equal(here(x), back(x)) and not back.training
assert back.checkpoint.config() == here.checkpoint.config()
assert recognize('a.wav', 'me/my-chords').labels == recognize('a.wav', 'btc-small').labels
try: TwoE1D.from_pretrained('me/my-chords')
except CheckpointError as error: print(error)
try: BTC.from_pretrained('me/nothing')
except ValueError as error: print(error)
'''
OFFLINE = '''
from chordkd_nb import BTC
print(type(BTC.from_pretrained('me/my-chords', local_files_only=True)).__name__)
'''


def test_a_network_goes_to_the_hub_and_comes_back_and_another_one_is_not_there(hub, tmp_path, wav):
    assert COMMIT in python(THERE, hub, tmp_path)
    files = Hub.repositories['me/my-chords']
    assert {'README.md', 'config.json', 'model.safetensors'} <= files.keys()
    card = files['README.md'].decode()
    assert card.startswith('---\nlibrary_name: chordkd_nb\nlicense: apache-2.0\n')
    assert "recognize('song.mp3', 'me/my-chords')" in card
    said = python(BACK, hub, tmp_path)
    assert 'is a BTC, not a TwoE1D: use BTC.from_pretrained' in said and "'me/nothing' is not a folder" in said
    assert all(who == 'Bearer hf_secret' for kind, path, who in Hub.seen if kind == 'POST')
    Hub.repositories.clear()
    assert python(OFFLINE, hub, tmp_path) == 'BTC\n'   # from the cache


def test_a_saved_network_is_a_checkpoint_with_the_weights_as_they_are(tmp_path):
    network = BTC.from_pretrained('btc-small')
    with torch.no_grad(): network.output_layer.output_projection.bias += 1
    network.save_pretrained(tmp_path/'mine')
    read = load_checkpoint(tmp_path/'mine')
    assert torch.equal(read.model.output_layer.output_projection.bias, network.output_layer.output_projection.bias)
    assert read.contract == network.checkpoint.contract and read.licence == network.checkpoint.licence
    again = BTC.from_pretrained(tmp_path/'mine')
    assert torch.equal(again(torch.ones(1, 9, 144)), network(torch.ones(1, 9, 144)))


def test_a_network_without_features_is_not_saved(tmp_path):
    folder = tmp_path/'mine'
    TwoE1D.from_pretrained('2e1d-v7').save_pretrained(folder)
    before = (folder/'config.json').read_bytes()
    for save in (lambda n: n.save_pretrained(folder), lambda n: n.push_to_hub('me/x')):
        with pytest.raises(ValueError, match='does not know its features.*BTC.from_pretrained'): save(BTC(num_layers=1))
    assert (folder/'config.json').read_bytes() == before


def test_another_network_is_refused():
    with pytest.raises(CheckpointError, match='is a TwoE1D, not a BTC'): BTC.from_pretrained('2e1d-v7')


@pytest.mark.parametrize('licence,head', [
    ('Apache-2.0', 'license: apache-2.0'), ('CC0', 'license: cc0-1.0'), ('MIT', 'license: mit'),
    ('not stated', 'license: other\nlicense_name: not stated')])
def test_the_licence_has_the_name_that_the_hub_knows(licence, head):
    config = load_checkpoint('btc-small').config() | dict(licence=licence)
    assert head in str(model_card(config))


def test_torch_hub_loads_a_network_and_the_recogniser(tmp_path, wav):
    code = f'''
import sys, torch
sys.meta_path[:] = [f for f in sys.meta_path if '__editable__' not in f.__module__]   # not installed
network = torch.hub.load({str(ROOT)!r}, 'btc', source='local')
recognize = torch.hub.load({str(ROOT)!r}, 'recognize', source='local')
print(type(network).__name__, network.checkpoint.contract.name, recognize('a.wav').labels)
print(type(torch.hub.load({str(ROOT)!r}, 'twoe1d', source='local')).__name__)
'''
    env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    env |= dict(TORCH_HOME=str(tmp_path), OMP_NUM_THREADS='1')
    out = python(code, env, tmp_path)
    assert "BTC log-cqt ['C']" in out and out.endswith('TwoE1D\n')
