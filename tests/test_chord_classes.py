"""Ninety-six labels and their class by each mapping: the table that settles arguments.
`=` in the column of the published BTC program means that it agrees with us."""
import pytest
from chordkd_nb.chords import ChordLabelError, vocabulary

TABLE = '''
    N             N          =      | X             X        N
    C             C          =      | C:maj         C        =      | C:min         C:min    =
    C:dim         C:dim      =      | C:aug         C:aug    =      | C:maj6        C:maj6   =
    C:min6        C:min6     =      | C:6           C:maj6   =      | C:7           C:7      =
    C:maj7        C:maj7     =      | C:min7        C:min7   =      | C:minmaj7     C:minmaj7 C:min
    C:dim7        C:dim7     =      | C:hdim7       C:hdim7  =      | C:sus2        C:sus2   =
    C:sus4        C:sus4     =      | C:9           C:7      =      | C:11          C:7      =
    C:13          C:7        =      | C:maj9        C:maj7   =      | C:min9        C:min7   =
    C:maj11       C:maj7     error  | C:min11       C:min7   =      | C:maj13       C:maj7   =
    C:min13       C:min7     =      | C:aug7        C:aug    error  | C:5           X        =
    C:1           X          =      | C:4           C:sus4   =      | C:maj/3       C        =
    C/3           C          =      | C/E           error    error  | C:min/b3      C:min    =
    C:7/b7        C:7        =      | C:maj(9)      C        =      | C:min(9)      C:min    =
    C:7(#9)       C:7        =      | C:7(b9)       C:7      =      | C:sus4(b7)    C:sus4   =
    C:sus4(b7,9)  C:sus4     =      | C:sus4(9)     C:sus4   =      | C:sus2(b7)    C:sus2   =
    C:maj(2)      C          =      | C:maj(4)      C        =      | C:maj(11)     C        =
    C:min(11)     C:min      =      | C:min(4)      C:min    =      | C:min(*b3)    C:min    =
    C:maj(*3)     C          =      | C:maj(*5)     C        =      | C:(1,5)       X        =
    C:(1)         X          =      | C:(1,4)       C:sus4   X      | C:(1,5,9)     C:sus2   X
    C:(1,4,b7)    X          =      | C:(1,3,#5,7)  C:aug    X      | C:aug(b7)     C:aug    =
    C:aug(7)      C:aug      =      | C:7(13)       C:7      =      | C:7(*5,13)    C:7      =
    C:min7(11)    C:min7     =      | C:min7(*5)    C:min7   =      | C:maj7(9)     C:maj7   =
    C:maj7(#11)   C:maj7     =      | C:maj6(9)     C:maj6   =      | C:min6(9)     C:min6   =
    C:dim(b7)     C:hdim7    C:dim  | C:dim7(9)     C:dim7   =      | C:hdim7(11)   C:hdim7  =
    C:hdim7/b5    C:hdim7    =      | C:maj(b9)     C        =      | C:min(7)      C:minmaj7 C:min
    C:maj(7)      C:maj7     C      | C:min(b6)     C:min    =      | C:7(b5)       C:7      =
    C:7(#5)       C:aug      C:7    | Bb:maj        A#       =      | Db:min        C#:min   =
    Cb:maj        B          =      | E#:min        F:min    =      | B#:7          C:7      =
    Fb:maj        E          =      | Gb:hdim7      F#:hdim7 =      | Cm            error    error
    Cmin          C:min      =      | C7            error    error  | Cmaj7         error    error
    Cm7           error      error  | C/5           C        =      | Emin/4        E:min    =
    A7/3          A:7        =      | c:maj         error    error  | C:maj/b7      C        =
    C:min/5       C:min      ='''
ROWS = [cell.split() for line in TABLE.strip().splitlines() for cell in line.split('|')]

CHORDMINI = {  # where the paper's evaluation differs from us
    'X': 'N', 'C:5': 'C', 'C:1': 'C', 'C:maj(9)': 'C:maj7', 'C:min(9)': 'C:min7', 'C:maj(11)': 'C:maj7',
    'C:min(11)': 'C:min7', 'C:(1,5)': 'C', 'C:(1)': 'C', 'C:(1,4,b7)': 'C', 'C:(1,3,#5,7)': 'C',
    'C:dim(b7)': 'C:dim', 'C:min(7)': 'C:min7', 'C:7(#5)': 'N'}


def answer(label, mapping):
    v = vocabulary(170)
    try: return v.label(v.index(label, mapping))
    except ChordLabelError: return 'error'


def test_the_table_has_96_labels():
    assert len(ROWS) == len({label for label,*_ in ROWS}) == 96


@pytest.mark.parametrize('label,ours,btc', ROWS)
def test_each_mapping_gives_the_class_of_the_table(label, ours, btc):
    assert answer(label, 'default') == ours
    assert answer(label, 'btc') == (ours if btc == '=' else btc)
    assert answer(label, 'chordmini') == CHORDMINI.get(label, ours)
