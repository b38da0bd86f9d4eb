"Recognition in several threads at once, its progress, and how it is cancelled"
import gc, os, threading
from concurrent.futures import ThreadPoolExecutor
import numpy as np, pytest, soundfile as sf
from chordkd_nb import recognition
from chordkd_nb.recognition import get_model, recognize

SR = 22050
MINUTE = np.tile(.2*sum(np.sin(2*np.pi*f*np.arange(3*SR)/SR) for f in (220, 277.2, 329.6)), 20).astype(np.float32)


class Cancelled(Exception): pass


def song(k): return np.roll(MINUTE[:10*SR], 3000*k)*np.hanning(10*SR)**(k % 3)


def test_threads_get_the_answers_that_they_would_get_alone():
    alone = [recognize(song(k), orig_sr=SR, top_k=2) for k in range(6)]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(2):
            assert list(pool.map(lambda k: recognize(song(k), orig_sr=SR, top_k=2), range(6))) == alone


def test_threads_that_begin_together_load_a_model_once():
    recognition._load.cache_clear()
    begin, found = threading.Barrier(8), []
    def load():
        begin.wait()
        found.append(get_model('btc-small'))
    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert len(found) == 8 and len({id(model) for model in found}) == 1


def test_progress_goes_from_0_to_1_and_changes_nothing():
    shares = []
    assert recognize(MINUTE, 'btc-small', SR, progress=shares.append) == recognize(MINUTE, 'btc-small', SR)
    assert shares == [0, .5, 1]


@pytest.mark.parametrize('how', ['array', 'file', 'open file'])
def test_progress_of_a_long_recording_rises_steadily(how, tmp_path):
    long, shares = np.tile(MINUTE, 15), []
    sf.write(tmp_path/'long.wav', long, SR)
    given = dict(array=long, file=tmp_path/'long.wav')
    with open(tmp_path/'long.wav', 'rb') as f:
        recognize(given.get(how, f), 'btc-small', SR, progress=shares.append, tuning=0.)
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1)
    if how == 'open file': assert set(shares) == {0, .5, 1}   # nobody knows how long it is
    else: assert len(set(shares)) > 6 and shares[1] < .7   # ten minutes of fifteen


@pytest.mark.parametrize('at', [0, .5, .8, 1])
def test_an_exception_in_progress_cancels_and_leaves_nothing_open(at, tmp_path):
    sf.write(tmp_path/'long.wav', np.tile(MINUTE, 12), SR)
    def files(): return [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')
                         if os.path.exists(f'/proc/self/fd/{n}')]
    def stop(share):
        if share >= at: raise Cancelled(share)
    with pytest.raises(Cancelled): recognize(tmp_path/'long.wav', 'btc-small', progress=stop, tuning=0.)
    gc.collect()
    if os.path.isdir('/proc/self/fd'): assert str(tmp_path/'long.wav') not in files()
    assert recognize(MINUTE, 'btc-small', SR).duration == 60


def test_a_wrong_file_is_refused_as_ever(tmp_path):
    (tmp_path/'a.txt').write_text('no audio')
    with pytest.raises(ValueError, match='a.txt'): recognize(tmp_path/'a.txt', progress=print)
    with pytest.raises(FileNotFoundError): recognize(tmp_path/'none.wav', progress=print)
