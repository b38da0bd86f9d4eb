"Charts in the forms that people write, and what is said of those that cannot be read"
import time, zipfile
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.charts import Chart, ChartChord, Section, read_chart


def chords(source):
    "The chords of a chart in one line; its sections apart"
    return ' | '.join(' '.join(map(str, section.chords)) for section in read_chart(source).sections)


def names(source): return [section.name for section in read_chart(source).sections]


LISTS = [
    ('C G Am F', 'C G A:min F'),
    ('C, G, Am, F', 'C G A:min F'),
    ('C,G,Am,F', 'C G A:min F'),
    ('C-G-Am-F', 'C G A:min F'),
    ('C – G → Am > F', 'C G A:min F'),
    ('C\nG\nAm\n', 'C G A:min'),
    ('[C]\n[G]\n[Am]\n', 'C G A:min'),
    ('1. C\n2. G\n3) Am F', 'C G A:min F'),
    ('0:00 C\n0:04 G F\n[00:08.5] Am', 'C G F A:min'),
    ('C-7 F-7 Bb7', 'C:min7 F:min7 Bb:7'),
    ('G7(b9,#11) C', 'G:7(b9,#11) C'),
    ('(C) G* Am/ "F" C,', 'C G A:min F C'),
    ('N.C. NC C', 'N N C'),
    ('C♯m7♭5 F♯° G△7 Aø', 'C#:hdim7 F#:dim G:maj7 A:hdim7'),
]


@pytest.mark.parametrize('text,expected', LISTS)
def test_a_text_may_be_a_list_of_chords(text, expected):
    chart = read_chart(text)
    assert ' '.join(map(str, chart.chords)) == expected
    assert not chart.unread


BARS = [
    ('| Am | F C |', 'A:min···· F·· C··'),
    ('Am | F | C', 'A:min···· F···· C····'),
    ('| C . . G |', 'C··· G·'),
    ('| C / / G |', 'C··· G·'),
    ('| C // G |', 'C··· G·'),
    ('| Am// G |', 'A:min··· G·'),
    ('| Am /G F |', 'A:min[1.33] A:min/b7[1.33] F[1.33]'),
    ('| C - - G |', 'C··· G·'),
    ('| C - G |', 'C·· G··'),
    ('| C | . . G . |', 'C······ G··'),
    ('| C F | % |\n| % |', 'C·· F·· C·· F·· C·· F··'),
    ('| C | ./. |', 'C···· C····'),
    ('|: C | G :|', 'C···· G···· C···· G····'),
    ('||: C | G :|| F ||', 'C···· G···· C···· G···· F····'),
    ('‖: C :‖', 'C···· C····'),
    ('|: C :| x3 | F |', 'C···· C···· C···· F····'),
    ('|: C :| (4x)', 'C···· C···· C···· C····'),
    ('|: C |\n| G :|\n| F :|', 'C···· G···· C···· G···· F···· F····'),
    ('| C | G | x2', 'C···· G···· C···· G····'),
    ('3/4\n| C | F . G |', 'C··· F·· G·'),
    ('| 3/4 C | G |', 'C··· G···'),
    ('Time: 6/8\n| C | F G |', 'C·· F· G·'),
    ('| C F G |', 'C[1.33] F[1.33] G[1.33]'),
    ('{time: 3/4}\n{sog}\n| C . . | N.C. |\n{eog}', 'C··· N···'),
    ('{start_of_grid: 4x3}\n| C . G |\n{eog}', 'C·· G·'),
    ('{sog shape="1+4x4+1"}\n| C . . G |\n{eog}', 'C··· G·'),
]


@pytest.mark.parametrize('text,expected', BARS)
def test_bars_tell_beats(text, expected):
    chart = read_chart(text)
    assert ' '.join(map(str, chart.chords)) == expected
    assert not chart.unread


SECTIONS = [
    ('[Verse]\nC G\nla\n[Chorus]\nF\nla\n[Verse]\nla\n[Chorus]', 'C G | F | C G | F'),
    ('Verse 1:\nC G\nla\nVerse 2:\nla la\nBridge\nF', 'C G | C G | F'),
    ('[Chorus x2]\nC G', 'C G | C G'),
    ('[Chorus] (x2)\nC G', 'C G | C G'),
    ('Chorus 2x\nC G', 'C G | C G'),
    ('Intro (2x): C G\nVerse\nF', 'C G | C G | F'),
    ('Chorus\nC G\nla\nSolo (guitar)\nF\nChorus (repeat)', 'C G | F | C G'),
    ('C  G  x2\nla', 'C G C G'),
    ('C    G\nla la (x2)', 'C G C G'),
    ('[A]\nC G\n[B]\nF\n[A]', 'C G | F | C G'),
    ('A: | C |\nB: | F |\nA:', 'C···· | F···· | C····'),
    ('[C]la [F]la\n[A]\n[G]la', 'C F A G'),
    ('[C] [G]\nAm F', 'C G A:min F'),
    ('[Intro] [C] [G]\n[Verse]\n[F]la [C]la', 'C G | F C'),
    ('{sov}\n[C]la\n{eov}\n{soc}\n[F]la\n{eoc}\n{chorus}', 'C | F | F'),
    ('{c: Chorus}\n{soc}\n[F]la\n{eoc}\n{c: Chorus}', 'F | F'),
    ('{soc}\n{c: Chorus 1}\n[F]la\n{eoc}\n{soc: Chorus 2}\n[G]la\n{eoc}\n{chorus}', 'F | G | G'),
    ('{start_of_verse: label="One"}\n[F]la\n{end_of_verse}', 'F'),
    ('[ch]C[/ch]   [ch]G[/ch]\nla la', 'C G'),
    ('# Verse\nC\n## Chorus\nF', 'C | F'),
    ('C F\nChorus C G x2', 'C F | C G C G'),
    ('1. Strophe\nC G\nRefrain\nF C\n2. Strophe\nla la\nRefrain', 'C G | F C | C G | F C'),
    ('1st Verse\nC G\n2nd Verse\nla la', 'C G | C G'),
    ('Verse 1 & 2:\nC G\nVerse 3a:\nla la', 'C G | C G'),
    ('{soc}\n[C]la [G]la\n[*Riff] [F]la\n{eoc}\n{chorus}', 'C G F | C G F'),
    ('{soc}\n[C]la\n{sot}\ne|--3--|\nC G\n{eot}\n[F]la\n{eoc}\n{chorus}', 'C F | C F'),
    ('{c: Verse 1}\n{sot}\ne|--3--|\n{eot}\n[C]la\n{c: Verse 2}', 'C | C'),
]


@pytest.mark.parametrize('text,expected', SECTIONS)
def test_sections_are_played_as_the_chart_says(text, expected):
    assert chords(text) == expected
    assert not read_chart(text).unread


WILD = [
    # a year, remarks, and a name are no music
    ('[C]Back in the summer of 1984 we [G]sang\n[Am]y', 'C G A:min', {}),
    ('Am (hold)\nG (let ring)\nwords of it', 'A:min G', {}),
    ('C (2003 version) G', 'C G', {}),
    ('C G\nHmm, hmm, hmm', 'C G', {}),
    ('{title: x}\n{c: G D Em}\n[C]la', 'G D E:min C', {'title': 'x'}),
    # brackets and basses that belong to a chord
    ('C(add9)  Am(maj7)  Bb(add2)/D  C7(b9 #11)', 'C:maj(9) A:minmaj7 Bb:maj(2)/3 C:7(b9,#11)', {}),
    ('[Verse]\nAm   /G\nwords words\nF    G', 'A:min A:min/b7 F G', {}),
    ('Am /G (/F#) F', 'A:min A:min/b7 A:min/6 F', {}),
    # names of sections
    ('Chorus\nF\nwords\nVerse Two\nAm G\nwords\nChorus\nand on', 'F A:min G F', {}),
    ('--- Verse 2 ---\nC G', 'C G', {}),
    ('<Verse>\nC G\nwords\nTag:\nF', 'C G F', {}),
    ('[Intro: C G]\nla la la la', 'C G', {}),
    ('A\n| C | G |\nB\n| F | G |', 'C···· G···· F···· G····', {}),
    # grids of ChordPro
    ('{sog}\nA || G7 . | % . |.\n{eog}', 'G:7···· G:7····', {}),
    # repeats
    ('|: C | Am |1. F | G :|2. F | C ||', 'C···· A:min···· F···· G···· C···· A:min···· F···· C····', {}),
    ('C G (x2)\nwords of it (x2)', 'C G C G', {}),
    ('𝄆 C | G 𝄇', 'C···· G···· C···· G····', {}),
    # two repeats in a line, and endings on lines of their own
    ('C G x2, Am F x2', 'C G C G A:min F A:min F', {}),
    ('Chorus: C (x2) G', 'C C G', {}),
    ('|: C | Am |\n|1. F :|\n|2. C ||\n| G |', 'C···· A:min···· F···· C···· A:min···· C···· G····', {}),
    ('|: C | Am |\n\n1. F :|\n2. C |', 'C···· A:min···· F···· C···· A:min···· C····', {}),
    ('|: C |1 F :|\n|2 G |', 'C···· F···· C···· G····', {}),
    ('C G (repeat)', 'C G C G', {}),
    ('C G (play twice) Am', 'C G C G A:min', {}),
    ('F\nAm7 (let ring) x2', 'F A:min7 A:min7', {}),
    # tunings, capo, metre
    ('Guitar tuning: D A D F# A D\nC G', 'C G', {}),
    ('E A D G B E\nC G\nla la la la la', 'C G', {}),
    ('Capo on the 3rd fret\nC G', 'C G', {'capo': 3}),
    ('Capo III\nC G', 'C G', {'capo': 3}),
    ('{meta: capo 3}\n[C]la [G]la', 'C G', {'capo': 3}),
    ('Key: G   Capo: 3\nC G', 'C G', {'key': 'G', 'capo': 3}),
    ('Key: G (Capo 2)\nC G', 'C G', {'key': 'G', 'capo': 2}),
    ('Key: G Time: 3/4\n| C |', 'C···', {'key': 'G'}),
    ('Capotraste na 2ª casa\nC G', 'C G', {'capo': 2}),
    ('Kapodaster 3\nC G', 'C G', {'capo': 3}),
    ('in 3/4\n| C | G |', 'C··· G···', {}),
    ('Meter: 6/8 swing\n| C | G |', 'C·· G··', {}),
    # signs
    ('C-> G-> Am-> F', 'C G A:min F', {}),
    ('Am⁷ “G⁹” &nbsp;<b>C</b>', 'A:min7 G:9 C', {})]


@pytest.mark.parametrize('text,expected,facts', WILD)
def test_charts_as_people_write_them(text, expected, facts):
    chart = read_chart(text)
    assert ' '.join(map(str, chart.chords)) == expected
    assert not chart.unread
    assert {name: getattr(chart, name) for name in facts} == facts


def test_a_third_ending_is_not_followed_and_that_is_said():
    chart = read_chart('|: C | Am |\n|1. F :|\n|2. G :|\n|3. C ||')
    assert "line 4: '|3. C ||' mixes chords and words, and is not read." in chart.unread


@pytest.mark.parametrize('text,expected', [   # a number behind a repeat that begins no ending
    ('|: C | Am :|\n2 times', 'C···· A:min···· C···· A:min····'),
    ('|: C | Am |1 F :|\n2 times', 'C···· A:min···· F···· C···· A:min···· F····'),
    ('|: C | Am |1. F :|\n2. When I was young\n| G |', 'C···· A:min···· F···· C···· A:min···· F···· G····')])
def test_a_number_before_words_is_no_ending(text, expected):
    chart = read_chart(text)
    assert ' '.join(map(str, chart.chords)) == expected and chart.unread


@pytest.mark.parametrize('text', [   # what is repeated?
    'C (Am F) x2 G', '(C G x2 Am F) x2', 'C G (Am F x2) D', '2x C G Am F, 4x Dm E', 'C G Am F x2 and G',
    '|: C | Am |\n|1. F :|\n|2. C | x2'])
def test_a_repeat_whose_chords_are_not_clear_is_not_played_and_that_is_said(text):
    assert read_chart(text).unread


@pytest.mark.parametrize('text,message', [
    ('1 4 5 1', 'Nashville numbers need a key'), ('I IV V7 vi', 'Roman numerals need a key'),
    ('Do Sol Lam', 'Write C D E F G A B for do re mi'), ('irealb://Song=Composer', 'Export the song there as MusicXML'),
    ('la la la', 'Write chords in lines'), ('i'*900 + 'x', 'Write chords in lines')])
def test_a_text_in_another_writing_says_what_to_do(text, message):
    with pytest.raises(ValueError, match=message): read_chart(text)


def test_a_file_in_another_writing_says_so_too(tmp_path):
    (tmp_path/'song.txt').write_text('1 4 5 1')
    with pytest.raises(ValueError, match='song.txt: no chord that we can read. .*Nashville'):
        read_chart(tmp_path/'song.txt')


def test_a_capo_behind_chords_takes_none_of_them_away():
    assert chords('Am G (capo 2) F') == 'A:min G F'


def test_a_section_that_is_played_again_is_the_same_object():
    chart = read_chart('[Verse]\nC G\n[Chorus] x2\nF\n[Verse]\nla\n[Chorus]\nF\n')
    verse, chorus = chart.sections[:2]
    assert [section is chorus for section in chart.sections] == [False, True, True, False, True]
    assert chart.sections[3] is verse
    assert names('[Verse]\nC\n[Verse]\nG') == ['Verse', 'Verse']


NO_MUSIC = '''
Title: The sea
Artist: A. D. Em
Tuning: Eb Ab Db Gb Bb Eb
Key: Am
Capo: 3rd fret
Am  x02210
G 320003
e|--3--0--|
B|--1--1--|
{define: D base-fret 1 frets x x 0 2 3 2}
{start_of_tab}
E A D
{end_of_tab}
A day at the sea
Ah ah ah
Eh
[*slowly]
Am  G
'''


def test_what_is_no_music_is_left_out():
    chart = read_chart(NO_MUSIC)
    assert ' '.join(map(str, chart.chords)) == 'A:min G'
    assert (chart.title, chart.key, chart.capo, chart.unread) == ('The sea', 'Am', 3, [])


UNREAD = [
    ('C\nla\nH7 C', "line 3: 'H7'", 'C X C'),
    ('C C7alt', "line 1: 'C7alt'", 'C X'),
    ('c g am', "line 1: 'c' may be major or minor", 'X X A:min'),
    ('am bbm7 bdim', '', 'A:min Bb:min7 B:dim'),
    ('Am a, G', "line 1: 'a' may be major or minor", 'A:min X G'),
    ('Am (a) G', "line 1: 'a' may be major or minor", 'A:min X G'),
    ('| C | ? | G |', '', 'C···· X···· G····'),
    ('C a7', "line 1: 'a7' may be major or minor", 'C X'),
    ('C G Am F let ring', "line 1: 'let'", 'C G A:min F'),
    ('C\nA day A', 'mixes chords and words', 'C'),
    ('| % | C |', '% repeats the bar before', 'C····'),
    ('C % G', 'between bar lines', 'C G'),
    ('| . C |', 'there is none', 'C··'),
    ('| C | | G |', 'a bar is empty', 'C···· G····'),
    ('| C | * |', "'*' is no bar", 'C····'),
    ('C G x1000', '1000 is no number of repeats', 'C G'),
    ('C G\n\nF\nla\nx2', "'x2' stands alone", 'C G F'),
    ('[Solo]\n[Verse]\nC', "line 1: 'Solo' has no chords", 'C'),
    ('{transpose: 2}\n[C]la', "'transpose: 2' is not followed", 'C'),
    ('Capo: 27\nC', 'no fret', 'C'),
    ('H7 E B', 'B may be B flat', 'X E B'),
    ('C/D/Em C', "'C/D/Em'", 'X C'),
    ('C G\nD.S. al Coda', 'is not followed', 'C G'),
    ('| C | G | D.S. al Coda |\n[Coda]\n| F |', "D.S. al Coda |' is not followed", 'C···· G···· F····'),
    ('| Am | F | (To Coda)', 'is not followed', 'A:min···· F····'),
    ('𝄋 C G', 'is not followed', 'C G'),
    ('{comment: D.C. al Fine}\n[C]la', "'D.C. al Fine' is not followed", 'C'),
    ('C Fis7', "'Fis7'", 'C X'),
    ('C F\nwords C G x2', 'mixes chords and words', 'C F'),
    ('Chorus\nC G\nChorus twice', "'Chorus twice' is not followed", 'C G'),
    ('Chorus\nC G\nBack to Chorus', "'Back to Chorus' is not followed", 'C G'),
    ('C G\nBis', "'Bis' is not followed", 'C G'),
]


@pytest.mark.parametrize('text,message,expected', UNREAD)
def test_what_is_not_read_is_said(text, message, expected):
    chart = read_chart(text)
    assert message in ' '.join(chart.unread)
    assert ' '.join(map(str, chart.chords)) == expected


def test_labels_and_annotations_are_charts():
    assert chords(['C', 'Am7', 'G:7/3', 'N']) == 'C A:min7 G:7/3 N'
    assert read_chart(['C', 'H']).unread[0].startswith("chord 2: 'H'")
    assert chords(Annotation([(0, 1), (1, 2), (2, 3)], ['N', 'C', 'C'])) == 'N C'
    chart = Chart([Section('', [ChartChord('C')])])
    assert read_chart(chart) is chart


@pytest.mark.parametrize('data', [
    'Strophe\nC  G\nfür dich'.encode('utf-8'), 'Strophe\nC  G\nfür dich'.encode('utf-8-sig'),
    'Strophe\nC  G\nfür dich'.encode('latin-1'), 'Strophe\nC  G\nfür dich'.encode('utf-16'),
    b'Strophe\r\nC  G\r\n'], ids=['utf-8', 'utf-8-sig', 'latin-1', 'utf-16', 'Windows'])
def test_text_may_have_several_encodings(tmp_path, data):
    (tmp_path/'song.txt').write_bytes(data)
    assert chords(tmp_path/'song.txt') == chords(str(tmp_path/'song.txt')) == 'C G'


def test_times_of_label_files_do_not_matter(tmp_path):
    (tmp_path/'song.lab').write_text('0.5 1 N\n1 2 C\n2 3 C\n5 6 Am\n')
    assert chords(tmp_path/'song.lab') == 'N C A:min'


REFUSED = [
    ('song.txt', b'', 'no chord that we can read'),
    ('song.txt', b'Only words\n', 'no chord that we can read'),
    ('song.cho', b'{title: Nothing}\nN.C.\n', 'no chord that we can read'),
    ('song.txt', b'C G\n' + b'many words\n'*2**19, '5 MB'),
    ('song.pdf', b'%PDF-1.5\0\1\2', 'not a text file'),
    ('song.mid', b'MThd', 'not a MIDI file'),
    ('song.mid', b'C G Am F', 'not a MIDI file'),
    ('song.musicxml', b'<html>', 'not a MusicXML file'),
    ('song.mxl', b'PK\3\4', 'not a MusicXML file'),
    ('song.lab', b'C G\n', "expected 'start end label'"),
    ('song.jams', b'{}', 'song.jams'),
    ('song.cho', b'{t: One}\n[C]la\n{ns}\n{t: Two}\n[G]la\n', 'a second song begins'),
    ('song.txt', b'[Verse x64]\n' + b'C G Am F x64\n'*20, 'more than 20000 chords'),
    ('song.txt', b'C G Am F x64\n'*100, 'more than 20000 chords'),
]


@pytest.mark.parametrize('name,data,message', REFUSED)
def test_a_file_that_is_no_chart_is_refused_with_its_name(tmp_path, name, data, message):
    (tmp_path/name).write_bytes(data)
    with pytest.raises(ValueError) as e: read_chart(tmp_path/name)
    assert message in str(e.value)
    assert str(e.value).startswith(str(tmp_path/name))
    assert '\n' not in str(e.value)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(FileNotFoundError): read_chart('missing.cho')
    with pytest.raises(FileNotFoundError): read_chart(tmp_path/'missing')
    with pytest.raises(ValueError, match='not a file'): read_chart(tmp_path)


def test_a_score_that_unpacks_to_more_than_memory_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path/'bomb.mxl', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a.xml', b' '*2**27)
    with pytest.raises(ValueError, match='unpacked'): read_chart(tmp_path/'bomb.mxl')


@pytest.mark.parametrize('line', [
    ' '*200_000 + 'x', '-'*200_000, '*'*200_000 + 'x', '('*200_000, '['*200_000, '{'*200_000 + '}', '|'*200_000,
    ':'*200_000, '1'*200_000, 'C'*200_000, 'A' + '#'*200_000, 'x'*200_000, '{a' + ' '*200_000 + 'b}',
    'e|' + '--x'*70_000, 'label= '*30_000, 'C/'*100_000, 'C,b'*60_000], ids=lambda line: line[:6])
def test_long_lines_take_no_long_time(line):
    start = time.perf_counter()
    read_chart(f'C G\n{line}\n')
    assert time.perf_counter() - start < 5


def score(*harmonies, time=4):
    "A MusicXML file with a chord symbol in each bar"
    begin = (f'<attributes><divisions>1</divisions><time><beats>{time}</beats><beat-type>4</beat-type></time>'
             '</attributes>')
    rest = f'<note><rest/><duration>{time}</duration></note>'
    measures = ''.join(f'<measure number="{n}">{begin*(n == 0)}{harmony}{rest}</measure>'
                       for n, harmony in enumerate(harmonies))
    return ('<?xml version="1.0"?><score-partwise version="3.1"><part-list><score-part id="P1"><part-name>M</part-name>'
            f'</score-part></part-list><part id="P1">{measures}</part></score-partwise>')


def symbol(kind, more=''):
    root = '<root><root-step>B</root-step><root-alter>-1</root-alter></root>'
    return f'<harmony>{root}<kind>{kind}</kind>{more}</harmony>'


def degree(value, alter, kind):
    return (f'<degree><degree-value>{value}</degree-value><degree-alter>{alter}</degree-alter>'
            f'<degree-type>{kind}</degree-type></degree>')


SYMBOLS = [
    (symbol('major'), 'Bb'), (symbol('half-diminished'), 'Bb:hdim7'), (symbol('augmented-seventh'), 'Bb:aug(b7)'),
    (symbol('power'), 'Bb:5'), (symbol('major-minor'), 'Bb:minmaj7'), (symbol('none'), 'N'),
    (symbol('dominant', degree(9, -1, 'add')), 'Bb:7(b9)'), (symbol('dominant', degree(5, -1, 'alter')), 'Bb:7(*5,b5)'),
    (symbol('suspended-fourth', degree(7, 0, 'add')), 'Bb:sus4(b7)'),
    (symbol('major', degree(9, 0, 'add')), 'Bb:maj(9)'), (symbol('major', degree(3, 0, 'subtract')), 'Bb:5'),
    (symbol('major', '<bass><bass-step>D</bass-step></bass>'), 'Bb/3')]


@pytest.mark.parametrize('harmony,label', SYMBOLS, ids=[label for _, label in SYMBOLS])
def test_chord_symbols_of_scores_become_labels(tmp_path, harmony, label):
    (tmp_path/'song.musicxml').write_text(score(harmony, symbol('minor')))
    assert read_chart(tmp_path/'song.musicxml').chords[0] == ChartChord(label, 4.)


def test_jumps_over_which_music21_trips_are_not_played(tmp_path, monkeypatch):
    import music21
    def trip(self): raise IndexError('no measure follows')
    monkeypatch.setattr(music21.stream.Part, 'expandRepeats', trip)
    (tmp_path/'song.musicxml').write_text(score(symbol('major'), symbol('minor')))
    chart = read_chart(tmp_path/'song.musicxml')
    assert len(chart.chords) == 2 and 'repeats are not played: no measure follows' in chart.unread[0]


def test_a_score_has_beats(tmp_path):
    (tmp_path/'song.xml').write_text(score(symbol('major'), symbol('minor'), time=3))
    assert chords(tmp_path/'song.xml') == 'Bb··· Bb:min···'


@pytest.mark.parametrize('text', ['E A D G\nA D E A', '| G | C | E | A |', 'E A D G'])
def test_four_chords_are_no_tuning(text):
    assert len(read_chart(text).chords) == len(text.replace('|', ' ').split())


def test_a_tuning_is_no_music():
    for line in ('EADG', 'Tuning: EADGBE', 'E A D G B E', 'Uke: G C E A', '4-string: E A D G', 'Tuning E-A-D-G'):
        assert [chord.label for chord in read_chart(f'{line}\nC F').chords] == ['C', 'F']


def midi(path, names=(), pitches=(), name='Chords'):
    import pretty_midi as pm
    song, track = pm.PrettyMIDI(), pm.Instrument(0, name=name)
    song.lyrics = [pm.Lyric(name, k) for k, name in enumerate(names)]
    track.notes = [pm.Note(80, pitch, k, k + 1) for k, chord in enumerate(pitches) for pitch in chord]
    song.instruments = [track, pm.Instrument(0, name='Bass')]
    song.instruments[1].notes = [pm.Note(80, 36, 0, len(pitches) or len(names))]
    song.write(str(path))
    return path


def test_a_midi_file_has_names_or_notes(tmp_path):
    notes = [(60, 64, 67), (57, 60, 64, 67), (62, 65, 69)]
    assert chords(midi(tmp_path/'a.mid', ['C', 'Am7', 'H'])) == 'C·· A:min7·· X··'
    assert chords(midi(tmp_path/'b.mid', pitches=notes)) == 'C·· A:min7·· D:min··'
    assert chords(midi(tmp_path/'c.mid', ['la', 'la', 'A'], notes)) == 'C·· A:min7·· D:min··'
    assert chords(midi(tmp_path/'d.mid', pitches=notes, name='Piano')) == 'C·· A:min7·· D:min··'
    assert 'notes C C# D' in read_chart(midi(tmp_path/'e.mid', pitches=[*notes, (60, 61, 62)])).unread[0]


def midi_with_markers(path, texts):
    import mido
    track = mido.MidiTrack(mido.MetaMessage('marker', text=text, time=960*k) for k, text in enumerate(texts))
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(path)
    return path


def test_a_midi_file_may_name_chords_by_markers(tmp_path):
    chart = read_chart(midi_with_markers(tmp_path/'song.mid', ['C', 'F', 'G7']))
    assert [chord.label for chord in chart.chords] == ['C', 'F', 'G:7']


def test_a_name_in_two_tracks_is_one_chord(tmp_path):
    import mido
    words = [mido.MetaMessage('lyrics', text=text, time=480*(k > 0)) for k, text in enumerate(['C', 'G', 'Am'])]
    mido.MidiFile(ticks_per_beat=480, tracks=[mido.MidiTrack(words), mido.MidiTrack(words)]).save(tmp_path/'song.mid')
    assert [chord.label for chord in read_chart(tmp_path/'song.mid').chords] == ['C', 'G', 'A:min']


def test_letters_of_sections_in_a_midi_file_are_no_chords(tmp_path):
    with pytest.raises(ValueError, match='no names of chords'):
        read_chart(midi_with_markers(tmp_path/'song.mid', ['A', 'B', 'A', 'C']))


def test_a_compressed_score_is_read(tmp_path):
    container = '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
    with zipfile.ZipFile(tmp_path/'song.mxl', 'w') as z:
        z.writestr('META-INF/container.xml', container)
        z.writestr('a.xml', score(symbol('major')))
    assert chords(tmp_path/'song.mxl') == 'Bb····'


OPENSONG = """.C       G
 Here I am
.Am      F
 waiting here
.Dm   G
 la la la

[C]
.F  G
 sing

[V2]
.C  Dm
 again

[C]
"""


def test_opensong_has_a_point_before_chords():
    assert chords(OPENSONG) == 'C G A:min F D:min G | F G | C D:min | F G'
    assert names(OPENSONG) == ['', 'Chorus', 'Verse 2', 'Chorus']


def test_lines_of_a_web_page_are_apart():
    assert chords('C    G<br>Here I am<br/>Am   F<br>\nC  G  F  C') == 'C G A:min F C G F C'
    assert chords('C G\n<a href="x">Am</a>    <a href="y">F</a>\nDm G') == 'C G A:min F D:min G'


HEAD = '{soc}\n[C]la [G]la\n{eoc}\n{sov}\n[Am]la [F]la\n{eov}\n'


@pytest.mark.parametrize('heading', ['{c: Chorus}', '{comment: Repeat chorus}', '[Chorus]', 'Chorus', '{chorus}'])
def test_a_chorus_is_played_again_before_another_environment(heading):
    text = f'{HEAD}{heading}\n\n{{sov}}\n[Dm]la [E]la\n{{eov}}'
    assert chords(text) == 'C G | A:min F | C G | D:min E'


def test_a_heading_names_the_environment_behind_it():
    first = '{c: Refrain}\n{soc}\n[C]la [G]la\n{eoc}\n{c: Verse 1}\n{sov}\n[F]la\n{eov}\n'
    text = f'{first}{{c: Refrain}}\n{{sov}}\n[Dm]la\n{{eov}}'
    assert chords(text) == 'C G | F | C G | D:min'
    assert names(text) == ['Refrain', 'Verse 1', 'Refrain', 'Verse']


ONSONG = 'Verse 1:\n[Am]x [G]y\n\nChorus:\n[F]z\n\nBridge:\n[Dm]w\n'


@pytest.mark.parametrize('flow', [
    'Flow: V1 C V1 C B', 'Flow: Verse 1, Chorus, verse 1, Chorus, Bridge', '{flow: V1 C V1 C B}'])
def test_the_flow_of_onsong_is_the_order_of_play(flow):
    chart = read_chart(f'A song\n{flow}\n\n{ONSONG}')
    assert [section.name for section in chart.sections] == ['Verse 1', 'Chorus', 'Verse 1', 'Chorus', 'Bridge']
    assert not chart.unread


def test_a_flow_with_an_unknown_section():
    chart = read_chart(f'A song\nFlow: V1 C Coda\n\n{ONSONG}')
    assert [section.name for section in chart.sections] == ['Verse 1', 'Chorus', 'Bridge']
    assert chart.unread == ["line 2: 'Coda' is no section of this chart, so its flow is not followed."]


def test_a_flow_of_too_many_chords():
    with pytest.raises(ValueError, match='line 1: more than 20000 chords'):
        read_chart(f"Flow: {'V1 '*15000}\n\n{ONSONG}")
