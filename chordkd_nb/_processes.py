"Processes that work on many items: they may die of one, and they end when their parent does"
import ctypes, math, multiprocessing, os, pickle, signal, sys, threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

TRIES = 2  # how often we start a process that does not come up, and how often we try an item whose process dies
ITEMS_AHEAD = 3  # items a process that are being worked on, or done and not yet taken

# numerical libraries read these when they are loaded
ONE_THREAD = dict(
    OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1', MKL_NUM_THREADS='1', VECLIB_MAXIMUM_THREADS='1')

# glibc: parameter of `mallopt` → bytes
GIVE_BACK_ABOVE = -3, 2**22  # M_MMAP_THRESHOLD: an array above 4 MB goes back to the kernel when it is freed
KEEP_UP_TO = -1, 2**26  # M_TRIM_THRESHOLD: up to 64 MB of smaller ones are kept, or the kernel would clear pages again

COULD_NOT_START = (
    "A worker process could not start ({}). What it needs (a teacher, say) must be importable there, and a script "
    "needs `if __name__ == '__main__':`. With workers=0 no process is started.")

OUT_OF_MEMORY = ('The system does this when memory runs out: take fewer workers and readers, or give the machine '
                 'more memory.')
CRASHED = ('This is a fault in compiled code, perhaps because the file is damaged: leave it out. To report it, try it '
           'again with PYTHONFAULTHANDLER=1 in the environment, which shows where it happens.')
# what ended a process → what to do
ADVICE = dict(SIGKILL=OUT_OF_MEMORY, SIGSEGV=CRASHED, SIGBUS=CRASHED, SIGILL=CRASHED, SIGFPE=CRASHED, SIGABRT=CRASHED)


class WorkerDied(str):
    "In the place of a result: how the process ended that worked on the item, and what to do"


def map_in_processes(
    work, # an importable function of one argument; it does not return None
    items, # what it is called with
    workers:int, # processes; 0: none, this one works
    start=None, # an importable function that each process calls first
    args:tuple=(), # of `start`
    ordered:bool=True, # in the order of the items, or as they are done
    ahead:int=ITEMS_AHEAD, # items a process, see there
): # yields (item, result); the result is a `WorkerDied` where the process died each time
    "Let processes work on items, and outlive their crashes"
    if not workers:
        yield from ((item, work(item)) for item in items)
        return
    with environment(ONE_THREAD):  # processes inherit it
        pool = ProcessPool(workers, work, start, args)
        try: yield from pool.map(items, ordered, ahead)
        except BaseException:  # an error, Ctrl-C, or nobody asks for more
            pool.stop()
            raise
        finally: pool.close()


@contextmanager
def environment(
    changes:dict, # name → value
):
    "Change environment variables, and change them back"
    before = {k: os.environ.get(k) for k in changes}
    os.environ.update(changes)
    try: yield
    finally:
        for k, v in before.items():
            if v is None: os.environ.pop(k, None)
            else: os.environ[k] = v


def _take(pending, ordered):
    "Remove the first pending item, or the first that is done: (item, result)"
    k = 0
    if not ordered:
        done = wait([future for _,future in pending], return_when=FIRST_COMPLETED).done
        k = next(k for k, (_,future) in enumerate(pending) if future in done)
    item, future = pending[k]
    del pending[k]
    return item, future.result()


class ProcessPool:
    """Threads that own a process each, so that it is known which item a process died of

    `concurrent.futures.ProcessPoolExecutor` gives up all items when a process dies. If the process was sending its
    result, it waits for the rest for ever, because it holds the other end of the pipe itself."""
    def __init__(self, workers, work, start=None, args=()):
        self.job, self.workers = (work, start, args), workers
        self.threads = ThreadPoolExecutor(workers)
        self.mine = threading.local()
        self.stopped = threading.Event()
        self.processes = []

    def submit(self, item): return self.threads.submit(self, item)

    def map(self, items, ordered=True, ahead=ITEMS_AHEAD):
        "Yield (item, result), in the order of the items or as they are done; a few items are worked on ahead"
        pending = deque()
        try:
            for item in items:
                pending.append((item, self.submit(item)))
                if len(pending) >= ahead*self.workers: yield _take(pending, ordered)
            while pending: yield _take(pending, ordered)
        finally:  # nobody asks for the rest
            for _, future in pending: future.cancel()

    def stop(self):
        "Give up what is being worked on"
        self.stopped.set()
        for p in self.processes: p.process.terminate()

    def close(self):
        self.threads.shutdown(cancel_futures=True)
        for p in self.processes: p.end()

    def __call__(self, item):
        "The result of an item, or how the last process ended that worked on it; a thread has its own process"
        status = None
        for _ in range(TRIES):
            process = self.mine.process = getattr(self.mine, 'process', None) or self._new_process()
            if self.stopped.is_set(): break
            try: return process(item)
            except _Died: self.mine.process = None
            status = process.exit_status()
        cause = _cause(status)
        advice = ADVICE.get(cause, 'Leave it out, or try again.')
        return WorkerDied(f'WorkerDied: the process that worked on it ended with {cause}, {TRIES} times. {advice}')

    def _new_process(self):
        status = None
        for _ in range(TRIES):
            process = _Process(*self.job)
            self.processes.append(process)
            if self.stopped.is_set(): process.process.terminate()
            if process.ready() or self.stopped.is_set(): return process
            status = process.exit_status()
        raise RuntimeError(COULD_NOT_START.format(_cause(status)))


class Packed:
    "Pickled bytes that become an object where they are sent to, and not before"
    def __init__(self, data): self.data = data
    def __reduce__(self): return pickle.loads, (self.data,)


class _Died(Exception): pass


def _cause(status):
    "Name the signal that ended a process, or its exit status"
    names = {-s.value: s.name for s in signal.Signals}  # the status is negative after a signal
    return names.get(status, f'exit status {status}')


class _Process:
    """A process that works on one item at a time

    We send it its job once it has started. As arguments of `Process`, a job above 64 kB would wait for ever for a
    process that dies on the way up."""
    def __init__(self, work, start, args):
        job = ForkingPickler.dumps((work, start, args))
        self.here, there = multiprocessing.Pipe()
        self.process = multiprocessing.get_context('spawn').Process(target=_serve, args=(there,))
        with _interrupts_held(): self.process.start()
        there.close()  # now only the process holds that end, and we see when it dies
        with suppress(OSError): self.here.send_bytes(job)  # if it is dead, `ready` says so

    def ready(self):
        "Wait until the process has started; False if it died"
        try: return self.here.recv() == 'ready'
        except (EOFError, OSError): return False

    def __call__(self, item):
        try:
            self.here.send(item)
            result, error = self.here.recv()
        except (EOFError, OSError): raise _Died from None
        if error is not None: raise error
        return result

    def exit_status(self):
        "Wait for a process that died: its exit status, or minus the signal that ended it"
        self.process.join()
        return self.process.exitcode

    def end(self):
        self.here.close()
        self.process.join()


@contextmanager
def _interrupts_held():
    "Hold Ctrl-C back; a process that starts here inherits this and receives it only once `with_parent` ignores it"
    if not hasattr(signal, 'pthread_sigmask'):
        yield
        return
    from multiprocessing import resource_tracker
    resource_tracker.ensure_running()  # it would start with the first process, and let Ctrl-C through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try: yield
    finally: signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(there):
    "Run in a worker process: receive an item, send (result, error), until nobody asks any more"
    with_parent()
    _give_memory_back()
    work, start, args = there.recv()
    if start: start(*args)
    there.send('ready')
    while True:
        try: item = there.recv()
        except EOFError: return
        try: answer = work(item), None
        except Exception as e: answer = None, e
        there.send(answer)


def with_parent():
    "Leave Ctrl-C to the parent, and end when it does; nothing changes in a process without one"
    parent = multiprocessing.parent_process()
    if not parent: return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, 'pthread_sigmask'): signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent):
    parent.join()
    os._exit(1)


def _give_memory_back():
    "Have glibc return the memory of large arrays at once"
    if sys.platform != 'linux': return
    libc = ctypes.CDLL(None)
    if hasattr(libc, 'mallopt'):
        for parameter in (GIVE_BACK_ABOVE, KEEP_UP_TO): libc.mallopt(*parameter)


def one_torch_thread():
    "Let PyTorch compute on one thread, where every core has a process"
    import torch
    torch.set_num_threads(1)


def cpu_count()->int:
    "Count the cores that this process may use: those of its affinity, and no more than its container's share"
    count = getattr(os, 'process_cpu_count', os.cpu_count)() or 1  # Python 3.13 has the first
    if hasattr(os, 'sched_getaffinity'): count = min(count, len(os.sched_getaffinity(0)))
    return max(1, min(count, _container_share()))


def _container_share():
    "Cores that the limit of a Linux container is worth, rounded up; a large number without one"
    try: quota, period = Path('/sys/fs/cgroup/cpu.max').read_text().split()
    except (OSError, ValueError):
        try: quota, period = (Path(f'/sys/fs/cgroup/cpu/cpu.cfs_{n}_us').read_text() for n in ('quota', 'period'))
        except OSError: return sys.maxsize
    limited = quota.strip().isdigit()  # else 'max' or -1
    return math.ceil(int(quota)/int(period)) if limited else sys.maxsize
