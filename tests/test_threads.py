"A recognition takes one thread of the numerical libraries, and leaves them as it found them"
import threading
import numpy as np, pytest, soundfile
from threadpoolctl import threadpool_info, threadpool_limits
from chordkd_nb._threads import _by_anyone, numerical_threads
from chordkd_nb import recognition
from chordkd_nb.cli import main
from chordkd_nb.recognition import get_model, recognize, recognize_features

SOUND = np.random.default_rng(0).normal(0, .1, 22050).astype(np.float32)
PLENTY = 3  # threads that the libraries have at first, whatever the machine


def blas_threads(): return {lib['num_threads'] for lib in threadpool_info() if lib['user_api'] == 'blas'}


@pytest.fixture(autouse=True)
def many_threads():
    before = _by_anyone(lambda: threadpool_limits(PLENTY))
    if blas_threads() != {PLENTY}: pytest.skip('this BLAS cannot be told how many threads to use')
    yield
    _by_anyone(before.restore_original_limits)


class Watched:
    "A recogniser that notes how many threads BLAS has whenever it is asked"
    def __init__(self, model):
        self.model, self.seen = model, set()

    def __getattr__(self, name): return getattr(self.model, name)

    def __call__(self, x, mask):
        self.seen |= blas_threads()
        return self.model(x, mask)


@pytest.mark.parametrize(('options', 'expected'), [({}, 1), (dict(threads=2), 2), (dict(threads=None), PLENTY)])
def test_a_recognition_takes_one_thread_unless_it_is_told_otherwise(options, expected):
    model = Watched(get_model('btc-small'))
    recognize(SOUND, model, 22050, **options)
    recognize_features(np.zeros((20, 144), np.float32), model, **options)
    assert model.seen == {expected}
    assert blas_threads() == {PLENTY}


@pytest.mark.parametrize(('options', 'expected'), [([], 1), (['--threads', '2'], 2)])
def test_the_command_takes_one_thread_unless_it_is_told_otherwise(options, expected, tmp_path, monkeypatch, capsys):
    soundfile.write(tmp_path/'song.wav', SOUND, 22050)
    model = Watched(get_model('btc-small'))
    monkeypatch.setattr(recognition, 'get_model', lambda *args: model)
    main(['recognize', str(tmp_path/'song.wav'), *options])
    assert model.seen == {expected}


def test_an_error_leaves_the_libraries_as_they_were():
    with pytest.raises(ValueError, match='shape'): recognize_features(np.zeros((3, 7)), 'btc-small')
    assert blas_threads() == {PLENTY}


@pytest.mark.parametrize('threads', [0, -1, 'two', True])
def test_a_bad_number_of_threads_is_named(threads):
    with pytest.raises(ValueError, match='must be at least 1'): recognize(SOUND, 'btc-small', 22050, threads=threads)


@pytest.mark.parametrize('first_out', ['first in', 'second in'])
def test_recognitions_side_by_side_leave_the_libraries_as_they_were(first_out):
    inside, leave = threading.Barrier(3), {name: threading.Event() for name in ('first in', 'second in')}
    entered = threading.Event()
    def block(name, after):
        if after: after.wait()
        with numerical_threads(1):
            entered.set()
            inside.wait(20)
            leave[name].wait()
    threads = {'first in': threading.Thread(target=block, args=('first in', None), daemon=True),
               'second in': threading.Thread(target=block, args=('second in', entered), daemon=True)}
    for t in threads.values(): t.start()
    inside.wait(20)
    leave[first_out].set()
    threads[first_out].join()
    assert blas_threads() == {1}, 'the other one is still inside'
    for event in leave.values(): event.set()
    for t in threads.values(): t.join()
    assert blas_threads() == {PLENTY}


def test_pytorch_takes_one_thread_too():
    torch = pytest.importorskip('torch')
    seen = {}
    def work():   # a thread that PyTorch has not seen
        with numerical_threads(1):
            torch.ones(300, 300)@torch.ones(300, 300)
            seen['inside'] = torch.get_num_threads()
        seen['after'] = torch.get_num_threads()
    before = torch.get_num_threads()
    torch.set_num_threads(PLENTY)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    torch.set_num_threads(before)
    assert seen == dict(inside=1, after=PLENTY)
