"Times that cannot be seconds are errors that name the unit"
import tracemalloc
import numpy as np, pytest
from chordkd_nb._units import unit_between, unit_of
from chordkd_nb.annotation import Annotation
from chordkd_nb.evaluation import evaluate, song_scores
from chordkd_nb.songs import Song, read_labels
from chordkd_nb.store import build_store

SONG = Annotation([(0, 60), (60, 174.5)], ['C', 'G'])


def in_units(per_second): return Annotation(SONG.intervals*per_second, SONG.labels)


def test_a_file_in_100_ns_is_refused_with_its_line(tmp_path):
    path = tmp_path/'htk.lab'
    path.write_text('0 600000000 C\n600000000 1745000000 G\n')
    with pytest.raises(ValueError, match=r'htk\.lab, line 1: it ends at 6e\+08 s, which is more than a day\. '
                                         r'Times are in seconds; it would be 60 s if it is in units of 100 ns \(HTK\)'):
        read_labels(path)


@pytest.mark.parametrize('end, says', [
    (1.745e9, '174 s if it is in units of 100 ns'), (174500., '174 s if it is in milliseconds'),
    (174.5*44100, '174 s if it is in samples at 44 100 Hz'), (1e30, '')])
def test_the_unit_of_the_end_of_a_song(end, says):
    assert says in unit_of(end) and bool(says) == bool(unit_of(end))
    with pytest.raises(ValueError, match='more than a day'): Annotation([(0, end)], ['C'])


def test_a_day_is_a_song_a_longer_time_is_not():
    assert Annotation([(0, 86400)], ['C']).duration == 86400
    with pytest.raises(ValueError, match='Segment 0: it ends at 86401 s, which is more than a day'):
        Annotation([(0, 86401)], ['C'])


@pytest.mark.parametrize('per_second, unit', [
    (100, 'frames of 10 ms'), (22050/2048, 'frames of 2048 samples at 22 050 Hz'), (1/60, 'minutes'),
    (400, ''), (1/3, '')])
def test_reference_and_estimate_in_different_units(per_second, unit):
    for ref, est in ((SONG, in_units(per_second)), (in_units(per_second), SONG)):
        with pytest.raises(ValueError, match='song a: the reference ends at .* do they belong together?') as error:
            evaluate({'a': ref}, {'a': est})
        assert unit in str(error.value) and bool(unit) == ('Times are in seconds' in str(error.value))


@pytest.mark.parametrize('end', [100., 174.5, 184., 340.])
def test_annotations_of_usual_lengths_are_compared(end):
    assert song_scores(SONG, Annotation([(0, 60), (60, end)], SONG.labels))['root'][1] == 174.5


def test_an_annotation_in_milliseconds_beside_its_audio(tmp_path):
    audio = np.zeros(22050*40, np.float32)
    song = Song('a', audio=audio, orig_sr=22050, annotation=Annotation([(0, 40_000)], ['N']))
    failed = build_store([song], tmp_path, progress=False).failed['a']
    assert failed.endswith('do they belong together? Times are in seconds; is 40000 in milliseconds?')


def test_nothing_is_said_where_no_unit_fits():
    assert unit_between(170., 174.5) == unit_between(400., 174.5) == ''


def test_a_day_takes_little_memory_in_the_protocol_of_the_paper():
    ends = np.linspace(0, 86400, 10_001)
    day = Annotation(np.c_[ends[:-1], ends[1:]], ['C', 'G']*5_000)
    song_scores(SONG, SONG, 'paper')  # import what is needed
    tracemalloc.start()
    song_scores(day, day, 'paper')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e7
