"The workflow of experiments/: every target can be planned, and every rule runs on tiny generated data"
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
import pytest

ROOT = Path(__file__).resolve().parents[2]
SNAKEMAKE = shutil.which('snakemake')
TARGETS = ('real_recordings', 'audio', 'composed_songs', 'few_labels', 'ablations', 'other_recognisers',
           'scale', 'weights')
CONFIG = ROOT/'experiments/config'
SMOKE = ['--configfile', CONFIG/'published.yaml', CONFIG/'smoke.yaml']

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SNAKEMAKE, reason='needs snakemake')]


def snakemake(*args):
    "Run the workflow with this Python and this package: its output"
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    env = os.environ | dict(PATH=path, PYTHONPATH=str(ROOT), MPLBACKEND='agg', TQDM_DISABLE='1')
    command = [SNAKEMAKE, '-s', ROOT/'experiments/Snakefile', *args]
    run = subprocess.run(list(map(str, command)), cwd=ROOT, env=env, text=True, capture_output=True)
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


def test_every_rule_runs(tmp_path):
    places = dict(work='work', results='results', billboard='given/billboard.npz', pop909='given/POP909')
    where = [f'{name}={tmp_path}/{place}' for name, place in places.items()]
    options = ['-c2', 'all', *SMOKE, '--config', *where]
    assert rules()-planned(snakemake('-n', *options)) == set(TARGETS)  # `all` asks for their files itself
    snakemake(*options)
    assert (tmp_path/'results/billboard-full/table.csv').exists()
    assert 'Nothing to be done' in snakemake(*options)


def rules():
    "Names of all rules but those of rules/fetch.smk, which smoke.yaml replaces"
    files = [ROOT/'experiments/Snakefile', *(ROOT/'experiments').rglob('*.smk')]
    text = '\n'.join(f.read_text(encoding='utf-8') for f in files if f.name != 'fetch.smk')
    return set(re.findall(r'^(?:use )?rule (?:\w+ as )?(\w+)', text, re.M))
