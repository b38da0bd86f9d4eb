"Label files in `.lab` and JAMS: the good ones with the number of their segments, the bad ones with the error"
import json
import os
from pathlib import Path

GOOD_LABS = dict(
    good=(b'0 1 C\n1 2 A:min\n', 2),
    crlf=(b'0 1 C\r\n1 2 A:min\r\n', 2),
    cr=(b'0 1 C\r1 2 A:min\r', 2),
    bom=(b'\xef\xbb\xbf0 1 C\n', 1),
    tabs=(b'0\t1\tC\n', 1),
    comments=(b'# a\n0 1 C\n# b\n\n1 2 N\n', 2),
    no_newline=(b'0 1 C', 1),
    exponent=(b'0 1e0 C\n1e0 2E0 N', 2),
    snapped=(b'0 1.0004 C\n1 2 N', 2),
    slips=(b'0 1 Emin/4\n1 2 C:aug7(9)\n2 3 C:maj11\n', 3),
    spaces=(b'  0   1   C:maj( 9 , 11 ) \n', 1),
    long_line=(b'0 1'+b' '*10**6+b'C\n', 1),
)

BAD_LABS = dict(
    # times
    overlap=(b'0 2 C\n1 3 D\n', 'line 2: overlap'),
    gap=(b'0 1 C\n2 3 D\n', 'line 2: gap'),
    late=(b'1 2 C\n', 'line 1: gap'),
    reversed=(b'1 0 C\n', 'line 1: it ends'),
    empty_segment=(b'0 1 C\n1 1 D\n', 'line 2: it ends'),
    backwards=(b'1 2 C\n0 1 D\n', 'line 1: gap'),
    inside=(b'0 2 C\n1.9992 1.9998 D\n', 'line 2: it ends'),
    nan=(b'0 nan C\n', 'not finite'),
    inf=(b'0 inf C\n', 'not finite'),
    overflow=(b'0 1e999 C\n', 'not finite'),
    long_number=(b'0 '+b'9'*10**5+b' C\n', 'not finite'),
    negative=(b'-1 1 C\n', 'line 1: overlap'),
    # chords
    unknown=(b'0 1 H:maj\n', "line 1: 'H:maj' is not a Harte"),
    lead_sheet=(b'0 1 Cmaj7\n', "Did you mean 'C:maj7'"),
    bass_note=(b'0 1 C/E\n', 'bass after the slash'),
    no_bass=(b'0 1 C/\n', 'not a Harte'),
    long_label=(b'0 1 C'+b'x'*10**6, 'has 1000001 characters'),
    blanks_in_label=(b'0 1 C'+b' '*10**5+b'x\n', 'characters'),
    backtracking=(b'0 1 C:('+b'1,'*60+b'x\n', 'not a Harte'),
    hyphens=(b'0 1 '+b'('*400+b'\n', 'not a Harte'),
    # encodings
    latin1=('0 1 C\n# Caf\xe9\n'.encode('latin1'), 'not a text file in UTF-8'),
    utf16=('0 1 C\n'.encode('utf-16'), 'not a text file in UTF-8'),
    utf16le=('0 1 C\n'.encode('utf-16-le'), 'line 1: expected'),
    nul=(b'0 1 C\0\n', 'not a Harte'),
    nuls=(bytes(100), 'line 1: expected'),
    binary=(bytes(range(256)), 'not a text'),
    # columns
    empty=(b'', 'no chord segments'),
    blank=(b'\n \n\t\n', 'no chord segments'),
    only_comments=(b'# a\n', 'no chord segments'),
    two_columns=(b'0 1\n', 'line 1: expected'),
    words=(b'from to chord\n', 'line 1: expected'),
    commas=(b'0,1,C\n', 'line 1: expected'),
    times_last=(b'C 0 1\n', 'line 1: expected'),
)

LABS = GOOD_LABS | BAD_LABS

CHORD = dict(time=0., duration=1., value='C', confidence=.5)


def jams(*chords, **changes):
    "A JAMS file of one chord annotation, in which something may be changed: bytes"
    annotation = dict(namespace='chord', data=list(chords), time=0, duration=2)
    annotation |= dict(annotation_metadata={}, sandbox={})
    return whole_jams(annotations=[annotation | changes], file_metadata=dict(duration=2., title=''))


def whole_jams(annotations, file_metadata=None):
    "A JAMS file of these annotations: bytes"
    return json.dumps(dict(annotations=annotations, file_metadata=file_metadata or {}, sandbox={})).encode()


GOOD_JAMS = dict(
    good=(jams(CHORD, CHORD | dict(time=1., value='A:min')), 2),
    unsorted=(jams(CHORD | dict(time=1.), CHORD), 2),
    no_confidence=(jams(CHORD | dict(confidence=None)), 1),
)

WRONG_VALUES = dict(  # of an observation in the annotation
    time=['x', None, [1], -5., float('nan'), float('inf')],
    duration=['x', None, 0., -1., float('inf')],
    value=[None, 5, 'H', ['C'], {}],
    confidence=['high', 7., [1]],
)
WRONG_OBSERVATIONS = {
    f'{key}={value!r}': (jams(CHORD | {key: value}), r'\.jams: ')
    for key, values in WRONG_VALUES.items() for value in values}

BAD_JAMS = dict(
    garbage=(b'\x00\x01garbage', 'not a readable JAMS'),
    empty=(b'', 'not a readable JAMS'),
    half=(jams(CHORD)[:60], 'not a readable JAMS'),
    deep=(b'['*10**5, 'not a readable JAMS'),
    array=(b'[1, 2]', 'JAMS'),
    number=(b'3', 'JAMS'),
    null=(b'null', 'JAMS'),
    text=(b'"chords"', 'JAMS'),
    none=(whole_jams([]), 'no chord annotations'),
    other=(jams(CHORD, namespace='beat'), 'no chord annotations'),
    annotations_number=(whole_jams(5), 'JAMS'),
    no_data=(jams(), 'at least one'),
    overlap=(jams(CHORD, CHORD | dict(time=.5)), 'overlap'),
    gap=(jams(CHORD, CHORD | dict(time=1.5)), 'gap'),
    alternatives_number=(jams(CHORD, sandbox=dict(alternatives=5)), r'\.jams: '),
    alternatives_text=(jams(CHORD, sandbox=dict(alternatives=['C'])), r'\.jams: '),
    alternatives_odd=(jams(CHORD, sandbox=dict(alternatives=[[['H', .5]]])), r'\.jams: '),
) | WRONG_OBSERVATIONS

NOT_FILES = dict(
    fifo=(os.mkfifo, 'not a file'),
    folder=(Path.mkdir, 'not a file'),
    zero=(lambda path: path.symlink_to('/dev/zero'), 'not a file'),
    dangling=(lambda path: path.symlink_to('nothing'), 'No such file'),
)
