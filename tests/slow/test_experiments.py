"The workflow of experiments/: every target can be planned, and every rule runs on tiny generated data"
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SNAKEMAKE = shutil.which('snakemake')
TARGETS = ('real_recordings', 'audio', 'composed_songs', 'few_labels', 'ablations', 'bass', 'other_recognisers',
           'charts', 'scale', 'weights')
CONFIG = ROOT/'experiments/config'
SMOKE = ['--configfile', CONFIG/'published.yaml', CONFIG/'smoke.yaml']

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SNAKEMAKE, reason='needs snakemake')]


@pytest.fixture(scope='module')
def commands():
    "A folder with a `chordkd` that starts at once, see warm_chordkd.py"
    folder = Path(tempfile.mkdtemp())  # a socket's name must be short
    server = subprocess.Popen([sys.executable, HERE/'warm_chordkd.py', folder], env=environment())
    for _ in range(600):
        if (folder/'chordkd').exists() or server.poll() is not None: break
        time.sleep(.5)
    yield folder
    server.terminate()
    server.wait()
    shutil.rmtree(folder)


def environment(*folders):
    "This Python and this package, with folders first in PATH"
    path = os.pathsep.join([*map(str, folders), str(Path(sys.executable).parent), os.environ['PATH']])
    return os.environ | dict(
        PATH=path, PYTHONPATH=str(ROOT), MPLBACKEND='agg', TQDM_DISABLE='1', OMP_NUM_THREADS='1')


def snakemake(*args, first_in_path=()):
    "Run the workflow: its output"
    command = [SNAKEMAKE, '-s', ROOT/'experiments/Snakefile', *args]
    run = subprocess.run(
        list(map(str, command)), cwd=ROOT, env=environment(*first_in_path), text=True, capture_output=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-5000:]
    return run.stdout + run.stderr


def planned(text):
    "Names of rules in the table of jobs that Snakemake prints"
    table = text.rpartition('Job stats:')[2]
    return set(re.findall(r'^(\w+) +\d+$', table, re.M)) - {'total'}


@pytest.mark.parametrize('target', TARGETS)
@pytest.mark.parametrize('config', ['laptop.yaml', 'published.yaml'])
def test_every_target_can_be_planned(target, config, tmp_path):
    where = f'work={tmp_path}/work', f'results={tmp_path}/results'
    text = snakemake('-n', target, '--configfile', CONFIG/config, '--config', *where)
    assert target in planned(text)


def test_every_rule_runs(commands, tmp_path):
    places = dict(work='work', results='results', billboard='given/billboard.npz', pop909='given/POP909',
                  openewld='given/OpenEWLD')
    where = [f'{name}={tmp_path}/{place}' for name, place in places.items()]
    options = ['-c2', 'all', *SMOKE, '--config', *where]
    assert rules()-planned(snakemake('-n', *options)) == set(TARGETS)  # `all` asks for their files itself
    snakemake(*options, first_in_path=[commands])
    assert (tmp_path/'results/billboard-full/table.csv').exists()
    assert 'Nothing to be done' in snakemake(*options)


def rules():
    "Names of all rules but those of rules/fetch.smk, which smoke.yaml replaces"
    files = [ROOT/'experiments/Snakefile', *(ROOT/'experiments').rglob('*.smk')]
    text = '\n'.join(f.read_text(encoding='utf-8') for f in files if f.name != 'fetch.smk')
    return set(re.findall(r'^(?:use )?rule (?:\w+ as )?(\w+)', text, re.M))
