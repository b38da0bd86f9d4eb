"Settings of a decoder, and arguments in the wrong place: what recognition refuses"
from numbers import Real
import numpy as np
from .decoding import BASS_PENALTY, PENALTY

SETTINGS = dict(overlap=.5, smoothing=None, temperature=1., penalty=PENALTY, min_duration=0.,
                bass='chord', bass_penalty=BASS_PENALTY)
_BASSES = 'chord', 'any', 'none'  # which basses are named: notes of the chord, all, none


def _is_number(x): return np.isscalar(x) and not isinstance(x, (bool, str))


def decoding_settings(
    stored:dict, # with a checkpoint
    given:dict, # by the caller
    has_bass:bool=True, # does the model hear the bass?
)->dict:
    "Merge the defaults, those stored with a checkpoint, and those given; None leaves a setting alone"
    settings:dict = SETTINGS | stored | {k: v for k, v in given.items() if v is not None}
    if unknown := sorted(settings.keys() - SETTINGS.keys()):
        raise ValueError(f'No such decoding settings: {unknown}; there are {", ".join(SETTINGS)}.')
    for name, value in settings.items():
        if name not in ('smoothing', 'bass') and not _is_number(value):
            raise ValueError(f'{name} must be a number, not {value!r}.')
    if settings['bass'] not in _BASSES:
        raise ValueError(f"bass must be one of {', '.join(_BASSES)}, not {settings['bass']!r}.")
    if settings['bass'] == 'any' and not has_bass:
        raise ValueError('Any bass cannot be named: this model does not hear the bass.')
    if not 0 < settings['temperature'] < np.inf:
        raise ValueError(f"temperature must be a positive number, got {settings['temperature']}.")
    return settings


_RATES = 'sr', 'fs', 'rate', 'samplerate', 'sample_rate', 'sampling_rate'  # as other libraries call it


def refuse_misplaced_rate(
    model, # given where a model belongs
    settings:dict, # given by name
):
    "Name the right argument to those who pass the rate of an array as another one"
    rate = model if isinstance(model, Real) else next((settings[name] for name in _RATES if name in settings), None)
    if rate is not None: raise ValueError(f'The rate of an array is orig_sr: recognize(samples, orig_sr={rate!r}).')
