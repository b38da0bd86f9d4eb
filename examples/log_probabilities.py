"""Use the network itself: features in, a (T, V) table of log-probabilities out, for your own decoder or alignment.

`LOG_CQT` says what the features are: 144 bins, one frame every 2048 samples at 22 050 Hz. `vocab` says what the classes
are. `song_logits` cuts the song into windows and normalises them. `ckpt.model` is an ordinary `nn.Module`. A network
that hears the bass has 13 more columns with `song_logits(…, bass=True)`; `decoding.add_basses` names basses by them.

    pip install 'chordkd_nb[train]'
"""
import numpy as np, torch
from chordkd_nb import load_checkpoint, log_cqt
from chordkd_nb.decoding import decode, viterbi
from chordkd_nb.sliding_windows import log_softmax, song_logits

# twelve seconds of C major
rate, seconds = 22050, 12
t = np.arange(seconds*rate)/rate
sines = [np.sin(2*np.pi*f*t) for f in (65.4, 130.8, 261.6, 329.6, 392.)]
audio = .1*np.sum(sines, 0).astype(np.float32)

ckpt = load_checkpoint('btc-small')       # or '2e1d-v7', a run's folder, 'user/repo' on the Hub
X = log_cqt(audio)                        # (T, 144)
log_probs = log_softmax(song_logits(ckpt, X))
print(f'{ckpt.arch}: {X.shape} -> {log_probs.shape}, a frame every {ckpt.contract.frame_seconds*1000:.1f} ms')
assert log_probs.shape == (1+len(audio)//2048, len(ckpt.vocab))
assert np.allclose(np.exp(log_probs).sum(1), 1, atol=1e-4)

mean = np.exp(log_probs).mean(0)
best = mean.argsort()[::-1][:3]
print('most probable over the song:', ', '.join(f'{ckpt.vocab.label(i)} {mean[i]:.2f}' for i in best))

path = viterbi(log_probs, penalty=7.5)    # (T,) classes; `decode` makes segments of them
chords = decode(log_probs, ckpt.contract, ckpt.vocab, duration=seconds)
assert ckpt.vocab.label(path[len(path)//2]) in chords.labels

# one window of 108 frames by hand
with torch.inference_mode():
    x = torch.from_numpy(ckpt.normalise(X[:108]))[None]
    logits = ckpt.model(x, torch.ones(1, x.shape[1], dtype=torch.bool))
print('one window:', tuple(x.shape), '->', tuple(logits.shape))
