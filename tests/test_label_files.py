"Files of labels and of beats as others write them, and what repair does to them"
import gzip
import json
import warnings
import numpy as np
import pytest
from mir_eval.chord import evaluate as mir_eval_scores
from chordkd_nb.annotation import Annotation, repair_rows
from chordkd_nb.beats import read_beats
from chordkd_nb.chords import ChordLabelError
from chordkd_nb.evaluation import METRICS, evaluate, percentages
from chordkd_nb.formats import read_audacity
from chordkd_nb.songs import label_files, read_labels


def written(tmp_path, text, name='song.lab'):
    (tmp_path/name).write_text(text)
    return tmp_path/name


# ---------------------------------------------------------------- columns of chords

@pytest.mark.parametrize('text', [
    't_start;t_end;chord\n0.0;0.5;N\n0.5;2.25;Ab:min\n',
    '"t_start";"t_end";"chord"\n0.0;0.5;"N"\n0.5;2.25;"Ab:min"\n',
    'start\tend\tlabel\n0.0\t0.5\tN\n0.5\t2.25\tAb:min\n',
    '0,0\t0,5\tN\n0,5\t2,25\tAb:min\n',
    '0,000000 0,500000 N\n0,500000 2,250000 Ab:min\n',
    '0 0 N\n0.5 0.5 Ab:min\n2.25 2.25 N\n',
    '0,0\t0,0\tN\n0,5\t0,5\tAb:min\n2,25\t2,25\tN.C.\n',
])
def test_the_same_chords_in_other_columns(tmp_path, text):
    a = Annotation.from_lab(written(tmp_path, text))
    assert a.labels == ['N', 'Ab:min']
    assert a.intervals.tolist() == [[0, .5], [.5, 2.25]]


@pytest.mark.parametrize('text', ['0,0\t0,5\tN.C.\n0,5\t2,25\tG♯m7\n', '0\t0\tNC\n0.5\t0.5\tG#m7\n2.25\t2.25\tN.C.\n'])
def test_audacity_tracks_have_decimal_commas_or_points(tmp_path, text):
    a = read_audacity(written(tmp_path, text))
    assert a.labels == ['N', 'G#:min7'] and a.intervals.tolist() == [[0, .5], [.5, 2.25]]


def test_points_without_an_end_are_refused(tmp_path):
    with pytest.raises(ChordLabelError, match="line 2: how long does 'G' last.* Add an N where the song ends"):
        Annotation.from_lab(written(tmp_path, '0 0 C\n2 2 G\n'))


@pytest.mark.parametrize('header', ['start;duration;chord', 'chord;start;end', 'from;to;chord'])
def test_other_columns_are_not_taken_for_start_and_end(tmp_path, header):
    with pytest.raises(ChordLabelError, match='line 1: expected'):
        Annotation.from_lab(written(tmp_path, f'{header}\n0;2;C\n'))


def test_an_end_before_the_start_is_never_repaired(tmp_path):
    path = written(tmp_path, '0 2 C\n2 2.5 G\n4.5 3 A\n')
    for repair in (False, True):
        with pytest.raises(ChordLabelError, match='line 3: it ends at 3 s, before its start.* start and duration'):
            Annotation.from_lab(path, repair) if repair else repair_rows([(3, 4.5, 3., 'A')], f'{path}')


def test_tables_of_chords_are_found_and_other_tables_are_not(tmp_path):
    written(tmp_path, 't_start;t_end;chord\n0;2;C\n', 'a.csv')
    written(tmp_path, 'start,end,label,confidence\n0,2,C,0.5\n', 'b.csv')
    written(tmp_path, 'song,score\na,1\n', 'c.csv')
    assert list(label_files(tmp_path)) == ['a']
    assert read_labels(tmp_path/'a.csv').labels == ['C']


# ---------------------------------------------------------------- beats

BEATS = {
    'Harmonix': ('0.0\t1\t1\n0.5\t2\t1\n1.0\t3\t1\n1.5\t1\t2\n', [0, .5, 1, 1.5], [1, 2, 3, 1]),
    'Harmonix, later': ('61.5\t3\t20\n62.0\t4\t20\n62.5\t1\t21\n', [61.5, 62, 62.5], [3, 4, 1]),
    'Harmonix, slow': ('0.9 1 1\n1.9 2 1\n2.9 3 1\n3.9 1 2\n', [.9, 1.9, 2.9, 3.9], [1, 2, 3, 1]),
    'RWC': ('t;beat\n0.060;1\n0.510;2\n', [.06, .51], [1, 2]),
    'Isophonics': ('0.43 N\n0.87 N\n1.3 3\n1.7 4\n2.1 1\n', [.43, .87, 1.3, 1.7, 2.1], [1, 2, 3, 4, 1]),
    'a beat without a place': ('1 3\n2 4\n3 N\n4 2\n', [1, 2, 3, 4], [3, 4, 1, 2]),
    'no place is known': ('1 N\n2 N\n', [1, 2], None),
    'points of Audacity': ('0.5\t0.5\t4\n1.0\t1.0\t1\n', [.5, 1], [4, 1]),
    'points at whole seconds': ('1\t1\t1\n2\t2\t2\n3\t3\t1\n', [1, 2, 3], [1, 2, 1]),
    'decimal commas': ('0,500000\t0,500000\t4\n1,000000\t1,000000\t1\n', [.5, 1], [4, 1]),
    'decimal commas, times alone': ('0,50\n1,00\n', [.5, 1], None),
    'decimal commas and a place': ('0,5;4\n1,0;1\n', [.5, 1], [4, 1]),
    'commas between columns': ('0.5,4\n1.0,1\n', [.5, 1], [4, 1]),
    'commas and blanks': ('0.5, 4\n1.0, 1\n', [.5, 1], [4, 1]),
    'regions': ('0.5 0.9 4\n1.0 1.4 1\n', [.5, 1], [4, 1]),
    'time alone, with a header': ('time\n0.5\n1\n', [.5, 1], None),
}


@pytest.mark.parametrize('text,times,positions', BEATS.values(), ids=BEATS)
def test_beats_are_read_in_the_columns_of_others(tmp_path, text, times, positions):
    beats = read_beats(written(tmp_path, text))
    assert beats.times.tolist() == times
    assert (None if beats.position_in_bar is None else beats.position_in_bar.tolist()) == positions


# ---------------------------------------------------------------- JAMS

def old_jams(*chords, **metadata):
    data = [dict(start=dict(value=start), end=dict(value=end), label=dict(value=label)) for start, end, label in chords]
    return dict(chord=[dict(data=data, annotation_metadata=metadata)], file_metadata=dict(jams_version='0.0.1'))


def test_jams_of_2014_is_read_and_the_version_is_named(tmp_path):
    path = written(tmp_path, json.dumps(old_jams((0., .4, 'N'), (.4, 2.1, 'D:7'))), 'old.jams')
    with pytest.warns(UserWarning, match=r'JAMS of an old version \(0.0.1\)'): a = Annotation.from_jams(path)
    assert a.labels == ['N', 'D:7'] and a.intervals.tolist() == [[0, .4], [.4, 2.1]] and a.confidence is None


def test_an_old_jams_file_says_what_its_times_are(tmp_path):
    document = old_jams((0., 8., 'C'))
    document['chord'][0]['sandbox'] = dict(import_notes='Time units are measures.')
    with pytest.warns(UserWarning, match="The file says: 'Time units are measures.'"):
        Annotation.from_jams(written(tmp_path, json.dumps(document), 'old.jams'))


def test_jams_without_chords_or_with_odd_observations_is_refused(tmp_path):
    no_chords = dict(file_metadata=dict(jams_version='0.0.1'), beat=[])
    odd = old_jams((0., 1., 'C'))
    del odd['chord'][0]['data'][0]['end']
    warnings.simplefilter('ignore')
    for document, message in ((no_chords, 'no chord annotations'), (odd, 'not a readable JAMS'), ({}, 'JAMS')):
        with pytest.raises(ChordLabelError, match=message):
            Annotation.from_jams(written(tmp_path, json.dumps(document), 'old.jams'))


def test_columns_of_observations_and_compressed_files_are_read(tmp_path):
    data = dict(time=[1., 0.], duration=[1., 1.], value=['G', 'C'], confidence=[.5, .75])
    document = dict(annotations=[dict(namespace='chord', data=data)])
    a = Annotation.from_jams(written(tmp_path, json.dumps(document), 'dense.jams'))
    assert a.labels == ['C', 'G'] and a.confidence.tolist() == [.75, .5]
    with gzip.open(tmp_path/'dense.jamz', 'wt') as f: json.dump(document, f)
    assert Annotation.from_jams(tmp_path/'dense.jamz') == a


@pytest.fixture
def casd(tmp_path):
    "A file with the chords of three annotators, two of them without a name"
    people = (dict(annotator=dict(id='A1')), dict(curator=dict(name='Bob', email='')), {}, {})
    annotations = [dict(namespace='chord', annotation_metadata=m, data=[dict(time=0, duration=2, value=label)])
                   for m, label in zip(people, 'CDEF')]
    return written(tmp_path, json.dumps(dict(annotations=annotations)), 'casd.jams')


def test_several_annotators_are_named_and_one_is_chosen(casd):
    with pytest.warns(UserWarning, match=r'4 annotators \(0 A1, 1 Bob, 2, 3\): we take the chords of A1.*annotator='):
        assert Annotation.from_jams(casd).labels == ['C']
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for annotator, label in (('A1', 'C'), (0, 'C'), ('Bob', 'D'), (1, 'D'), ('2', 'E'), (3, 'F')):
            assert Annotation.from_jams(casd, annotator).labels == [label]
            assert read_labels(casd, annotator=annotator).labels == [label]


def test_an_unknown_annotator_is_refused_with_the_names(casd):
    for unknown in ('A9', 4, -1):
        with pytest.raises(ChordLabelError, match=r"no version of the chords by annotator .* of: 0 A1, 1 Bob, 2, 3"):
            Annotation.from_jams(casd, unknown)


# ---------------------------------------------------------------- repair

def lab_of(tmp_path, *rows): return written(tmp_path, ''.join(f'{start} {end} {label}\n' for start, end, label in rows))


@pytest.mark.parametrize('rows,seconds', [
    ([(100, 110, 'C')], '100.0 s of 110.0'),  # begins late
    ([(0, 20, 'C'), (2, 3, 'G')], '35.0 s of 20.0'),  # the last row begins inside the first
    ([(-30, 2, 'C'), (2, 20, 'G')], '30.0 s of 20.0'),  # begins before the song
    ([(0, 4, 'C'), (12, 20, 'G')], '8.0 s of 20.0'),
])
def test_repair_changes_no_more_than_a_tenth_at_the_ends_and_between(tmp_path, rows, seconds):
    path = lab_of(tmp_path, *rows)
    for read in (read_labels, Annotation.from_lab):
        with pytest.raises(ChordLabelError, match=f'song.lab: repairs would touch {seconds}: too many'):
            read(path, repair=True)


def test_exactly_a_tenth_is_repaired(tmp_path):
    for rows in ([(0, 1.2, 'C'), (1, 2, 'G')], [(.2, 2, 'C')], [(0, 1, 'C'), (1.2, 2, 'G')]):
        assert read_labels(lab_of(tmp_path, *rows), repair=True).duration == 2


def test_what_is_unknown_is_x_and_every_repair_is_listed(tmp_path):
    path = lab_of(tmp_path, (-.5, 10, 'C'), (10.5, 39.9, 'G'), (39, 39.5, 'A'), (39.5, 39.5, 'D'))
    a = read_labels(path, repair=True)
    assert list(a) == [(0, 10, 'C'), (10, 10.5, 'X'), (10.5, 39, 'G'), (39, 39.5, 'A'), (39.5, 39.9, 'X')]
    for repair in ('line 1: start moved from -0.5 to 0 s', 'line 2: gap of 0.500 s before 10.5 s filled with X',
                   'line 2: end clipped from 39.9 to 39 s', 'line 4: dropped, no duration left at 39.5 s',
                   'gap of 0.400 s before 39.9 s filled with X'):
        assert any(repair in sentence for sentence in a.repairs), a.repairs
    assert len(a.repairs) == 5


def test_a_repaired_reference_is_scored_as_mir_eval_scores_the_original(tmp_path):
    rows = [(8, 40, 'C'), (40, 80, 'G:7'), (80, 110, 'A:min')]
    estimate = Annotation([(0, 30), (30, 85), (85, 110)], ['C', 'G:7', 'A:min'])
    reference = read_labels(lab_of(tmp_path, *rows), repair=True)
    assert reference.labels[0] == 'X'
    intervals, labels = np.array([row[:2] for row in rows], float), [row[2] for row in rows]
    expected = mir_eval_scores(intervals, labels, estimate.intervals, estimate.labels)
    found = percentages(evaluate(dict(a=reference), dict(a=estimate)))[0]
    for metric, percent in zip(METRICS, found): assert percent == pytest.approx(100*expected[metric]), metric
    assert 80 < found[METRICS.index('majmin')] < 100
