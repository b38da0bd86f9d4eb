"A failed training process stops the others"
from types import SimpleNamespace
import pytest
from chordkd_nb.demo import _stop_if_failed


def process(exitcode, stopped):
    "A process that notes when it is stopped"
    return SimpleNamespace(exitcode=exitcode, terminate=lambda: stopped.append(exitcode))


def test_nothing_stops_while_all_work_or_have_finished():
    stopped = []
    _stop_if_failed([process(None, stopped), process(0, stopped)])
    assert stopped == []


def test_one_failure_stops_all():
    stopped = []
    with pytest.raises(RuntimeError, match='the reason is printed above'):
        _stop_if_failed([process(None, stopped), process(1, stopped)])
    assert stopped == [None, 1]
