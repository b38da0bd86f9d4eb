"""Write the chords of scores as .lab files, each at a random tempo: MusicXML → OUT/001.lab, …

OpenEWLD has 502 songs in the public domain with their chords (https://github.com/00sapo/OpenEWLD, commit ec03cbd,
MIT). Songs are numbered in the order of their paths. We skip scores with fewer than eight readable chords.
usage: lead_sheets.py FOLDER OUT"""
import sys
from pathlib import Path
import numpy as np
from chordkd_nb.annotation import Annotation
from chordkd_nb.charts import read_chart

FEWEST = 8  # chords
TEMPO = 70, 170  # beats a minute


def timed(chart, beats_a_minute):
    "The chords of a chart as an annotation"
    beats = np.array([chord.beats for chord in chart.chords])
    ends = np.cumsum(beats)*60/beats_a_minute
    return Annotation(np.c_[ends - beats*60/beats_a_minute, ends], [chord.label for chord in chart.chords])


def main(folder, out):
    paths = sorted(path for path in Path(folder).rglob('*') if path.suffix in ('.mxl', '.musicxml'))
    Path(out).mkdir(parents=True, exist_ok=True)
    written = 0
    for k, path in enumerate(paths, 1):
        try: chart = read_chart(path)
        except ValueError as e: print(f'{path}: {e}')
        else:
            if len(chart.chords) < FEWEST: continue
            tempo = np.random.default_rng(k).uniform(*TEMPO)
            timed(chart, tempo).to_lab(Path(out)/f'{k:03d}.lab')
            written += 1
    if not written: raise SystemExit(f'{folder}: no MusicXML files with chords')
    print(f'{out}: the chords of {written} songs of {len(paths)}')


if __name__ == '__main__': main(*sys.argv[1:])
