"Commands that `make test` runs in forks behave like commands in new processes"
import os, sys
from pathlib import Path
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT/'tools'))
from warm import WarmPython

SEEN = """import os, sys
state = sys.argv[1:], sys.path[0], os.getcwd(), __name__, sys.stdin.read(), 'json.tool' in sys.modules
sys.exit(repr(state))"""


@pytest.fixture(scope='module', params=[True, False], ids=['forked', 'new'])
def python(request):
    with pytest.MonkeyPatch.context() as patch:
        if not request.param: patch.setattr('warm.FORKS', False)
        python = WarmPython(dict(os.environ), ['json', 'not_installed'])
        yield python
        python.close()


@pytest.fixture
def run(python, tmp_path):
    "Run a program: why it failed, or None"
    def run(code, *arguments, timeout=60):
        (tmp_path/'program.py').write_text(code)
        return python.run(tmp_path/'program.py', *arguments, cwd=ROOT, timeout=timeout)
    return run


def test_a_command_has_its_arguments_its_folder_and_no_input(run, tmp_path):
    assert repr((['a'], str(tmp_path), str(ROOT), '__main__', '', False)) in run(SEEN, 'a')


def test_a_command_finds_nothing_of_the_one_before_it(run):
    assert run('import json.tool, os, sys; os.environ["LEFT"] = sys.left = "behind"; os.chdir("/")') is None
    assert 'json.tool' not in run('import sys; sys.exit(repr([m for m in sys.modules if "tool" in m]))')
    assert run('import os, sys; assert not hasattr(sys, "left") and "LEFT" not in os.environ') is None


@pytest.mark.parametrize('code, says', [
    ('import sys; print("so far"); sys.exit(3)', 'so far\n\nprogram.py ended with status 3'),
    ('import sys; sys.exit("in words")', 'in words\n\nprogram.py ended with status 1'),
    ('import os; os.write(2, b"here"); os.abort()', 'here\nprogram.py ended with status -6'),
    ('assert 1 == 2', 'AssertionError\n\nprogram.py ended with status 1'),
    ('syntax error', 'SyntaxError: invalid syntax\n\nprogram.py ended with status 1')])
def test_why_a_command_failed(run, code, says): assert run(code).endswith(says)


def test_a_command_that_takes_too_long_is_killed(run, tmp_path):
    code = f'import os, time; open({str(tmp_path/"pid")!r}, "w").write(str(os.getpid())); time.sleep(60)'
    assert run(code, timeout=3).endswith('program.py did not end within 3 s')
    with pytest.raises(ProcessLookupError): os.kill(int((tmp_path/'pid').read_text()), 0)


def test_threads_and_exit_functions_end_before_the_command_does(run, tmp_path):
    note = tmp_path/'note'
    run(f"""import atexit, tempfile, threading, time
folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r}, prefix='left')
def note(text): open({str(note)!r}, 'a').write(text)
atexit.register(note, 'exit')
threading.Thread(target=lambda: (time.sleep(.5), note('thread '))).start()""")
    assert note.read_text() == 'thread exit'
    assert not list(tmp_path.glob('left*'))


def test_a_module_runs_as_with_m(python):
    assert python.run('-m', 'json.tool', '--help', cwd=ROOT, timeout=60) is None
    assert 'json.tool ended with status' in python.run('-m', 'json.tool', 'missing.json', cwd=ROOT, timeout=60)


def test_a_process_that_is_gone_fails_its_command_and_not_the_next(python, run):
    if not python.process: pytest.skip('there is no process that forks')
    assert 'the process that forks is gone' in run('import os; os.kill(os.getppid(), 9)')
    python.process.wait()
    assert run('pass') is None
