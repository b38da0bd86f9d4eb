"Recognise the chords of a recording by the file that `chordkd export-onnx MODEL chords.onnx --audio` wrote"
import sys
import numpy as np

RATE, HOP, FIRST = 22050, 2048, 6460  # samples a second and a frame; frames (10 min) to measure tuning and level in


def run(session, samples, tuning=np.nan, gain=np.nan):
    "All outputs of the file, by name; NaN: let it measure"
    feed = dict(samples=np.asarray(samples, np.float32), tuning=np.float32([tuning]), gain=np.float32([gain]))
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, feed)))


def in_blocks(session, samples, size, context, tuning, gain):
    "The outputs for each frame, computed from blocks of `size` frames with `context` frames on each side"
    frames, parts = 1 + len(samples)//HOP, []
    for start in range(0, frames, size):
        first = max(0, start - context)
        out = run(session, samples[first*HOP:(start + size + context)*HOP], tuning, gain)
        parts.append([out[name][start-first:start-first+size] for name in ('log_probs', 'pitch', 'loudness')])
    return [np.concatenate(part) for part in zip(*parts)]


def measured_tuning(pitch):
    "Cents above A4 = 440 Hz; 0 if there is little to measure, or little to change"
    x, y, total = pitch[:FIRST].sum(0, dtype=np.float64)
    cents = np.arctan2(y, x)*50/np.pi
    return cents if np.hypot(x, y) > .1*total and abs(cents) >= 8 else 0.


def measured_gain(loudness):
    "Natural logarithm of the factor that brings a recording to a usual level"
    level = np.percentile(loudness[:FIRST], 90)
    return 0. if level < np.log(1e-6) + 2 else np.clip(level, .5, 2.5) - level


def best_path(log_probs, penalty):
    "The classes of most probability, if every change costs `penalty`"
    score, steps, classes = log_probs[0].astype(np.float64), [], np.arange(log_probs.shape[1])
    for now in log_probs[1:]:
        best = score.argmax()
        steps.append(np.where(score >= score[best] - penalty, classes, best))
        score = np.maximum(score, score[best] - penalty) + now
    path = [score.argmax()]
    for step in reversed(steps): path.append(step[path[-1]])
    return np.array(path[::-1])


def segments(log_probs, labels, penalty, seconds):
    "A dictionary for each chord, from 0 to the end of the recording"
    path, chords = best_path(log_probs, penalty), []
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    for first, end in zip(starts, [*starts[1:], len(path)]):   # a boundary is half-way between two frames
        start, stop = max(0, first - .5)*HOP/RATE, seconds if end == len(path) else (end - .5)*HOP/RATE
        means = np.exp(log_probs[first:end]).mean(0)
        likely = [(labels[k], float(means[k])) for k in np.argsort(-means)[:5]]
        chord = dict(label=labels[path[first]], confidence=float(means[path[first]]), alternatives=likely)
        if start < stop: chords.append(dict(start=start, end=stop) | chord)
    return chords


def recognise(session, samples):
    "Chords of mono samples at 22050 Hz, in bounded memory"
    about = run(session, np.zeros(1))
    block, more = about['block'], (about['labels'], about['penalty'][0], len(samples)/RATE)
    if len(samples) < block[0]*HOP: return segments(run(session, samples)['log_probs'], *more)   # the file measures
    log_probs, pitch, loudness = in_blocks(session, samples, *block, 0., 0.)
    tuning = measured_tuning(pitch)
    if tuning: log_probs, _, loudness = in_blocks(session, samples, *block, tuning, 0.)
    gain = measured_gain(loudness)
    if gain: log_probs, _, _ = in_blocks(session, samples, *block, tuning, gain)
    return segments(log_probs, *more)


if __name__ == '__main__':
    import onnxruntime, soundfile   # python decode.py chords.onnx mono-at-22050-hz.wav
    samples, rate = soundfile.read(sys.argv[2], dtype='float32')
    if rate != RATE or samples.ndim > 1: sys.exit(f'{sys.argv[2]}: needs one channel at {RATE} Hz')
    for c in recognise(onnxruntime.InferenceSession(sys.argv[1]), samples):
        print(f'{c["start"]:.6f}\t{c["end"]:.6f}\t{c["label"]}')
