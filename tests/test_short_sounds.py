"One chord that dies away is heard, and noise that does is still no chord"
import numpy as np, pytest
from chordkd_nb._tones import play, tone
from chordkd_nb.chords import PITCHES, chord_tones
from chordkd_nb.recognition import recognize

RATE = 22050
TRIADS = [(root, quality) for quality in ('maj', 'min') for root in range(0, 12, 2)]
STEPS = dict(maj=(0, 4, 7), min=(0, 3, 7))
T = np.arange(4*RATE)/RATE  # s


def struck(root, quality, held=1.):
    "One hand near middle C, let go after a while; then a tail and digital silence: (n,) float32"
    y = sum(tone(60 + root + k, 4.) for k in STEPS[quality])
    let_go = T - held
    return (.1*y*np.exp(-20*np.clip(let_go, 0, .5))*(let_go < .5)).astype(np.float32)


def fallen(root, quality, decibels):
    "The same hand, evenly down by so many dB within four seconds: (n,) float32"
    y = sum(np.sin(2*np.pi*h*261.63*2**((root + k)/12)*T)/h**2 for k in STEPS[quality] for h in range(1, 6))
    return (.1*y*10**(-decibels*T/4/20)).astype(np.float32)


def triad(label):
    "Pitch classes of root, third and fifth: a seventh or a bass makes no difference"
    tones = chord_tones(label)
    if tones is None: return None
    root, _, classes = tones
    return root, frozenset((c - root) % 12 for c in classes) & {0, 3, 4, 7}


def share_right(y, root, quality, seconds, model, **settings):
    "Share of the time from 0 to `seconds` with the right triad"
    chords = recognize(y, model, RATE, **settings)
    expected = triad(f'{PITCHES[root]}:{quality}')
    right = [(start, min(end, seconds)) for start, end, label in chords if triad(label) == expected]
    return sum(max(0, end - start) for start, end in right)/seconds


@pytest.mark.parametrize(('model', 'least'), [('btc-v8', .97), ('2e1d-v7', .7), ('btc-small', .5)])
def test_a_chord_that_is_let_go_is_heard(model, least):
    assert np.mean([share_right(struck(*triad), *triad, 1., model) for triad in TRIADS]) > least


@pytest.mark.parametrize('decibels', [35, 50])
def test_a_chord_that_falls_is_heard_to_its_end(decibels):
    assert np.mean([share_right(fallen(*triad, decibels), *triad, 4., 'btc-v8') for triad in TRIADS]) > .9


@pytest.mark.parametrize('decibels', [-50, -30, 20])
def test_a_soft_or_loud_recording_of_a_chord_is_heard(decibels):
    y = struck(0, 'maj')*np.float32(10**(decibels/20))
    assert share_right(y, 0, 'maj', 1., 'btc-v8') > .9


def test_silence_before_and_after_a_chord_is_no_chord():
    y = np.concatenate([np.zeros(2*RATE), struck(5, 'min'), np.zeros(20*RATE)]).astype(np.float32)
    chords = recognize(y, 'btc-v8', RATE)
    assert [triad(label) for label in chords.labels] == [None, triad('F:min'), None]
    assert chords.labels[0] == chords.labels[2] == 'N'
    assert np.abs(chords.intervals[1] - [2, 3.2]).max() < .4


# Noises. A sound that says nothing has no chord, whether it dies away or not

def speech(rng):
    "Pulses of a wandering pitch through three resonances, in syllables"
    from scipy.signal import lfilter
    cycles = np.cumsum(120*2**(np.cumsum(rng.normal(size=len(T)))*.0008 + .15*np.sin(4.4*T)))/RATE
    pulses = (np.diff(np.floor(cycles), prepend=0) > 0).astype(float)
    y = 0
    for frequency, width in ((500, 80), (1500, 120), (2500, 160)):
        r = np.exp(-np.pi*width/RATE)
        y = y + lfilter([1 - r], [1, -2*r*np.cos(2*np.pi*frequency/RATE), r*r], pulses)
    return y*np.clip(np.sin(22*T), 0, 1)


def clicks(rng):
    y = np.zeros(len(T))
    y[rng.integers(0, len(T), 12)] = 1
    return y


def pink(rng):
    spectrum = np.fft.rfft(rng.normal(size=len(T)))
    return np.fft.irfft(spectrum/np.sqrt(np.arange(len(spectrum)) + 1), len(T))


NOISES = dict(white=lambda rng: rng.normal(size=len(T)), pink=pink, speech=speech, clicks=clicks)
UNKNOWN = 'white', 'steady', '2e1d-v7'  # this one is an unknown chord
ENDS = dict(steady=np.ones(len(T)), fading=np.exp(-2*T), silent=(T < 1.5)*1.)


@pytest.mark.parametrize('model', ['btc-v8', '2e1d-v7'])
@pytest.mark.parametrize('end', ENDS)
@pytest.mark.parametrize('noise', NOISES)
def test_noise_is_no_chord(noise, end, model):
    y = NOISES[noise](np.random.default_rng(0))*ENDS[end]
    expected = 'X' if (noise, end, model) == UNKNOWN else 'N'
    assert set(recognize((.3*y/np.abs(y).max()).astype(np.float32), model, RATE).labels) == {expected}


# Where the rule does not apply

@pytest.mark.parametrize('model', ['btc-v8', '2e1d-v7'])
def test_a_recording_that_does_not_die_away_is_as_before(model):
    y = play([(0, 'maj'), (5, 'maj')], 1.)
    assert recognize(y, model, RATE) == recognize(y, model, RATE, levels=None)


def test_music_longer_than_a_window_is_as_before():
    y = np.r_[play([(0, 'maj'), (9, 'min'), (5, 'maj'), (7, 'maj')], 3.), np.zeros(RATE)].astype(np.float32)
    assert recognize(y, 'btc-v8', RATE) == recognize(y, 'btc-v8', RATE, levels=None)
