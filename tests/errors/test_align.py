"Alignment with odd charts, models and lengths"
from types import SimpleNamespace
import numpy as np
import pytest
from chordkd_nb._chart_labels import beats_of, heard_in_song, label_columns, segments, share_played
from chordkd_nb.alignment import WrongChart, _follow, align_log_probs, find_alignment
from chordkd_nb.charts import Chart, ChartChord, Section, read_chart
from chordkd_nb.chords import vocabulary
from chordkd_nb.features import LOG_CQT
from chordkd_nb.sliding_windows import log_softmax
from chordkd_nb.trellis import Trellis, evidence

V170, V25, FRAME = vocabulary(170), vocabulary(25), LOG_CQT.frame_seconds
LOOP = 'A:min F C G'.split()
DIATONIC = 'C D:min E:min F G A:min'.split()


def scores(labels, frames=20, vocab=V170, doubt=0., seed=0):
    "Log-probabilities of a recogniser that hears each label for some frames"
    rng = np.random.default_rng(seed)
    classes = np.repeat([vocab.index(label) for label in labels], frames)
    noise = rng.normal(0, 1 + doubt, (len(classes), len(vocab)))
    return log_softmax(8*np.eye(len(vocab))[classes] + noise).astype(np.float32)


def aligned(log_probs, chart, vocab=V170, **how): return align_log_probs(log_probs, chart, LOG_CQT, vocab, **how)


def changes(chords): return np.round(chords.intervals[1:, 0]/FRAME + .5).astype(int).tolist()


def test_each_chord_begins_at_its_frame():
    chords = aligned(scores(LOOP*2), LOOP*2)
    assert chords.labels == LOOP*2
    assert changes(chords) == list(range(20, 160, 20))
    assert chords.duration == pytest.approx(159.5*FRAME)
    assert chords.confidence.min() > .9


def test_labels_stay_as_the_chart_writes_them():
    chart = ['A:min/b3', 'F', 'C:9', 'G:sus4(b7)']
    assert aligned(scores(LOOP[:2] + ['C:7', 'G:sus4']), chart).labels == chart


@pytest.mark.parametrize('semitones', range(12))
def test_every_key_is_found(semitones):
    written = read_chart(LOOP*3 + ['E:7', 'D:min'])
    from chordkd_nb._chart_labels import moved
    sounding = moved([chord.label for chord in written.chords], semitones)
    found = find_alignment(scores(sounding), written, V170, FRAME)
    assert found.transposed == semitones
    assert aligned(scores(sounding), written).source['transposed'] == semitones


def test_a_capo_decides_where_nothing_else_does():
    augmented = ['C:aug', 'G#:aug', 'E:aug']  # the same notes
    chart = Chart([Section('', [ChartChord(label) for label in augmented])], capo=4)
    even = log_softmax(np.zeros((60, 170)) + 6*np.isin(np.arange(170), [V170.index(l) for l in augmented]))
    assert find_alignment(even.astype(np.float32), chart, V170, FRAME).transposed in (0, 4)


def test_a_chart_without_its_repeats_is_played_again():
    assert aligned(scores(LOOP*6), LOOP).labels == LOOP*6


def test_a_section_may_be_left_out():
    verse, bridge = Section('Verse', [*map(ChartChord, LOOP*2)]), Section('', [*map(ChartChord, ['E', 'B', 'D', 'A'])])
    chords = aligned(scores(LOOP*4), Chart([verse, bridge, verse]))
    assert chords.labels == LOOP*4


def test_a_wrong_chord_becomes_what_is_heard_or_unknown_and_the_rest_stays():
    wrong = LOOP*3
    wrong[5] = 'C#:dim'
    labels = aligned(scores(LOOP*3), wrong).labels
    assert labels[5] in ('F', 'X')
    assert labels[:5] + ['F'] + labels[6:] == LOOP*3


def test_where_nobody_hears_a_chord_the_confidence_falls():
    log_probs = scores(LOOP*4)
    log_probs[60:120] = log_softmax(np.zeros((60, 170)))
    chords = aligned(log_probs, LOOP*4, unsure=0)
    assert chords.labels == LOOP*4
    assert chords.confidence[3:6].max() < .5 < .9 < chords.confidence[7:].min()
    assert 'X' in aligned(log_probs, LOOP*4).labels


@pytest.mark.parametrize('unread', ['X', 'C:(1,b2)'])
def test_a_chord_that_cannot_be_read_becomes_what_is_heard(unread):
    chart = LOOP*3
    chart[6] = unread
    chords = aligned(scores(LOOP*3), chart)
    assert chords.labels[:6] == LOOP + LOOP[:2]
    assert chords.labels[7:] == LOOP[3:] + LOOP


def test_25_classes_are_enough():
    assert aligned(scores(LOOP*3, vocab=V25), LOOP*3, V25).labels == LOOP*3


def test_a_chord_without_a_class_is_no_obstacle():
    chart = [*LOOP, 'B:dim', *LOOP]
    labels = aligned(scores([*LOOP, 'G', *LOOP], vocab=V25), chart, V25).labels
    assert labels[:4] == LOOP and labels[-4:] == LOOP


@pytest.mark.parametrize('frames', [1, 2, 5, 200])
def test_a_recording_of_one_chord_may_have_any_length(frames):
    assert aligned(scores(['C'], frames), ['C']).labels == ['C']


def test_a_chart_may_be_longer_than_the_recording():
    assert set(aligned(scores(LOOP, 10), LOOP*50).labels) <= {*LOOP, 'X'}


def test_a_long_song_is_the_same_in_blocks(monkeypatch):
    import chordkd_nb.trellis as module
    log_probs = scores(LOOP*30, doubt=.5)
    whole = aligned(log_probs, LOOP*30)
    monkeypatch.setattr(module, '_BLOCK', 100000)
    at_once = aligned(log_probs, LOOP*30)
    assert at_once.labels == whole.labels and (at_once.intervals == whole.intervals).all()
    assert np.allclose(at_once.confidence, whole.confidence)


def test_another_song_is_refused():
    others = ['F#', 'D#:min7', 'C#:dim', 'G#:aug', 'B:7', 'E:min', 'A#', 'D', 'F:min', 'B']
    with pytest.raises(WrongChart, match='chart of another song'): aligned(scores(LOOP*8), others*3)


def diatonic(seed, n=40):
    "A song of random chords in C major"
    rng, chords = np.random.default_rng(seed), ['C']
    while len(chords) < n: chords += [label for label in [str(rng.choice(DIATONIC))] if label != chords[-1]]
    return chords


def misheard(labels, share, seed):
    "Scores of a recogniser that is sure of itself, and hears another chord in this share of half chords"
    rng = np.random.default_rng(seed)
    halves = [label if rng.random() > share else str(rng.choice(DIATONIC)) for label in labels for _ in range(2)]
    return scores(halves, frames=7, seed=seed)


@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize('share', [.1, .4], ids=['good', 'weak'])
def test_a_right_chart_is_accepted_and_another_one_refused_whatever_the_recogniser(share, seed):
    song, other = diatonic(seed), diatonic(seed + 50)
    log_probs = misheard(song, share, seed)
    truth = np.repeat([V170.index(label) for label in song], 14)
    assert (aligned(log_probs, song).to_frames(len(truth), FRAME) == truth).mean() > .75
    with pytest.raises(WrongChart): aligned(log_probs, other)


@pytest.mark.parametrize('seed', range(3))
def test_a_short_recording_is_believed_to_follow_its_chart_and_a_longer_one_tells_more(seed):
    songs = [diatonic(seed, n) for n in (2, 4, 8, 15, 30)]   # 2.6 to 39 s
    beliefs = [find_alignment(misheard(song, .1, seed), song, V170, FRAME).belief for song in songs]
    assert min(beliefs) > .6 and beliefs[-1] > .95


def test_the_confidence_is_that_of_the_label_times_the_belief_in_the_chart():
    song = diatonic(0)
    log_probs = misheard(song, .4, 0)
    found = find_alignment(log_probs, song, V170, FRAME)
    assert .6 < found.belief < 1
    assert aligned(log_probs, song, unsure=0).confidence.max() <= found.belief


def test_not_more_than_all_of_a_chart_is_played():
    assert share_played(np.arange(4), 4, .4) == 1
    assert share_played(np.array([-1, 0, 0, 1]), 4, 60) == .5


def test_a_recogniser_that_is_often_wrong_is_believed_less_than_the_chart():
    heard = scores(LOOP)
    unwritten = [evidence(heard, V170, reliable)[:, 170].mean() for reliable in (.4, .8)]
    assert unwritten[0] < unwritten[1] < evidence(heard, V170)[:20, V170.index('A:min')].mean()


def test_beats_are_those_of_the_chart():
    def chart(*chords): return Chart([Section('', [ChartChord(*chord) for chord in chords])])
    beats, known = beats_of(chart(('C', 4), ('F', 2)))
    assert (beats.tolist(), known) == ([4, 2], True)
    beats, known = beats_of(chart(('C', 4), ('F',), ('G', 2)))
    assert (beats.tolist(), known) == ([4, 3, 2], False)
    assert beats_of(chart(('C',), ('F',)))[0].tolist() == [1, 1]


def test_bars_place_a_change_that_cannot_be_heard():
    log_probs = scores(['C', 'F', 'G', 'C'], 40)
    bars = read_chart('| C . . . | F . Fmaj7 . | G . . . | C . . . |')
    log_probs[40:80] = scores(['F'], 40, seed=3)
    chords = aligned(log_probs, bars)
    assert chords.labels == ['C', 'F', 'F:maj7', 'G', 'C']
    assert abs(changes(chords)[1] - 60) <= 6


def test_labels_of_a_class_share_what_the_recogniser_says():
    names, class_of, own, home, _ = label_columns(['C', 'C/3', 'X'], [1, 1, 170], V170)
    assert names[:2] == ['C', 'C/3'] and len(names) == 171
    assert own.tolist() == [0, 1, -1]
    assert home[1] == 0 and class_of[home].tolist() == list(range(170))


def test_segments_that_become_unknown_are_joined():
    chords = segments(np.array(list('AABBCC')), np.array([.9, .9, .2, .2, .3, .3]), .5, 1., 5.5)
    assert chords.labels == ['A', 'X']
    assert chords.confidence == pytest.approx([.9, .25])


def test_evidence_is_a_probability():
    fit = evidence(scores(LOOP), V170)
    assert fit.shape == (80, 172) and (0 < fit).all() and (fit <= 1).all()


def test_probabilities_of_a_trellis_go_somewhere():
    trellis = Trellis(read_chart(LOOP*5), np.full(20, 15.))
    states, probs = trellis.out
    leaving = probs.sum(0) + trellis.leave
    at_the_end = [79, 99]  # the last state of the last chord, and the unwritten chord before it
    assert np.delete(leaving, at_the_end) == pytest.approx(np.ones(99), abs=.02)
    assert trellis.land.sum() == pytest.approx(1) and trellis.start.sum() == pytest.approx(1)


def test_rounding_makes_no_probability_negative():
    labels, where = [V170.label(c) for c in range(100)], np.full((9, 101), 1.000001/99)
    where[:, [0, -1]] = 0  # in the chart, but never at its first chord
    trellis = SimpleNamespace(n=100, columns=lambda *_: None, places=lambda *_: [(0, where)])
    only_first = np.full((9, 170), -20, np.float32)
    only_first[:, 0] = 0
    probs, *_ = _follow(trellis, where, label_columns(labels, np.arange(100), V170), only_first, V170)
    assert probs.min() >= 0


def test_a_short_recording_is_no_reason_to_refuse_a_chart():
    assert aligned(scores(['C', 'F', 'G', 'C']), ['X', 'F', 'G', 'C']).labels[1:] == ['F', 'G', 'C']


def test_a_chord_that_is_misheard_in_the_whole_song_is_found():
    written = LOOP*4
    heard = ['F#:7' if label == 'C' else label for label in written]
    log_probs = scores(heard, doubt=1.)
    chords = aligned(log_probs, written)
    assert chords.labels == written
    assert np.abs(np.array(changes(chords)) - 20*np.arange(1, 16)).max() <= 1
    heard = heard_in_song(log_probs, np.eye(4)[np.repeat([0, 1, 2, 3]*4, 20)], LOOP, V170, np.eye(170))
    assert heard[V170.index('C')].argmax() in {V170.index('C'), V170.index('F#:7')}
    assert heard[V170.index('C'), V170.index('F#:7')] > .3 > .01 > heard[V170.index('F'), V170.index('F#:7')]


# A chart that is simpler than the song

SEVENTHS = 'D:min7 G:7 C:maj7 A:7'.split()


def test_a_chart_of_triads_gets_the_sevenths_that_are_heard():
    assert aligned(scores(SEVENTHS*6), 'D:min G C A'.split()*6).labels == SEVENTHS*6


def test_a_chart_that_has_sevenths_is_taken_at_its_word():
    written = 'D:min G C A:7'.split()*6
    assert aligned(scores(SEVENTHS*6), written).labels == written


def test_of_a_chord_that_is_heard_both_ways_the_confidence_falls():
    heard = log_softmax(np.logaddexp(scores(LOOP*6), scores([label.replace('G', 'G:7') for label in LOOP]*6)))
    chords = aligned(heard.astype(np.float32), LOOP*6)
    sure = dict(zip(chords.labels, chords.confidence))
    assert {*chords.labels} <= {*LOOP, 'G:7'}
    assert max(sure.get('G', 0), sure.get('G:7', 0)) < min(sure['A:min'], sure['F'], sure['C'])


def test_a_chord_whose_bass_is_written_keeps_it():
    written = 'C/3 F G/3 A:min'.split()*6
    labels = aligned(scores('C:7 F:7 G:7 A:min7'.split()*6), written).labels
    assert [label for label in labels if '/' in label] == ['C/3', 'G/3']*6


@pytest.mark.parametrize('detail', ['G:sus4(b7)', 'G:maj(9)', 'G:9'])
def test_any_note_beyond_triads_makes_a_detailed_chart(detail):
    written = ['C', 'F', detail, 'A:min']*6
    assert aligned(scores('C:7 F:7 G:7 A:min7'.split()*6), written).labels == written


def test_richer_chords_are_spelled_as_the_chart_is():
    written, heard = 'Eb Ab Bb C:min'.split()*6, 'Eb:maj7 Ab:7 Bb:7 C:min7'.split()*6
    assert aligned(scores(heard), written).labels == heard
