"The checks of reliability/ in short: a few kills, a few files, two workers and one"
import random, sys
from pathlib import Path
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent/'reliability'))
import common, load, soak

SLOW = pytest.mark.slow
CASES = [('label', 'group'), ('recognize', 'worker'),
         pytest.param('corpus', 'group', marks=SLOW), pytest.param('stage1', 'disk', marks=SLOW)]


@pytest.fixture(scope='module')
def job(tmp_path_factory):
    "name -> a job that has run undisturbed, made when first asked for"
    base, jobs = tmp_path_factory.mktemp('jobs'), {}
    def get(name):
        if name not in jobs:
            workers = 2 if name == 'recognize' else 1
            jobs[name] = soak.Job(name, base, size=.5, workers=workers).undisturbed()
        return jobs[name]
    return get


@pytest.mark.parametrize('name, way', CASES)
def test_a_killed_command_that_runs_again_makes_what_an_undisturbed_one_makes(job, tmp_path, name, way):
    rng = random.Random(f'{name} {way}')
    for k in range(4):   # a run may be over before its moment comes
        hits, wrong = soak.trial(job(name), way, 1, rng, tmp_path/str(k)/'out')
        assert not wrong
        if hits: return
    pytest.fail('no kill met a living run')


@SLOW
def test_two_commands_in_one_folder_do_not_harm_each_other(job, tmp_path):
    assert not soak.twin(job('corpus'), tmp_path/'out')[1]


@SLOW
def test_two_workers_make_what_one_makes(job, tmp_path):
    one = job('label')
    *command, _ = one.command(tmp_path/'out')
    common.done(*command, 2)
    assert not common.different(one.truth, tmp_path/'out')


def test_bad_files_are_named(tmp_path):
    row, wrong, _ = load.files(tmp_path, 40, .1, workers=2)
    assert not wrong
    assert (row['bad'], row['named'], row['done']) == (4, 4, 36)


def test_memory_that_grows_is_seen():
    assert load.is_flat(300, 340)
    assert not load.is_flat(300, 360)


def test_memory_is_compared_over_the_time_of_work_alone():
    grows = [(0, 50, 0)]*5 + [(1, 100, 1)]*3 + [(2, 150, 2)]*3 + [(3, 200, 3)]*3 + [(4, 300, 4)]*3
    assert load.thirds(grows) == (100, 200)
    assert load.thirds([(0, 50, 0), (1, 60, 0)]) == (50, 60)   # done between two samples
