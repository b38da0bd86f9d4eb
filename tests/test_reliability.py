"""The checks of reliability/ in short: a few kills, a few files, two workers and one."""
import random, sys
from pathlib import Path
import pytest
sys.path.insert(0, str(Path(__file__).resolve().parent.parent/'reliability'))
import common, load, soak


@pytest.fixture(scope='module')
def job(tmp_path_factory):
    base, jobs = tmp_path_factory.mktemp('jobs'), {}
    return lambda name: jobs[name] if name in jobs else jobs.setdefault(name, soak.Job(name, base, size=.5, workers=2 if name=='recognize' else 1).undisturbed())


@pytest.mark.parametrize('name, way', [('corpus','group'), ('label','group'), ('stage1','disk'), ('recognize','worker')])
def test_killed(job, tmp_path, name, way):
    "Killed once at least, at a random moment, and run again: the result of a run that nobody disturbed"
    rng = random.Random(f'{name} {way}')
    for k in range(4):   # a run may be over before its moment comes
        hits, wrong = soak.trial(job(name), way, 1, rng, tmp_path/str(k)/'out')
        assert not wrong
        if hits: return
    pytest.fail('no kill met a living run')


def test_two_at_once(job, tmp_path):
    assert not soak.twin(job('corpus'), tmp_path/'out')[1]


def test_workers_do_not_matter(job, tmp_path):
    "One process has labelled the pool; two do it again"
    one = job('label'); args = [tmp_path/'out' if a=='{out}' else a for a in one.args]
    common.done(*args[:-1], 2)
    assert not common.different(one.truth, tmp_path/'out')


def test_bad_files_are_named(tmp_path):
    row, wrong, _ = load.files(tmp_path, 40, .1, workers=2)
    assert not wrong and (row['bad'], row['named'], row['done']) == (4, 4, 36)


def test_memory_that_grows_is_seen():
    assert load.flat(300, 340) and not load.flat(300, 360)
    assert load.thirds([(0, 50, 0), (1, 60, 0)]) == (50, 60)   # done between two looks
    assert load.thirds([(0, 50, 0)]*5+[(1, 100, 1)]*3+[(2, 150, 2)]*3+[(3, 200, 3)]*3+[(4, 300, 4)]*3) == (100, 200)
