"What holds for the charts of all chords, and for every text"
from hypothesis import given, strategies as st
from chordkd_nb.charts import Chart, read_chart
from chordkd_nb.chords import chord_tones, read_chord_name
from chordkd_nb.edits import short_name
from harte import chord

names = st.sampled_from('C Am F#m7b5 Bb/D G7sus4 Emaj9 C6/9 A7#9 Cadd9 Gaug Bdim7 C-7 CΔ N.C. Ab13'.split())
bars = st.lists(st.lists(names, min_size=1, max_size=4), min_size=1, max_size=8)
lines = st.text('ABCabmH7#[]{}():|%x2/.-* \t\n', max_size=80)


def played(labels): return any(label not in 'NX' for label in labels)


@given(bars)
def test_bars_are_as_long_as_their_time_and_hold_what_was_written(song):
    labels = [read_chord_name(name) for bar in song for name in bar]
    if not played(labels): return
    chart = read_chart('\n'.join(f'| {" ".join(bar)} |' for bar in song))
    assert not chart.unread
    assert [c.label for c in chart.chords] == labels
    assert [c.beats for c in chart.chords] == [4/len(bar) for bar in song for _ in bar]


@given(bars, st.sampled_from([' ', '  ', ', ', ' - ', '\n', ' | ']))
def test_what_stands_between_chords_changes_nothing(song, between):
    words = [name for bar in song for name in bar]
    if not played(map(read_chord_name, words)): return
    chart = read_chart(between.join(words))
    assert [c.label for c in chart.chords] == list(map(read_chord_name, words))


@given(bars, st.integers(1, 9))
def test_a_section_is_played_as_often_as_its_name_says(song, times):
    words = [name for bar in song for name in bar]
    if not played(map(read_chord_name, words)): return
    chart = read_chart(f'[Chorus x{times}]\n{" ".join(words)}\n')
    assert len(chart.sections) == times
    assert all(section is chart.sections[0] for section in chart.sections)


@given(st.lists(chord, min_size=1, max_size=6))
def test_the_notes_of_a_label_survive_its_name_in_a_chart(labels):
    words = [short_name(label) for label in labels]
    if '?' in words: return
    chart = read_chart('| ' + ' | '.join(words) + ' |')
    assert not chart.unread
    assert [chord_tones(c.label) for c in chart.chords] == [chord_tones(read_chord_name(word)) for word in words]


@given(lines)
def test_every_text_is_a_chart_or_refused(text):
    try: chart = read_chart(text + '\nC')
    except ValueError as e:
        assert '\n' not in str(e)
        return
    assert isinstance(chart, Chart) and chart.chords
    for c in chart.chords: chord_tones(c.label)
    assert all(c.beats is None or c.beats > 0 for c in chart.chords)
    assert repr(chart)
