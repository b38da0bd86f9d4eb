"""Can training read a store that is larger than memory? For nbs/64_scale.ipynb

Copies a labelled store until it has so many gigabytes, and lets a process that may use only one gigabyte, with the
disk cache, draw batches of windows: from all songs at once, and with `mix_songs`. Another may use all memory. Each
process starts with nothing in the cache; the first quarter of its time does not count. The limit is a control group of
Linux, so run it as root.
usage: larger_store.py STORE WORK [--gigabytes 6] [--seconds 40] [--results FOLDER]     (some five minutes)"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from scale import Job, noted, root

GROUPS = Path('/sys/fs/cgroup')
MIX = 0, 64, 256   # songs that are mixed at a time; 0: all
BATCH = 256        # windows
LIMIT = 2**30      # bytes


def enlarged(store, out, gigabytes):
    "Copy a store under other names of its songs until it is so large"
    import pyarrow as pa
    from chordkd_nb._shards import read_shard
    if (out/'manifest.json').exists(): return out
    out.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((store/'manifest.json').read_text())
    shards = sorted(store.glob('part-*.arrow'))
    songs, size, copy = {}, 0, 0
    while size < gigabytes*2**30:
        for i, shard in enumerate(shards):
            table = read_shard(shard)
            column = table.schema.get_field_index('id')
            names = pa.array([f'{copy}-{id}' for id in table['id'].to_pylist()])
            table = table.set_column(column, 'id', names)
            path = out/f'part-{copy*len(shards) + i:05}.arrow'
            with pa.OSFile(str(path), 'wb') as file, pa.ipc.new_stream(file, table.schema) as writer:
                writer.write_table(table)
            size += path.stat().st_size
        songs |= {f'{copy}-{id}': entry for id, entry in manifest['songs'].items()}
        copy += 1
    (out/'manifest.json').write_text(json.dumps(manifest | dict(songs=songs, asked=len(songs))))
    return out


@contextmanager
def memory_group(limit):
    "A control group whose processes may have so many bytes in memory, with what they read of files"
    old = GROUPS/'memory'
    group = (old if old.exists() else GROUPS)/'chordkd-larger-store'
    group.mkdir(exist_ok=True)
    try:
        (group/('memory.limit_in_bytes' if old.exists() else 'memory.max')).write_text(str(limit))
        yield group
    finally: group.rmdir()


def forget(store):
    "Drop a store from the disk cache"
    for shard in store.glob('part-*'):
        file = os.open(shard, os.O_RDONLY)
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def draw(store, mix, seconds):
    "Draw batches for so long, after a quarter of that without counting: a row of the table"
    from chordkd_nb.batches import EpochOrder, Windows, loader
    from chordkd_nb.recipes import recipe
    from chordkd_nb.store import Store
    store = Store(store)
    ready = Windows(store, store.ids, recipe('best', 'stage1'), 0., 1.)
    places = [number for number, _ in ready.table]
    order = EpochOrder(len(ready), 0, places, mix)
    def epochs():
        for epoch in count():
            order.epoch = epoch
            yield from loader(ready, BATCH, order)
    batches = epochs()
    def drawn_in(seconds):
        end, n = time.time() + seconds, 0
        while time.time() < end: n += len(next(batches)['x'])
        return n
    drawn_in(seconds/4)
    before, started, n = read_bytes(), time.time(), drawn_in(seconds)
    spent = time.time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/2**10
    return dict(mix_songs=mix, windows_per_s=round(n/spent), MB_read_per_s=round((read_bytes() - before)/spent/1e6),
                rss_mb=round(memory))


def read_bytes():
    "Bytes that this process has read from a disk"
    lines = Path('/proc/self/io').read_text().splitlines()
    return int(dict(line.split(': ') for line in lines)['read_bytes'])


def measured(store, mix, seconds, group=None):
    "Let another process draw, in a control group or with all memory"
    def enter():
        if group: (group/'cgroup.procs').write_text(str(os.getpid()))
    forget(store)
    command = [sys.executable, __file__, store, '-', '--draw', mix, '--seconds', seconds]
    done = subprocess.run(list(map(str, command)), preexec_fn=enter, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(job, gigabytes, seconds):
    "A row for each way to mix songs, and one with all memory; the music of the job is a store"
    large = enlarged(job.music, job.work/f'{job.music.name}-{gigabytes:g}', gigabytes)
    with memory_group(LIMIT) as group:
        rows = [dict(memory='1 GB') | measured(large, mix, seconds, group) for mix in MIX]
    rows.append(dict(memory='all') | measured(large, 0, seconds))
    job.write(rows, 'larger')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('store', type=Path)
    p.add_argument('work', type=Path)
    p.add_argument('--gigabytes', type=float, default=6)
    p.add_argument('--seconds', type=float, default=40)
    p.add_argument('--results', type=Path, default=root/'data/results/scale')
    p.add_argument('--draw', type=int, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.draw is not None: return print(json.dumps(draw(a.store, a.draw, a.seconds)))
    job = Job(a.store, a.work, a.results)
    with noted(job.results, 'larger'): measure(job, a.gigabytes, a.seconds)


if __name__ == '__main__': main()
