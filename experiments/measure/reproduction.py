"""Compare results that you have made with those of the reports, run by run.

For each row: its mean over seeds in both, and the difference in standard deviations over the old seeds.
usage: reproduction.py NEW OLD [METRIC …]     (folders; e.g. runs/results data/results mean ACQA)"""
import sys
from pathlib import Path
import pandas as pd


def compare(new, old, metric):
    "A table of the rows that are in both runs.csv"
    (a, b) = (pd.read_csv(path).groupby('system', sort=False)[metric] for path in (new, old))
    table = pd.DataFrame(dict(old=b.mean(), spread=b.std(), new=a.mean(), seeds=a.count())).dropna(subset='new')
    table['difference'] = table.new-table.old
    table['in spreads'] = table.difference/table.spread
    return table.round(2)


def main():
    new, old, *metrics = sys.argv[1:]
    for path in sorted(Path(new).rglob('runs.csv')):
        place = path.relative_to(new)
        if not (Path(old)/place).exists(): continue
        for metric in metrics or ['mean', 'ACQA']:
            print(f'{place.parent}, {metric}', compare(path, Path(old)/place, metric), '', sep='\n')


if __name__ == '__main__': main()
