"Names of chords as people write them, the notes of a label, and the way back to a name"
import pytest
from chordkd_nb.chords import chord_notes, chord_tones, harte, quality_of, read_chord_name
from chordkd_nb.lead_sheets import short_name, voicing
from chordkd_nb.player import lane_data
from chordkd_nb.annotation import Annotation
from test_chord_classes import SHORTHANDS, DEGREES

NAMES = '''
    C       C            | Cm      C:min        | C-      C:min        | Cmin    C:min        | Cminor   C:min
    Cmaj    C            | CM      C            | CMaj7   C:maj7       | CM7     C:maj7       | CMA7     C:maj7
    CΔ      C:maj7       | C△7     C:maj7       | C^7     C:maj7       | Cma9    C:maj9       | Cmaj13   C:maj13
    C7      C:7          | C9      C:9          | C11     C:11         | C13     C:13         | C6       C:maj6
    C69     C:maj6(9)    | C6/9    C:maj6(9)    | C6(9)   C:maj6(9)    | Cm69    C:min6(9)    | Cm6      C:min6
    Cm7     C:min7       | C-7     C:min7       | CMI7    C:min7       | Cm9     C:min9       | Cm11     C:min11
    CmM7    C:minmaj7    | Cm(maj7) C:minmaj7   | CmMaj7  C:minmaj7    | Cm/maj7 C:minmaj7    | C-Δ7     C:minmaj7
    Cdim    C:dim        | C°      C:dim        | C°7     C:dim7       | Co7     C:dim7       | Cdim7    C:dim7
    Cø      C:hdim7      | CØ7     C:hdim7      | Cm7b5   C:hdim7      | C-7b5   C:hdim7      | Cm7-5    C:hdim7
    C+      C:aug        | Caug    C:aug        | C+7     C:aug(b7)    | C7#5    C:aug(b7)    | C7+5     C:aug(b7)
    Caug7   C:aug(b7)    | C9#5    C:aug(b7,9)  | Cmaj7#5 C:aug(7)     | C+M7    C:aug(7)     | Cm9b5    C:hdim7(9)
    C5      C:5          | Cno3    C:5          | C(omit3) C:5         | C7no5   C:7(*5)      | C(no3rd) C:5
    Csus    C:sus4       | Csus2   C:sus2       | Csus4   C:sus4       | C7sus4  C:sus4(b7)   | C7sus    C:sus4(b7)
    C9sus4  C:sus4(b7,9) | C7sus2  C:sus2(b7)   | Csus24  C:sus2(4)    | C6sus4  C:sus4(6)    | C13sus   C:sus4(b7,9,13)
    C2      C:sus2       | G4      G:sus4       | C7(4)   C:sus4(b7)   | D2/F#   D:sus2/3     | Cj7      C:maj7
    Cadd9   C:maj(9)     | Cadd2   C:maj(2)     | C(add9) C:maj(9)     | Cmadd9  C:min(9)     | Cm(add9) C:min(9)
    Cadd11  C:maj(11)    | C6add9  C:maj6(9)    | C(9)    C:maj(9)     | C7(13)  C:7(13)      | C7(9,13) C:9(13)
    C7b9    C:7(b9)      | C7-9    C:7(b9)      | C7(#9)  C:7(#9)      | C7+9    C:7(#9)      | C7#11    C:7(#11)
    C7b9#11 C:7(b9,#11)  | C7(b9)(b13) C:7(b9,b13) | C9#11 C:9(#11)     | C13#11  C:9(#11,13)  | C13b9    C:7(b9,11,13)
    C7b5    C:7(*5,b5)   | C(b5)   C:maj(*5,b5) | Cm#5    C:min(*5,#5) | Cmaj7b5 C:maj7(*5,b5) | Cmaj11  C:maj9(11)
    B♭      Bb           | F♯m     F#:min       | E♭m7♭5  Eb:hdim7     | A♯dim7  A#:dim7      | Db5      Db:5
    am      A:min        | f#m7    F#:min7      | bbm     Bb:min       | b7      B:7          | c:maj    C
    C:m     C:min        | C:min7b5 C:hdim7     | C:sus   C:sus4       | C:7#9   C:7(#9)      | A:min/C  A:min/b3
    C/E     C/3          | Bb/D    Bb/3         | Dm7/G   D:min7/4     | Am/g    A:min/b7     | D/F♯     D/3
    C/Db    C/b2         | C/D#    C/#2         | Ebdim7/C Eb:dim7/bb7 | A#/D    A#/3         | C/C      C
    A7/3    A:7/3        | Cm7/5   C:min7/5     | Cmaj7/b7 C:maj7/b7   | C+7/E   C:aug(b7)/3  | C/C♯     C/#1
    C7/9    C:9          | Am7/11  A:min7(11)   | C7sus4/b9 C:sus4(b7,b9) | C7M   C:maj7       | Am7M     A:minmaj7
    C7M9    C:maj9       | Cadd9/E C:maj(9)/3   | C7/9/E  C:9/3        | C/maj7  C:maj7       | NC.      N
    N.C.    N            | NC      N            | n.c.    N            | N       N            | NoChord  N
    ?       X            | x       X            | X       X            | G:7/3   G:7/3        | C:maj(9) C:maj(9)'''
NAMES = [cell.split() for line in NAMES.strip().splitlines() for cell in line.split('|')]


@pytest.mark.parametrize('name,label', NAMES)
def test_a_name_becomes_a_harte_label(name, label):
    assert read_chord_name(name) == label
    assert harte(label) == label


def test_spaces_do_not_matter():
    assert read_chord_name(' C maj7 / E ') == 'C:maj7/3'
    assert read_chord_name('N. C.') == 'N'


def test_music21_hears_the_same_notes_in_the_names_that_it_reads():
    from music21.harmony import ChordSymbol
    for kind in '7 maj7 m7 m7b5 dim dim7 6 m6 sus4 sus2 9 M9 m9 add9 7sus4 7b9 7#9 7#11 + 7b5'.split():
        for root in ('C', 'F#', 'Bb'):
            symbol = ChordSymbol(root.replace('b', '-') + kind)
            assert {p.pitchClass for p in symbol.pitches} == set(chord_tones(read_chord_name(root + kind))[2]), kind


ADDED = '', '(b5)', '(#5)', '(9)', '(b7)', '(*3)', '(*5)', '(#9)'
LABELS = [f'{root}:{shorthand}{added}{bass}' for root in ('C', 'B', 'Gb', 'D#') for shorthand in SHORTHANDS
          for added in ADDED for bass in ('', '/3', '/b5', '/7', '/9')]


def test_a_name_keeps_class_and_bass_and_names_no_fifth_that_does_not_sound():
    for label in LABELS:
        name = short_name(label)
        if name == '?':
            assert quality_of(label)[1] == 'X'
            continue
        back = read_chord_name(name)
        assert quality_of(back) == quality_of(label), (label, name)
        assert chord_tones(back)[:2] == chord_tones(label)[:2], (label, name)
        fifths = {(quality_of(label)[0] + s) % 12 for s in (6, 7, 8)}
        sounding, named = (set(chord_tones(l.partition('/')[0])[2]) & fifths for l in (label, back))
        assert named <= sounding or not sounding, (label, name)


def test_midi_and_player_sound_the_notes_of_the_label():
    for label in LABELS:
        root, bass, notes = chord_tones(label)
        low, upper = voicing(label)
        assert (low % 12, {n % 12 for n in upper}) == (bass, set(notes))
        shown = lane_data({'': Annotation([(0, 1)], [label])})[0]['segments'][0][3].split()
        assert tuple(shown) == chord_notes(label) and len(shown) == len(notes)


@pytest.mark.parametrize('label,name', [
    ('B:hdim7/b5', 'Bm7b5/F'), ('F#:maj/7', 'F#/E#'), ('Gb/4', 'Gb/Cb'), ('D#/3', 'D#/F##'),
    ('C:dim7/bb7', 'Cdim7/Bbb'), ('C/b3', 'C/Eb'), ('C/#2', 'C/D#'), ('Ab:min/b3', 'Abm/Cb'), ('E/b7', 'E/D'),
    ('C/9', 'C/D'), ('Db:7/b7', 'Db7/Cb')])
def test_the_bass_has_the_letter_of_its_degree(label, name):
    assert short_name(label) == name


def test_the_notes_have_the_letters_of_their_degrees():
    for degree in DEGREES:
        note = chord_notes(f'E:1({degree})')[-1]
        assert note[0] == 'EFGABCD'[(int(degree.lstrip('b#')) - 1) % 7]
