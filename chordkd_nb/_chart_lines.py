"What stands in the lines of a chord chart besides chords: facts, names of sections, directives, tablature"
import html, re
from itertools import groupby, pairwise
from textwrap import fill

# signs of other programs, and how we write them
SIGNS = str.maketrans('⁰¹²³⁴⁵⁶⁷⁸⁹│┃“”„’‘`', '0123456789||"""\'\'\'')
SIGNS |= {ord('‖'): '||', ord('𝄆'): '|:', ord('𝄇'): ':|'}
SIGNS |= dict.fromkeys(map(ord, '\u200b\u200c\u200d\u2060\ufeff'), '')  # no width
SIGNS |= {c: c - 0xfee0 for c in range(0xff01, 0xff5f)}  # full width
TAGS = re.compile(r'\[/?(?:ch|tab)\]|</?(?:a|b|i|u|em|strong|span|pre|p|div|code|font|tt)\b[^<>]*>', re.I)
BREAK = re.compile(r'<br\s*/?>\n?', re.I)
ARROW = re.compile('[-–—=]+>')
NUMBER_OR_TIME = re.compile(r'\s*(?:\d{1,3}[.)]|[\[(]?\d{1,2}:\d\d(?:[.,]\d{1,3})?[\])]?)\s+')  # 1. Am; 0:04 Am
FIRST, SECOND = r'\s*\[?1(?:\.|st|\s)', r'\s*\[?2(?:\.|nd|\s)'  # how endings begin
ENDINGS = re.compile(  # |: body |1. first :|2. second
    rf'\|:(?P<body>[^:]*?)\|{FIRST}[.:\s]*(?P<first>[^:]*?):\|+{SECOND}[.:\s]*')
# endings on lines of their own: |1. first :| and |2. second; the lines before them: |: body, and |: body |1. first :|
FIRST_ENDING, SECOND_ENDING = re.compile(rf'\|?{FIRST}(?P<bars>[^:]*):\|+'), re.compile(rf'\|?{SECOND}(?P<bars>[^:]*)')
OPEN_REPEAT, FIRST_IS_THERE = re.compile(r'\|:[^:]*$'), re.compile(rf'\|:[^:]*\|{FIRST}[^:]*:\|+\s*$')
LONGEST_LINE = 1000  # characters of a line in which we look for endings, repeats and remarks
LETTER_ALONE = re.compile(r"\s*[\[(]?([A-H]['\d]?)[\])]?\s*")
REMARK = re.compile(r'\(([^()]*)\)')
# no music to read: a staff of a tablature, and fingerings such as x32010, 0-2-2-1-0-0
TAB = re.compile(r'(?:[A-Ga-g][#b]?)?[-\d|hpbrsxtvHPBRSXTV/\\~()^*=.<>: ]*')
FINGERING = re.compile(r'[(\[]?(?=.*\d)(?:[xX\d]{6}|[xX\d]{4}|(?:[xX\d]{1,2}-){3,5}[xX\d]{1,2})[)\]]?')
TUNINGS = 'EADGBE', 'DADGBE', 'DADGAD', 'DGDGBD', 'GCEA', 'EADG', 'GDAE', 'EbAbDbGbBbEb', 'DADF#AD', 'CGCFAD'
FACT = re.compile(
    r'\W*(title|key|capo|time|flow|artist|album|composer|author|words|music|written by|tuning|tempo|bpm|chords used|'
    r'strumming|strum pattern|difficulty|source|tabbed by|(?:\w+ )?\w+ tuning|tuned to|afinação|stimmung|'
    r'kapo|cejilla|meter|metre)\b(?: signature| of| on)?\s*([:=]?)\s*(.*)', re.I)
TIMES = r'[(\[]?(?:[x×]\s?(\d+)|(\d+)\s?(?:[x×]|times))[)\]]?(?!\w)'  # x2, (2x), [3 times]
REPEAT = re.compile(rf'(?:^|(?<=[\s|:)\]])){TIMES}\s*$', re.I)
ANY_TIMES = re.compile(TIMES, re.I)
REPEAT_INSIDE = re.compile(rf'(?<=[\s)\]]){TIMES}[\s,;]+(?=(?-i:[A-H]))', re.I)
# what a repeat behind it repeats is not clear: a repeat at the beginning, 2x C G; a bracket around chords
OPENING = re.compile(rf'^{TIMES}|(?<![\w#])\((?!\s?[x×\d])', re.I)
BAR_TIMES = re.compile(rf'(:[|]+\]?)\s*{TIMES}', re.I)
BAR_LINE = re.compile(r'(:?[|][|:\]]*(?:x\d+)?)')
TIME = re.compile(r'(?:^|(?<=[\s|]))(\d{1,2})\s*/\s*(\d{1,2})(?=$|[\s|])')
UNMARKED_FACT = re.compile(r'\W*(?i:key of) [A-G][#b♯♭]?m?\b')  # no colon
CAPO = re.compile(  # Capo 3, capo on the 3rd fret, Capo III, play with capo: second fret; but not behind chords
    r'\W*(?:[^\W\d]{3,}\W+){0,3}(?i:[ck]apo(?:dast(?:er|ro)|tasto|traste)?|cejilla)\W*'
    r'(?:(?i:on|at|the|fret|in|na|no|en|al|am|im)\b\W*)*(\d+|[IVX]+\b|(?i:first|second|third|fourth|fifth))')
NUMERALS = 'I II III IV V VI VII VIII IX X', 'first second third fourth fifth'
FRETS = {name: str(n) for names in NUMERALS for n, name in enumerate(names.split(), 1)}
METRE = re.compile(r'\W*(?:in|time|meter|metre)?\W*(\d{1,2}/\d{1,2})(?: time)?\W*', re.I)
PART = (r'intro|verse|vers|strophe|couplet|estrofa|(?:pre|post)[ -]?chorus|chorus|refr[aã]in|refrão|estribillo|bridge|'
        r'middle(?: 8| eight)?|interlude|instrumental|solo|outro|coda|ending|hook|turnaround|vamp|head|theme|tag|'
        r'break|riff|coro|puente|ponte|pont|'
        r'(?:part|section)(?: [A-H1-9]\b)')
NUMBER = r'\d+(?:st|nd|rd|th|\.)|first|second|third|fourth'
WHICH = r' ?#?\d+[a-d]?(?:\s?[&+/,-]\s?\d+[a-d]?)*| [IVX]+\b| (?:one|two|three|four|five)\b'  # Verse 1a, Verse 1 & 2
HEADER = re.compile(rf'[\s(*#=<_~-]*(?P<name>(?:(?:guitar|piano|repeat|last|final|double|main|{NUMBER}) )?(?:{PART})s?'
                    rf'(?:{WHICH})?)(?![^\W_]|[\'-]\w)[\s)*=>_~-]*'
                    rf'(?P<times>{TIMES})?[\s)*=>_~-]*(?P<colon>:?)(?P<rest>.*)', re.I)
LETTER = re.compile(r"([A-H]['\d]?):(?:\s+(.*)|$)")  # A: or A2:
REPEATED = re.compile(  # what tells one verse from another
    r'^(?:repeat|last|final|\d+(?:st|nd|rd|th)?|first|second|third|fourth) |(?: \d+[a-d]?){1,4}$| ?(?:\d+|\b[ivx]+)$')
TWICE = re.compile('(?:play(?:ed)? )?(?:repeat|twice|bis)', re.I)  # in brackets behind chords
AGAIN = re.compile(  # Chorus again; Back to Chorus; Repeat verse and chorus; Bis
    r'\W*(?:repeat|back to)\b.{0,20}\b(?:intro|verse|chorus|refrain|bridge|solo)|'
    r'\W*(?:intro|verse|chorus|refrain|bridge|solo)\b[^.!?]{0,20}\b(?:twice|again|same as|repeat)|\W*bis\W*$', re.I)
JUMP = re.compile(  # from one place of a chart to another
    r'[(\[]?(?:\b(?:D\.[SC]\.?|D\. [SC]\.|D[SC](?= al )|da capo|dal segno|to coda)\s*(?:al (?:coda|fine)\b)?|'
    r'\bal (?:coda|fine)\b|[𝄋𝄌])[)\]]?', re.I)
DIRECTIVE = re.compile(r'\s*([\w-]+)\s*:?\s*(.*)', re.S)
NO_MUSIC = 'tab', 'abc', 'ly', 'svg', 'textblock', 'musicxml'  # environments of ChordPro whose text is no chart
ABBREVIATIONS = {
    't': 'title', 'ns': 'new_song', 'c': 'comment', 'ci': 'comment', 'cb': 'comment', 'comment_italic': 'comment',
    'meter': 'time', 'metre': 'time',
    'comment_box': 'comment', 'highlight': 'comment', 'soc': 'start_of_chorus', 'eoc': 'end_of_chorus',
    'sov': 'start_of_verse', 'eov': 'end_of_verse', 'sob': 'start_of_bridge', 'eob': 'end_of_bridge',
    'sog': 'start_of_grid', 'eog': 'end_of_grid', 'sot': 'start_of_tab', 'eot': 'end_of_tab'}


def plain_lines(
    text:str, # of a chart
    holds_chords, # a function that tells lines of chords from words
)->list: # lines
    "Write signs of other programs as ours: full width, superscripts, tags, arrows, endings, letters above bars"
    lines = TAGS.sub('', BREAK.sub('\n', html.unescape(text).translate(SIGNS))).splitlines()
    lines = _joined_endings(_without_points(lines, holds_chords), holds_chords)
    lines = [_without_number(line, holds_chords) for line in lines]
    lines = [_unfolded(line) if len(line) < LONGEST_LINE else line for line in lines]
    names = [LETTER_ALONE.fullmatch(line) if after.lstrip().startswith('|') else None
             for line, after in pairwise([*lines, ''])]
    return [f'{name[1]}:' if name else line for line, name in zip(lines, names)]


OPENSONG = dict(V='Verse', C='Chorus', B='Bridge', P='Pre-chorus', T='Tag')
OPENSONG_NAME = re.compile(r'\s*\[([VCBPT])(\d*)\]\s*')


def _without_points(lines, holds_chords):
    "Write OpenSong as other charts: there, lines of chords begin with a point, and [C] is the chorus"
    names = [OPENSONG_NAME.fullmatch(line) for line in lines]
    pointed = [line.startswith('.') and holds_chords(line[1:]) for line in lines]
    plain = [holds_chords(line) for line, name, point in zip(lines, names, pointed) if not (name or point)]
    if not any(pointed) or any(plain): return lines
    return [f'{OPENSONG[name[1]]} {name[2]}'.strip() + ':' if name else line[1:] if point else line
            for line, name, point in zip(lines, names, pointed)]


def _joined_endings(lines, holds_chords):
    "Write two endings on lines of their own behind the bars that they end"
    out, body, expected = [], 0, None
    for line in map(str.strip, lines):
        found = expected.fullmatch(line) if expected and line and len(line) < LONGEST_LINE else None
        is_ending = found and holds_chords(found['bars']) and not REPEAT.search(line)
        out.append('' if is_ending else line)   # as many lines as before, for messages
        if is_ending:
            out[body] = f"{out[body].removesuffix('|')}|{line.removeprefix('|')}"
            expected = SECOND_ENDING if expected is FIRST_ENDING else None
        elif line: body, expected = len(out) - 1, _ending_after(line)
    return out


def _without_number(line, holds_chords):
    "Leave out the number or the time of a line of chords"
    found = NUMBER_OR_TIME.match(line)
    rest = line[found.end():] if found else ''
    return rest if rest and len(line) < LONGEST_LINE and holds_chords(rest) else line


def _ending_after(line):
    "Say which ending the next line may hold"
    if len(line) >= LONGEST_LINE: return None
    return FIRST_ENDING if OPEN_REPEAT.search(line) else SECOND_ENDING if FIRST_IS_THERE.search(line) else None


def _unfolded(line):
    "Write arrows as blanks, and two endings one after the other"
    line = ENDINGS.sub(r'| \g<body> | \g<first> | \g<body> | ', ARROW.sub(' ', line)).rstrip()
    return line[:-1] if line.endswith('|.') else line  # the end of a piece


def without_remarks(
    line:str, # of a chart
    holds_chords, # a function that tells lines of chords from words
)->str:
    "Leave out remarks behind chords: Am (hold)"
    def kept(m):
        joined = m[0].replace(' ', '')
        within_name = m.start() and not line[m.start() - 1].isspace()
        if within_name and looks_like_chord(f'C{joined}'): return joined  # C(add9), C7(b9 #11)
        if TWICE.fullmatch(m[1]): return 'x2'
        is_remark = re.search('[a-z]', m[1]) and not REPEAT.search(m[0]) and not holds_chords(m[1])
        return ' ' if is_remark else m[0]
    rest = REMARK.sub(kept, line) if len(line) < LONGEST_LINE else line
    return rest.rstrip() if rest != line and holds_chords(REPEAT.sub('', rest)) else line


def played_apart(
    line:str, # of a chart
    holds_chords, # a function that tells lines of chords from words
)->list: # lines
    "Cut a line behind each of its repeats: `C G x2, Am F x2`"
    found = REPEAT_INSIDE.search(line) if len(line) < LONGEST_LINE and not OPENING.search(line) else None
    if not found: return [line]
    played, rest = line[:found.end()].rstrip(' ,;'), line[found.end():]
    if not (holds_chords(line[:found.start()]) and holds_chords(ANY_TIMES.sub(' ', rest))): return [line]
    return [played, *played_apart(rest, holds_chords)]


LIKE_CHORD = re.compile(  # but not Emma, Hmm, Bis
    r'(?![A-G]mma|[Hh]mm|Bis\b)[(\[*]*(?:[A-Ha-h][#b♯♭]?|[A-H](?:is|es))'
    r'(?:maj|min|mi|ma|mj|m|M|dim|aug|sus|add|alt|omit|no|dom|/[A-H]|'
    r'[\d#b♯♭+°ºøØΔ△^/(),*-])*[)\]*:]*')


def looks_like_chord(
    word:str, # of a chart
)->bool: # also for H7 and C7alt
    "Tell names of chords, known or not, from other words"
    return len(word) < 40 and bool(LIKE_CHORD.fullmatch(word))


def time_of(
    text:str, # of a chart
    beats:float, # in a bar so far
)->tuple: # (beats in a bar, the text without the time)
    "Take a time such as 3/4 out of a text; six eighths are two beats"
    if not (time := TIME.search(text)): return beats, text
    above, below = map(int, time.groups())
    return float(above/3 if below == 8 and above % 3 == 0 else above) or beats, TIME.sub(' ', text)


def header_of(
    line:str, # of a chart
    holds_chords, # a function that tells lines of chords from words
)->tuple|None: # (name, rest of the line)
    "Find the name of a section at the beginning of a line"
    if found := re.match(r'\[(?!\*)([^\[\]]*)\]:?(.*)', line):  # [*Riff] is a remark
        inside = re.match(rf'((?:{PART})[^:]*):(.*)', found[1], re.I)
        if inside and holds_chords(inside[2]): return inside[1], f'{inside[2]} {found[2]}'.strip()
        return found[1], found[2].strip()
    if found := LETTER.match(line): return found[1], found[2] or ''
    if not (found := HEADER.match(line)): return None
    name, rest = ' '.join(filter(None, [found['name'], found['times']])), found['rest'].strip()
    in_brackets = rest.startswith('(') and rest.endswith(')')
    is_header = found['colon'] or not rest or in_brackets or holds_chords(REPEAT.sub('', rest))
    return (name, rest) if is_header else None


def is_no_music(
    line:str, # of a chart
)->bool:
    "Find tablature, fingerings and tunings"
    is_staff = '--' in line and TAB.fullmatch(line.strip())
    words = [word for word in line.split() if re.search(r'\w', word)]
    frets = [word for word in words if len(word) < 20 and FINGERING.fullmatch(word)]
    is_fingering = any(re.search('[xX-]', word) for word in frets) or 0 < len(words) <= 2*len(frets)
    strings = re.sub('[^A-Gb#]', '', line)
    # E A D G may also be four chords; these have blanks between them, and nobody says that they are strings
    is_clear = len(strings) > 4 or strings in words or re.search(r'(?i)tun|string|\buk[eu]|mandolin', line)
    is_tuning = len(line) < 24 and strings in TUNINGS and bool(is_clear)
    return bool(is_staff) or is_fingering or is_tuning


FACTS_APART = re.compile(r'(?<=[\s,;|(])(?=(?:[ck]apo|key|time|tempo|bpm)\b(?: signature)?[ \t]{0,3}[:=\d])', re.I)


def facts_of(
    line:str, # of a chart
)->list: # [(its name, its value)]
    "Find the facts of a line: `Key: G   Capo: 3`"
    if not fact_of(line): return []
    parts = FACTS_APART.split(line) if len(line) < LONGEST_LINE else [line]
    found = [fact_of(part.rstrip(' \t,;|(')) for part in parts]
    return [fact for fact in found if fact]


def fact_of(
    line:str, # of a chart
)->tuple|None: # (its name, its value)
    "Find a fact: `Key: G`, or `Capo 3`"
    if capo := CAPO.match(line[:40]): return 'capo', FRETS.get(capo[1]) or FRETS.get(capo[1].lower(), capo[1])
    if len(line) < 40 and (time := METRE.fullmatch(line)): return 'time', time[1]
    found = FACT.match(line)
    is_fact = found and (found[2] or UNMARKED_FACT.match(line))
    return (ABBREVIATIONS.get(found[1].lower(), found[1].lower()), found[3].strip(' ])')) if found and is_fact else None


def directives_of(
    line:str, # of a chart
)->list: # [(its name in full, its value)], mostly one or none
    "Find the directives of ChordPro in a line that is made of them"
    line = line.strip()
    if not (line.startswith('{') and line.endswith('}')): return []
    found = [DIRECTIVE.match(inside) for inside in re.findall(r'\{([^{}]*)\}', line)]
    named = [(ABBREVIATIONS.get(m[1].lower(), m[1].lower()), m[2].strip()) for m in found if m]
    return [(*value.split(' ', 1),) if name == 'meta' and ' ' in value else (name, value) for name, value in named]


def section_key(
    name:str, # of a section
)->str:
    "Write a name in small letters, without signs"
    return re.sub(r'[\W_]+', ' ', name.lower()).strip()


def section_kind(
    name:str, # of a section
)->str: # 'verse' for Verse 2
    "Write a name without its number"
    return REPEATED.sub('', section_key(name))


FLOW = dict(v='Verse', c='Chorus', b='Bridge', p='Pre-Chorus', pc='Pre-Chorus', i='Intro', o='Outro', e='Ending',
            t='Tag')


def flow_names(
    flow:str, # V1 C V2 C, or Verse 1, Chorus
)->list: # of names of sections
    "Read OnSong's order of play"
    def name(part):
        found = re.fullmatch(r'([a-z]{1,2})(\d*)', part.lower())
        return f'{FLOW[found[1]]} {found[2]}'.strip() if found and found[1] in FLOW else part
    parts = flow.split(',') if ',' in flow else flow.split()
    return [name(part.strip()) for part in parts if part.strip()]


def environment_label(
    name:str, # of an environment of ChordPro
    value:str, # of its directive: a label, or label="…", or the shape of a grid
)->str: # '' for a grid without a label
    "Find the label of an environment; else its name"
    if found := re.search('label *= *["\'](.*?)["\']', value): return found[1]
    if name == 'grid': return ''
    return value if value and '=' not in value else name.capitalize()


def grid_beats(
    value:str, # the shape of a grid: 4x3, 1+4x4+1, shape="4x4"
)->float|None: # beats in a bar, if there are 3, 5, 6 or 7; other numbers may count parts of beats
    "Find the beats in a bar of a grid"
    shape = re.search(r'(?:^|[ +"])\d+x(\d+)', value)
    return float(shape[1]) if shape and shape[1] in ('3', '5', '6', '7') else None


OTHER_WORDS = {  # what each word of a line looks like → what to do
    'irealb(?:ook)?:.*': 'This is a link of iReal Pro. Export the song there as MusicXML.',
    '[b#]?[ivIV]+[°ø+]?(?:maj)?7?': 'Roman numerals need a key. Write names of chords.',
    '[b#]?[1-7][-m]?': 'Nashville numbers need a key. Write names of chords.',
    '(?:do|re|ré|mi|fa|sol|la|si)[#b]?m?7?': 'Write C D E F G A B for do re mi fa sol la si.'}


def other_writing(
    lines, # of a text without chords
)->list: # a sentence, or nothing
    "Say what a text may be that has no names of chords"
    lines = [{*re.split(r'[|\s-]+', line[:200].strip('|- '))} - {'la'} for line in lines[:100]]  # no la la la
    lines = [words for words in lines if len(words) > 1 or 'ireal' in str(words)]  # words of one kind tell little
    def is_like(pattern): return any(all(re.fullmatch(pattern, word, re.I) for word in words) for words in lines)
    return [what for pattern, what in OTHER_WORDS.items() if is_like(pattern)][:1]


def german_note(
    chart, # a `Chart`
)->list: # a sentence, or nothing
    "Say that B may be B flat in a chart with H"
    german = any(re.match(r"line \d+: 'H", why) for why in chart.unread)
    has_b = any(re.match('B(?!b)', chord.label) for chord in chart.chords)
    return ['B is read as the note below C. If H is a chord, B may be B flat.'] if german and has_b else []


def notes_on(
    chart, # a `Chart`
    lines, # from which it was read
)->list: # sentences
    "List what was not read, and what concerns the chart as a whole"
    return ([] if chart.chords else other_writing(lines)) + chart.unread + german_note(chart)


def described(
    chart, # a `Chart`
)->str: # some lines
    "Write what a chart says about the song, and a line for each section"
    known = chart.title, chart.key and f'key {chart.key}', chart.capo and f'capo {chart.capo}'
    lines = [', '.join(['Chart', *map(str, filter(None, known)), f'{len(chart.chords)} chords'])]
    for _, same in groupby(chart.sections, key=id):
        section, *more = same
        times = f' ×{1 + len(more)}' if more else ''
        line = f'{section.name or "(no name)"}{times}: {" ".join(map(str, section.chords))}'
        lines.append(fill(line, 110, subsequent_indent='    '))
    return '\n'.join(lines + [f'{len(chart.unread)} not read: see .unread']*bool(chart.unread))
