"How many threads numerical libraries use while a song is recognised"
import sys, threading
from contextlib import contextmanager
from functools import lru_cache
from typing import Any


@contextmanager
def numerical_threads(
    n:int|None, # at most so many; None: as the libraries are set
):
    """Limit the threads of BLAS and OpenMP within a block

    OpenMP (PyTorch) has a setting for each thread of the program. BLAS (numpy) has one for all of them: while several
    blocks run side by side, that of the first holds."""
    if n is None:
        yield
        return
    if isinstance(n, (bool, str)) or not n >= 1: raise ValueError(f'threads must be at least 1, or None, not {n!r}.')
    torch = sys.modules.get('torch')
    if torch: torch.get_num_threads()  # PyTorch sets OpenMP when a thread first asks; later, it would undo our limit
    blas, openmp = _libraries(len(sys.modules))
    with _blas.limited(blas, n), openmp.limit(limits=n): yield


@lru_cache(1)
def _libraries(n_modules): # finding them takes milliseconds, so we look again only after something was imported
    from threadpoolctl import ThreadpoolController
    found = ThreadpoolController()
    return found.select(user_api='blas'), found.select(user_api='openmp')


class _Blas:
    "The setting of BLAS, which the first of several blocks changes and the last one changes back"
    def __init__(self):
        self.lock, self.users = threading.Lock(), 0
        self.limit:Any = None

    @contextmanager
    def limited(self, blas, n):
        with self.lock:
            if not self.users: self.limit = _by_anyone(lambda: blas.limit(limits=n))
            self.users += 1
        try: yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users: _by_anyone(self.limit.restore_original_limits)


def _by_anyone(change):
    "Change the setting of BLAS, and let other threads change it, too (from version 3.8 of threadpoolctl on)"
    from threadpoolctl import OpenBLASController
    out = change()
    if hasattr(OpenBLASController, 'clear_controlling_thread'): OpenBLASController.clear_controlling_thread()
    return out


_blas = _Blas()
