"What the scores of chords, basses and boundaries share: which songs belong together, and where a chord changes"
from functools import lru_cache
import numpy as np
from chordkd_nb._units import unit_between

LENGTHS = 2, 10.  # no song is longer than the other by this factor and by these seconds


def check_lengths(ref, est):
    "Raise if reference and estimate cannot belong together"
    short, long = sorted([ref.duration, est.duration])
    if long <= LENGTHS[0]*short or long - short <= LENGTHS[1]: return
    hint = unit_between(long, short) or unit_between(short, long)
    raise ValueError(f'the reference ends at {ref.duration:g} s, the estimate at {est.duration:g} s;'
                     f' do they belong together?{hint}')


def score_songs(
    refs:dict, # song id → reference `Annotation`
    ests:dict, # song id → estimated `Annotation`
    score, # function of reference and estimate; returns arrays
)->list: # the arrays, each stacked over songs
    "Score each song; every reference must have an estimate"
    if not refs: raise ValueError('no references to evaluate on')
    if missing := [str(i) for i in refs if i not in ests]:
        names = ', '.join(missing[:10]) + ' ...'*(len(missing) > 10)
        raise ValueError(f'{len(missing)} of {len(refs)} songs have no estimate: {names}')
    songs = []
    for i, ref in refs.items():
        try: songs.append(score(ref, ests[i]))
        except ValueError as e: raise ValueError(f'song {i}: {e}') from e
    return [np.stack(of_songs) for of_songs in zip(*songs)]


def confusion_tables(
    ref_rows, # (n,) rows of pieces of time, by what the reference has there
    est_rows, # (n,) their columns, by what the estimate has
    root_right, # (n,) bool
    seconds, # (n,) of the pieces
    size:int, # K rows and columns
)->np.ndarray: # (2,K,K) seconds
    "Add up seconds: where the root is right, and for all time"
    tables = np.zeros((2, size, size))
    for table, use in zip(tables, (root_right, np.ones(len(seconds), bool))):
        np.add.at(table, (ref_rows[use], est_rows[use]), seconds[use])
    return tables


@lru_cache(maxsize=10**5)
def chord_code(
    label:str, # in Harte's syntax
)->tuple: # of integers; equal for two spellings of one chord over one bass
    "Encode a chord with mir_eval: root, twelve notes, bass"
    from mir_eval.chord import encode
    return tuple(np.hstack(encode(label, reduce_extended_chords=True)).tolist())


def merged_intervals(
    bounds, # (n+1,) seconds
    labels, # n
)->np.ndarray: # (k,2) seconds
    "Join equal neighbours, in mir_eval's sense of equal"
    codes = [chord_code(label) for label in labels]
    new = [i == 0 or code != codes[i-1] for i, code in enumerate(codes)]
    starts = np.asarray(bounds[:-1])[new]
    return np.stack([starts, np.append(starts[1:], bounds[-1])], 1)
