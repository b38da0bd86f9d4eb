"Shared by several commands: choose songs, open stores, choose a device, write files, report"
import os
import re
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from chordkd_nb._optional import require

# part of a model's training → words for "the model was … 3 of the 5 songs"; other parts: 'trained on'
USES = dict(valid='chosen by', teacher='taught by a teacher that had learned from')

# what messages of the library name → what you type here
OPTIONS = {
    'answers=False': '--no-answers',
    'repair=True (--repair)': '--repair',
    'repair=True': '--repair',
    'overwrite=True': '--overwrite',
    'set least_belief=0': 'give --least-belief 0',
    "mapping='default'": '--mapping default',
    '; put their names before the ids (prefix)': '; give --prefix',
    'Give mean=': 'Give --size mean=',
    'Give std=': 'Give --size std=',
    'give a pool and a ratio': 'give --replay POOL and a ratio',
    '(data_home)': '(--source)',
    '`clean` or `lossy`': '--clean or --lossy',
    'use billboard_from_release instead': 'give its folder',
    "convert_published(download('chordmini-2e1d'), '2e1d', f_head=8, t_head=8, d_head=4)":
        'chordkd convert --download chordmini-2e1d --out FOLDER --size f_head=8 t_head=8 d_head=4',
    '; see find_songs': '',
    '`convert_published`': "'chordkd convert'",
    '`export_onnx`': "'chordkd export-onnx'",
    '`fetch_soundfonts`': "'chordkd corpus soundfonts'"}


# Songs

def is_store(
    path, # a folder
)->bool:
    "Check whether a folder is a store, as `chordkd label` writes it"
    return (Path(path)/'manifest.json').exists() and any(Path(path).glob('part-*.arrow'))


def songs_from(
    path, # a folder of audio, its address, or a store of features
    repair=False, # correct gaps and overlaps in annotation files?
    labels=True, # read annotations?
    tuning:float|None=0., # of the features, see `Song`
    program_labels=False, # take labels as truth that a program wrote?
)->list: # of `Song`
    "List the songs of a folder or a store"
    from chordkd_nb._remote import is_address, remote_songs
    from chordkd_nb.songs import find_songs
    find = remote_songs if is_address(path) else find_songs
    if not is_store(path): return find(path, None if labels else False, repair, tuning, program_labels)
    if tuning != 0:
        raise ValueError(f'{path}: the features of a store keep the tuning in which they were made. '
                         'Label the audio.')
    from chordkd_nb.pseudo_labels import stored_songs
    from chordkd_nb.store import Store
    return stored_songs(Store(path), labels, program_labels=program_labels)


def open_store(
    path, # folder of the store
    *splits, # FILE.json or FILE.json:PART, or None; their groups say which songs are versions of one
): # a `Store`
    "Open a store, and warn if it lacks songs"
    from chordkd_nb.store import Store
    store = Store(path, groups_of_splits(*splits))
    is_first_process = os.environ.get('RANK', '0') == '0'  # `accelerate launch` may start several
    if store.missing_songs and is_first_process: report(f'warning: {path}: {store.missing_songs}.')
    return store


def groups_of_splits(
    *splits, # FILE.json or FILE.json:PART, or None
)->dict: # id → group
    "Read which songs were known to be versions of each other when splits were drawn"
    from chordkd_nb.splits import split_groups
    groups = {}
    for split in filter(None, splits):
        file = split if Path(split).exists() else split.rpartition(':')[0] or split
        groups |= split_groups(file)
    return groups


# Libraries, device, files

def require_pictures(
    out, # folder of tables and pictures
):
    "Fail before long work if its pictures could not be drawn, or its folder not be written"
    from chordkd_nb._files import require_writable
    from chordkd_nb._remote import is_address
    if is_address(out): return
    require_writable(out, folder=True)
    require('matplotlib', 'seaborn')


def device_options(
    device, # a name that PyTorch knows, or None
)->dict: # to be passed on when a network is loaded
    "Check that PyTorch can compute on a device"
    if not device: return {}
    import torch
    try: torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).splitlines()[0]
        raise ValueError(f'--device {device}: this PyTorch cannot compute there: {why}') from None
    return dict(device=device)


def save_table(
    table, # a DataFrame
    path, # .csv file
    **options, # of `to_csv`
):
    "Write a table, in full or not at all"
    from chordkd_nb._files import atomic_write
    with atomic_write(path) as part: table.to_csv(part, **options)


def save_picture(
    figure, # of matplotlib
    path, # .png file
    **options, # of `savefig`
):
    "Write a picture, in full or not at all, and forget it"
    from matplotlib.pyplot import close
    from chordkd_nb._files import atomic_write
    with atomic_write(path) as part: figure.savefig(part, dpi=110, format='png', **options)
    close(figure)


# Reports

def in_options(
    text, # a message of the library
)->str:
    "Name options where the library names parameters and functions of Python"
    for python, option in OPTIONS.items():
        text = re.sub(rf'(?<![\w/\\.]){re.escape(python)}(?![\w/\\])', lambda _: option, text)
    return text


def one_line(
    text, # may contain names of files, and these line breaks or codes that control a terminal
)->str:
    "Escape all characters that cannot be printed"
    return ''.join(c if c.isprintable() else c.encode('unicode_escape').decode() for c in text)


def report(
    text, # one line
):
    "Print to standard error"
    print(one_line(in_options(text)), file=sys.stderr)


def report_failure(
    song, # its path or id
    error, # what went wrong, as text
):
    "Print which song failed, and why, above a progress bar if there is one"
    named = error if str(song) in error else f'{song}: {error}'
    report_above(f'failed: {named}')


def report_above(
    text, # one line
):
    "Print to standard error, above a progress bar if there is one"
    from tqdm import tqdm
    tqdm.write(one_line(in_options(text)), file=sys.stderr)


def report_store(
    store, # one that was just made
)->int: # exit status
    "Print what is in a store, which annotations do not fit their audio, and which songs failed"
    print(store)
    if uneven := store.length_mismatches:
        first = list(uneven.items())[:3]
        examples = ', '.join(f'{i} ({chords:.1f} s of {audio:.1f})' for i, (chords, audio) in first)
        report(f'{len(uneven)} annotations end more than 1 s before or after their audio, '
               f'e.g. {examples}; only the time that both cover is used.')
    for i, error in store.failed.items(): report(f'failed: {i}: {error}')
    return 1 if store.failed else 0


def report_repairs(
    path, # of the annotation
    annotation, # as it was read, or None
):
    "Print what was corrected in an annotation file"
    if not annotation or not annotation.repairs: return
    text = '; '.join(annotation.repairs[:3])
    more = len(annotation.repairs)-3
    if more > 0: text += f' and {more} more'
    report(f'mended: {path}: {text}')


@contextmanager
def reported_warnings(
    place, # a folder, for instance, in which files are read meanwhile
):
    "Print what the package warns of, each warning once"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try: yield
        finally:
            texts = [str(w.message) for w in caught if w.category is UserWarning]
            for text in dict.fromkeys(texts): report(f'note: {place}: {text}')


def warn_of_known_songs(
    consequence, # what follows if the model knows these songs
    songs, # songs that you use it on: id → hash and group, as `Store.song_hashes` returns them
    learned, # part of its training → songs, in the same form
):
    "Warn if a model, or its teacher, has learned from songs that it is now used on"
    from chordkd_nb.splits import join_song_hashes, overlap
    by_use = {}
    for part, known in learned.items():
        use = USES.get(part, 'trained on')
        by_use[use] = join_song_hashes(by_use.get(use, {}), known)
    for use, known in by_use.items():
        shared = overlap(songs, known)
        by_name = [i for i, how in shared.items() if how == 'name']
        same = [i for i in shared if i not in by_name]
        if same:
            report(f'warning: {consequence}: the model was {use} {len(same)} of the {len(songs)} '
                   f'songs, or versions of them, e.g. {same[:3]}')
        if by_name:
            report(f'note: {len(by_name)} songs, e.g. {by_name[:3]}, have names of songs that the '
                   f'model was {use}; their files differ, so we take them for other songs.')
