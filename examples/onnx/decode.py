"Recognise the chords of a recording by the file that `chordkd export-onnx MODEL chords.onnx --audio` wrote"
import sys
import numpy as np

RATE, HOP, FIRST = 22050, 2048, 6460  # samples a second and a frame; frames (10 min) to measure tuning and level in
OF_FRAMES = 'log_probs', 'pitch', 'loudness', 'log_bass'  # outputs; the last one only if the model hears the bass


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
        parts.append({name: out[name][start-first:start-first+size] for name in OF_FRAMES if name in out})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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


def runs(path):
    "First frame of each run of equal classes, and the frame after its last"
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    return zip(starts, [*starts[1:], len(path)])


def over_basses(out, c, first, end):
    "The class `c` in the frames first … end, cut where its bass changes: (first frame, end, label)"
    if 'log_bass' not in out: return [(first, end, out['labels'][c])]
    names = out['slash_labels'][c]   # over each of twelve basses, C first; empty: not a note of the chord
    own = np.flatnonzero(names)
    path = best_path(out['log_bass'][first:end, own], out['bass_penalty'][0])
    return [(first + a, first + b, names[own[path[a]]]) for a, b in runs(path)]


def segments(out, seconds):
    "A dictionary for each chord, from 0 to the end of the recording, of the outputs of the file"
    log_probs, labels, chords = out['log_probs'], out['labels'], []
    frames, path = len(log_probs), best_path(log_probs, out['penalty'][0])
    for first, end in runs(path):
        c, means = path[first], np.exp(log_probs[first:end]).mean(0)
        for a, b, label in over_basses(out, c, first, end):   # a boundary is half-way between two frames
            start, stop = max(0, a - .5)*HOP/RATE, seconds if b == frames else (b - .5)*HOP/RATE
            likely = [(label if k == c else labels[k], float(means[k])) for k in np.argsort(-means)[:5]]
            chord = dict(start=start, end=stop, label=label, confidence=float(means[c]), alternatives=likely)
            if start < stop: chords.append(chord)
    return chords


def recognise(session, samples):
    "Chords of mono samples at 22050 Hz, in bounded memory"
    about, seconds = run(session, np.zeros(1)), len(samples)/RATE
    block = about['block']
    if len(samples) < block[0]*HOP: return segments(run(session, samples), seconds)   # the file measures
    found = in_blocks(session, samples, *block, 0., 0.)
    tuning = measured_tuning(found['pitch'])
    if tuning: found = in_blocks(session, samples, *block, tuning, 0.)
    gain = measured_gain(found['loudness'])
    if gain: found = in_blocks(session, samples, *block, tuning, gain)
    return segments(about | found, seconds)


if __name__ == '__main__':
    import onnxruntime, soundfile   # python decode.py chords.onnx mono-at-22050-hz.wav
    samples, rate = soundfile.read(sys.argv[2], dtype='float32')
    if rate != RATE or samples.ndim > 1: sys.exit(f'{sys.argv[2]}: needs one channel at {RATE} Hz')
    for c in recognise(onnxruntime.InferenceSession(sys.argv[1]), samples):
        print(f'{c["start"]:.6f}\t{c["end"]:.6f}\t{c["label"]}')
