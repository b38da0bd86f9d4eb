"The work of `map_in_processes` on a Ray cluster (https://docs.ray.io/en/latest/data/data.html)"
import logging, math, os, pickle
from contextlib import contextmanager, suppress
from typing import Any
from chordkd_nb._processes import ONE_THREAD, WorkerDied

RAY_RETRIES = 20  # attempts at an item; a machine that goes away uses up several before Ray knows that it is gone
ITEMS_AT_ONCE = 64, 16  # items that are handed to Ray together: at least, and for each actor
DIED = WorkerDied(
    'WorkerDied: the actor that worked on it died each time it was tried, for lack of memory or by a crash. '
    'Leave it out, or see what `ray logs` says.')


def map_on_ray(
    make, # an importable function or class; each actor calls it to make the function that works on items
    args:tuple, # of `make`; they are sent once
    items:list, # what that function is called with
    where, # address of the cluster ('auto': the cluster that this machine belongs to), or (address, GPUs of an actor)
    workers:int|None=None, # actors; None or 0: as many as the CPUs and GPUs of the cluster suffice for
    pack=pickle.dumps, # item → bytes
    cpus:int=1, # of an actor
): # yields (item, result) as they are done; the result is a `WorkerDied` where the actor died each time
    "Let the actors of a Ray cluster work on items, and outlive their crashes"
    if not items: return
    address, gpus = where if isinstance(where, tuple) else (where, 0)
    ray = _connect(address)
    fit = _actors(ray.nodes(), cpus, gpus)
    job = ray.put((make, args))  # kept here, so that Ray can start an actor anew
    least, each = ITEMS_AT_ONCE
    done = 0
    while done < len(items):
        with suppress(RuntimeError): fit = _actors(ray.nodes(), cpus, gpus)  # the cluster may have grown
        actors = workers or fit
        part = items[done:done + max(least, each*actors)]
        yield from _map_part(ray, job, part, pack, dict(actors=actors, cpus=cpus, gpus=gpus))
        done += len(part)


def _connect(address):
    import ray, ray.data
    if not ray.is_initialized(): ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger('ray.data').setLevel('ERROR')
    return ray


def _actors(nodes, cpus, gpus):
    "How many actors of so many CPUs and GPUs fit into the machines of a cluster"
    wanted = {kind: n for kind, n in dict(CPU=cpus, GPU=gpus).items() if n}
    machines = [node['Resources'] for node in nodes if node['Alive']]
    fit = sum(min(math.floor(there.get(kind, 0)/n) for kind, n in wanted.items()) for there in machines)
    if fit: return fit
    has_workers = any(there.get('CPU') for there in machines)
    if not (has_workers or gpus): return 1  # it waits until the first machine has joined
    size = ' and '.join(f'{n:g} {kind}{"s"*(n != 1)}' for kind, n in wanted.items())
    raise RuntimeError(f'No machine of the cluster has the {size} of one worker. '
                       'A worker takes one CPU and one more for each of its readers.')


def _map_part(ray, job, items, pack, size):
    "An item is one block and an actor has one block at a time, so that a dying actor costs that item only"
    actors = min(size['actors'], len(items))
    rows = [dict(i=i, item=pack(item)) for i,item in enumerate(items)]
    worker:Any = _Actor
    found = ray.data.from_items(rows, override_num_blocks=len(items)).map(
        worker, fn_constructor_args=(job,), num_cpus=size['cpus'], num_gpus=size['gpus'] or None,
        ray_remote_args_fn=lambda: dict(max_task_retries=RAY_RETRIES),  # Ray 2.64 drops it: settings.ini excludes that
        compute=ray.data.ActorPoolStrategy(
            min_size=1, max_size=actors, initial_size=actors, max_tasks_in_flight_per_actor=1))
    found.context.max_errored_blocks = -1  # any number of items may fail
    found.context.enable_progress_bars = False
    waiting = dict(enumerate(items))
    with _told(ray):
        for row in found.iter_rows(): yield waiting.pop(row['i']), pickle.loads(row['result'])
    for item in waiting.values(): yield item, DIED  # Ray leaves out what failed


@contextmanager
def _told(ray):
    "Let an error of an actor that cannot start be one line, its last"
    try: yield
    except ray.exceptions.RayError as error:
        why = [line.strip() for line in str(error).splitlines() if line.strip()][-1]
        raise RuntimeError(f'The workers of the cluster could not start. {why}') from None


class _Actor:
    "What an actor does: an item comes in, its result goes out"
    def __init__(self, job):
        import ray
        os.environ.update(ONE_THREAD)
        make, args = ray.get(job)
        self.work = make(*args)

    def __call__(self, row):
        return dict(i=row['i'], result=pickle.dumps(self.work(pickle.loads(row['item']))))
