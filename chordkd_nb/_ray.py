"The work of `map_in_processes` on a Ray cluster (https://docs.ray.io/en/latest/data/data.html)"
import logging, pickle
from typing import Any
from chordkd_nb._processes import WorkerDied

RAY_RETRIES = 20  # attempts at an item; a machine that goes away uses up several before Ray knows that it is gone
ITEMS_AT_ONCE = 4096  # items that are handed to Ray together, at least
DIED = WorkerDied(
    'WorkerDied: the actor that worked on it died each time it was tried, for lack of memory or by a crash. '
    'Leave it out, or see what `ray logs` says.')


def map_on_ray(
    make, # an importable function or class; each actor calls it to make the function that works on items
    args:tuple, # of `make`; they are sent once
    items:list, # what that function is called with
    address:str, # of the cluster; 'auto': the cluster that this machine belongs to
    workers:int|None=None, # actors; None or 0: one a CPU
    start=None, # an importable function that each actor calls first
): # yields (item, result) in the order of the items; the result is a `WorkerDied` where the actor died each time
    "Let the actors of a Ray cluster work on items, and outlive their crashes"
    ray = _connect(address)
    workers = workers or int(ray.cluster_resources().get('CPU', 1))
    job = ray.put((make, args, start))  # kept here, so that Ray can start an actor anew
    step = max(ITEMS_AT_ONCE, 64*workers)
    for a in range(0, len(items), step):
        yield from _map_part(ray, job, items[a:a+step], workers)


def _connect(address):
    import ray, ray.data
    if not ray.is_initialized(): ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger('ray.data').setLevel('ERROR')
    return ray


def _map_part(ray, job, items, workers):
    "An item is one block and an actor has one block at a time, so that a dying actor costs that item only"
    actors = min(workers, len(items))
    rows = [dict(i=i, item=pickle.dumps(item)) for i,item in enumerate(items)]
    worker:Any = _Actor
    found = ray.data.from_items(rows, override_num_blocks=len(items)).map(
        worker, fn_constructor_args=(job,), num_cpus=1,
        ray_remote_args_fn=lambda: dict(max_task_retries=RAY_RETRIES),
        compute=ray.data.ActorPoolStrategy(
            min_size=1, max_size=actors, initial_size=actors, max_tasks_in_flight_per_actor=1))
    found.context.execution_options.preserve_order = True
    found.context.max_errored_blocks = -1  # any number of items may fail
    found.context.enable_progress_bars = False
    done = 0
    for row in found.iter_rows():
        for item in items[done:row['i']]: yield item, DIED  # Ray leaves out what failed
        yield items[row['i']], pickle.loads(row['result'])
        done = row['i']+1
    for item in items[done:]: yield item, DIED


class _Actor:
    "What an actor does: an item comes in, its result goes out"
    def __init__(self, job):
        import ray
        make, args, start = ray.get(job)
        if start: start()
        self.work = make(*args)

    def __call__(self, row):
        return dict(i=row['i'], result=pickle.dumps(self.work(pickle.loads(row['item']))))
