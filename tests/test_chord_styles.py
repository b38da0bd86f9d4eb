"Names in three styles, transposition and capo, in each format that has a place for them"
import csv, io, json
import numpy as np
import pytest
from chordkd_nb import Annotation, key_of, short_name, track_beats, transpose
from chordkd_nb.beats import Beats
from chordkd_nb.chords import chord_tones, quality_of, read_chord_name
from chordkd_nb.edits import HIGHEST_CAPO, NAMES, best_capo, capo_shapes
from chordkd_nb.formats import FORMATS, chords_as, naming_problem, save_chords
from test_chord_names import LABELS

SONG = Annotation([(0, 2), (2, 4), (4, 6), (6, 8)], ['Bb', 'G:min7', 'Eb:maj7/3', 'N'],
                  alternatives=[[('Bb', .9), ('Bb:7', .1)], [('G:min7', 1.)], [('Eb:maj7/3', 1.)], [('N', 1.)]])
BEATS = Beats(np.arange(0, 8, .5), np.arange(16) % 4 + 1)
WRITTEN = dict(harte=['Bb', 'G:min7', 'Eb:maj7/3', 'N'], pop=['Bb', 'Gm7', 'Ebmaj7/G', 'N.C.'],
               jazz=['Bb', 'G-7', 'Ebmaj7/G', 'N.C.'])
SHAPES = dict(pop=['G', 'Em7', 'Cmaj7/E', 'N.C.'], jazz=['G', 'E-7', 'Cmaj7/E', 'N.C.'])


def text(format, **how): return chords_as(SONG, format, 'a', BEATS, **how).decode()


def names_in(format, **how):
    "Names of chords as a format has them"
    found = text(format, **how)
    if format == 'json': return [s['label'] for s in json.loads(found)['segments']]
    if format == 'csv': return [row['label'] for row in csv.DictReader(io.StringIO(found))]
    return [line.split('\t')[2] for line in found.splitlines()]


@pytest.mark.parametrize('names', NAMES)
@pytest.mark.parametrize('format', ['json', 'csv', 'audacity'])
def test_text_has_the_names_that_you_choose(format, names):
    assert names_in(format, names=names) == WRITTEN[names]


def test_programs_get_harte_labels_and_people_short_names_unless_you_choose():
    assert names_in('json') == names_in('csv') == names_in('lab') == WRITTEN['harte']
    assert names_in('audacity') == WRITTEN['pop']
    assert 'names' not in json.loads(text('json'))
    assert '"names": "pop"' in chords_as(SONG, 'html', audio=np.zeros(8*22050), orig_sr=22050).decode()


def test_alternatives_have_the_same_style():
    first = json.loads(text('json', names='pop'))
    assert first['segments'][0]['alternatives'][1]['label'] == 'Bb7' and first['names'] == 'pop'


@pytest.mark.parametrize('names', NAMES)
def test_lyrics_and_bars_have_it_too(names):
    pretty_midi = pytest.importorskip('pretty_midi')
    midi = pretty_midi.PrettyMIDI(io.BytesIO(chords_as(SONG, 'midi', names=names)))
    assert [lyric.text for lyric in midi.lyrics] == WRITTEN[names]
    for name in WRITTEN[names]: assert f' {name} ' in text('chordpro', names=names)


@pytest.mark.parametrize('format', ['lab', 'jams', 'musicxml'])
def test_files_that_programs_read_keep_their_own_names(format, tmp_path):
    assert 'names only' in naming_problem(format, 'jazz')
    with pytest.raises(ValueError, match='names only'): save_chords(SONG, tmp_path/'a', format, names='jazz')
    assert not list(tmp_path.iterdir())


def test_an_unknown_style_is_refused():
    for format in FORMATS:
        with pytest.raises(ValueError, match="harte, pop, jazz, not 'german'"):
            chords_as(SONG, format, beats=BEATS, names='german')
    with pytest.raises(ValueError, match="not 'german'"): short_name('C', 'german')


@pytest.mark.parametrize('names', ['pop', 'jazz'])
def test_each_style_keeps_class_and_bass(names):
    for label in LABELS:
        if (name := short_name(label, names)) == '?': continue
        back = read_chord_name(name)
        assert quality_of(back) == quality_of(label), (label, name)
        assert chord_tones(back)[:2] == chord_tones(label)[:2], (label, name)


def test_a_transposed_song_is_spelled_in_its_new_key():
    assert transpose(SONG, 2).labels == ['C', 'A:min7', 'F:maj7/3', 'N']
    assert transpose(SONG, 1).labels == ['B', 'G#:min7', 'E:maj7/3', 'N']
    assert transpose(SONG, 3).labels == ['Db', 'Bb:min7', 'Gb:maj7/3', 'N']
    assert transpose(SONG, 2, 'sharps').alternatives[0] == [('C', .9), ('C:7', .1)]
    assert tuple(key_of(transpose(SONG, 2))) == ('C', 'major')


def test_the_best_fret_gives_open_shapes():
    assert best_capo(SONG) == 3
    assert [short_name(label) for label in capo_shapes(SONG, 3).labels] == SHAPES['pop']
    assert best_capo(Annotation([(0, 1)], ['N'])) == 0


@pytest.mark.parametrize('fret', [-1, HIGHEST_CAPO + 1, 1.5])
def test_a_fret_out_of_reach_is_refused(fret):
    with pytest.raises(ValueError, match='fret from 0 to 7'): capo_shapes(SONG, fret)


@pytest.mark.parametrize('names', ['pop', 'jazz'])
def test_shapes_come_with_the_chords_or_instead_of_them(names):
    how = dict(names=names, capo=3)
    read = json.loads(text('json', **how))
    assert [s['shape'] for s in read['segments']] == SHAPES[names] and read['capo'] == 3
    assert names_in('json', **how) == names_in('csv', **how) == WRITTEN[names]
    assert [row['shape'] for row in csv.DictReader(io.StringIO(text('csv', **how)))] == SHAPES[names]
    assert names_in('audacity', **how) == SHAPES[names]
    assert {'{capo: 3}', '{key: G}'} <= set(text('chordpro', **how).splitlines())
    for name in SHAPES[names]: assert f' {name} ' in text('chordpro', **how)


@pytest.mark.parametrize('format', ['lab', 'jams', 'midi', 'musicxml'])
def test_a_capo_has_no_place_where_chords_sound(format):
    with pytest.raises(ValueError, match='no place for a capo'): chords_as(SONG, format, beats=BEATS, capo=3)


def test_musicians_find_these_names_at_the_top():
    assert callable(track_beats)
