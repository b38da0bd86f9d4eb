"""How do we know that a song follows a chart? Fits `FOLLOWS` of chordkd_nb._chart_labels by logistic regression.

Aligns songs with their own charts, undamaged and damaged, also 40 s of each song, and with charts of other songs. Each
--set is a corpus of audio or a store, a recogniser that has not learned from these songs, a part of a split, and how
many of its songs to take. The last table says which share of each kind is accepted if we ask for this probability.
usage: right_charts.py OUT.csv --set SONGS RUN IDS.json:PART N [--set …]"""
import argparse
import json
import numpy as np
import pandas as pd
from scipy.optimize import minimize
from tqdm.auto import tqdm
from chordkd_nb import alignment as align
from chordkd_nb._chart_labels import belief_in_chart
from chordkd_nb.recognition import get_model
from align_costs import load
from damage import chart_of, labels_of

OTHERS, EXCERPT = (3, 7, 13), 40   # distance to the songs whose charts we take; s
COLUMNS = ['sum', 'lead', 'played']


def signs(log_probs, chart, model):
    "What tells a right chart from a wrong one"
    found = align.find_alignment(log_probs, chart, model.vocab, model.contract.frame_seconds)
    return dict(sum=found.fit + found.order, lead=found.lead, played=found.played)


def rows_of(songs, model):
    "A row for each alignment of each song"
    ids, n = list(songs), int(EXCERPT/model.contract.frame_seconds)
    def chart(number, share, *seed):
        labels = labels_of(songs[ids[number % len(ids)]][1])
        return chart_of(labels, share, number % 2 == 0, np.random.default_rng([number, *seed]))[0]
    for i, id in enumerate(tqdm(ids, unit='song')):
        log_probs = songs[id][0]
        first = int(np.random.default_rng(i).integers(0, max(len(log_probs) - n, 1)))
        tries = [(f'{percent} % damaged', log_probs, chart(i, percent/100, percent)) for percent in (0, 10, 20)]
        tries += [('other song', log_probs, chart(i + step, 0, 1)) for step in OTHERS if step % len(ids)]
        tries += [('excerpt', log_probs[first:first + n], chart(i, 0, 2)),
                  ('excerpt, other song', log_probs[first:first + n], chart(i + 5, 0, 2))]
        for kind, part, tried in tries: yield dict(song=id, kind=kind, **signs(part, tried, model))


def fitted(table):
    "Weights of the columns, and a constant, of a logistic regression"
    X, right = np.c_[table[COLUMNS], np.ones(len(table))], ~table.kind.str.contains('other').to_numpy()
    def loss(w): return np.logaddexp(0, np.where(right, -1, 1)*(X @ w)).mean() + 1e-6*(w @ w)
    return minimize(loss, np.zeros(X.shape[1])).x


def accepted(table):
    "% of each kind whose probability is at least .5, .6, .7, with the weights of the package"
    belief = np.array([belief_in_chart(*row, EXCERPT) for row in table[COLUMNS].to_numpy()])
    enough = pd.DataFrame({least: belief >= least for least in (.5, .6, .7)}, index=table.index)
    return (100*enough.groupby(table.kind).mean()).round(1)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out')
    p.add_argument('--set', action='append', nargs=4, required=True, dest='sets')
    args, tables = p.parse_args(), []
    for folder, run, ids, n in args.sets:
        file, part = ids.rsplit(':', 1)
        chosen, model = json.load(open(file))[part][:int(n)], get_model(run)
        songs = load(folder, model, None, {*chosen})
        tables.append(pd.DataFrame(rows_of(songs, model)).assign(set=folder))
        pd.concat(tables).round(4).to_csv(args.out, index=False)
    table = pd.concat(tables, ignore_index=True)
    print('fitted:', dict(zip([*COLUMNS, 'constant'], fitted(table).round(1))))
    for name, part in table.groupby('set'): print(name, accepted(part), sep='\n')


if __name__ == '__main__': main()
