"""One chord that dies away, and sounds that are no chord: what recognisers answer, and which part is to blame.

Twenty-four chords (twelve roots, major and minor) of every kind are played by the pianos of soundfonts, 4 s each.
We count the share of the time in which they sound (down to 40 dB below the loudest) with the right root and third,
and the recordings in which nothing but N is heard. For each bundled recogniser, these ways are compared:

    before           the rule for the level alone, without the rule for short sounds
    no penalty       before, with the best class of every frame: is the decoder to blame?
    filled           before, with the recording repeated until it fills a window: is the padding to blame?
    audible          before, without what is more than 60 dB below the loudest frame at either end
    now              `recognize`
    N impossible     now, without N where it sounds: does the network know the chord at all?

Beside them: templates of chroma, the simplest recogniser, and crema, if it is installed.
usage: short_sounds.py RESULT.csv [--quick] [SOUNDFONT.sf2 ...]      (default: the one that comes with pretty_midi)
--quick: one kind of chord and one kind of noise
"""
import sys
from functools import partial
from pathlib import Path
import numpy as np
import pandas as pd
import pretty_midi
from scipy.signal import lfilter
from chordkd_nb.annotation import Annotation
from chordkd_nb.checkpoint_files import BUNDLED
from chordkd_nb.chords import PITCHES
from chordkd_nb.decoding import PENALTY, decode, viterbi
from chordkd_nb.evaluation import evaluate
from chordkd_nb.features import LOG_CQT, log_cqt
from chordkd_nb.recognition import get_model, normalise_level, recognize_features
from chordkd_nb.render import default_soundfont, render_midi
from chordkd_nb.sliding_windows import WINDOW, log_softmax, song_logits

RATE, SECONDS = 22050, 4.
T = np.arange(int(RATE*SECONDS))/RATE
TRIADS = {f'{PITCHES[root]}:{quality}': (root, steps)
          for quality, steps in (('maj', (0, 4, 7)), ('min', (0, 3, 7))) for root in range(12)}
KINDS = {f'one hand, C{octave}, held {held:g} s': dict(octave=octave, held=held)
         for octave in (3, 4, 5) for held in (.5, 2.)}
KINDS |= {'one hand, C4, first inversion, held 0.5 s': dict(octave=4, held=.5, inversion=1),
          'both hands, held 2.5 s': dict(octave=4, held=2.5, bass=True),
          'both hands, held, down by 35 dB': dict(octave=4, held=4., bass=True, fall=35),
          'both hands, held, down by 60 dB': dict(octave=4, held=4., bass=True, fall=60)}


# Sounds

def scaled(y):
    "At half of full scale, SECONDS long"
    y = np.pad(y, (0, max(0, len(T) - len(y))))[:len(T)]
    return (.5*y/np.abs(y).max()).astype(np.float32)


def decibels(y):
    "Level of each frame of features, from its loudest bin"
    return log_cqt(y).max(1)*20/np.log(10)


def render(notes, held, font, is_drum=False):
    midi, piano = pretty_midi.PrettyMIDI(), pretty_midi.Instrument(0, is_drum)
    piano.notes = [pretty_midi.Note(90, pitch, start, start + held) for pitch, start in notes]
    midi.instruments = [piano]
    return scaled(render_midi(midi, font, tail=SECONDS))


def piano_chord(root, steps, font, octave, held, inversion=0, bass=False, fall=None):
    "A triad; `fall`: dB from the loudest frame to the last"
    pitches = [12*(octave + 1) + root + k + 12*(i < inversion) for i, k in enumerate(steps)]
    if bass: pitches += [36 + root, 48 + root]
    y = render([(pitch, 0) for pitch in pitches], held, font)
    if fall is None: return y
    level = decibels(y)
    more = max(0, fall - (level.max() - level[-2]))  # the last frame is half outside
    return (y*10**(-more*T/SECONDS/20)).astype(np.float32)


def speech(rng):
    "Pulses of a wandering pitch through three resonances, in syllables"
    cycles = np.cumsum(120*2**(np.cumsum(rng.normal(size=len(T)))*.0008 + .15*np.sin(4.4*T)))/RATE
    pulses, y = (np.diff(np.floor(cycles), prepend=0) > 0).astype(float), 0
    for frequency, width in ((500, 80), (1500, 120), (2500, 160)):
        r = np.exp(-np.pi*width/RATE)
        y = y + lfilter([1 - r], [1, -2*r*np.cos(2*np.pi*frequency/RATE), r*r], pulses)
    return y*np.clip(np.sin(22*T), 0, 1)


def coloured(rng, power):
    "Noise whose power falls by a power of the frequency"
    spectrum = np.fft.rfft(rng.normal(size=len(T)))
    return np.fft.irfft(spectrum/(np.arange(len(spectrum)) + 1)**(power/2), len(T))


def clicks(rng):
    y = np.zeros(len(T))
    y[rng.integers(0, len(T), 12)] = 1
    return y


def hum(rng, frequency):
    return sum(np.sin(2*np.pi*frequency*h*T + rng.uniform(0, 6))/h for h in range(1, 8)) + .02*rng.normal(size=len(T))


NOISES = dict(white=lambda rng: coloured(rng, 0), pink=lambda rng: coloured(rng, 1), brown=lambda rng: coloured(rng, 2),
              speech=speech, clicks=clicks, hum_50=lambda rng: hum(rng, 50), hum_60=lambda rng: hum(rng, 60))
ENDS = {'': np.ones(len(T)), ', fading': np.exp(-1.5*T), ', then silence': (T < 1.5)*1.}
DRUMS = dict(kick=36, snare=38, tom=45, crash=49, cowbell=56)


def no_chords(font):
    "name → sounds without a chord"
    sounds = {name + end: [scaled(make(np.random.default_rng(seed))*envelope) for seed in range(4)]
              for name, make in NOISES.items() for end, envelope in ENDS.items()}
    sounds['drums'] = [render([(pitch, 0)], .2, font, True) for pitch in DRUMS.values()]
    sounds['one note of the piano'] = [render([(pitch, 0)], 2., font) for pitch in range(48, 84, 3)]
    return sounds


# Recognisers

def audible(X):
    "The frames from the first to the last within 60 dB of the loudest"
    frames = np.flatnonzero(X.max(1) > X.max() - 60*np.log(10)/20)
    return slice(frames[0], frames[-1] + 1)


def moved(chords, seconds, end):
    "The same chords later, in a recording that is silent before and after"
    bounds = np.clip(chords.intervals + seconds, 0, end)
    intervals = np.concatenate([[[0, bounds[0, 0]]], bounds, [[bounds[-1, 1], end]]])
    keep = np.diff(intervals)[:, 0] > 0
    return Annotation(intervals[keep], [label for label, k in zip(['N', *chords.labels, 'N'], keep) if k])


def before(X, model, **settings):
    return recognize_features(normalise_level(X, LOG_CQT), model, SECONDS, levels=None, **settings)


def of_the_audible(X, model):
    sound = audible(X)
    chords = recognize_features(normalise_level(X[sound], LOG_CQT), model, levels=None)
    return moved(chords, sound.start*LOG_CQT.frame_seconds, SECONDS)


def filled(X, model):
    n = -(-WINDOW//len(X))
    chords = recognize_features(np.tile(normalise_level(X, LOG_CQT), (n, 1)), model, levels=None)
    keep = chords.intervals[:, 0] < SECONDS
    labels = [label for label, k in zip(chords.labels, keep) if k]
    return Annotation(np.minimum(chords.intervals[keep], SECONDS), labels)


def without_N(X, model):
    ckpt, sound = get_model(model), audible(X)
    log_probs = log_softmax(song_logits(ckpt, normalise_level(X[sound], LOG_CQT)))
    log_probs[:, ckpt.vocab.N] = -30
    chords = decode(log_softmax(log_probs), LOG_CQT, ckpt.vocab, ckpt.decoding.get('penalty', PENALTY))
    return moved(chords, sound.start*LOG_CQT.frame_seconds, SECONDS)


WAYS = {'before': before, 'no penalty': partial(before, penalty=0.), 'filled': filled, 'audible': of_the_audible,
        'now': lambda X, model: recognize_features(X, model, SECONDS), 'N impossible': without_N}


def templates(y):
    "The triad whose tones hold most of the chroma, with a price on changes; N 40 dB below the loudest frame"
    X = np.exp(log_cqt(y))
    chroma = X.reshape(len(X), 6, 12, 2).sum((1, 3))
    tones = np.array([[(k - root) % 12 in steps for k in range(12)] for root, steps in TRIADS.values()])
    fit = chroma@tones.T/np.maximum(1e-9, np.linalg.norm(chroma, axis=1, keepdims=True))/3**.5
    path = viterbi(log_softmax(30*fit), PENALTY)
    loud = X.max(1) > X.max()/100
    labels = [list(TRIADS)[c] if is_loud else 'N' for c, is_loud in zip(path, loud)]
    bounds = np.r_[0, (np.arange(1, len(path)) - .5)*LOG_CQT.frame_seconds, len(y)/RATE]
    return Annotation(np.c_[bounds[:-1], bounds[1:]], labels)


def crema():
    "crema as a function of samples; None without it"
    from chordkd_nb.songs import Song
    from chordkd_nb.teachers import load_teacher
    try: teacher = load_teacher('crema')
    except (ImportError, FileNotFoundError): return None
    def answer(y):
        log_probs = teacher.log_probs(Song('', audio=y, orig_sr=RATE))
        return decode(log_probs, LOG_CQT, teacher.vocab, duration=SECONDS)
    return answer


def systems():
    "(name, way) → function of samples"
    found = {('templates', ''): templates}
    if teacher := crema(): found['crema', ''] = teacher
    for model in BUNDLED:
        for way, answer in WAYS.items(): found[model, way] = lambda y, m=model, a=answer: a(log_cqt(y), m)
    return found


# What we count

def chord_row(answers, sounds):
    "Percent of the sounding time that is right, and how many are N throughout"
    ends = {label: audible_seconds(y) for label, y in sounds.items()}
    truths = {label: Annotation([[0, ends[label]]], [label]) for label in sounds}
    right = evaluate(truths, answers).table['majmin'].mean()
    return dict(right=round(right, 1), all_N=sum(set(a.labels) == {'N'} for a in answers.values()))


def audible_seconds(y, floor=40):
    level = decibels(y)
    return min(SECONDS, (np.flatnonzero(level > level.max() - floor)[-1] + 1)*LOG_CQT.frame_seconds)


def noise_row(answers):
    "Percent of the time that is N, and the greatest confidence of a chord"
    is_N = [sum(end - start for start, end, label in a if label == 'N')/a.duration for a in answers]
    confidence = [c for a in answers for c, label in zip(a.confidence, a.labels) if label != 'N']
    return dict(N=round(100*np.mean(is_N), 1), confidence=round(float(max(confidence, default=0)), 2))


def main():
    result, *fonts = [a for a in sys.argv[1:] if a != '--quick']
    few = 1 if '--quick' in sys.argv else None
    rows, fonts, recognisers = [], list(map(Path, fonts)) or [default_soundfont()], systems()
    for kind, options in list(KINDS.items())[:few]:
        for font in fonts:
            sounds = {label: piano_chord(*triad, font, **options) for label, triad in TRIADS.items()}
            for (name, way), answer in recognisers.items():
                answers = {label: answer(y) for label, y in sounds.items()}
                rows.append(dict(sound=kind, font=font.stem, system=name, way=way, **chord_row(answers, sounds)))
    for kind, sounds in list(no_chords(fonts[0]).items())[:few]:
        for model in BUNDLED:
            for way in ('before', 'now'):
                def answer(y): return WAYS[way](log_cqt(y), model)
                rows.append(dict(sound=kind, system=model, way=way, **noise_row([answer(y) for y in sounds])))
    table = pd.DataFrame(rows)
    Path(result).parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(result, index=False)
    chords = table[table.right.notna()]
    by, of = ['sound', 'font'], ['system', 'way']
    print(chords.pivot_table(index=by, columns=of, values='right', sort=False).round().to_string())
    print(chords.groupby(of, sort=False)[['right', 'all_N']].agg(dict(right='mean', all_N='sum')).round(1))
    noises = table[table.N.notna()]
    print(noises.pivot_table(index='sound', columns=of, values=['N', 'confidence'], sort=False))


if __name__ == '__main__': main()
