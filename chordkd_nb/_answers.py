"What a teacher's answer must look like"
import numpy as np


def answer_problem(
    lp, # what a teacher answers
    shape:tuple, # (frames, classes) that it should have
)->str|None: # None: there is none
    "Describe the problem with log-probabilities"
    try: lp = np.asarray(lp, float)
    except Exception as error: return f'answered a {type(lp).__name__} that is no array of numbers: {error}'
    if lp.shape != shape: return f'answered an array of shape {lp.shape}; expected {shape}, frames and classes'
    if np.isnan(lp).any(): return 'answered NaN'
    with np.errstate(over='ignore'): off = abs(np.exp(lp).sum(1) - 1).max(initial=0)
    if off < .01: return None
    return (f'does not answer log-probabilities: those of a frame must add up to one, and here it is off by {off:.3g}.'
            ' Take log_softmax of logits, and the logarithm of probabilities')
