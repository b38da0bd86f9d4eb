"""Time `recognize` with one numerical thread and with as many as the libraries take, in a process without limits.

    python benchmarks/threads.py            alone, and as a server that answers several requests at once

The two ways take turns within one run. A ratio is the median of the rounds' ratios, with the smallest and largest."""
import argparse, os, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import timing

WAYS = {'one thread (default)': 1, 'as many as they take': None}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--seconds', type=float, default=240., help='length of a song (default: 240)')
    p.add_argument('--rounds', type=int, default=7, help='timed rounds of each (default: 7)')
    p.add_argument('--at-once', type=int, default=4, help='requests of the server (default: 4)')
    p.add_argument('--model', help='recogniser (default: its default)')
    return p.parse_args()


def main():
    args = arguments()
    for variable in timing.THREADS: os.environ.pop(variable, None)   # as a user starts it
    from chordkd_nb.recognition import recognize
    folder = Path(tempfile.gettempdir())/'chordkd-benchmark'
    song = timing.demo_audio(folder, 1, args.seconds)[0]
    print(timing.machine())
    for requests in (1, args.at_once):
        def ask(threads):
            with ThreadPoolExecutor(requests) as pool:
                list(pool.map(lambda _: recognize(song, args.model, threads=threads), range(requests)))
        times = timing.alternate({way: lambda n=n: ask(n) for way, n in WAYS.items()}, args.rounds)
        print(f'{requests} at a time, songs of {args.seconds:g} s, median of {args.rounds}')
        first = next(iter(times))
        for way, t in times.items():
            wall, cpu = (timing.median(t, i) for i in (0, 1))
            slower = '' if way == first else f'   takes {timing.ratio(t, times[first])}'
            print(f'{way:24} {wall:7.2f} s wall {cpu:7.2f} s CPU{slower}', flush=True)


if __name__ == '__main__': main()
