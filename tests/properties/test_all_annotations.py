"What holds for every annotation, whatever is done to it"
import warnings
import numpy as np, pytest
from hypothesis import example, given, strategies as st
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats, align_to_beats
from chordkd_nb.chords import vocabulary
from chordkd_nb.decoding import merge_short
from chordkd_nb.edits import DETAIL, merge_equal, simplify
from chordkd_nb.evaluation import song_scores
from chordkd_nb.features import LOG_CQT
from chordkd_nb.keys import respell
from harte import annotations, check_whole, label

details = st.sampled_from(sorted(DETAIL))
spellings = st.sampled_from(['sharps', 'flats'])


@given(annotations())
def test_a_lab_file_gives_back_what_was_written(tmp_path_factory, a):
    path = tmp_path_factory.mktemp('lab')/'a.lab'
    a.to_lab(path)
    read = Annotation.from_lab(path)
    assert read.labels == a.labels
    assert np.allclose(read.intervals, a.intervals, atol=1e-6)
    repaired = Annotation.from_lab(path, repair=True)
    assert repaired == read and not repaired.repairs


@given(annotations())
def test_a_jams_file_gives_back_what_was_written(tmp_path_factory, a):
    path = tmp_path_factory.mktemp('jams')/'a.jams'
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        a.to_jams(path)
        read = Annotation.from_jams(path)
    assert read.labels == a.labels
    assert read.alternatives == a.alternatives
    assert np.allclose(read.intervals, a.intervals, atol=1e-6)
    assert (read.confidence is None) == (a.confidence is None)
    if a.confidence is not None: assert np.allclose(read.confidence, a.confidence)


@given(st.lists(st.tuples(st.integers(-3000, 9000), st.integers(-500, 4000), label), min_size=1, max_size=9))
@example([(1, 2, 'N'), (1, 0, 'N')])
def test_repair_makes_any_rows_whole(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp('rows')/'a.lab'
    path.write_text(''.join(f'{start/1000} {(start+length)/1000} {l}\n' for start,length,l in rows))
    some_sound = any(length > 1 and start+length > 1 for start,length,_ in rows)
    try: a = Annotation.from_lab(path, repair=True)
    except ValueError as e:
        assert 'a.lab' in str(e)
        expected = 'too many' in str(e) or 'before its start' in str(e) or not some_sound
        assert expected, str(e)
        return
    check_whole(a)
    if some_sound:
        ends = [start+length for start,length,_ in rows if length > 0 and start+length > 0]
        assert a.duration == pytest.approx(max(ends)/1000, abs=2e-3)


@given(annotations(with_confidence=st.just(False)), st.lists(st.floats(-.003, .003), min_size=12, max_size=12))
def test_small_gaps_and_overlaps_are_repaired_and_nothing_else_changes(tmp_path_factory, a, shifts):
    path = tmp_path_factory.mktemp('gaps')/'a.lab'
    ends = a.intervals[:, 1] + np.minimum(np.array(shifts[:len(a)]), .4*np.diff(a.intervals)[:, 0])
    path.write_text(''.join(f'{start} {end} {l}\n' for (start,_),end,l in zip(a.intervals, ends, a.labels)))
    try: repaired = Annotation.from_lab(path, repair=True)
    except ValueError as e:
        assert 'too many' in str(e) or 'before its start' in str(e)
        return
    check_whole(repaired)
    for start,end,l in a:
        middle = (start+end)/2
        if end-start < .02: continue
        assert repaired.labels[np.searchsorted(repaired.intervals[:, 1], middle, side='right')] == l


@given(st.lists(st.integers(0, 169), min_size=1, max_size=60))
def test_frames_become_segments_and_frames_again(y):
    dt = LOG_CQT.frame_seconds
    a = Annotation.from_frames(y, dt)
    check_whole(a)
    assert a.to_frames(len(y), dt).tolist() == y
    assert a.duration == pytest.approx((len(y)-.5)*dt)


@given(annotations(), st.integers(-12, 12))
def test_transposing_there_and_back_changes_nothing(a, n):
    check_whole(a.transpose(n), a)
    assert a.transpose(n).transpose(-n).labels == a.transpose(0).labels


@given(annotations(), details)
def test_simplifying_twice_is_simplifying_once(a, detail):
    once = simplify(a, detail)
    twice = simplify(once, detail)
    check_whole(once, a)
    assert twice.labels == once.labels
    assert np.array_equal(twice.intervals, once.intervals)
    assert all(x != y for x,y in zip(once.labels, once.labels[1:]))


@given(annotations(), st.floats(0, 3))
def test_short_segments_are_merged(a, shortest):
    merged = merge_short(a, shortest)
    check_whole(merged, a)
    assert len(merged) == 1 or (np.diff(merged.intervals) >= shortest-1e-6).all()


@given(annotations(), spellings)
def test_spelling_changes_no_class(a, spelling):
    v, respelled = vocabulary(170), respell(a, spelling)
    check_whole(respelled, a)
    assert [v.index(l) for l in respelled.labels] == [v.index(l) for l in a.labels]


@given(annotations(), st.lists(st.integers(0, 60000), min_size=1, max_size=20, unique=True), st.floats(0, 1))
def test_merging_and_aligning_leave_an_annotation_whole(a, beats, reach):
    check_whole(merge_equal(a), a)
    check_whole(align_to_beats(a, Beats(np.sort(beats)/1000, None), reach), a)


@given(annotations(with_confidence=st.just(False)))
def test_an_annotation_is_its_own_best_estimate(a):
    for metric,(right,weight) in song_scores(a, a).items(): assert right == pytest.approx(weight), metric
