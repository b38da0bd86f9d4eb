"What a recipe needs of the songs that it trains with, checked before training starts"
import warnings
import numpy as np


def missing(
    song, # of a store
    recipe, # a `Recipe`
)->tuple|None: # (what it is, what to do); None: nothing
    "Name the targets that the recipe needs and a song lacks"
    if recipe.targets == 'annotation' and not song.lab:
        return 'no annotation', 'Draw the split among those that have one (chordkd split … --annotated)'
    if (recipe.targets == 'teacher' or recipe.kd != 'none') and song.y is None:
        return "no teacher's labels", 'Label the songs first (chordkd label … --teacher)'
    if recipe.kd == 'selective' and song.log_probs is None:
        return 'no full answer of the teacher', 'Label them with chordkd label … --probs full'
    if recipe.bass_weight and song.bass is None and (recipe.targets == 'teacher' or recipe.kd != 'none'):
        return 'no bass of the teacher', 'Label them anew with a teacher that hears the bass'
    return None


def check_targets(
    store, # which has the songs
    songs:list, # of one side
    recipe, # a `Recipe`
    side:str, # 'training' or 'validation', for the message
):
    "Raise unless there are songs, and all of them have what the recipe needs"
    if not songs: raise ValueError(f'{store.path}: no songs for {side}.')
    lacking = {song.id: what for song in songs if (what := missing(song, recipe))}
    if not lacking: return _check_changes(store.contract, recipe)
    what, remedy = next(iter(lacking.values()))
    some = f'{len(lacking)} of {len(songs)} songs for {side} have {what}, e.g. {list(lacking)[:3]}'
    raise ValueError(f'{store.path}: {some}. {remedy}.')


def _check_changes(contract, recipe):
    "Raise if the recipe changes features in a way that has no meaning for them"
    if recipe.shifts: contract.shift(np.zeros(contract.n_features), 1)  # are there pitches?
    if (recipe.equaliser or recipe.noise is not None) and not contract.log_offset:
        raise ValueError(f"equaliser and noise change log-CQT features, and these are '{contract.name}': "
                         'leave both out.')


def check_known(
    targets:list, # (T,) classes of each song; −1: none
    songs:list, # of one side
    recipe, # a `Recipe`
    side:str, # 'training' or 'validation', for the message
):
    "Raise if no frame has a chord of an annotation; warn if `min_alignment` changes nothing"
    if recipe.targets != 'annotation': return
    least = recipe.min_alignment
    if not any((y >= 0).any() for y in targets):
        raise ValueError(f'In the songs for {side}, no chord has a confidence of min_alignment={least:g} or more,'
                         ' or is known at all. Lower min_alignment, or choose other songs.')
    is_usual = side == 'validation' or least == type(recipe).min_alignment
    if is_usual or any(song.annotation.confidence is not None for song in songs): return
    warnings.warn(f'min_alignment={least:g} changes nothing: no song for training has chords of a chart with their'
                  " confidence, as 'chordkd label --charts' stores them.", stacklevel=2)
