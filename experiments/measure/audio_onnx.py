"""Compare the chords of ONNX files that take samples with those of `recognize`, on songs and on sounds that are not.

    audio_onnx.py OUT SONG... [--model btc-v8]

OUT/agreement.csv    a row for each song and sound: its length (s), the tuning that the file measured in its first
                     minute (cents), and for fp32 and int8 the share of the time with the same chord (percent)
OUT/files.csv        size of both files (MB), and how many times faster than real time one core recognises the songs

Songs are named as their files. The sounds are noise, silence, 0.1 s of the first song, and 30 minutes of all songs,
one after another."""
import argparse
import sys
import tempfile
import time
from pathlib import Path
import numpy as np
import onnxruntime
import pandas as pd
import torch
from tqdm.auto import tqdm
from chordkd_nb.annotation import Annotation
from chordkd_nb.audio import load_audio
from chordkd_nb.audio_onnx import export_audio_onnx
from chordkd_nb.evaluation import overlay
from chordkd_nb.recognition import recognize

sys.path.insert(0, str(Path(__file__).resolve().parents[2]/'examples/onnx'))
import decode

RATE = decode.RATE
HALF_HOUR = 30*60*RATE  # samples


def sounds(songs):
    "Name -> samples, one after another"
    for path in songs: yield Path(path).stem, load_audio(path, RATE)
    yield 'noise', np.random.default_rng(0).normal(0, .1, 60*RATE).astype(np.float32)
    yield 'silence', np.zeros(10*RATE, np.float32)
    first = load_audio(songs[0], RATE)
    yield '0.1 s', first[len(first)//2:][:RATE//10]
    joined = np.concatenate([load_audio(path, RATE) for path in songs])
    yield '30 minutes', np.tile(joined, -(-HALF_HOUR//len(joined)))[:HALF_HOUR]


def agreement(answer, chords):
    "Percent of the time in which an `Annotation` and the list of `decode.recognise` name the same chord"
    theirs = Annotation([(c['start'], c['end']) for c in chords], [c['label'] for c in chords])
    times, *sides = overlay(answer, theirs)
    same = [ours == other for ours, other in zip(*sides)]
    return 100*np.average(same, weights=np.diff(times))


def load(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out')
    p.add_argument('songs', nargs='+')
    p.add_argument('--model', default='btc-v8')
    args = p.parse_args()
    torch.set_num_threads(1)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: export_audio_onnx(args.model, Path(folder)/f'{kind}.onnx', int8=kind == 'int8')
                 for kind in ('fp32', 'int8')}
        sizes = {kind: path.stat().st_size/1e6 for kind, path in files.items()}
        sessions = {kind: load(path) for kind, path in files.items()}
    rows, spent = [], dict.fromkeys(sessions, 0.)
    for name, samples in tqdm(sounds(args.songs), total=len(args.songs) + 4):
        seconds = len(samples)/RATE
        answer = recognize(samples, args.model, orig_sr=RATE)
        row = dict(name=name, seconds=round(seconds, 1))
        for kind, session in sessions.items():
            start = time.process_time()
            chords = decode.recognise(session, samples)
            spent[kind] += time.process_time() - start
            row[kind] = round(agreement(answer, chords), 2)
        row['tuning'] = round(float(decode.run(sessions['fp32'], samples[:60*RATE])['tuning_used'][0]), 1)
        rows.append(row)
    table = pd.DataFrame(rows)
    table.to_csv(out/'agreement.csv', index=False)
    speed = {kind: round(table.seconds.sum()/s) for kind, s in spent.items()}
    pd.DataFrame(dict(MB=sizes, speed=speed)).round(2).to_csv(out/'files.csv', index_label='file')
    print(table.to_string(), pd.read_csv(out/'files.csv').to_string(), sep='\n')


if __name__ == '__main__': main()
