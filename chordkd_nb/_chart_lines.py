"What stands in the lines of a chord chart besides chords: facts, names of sections, directives, tablature"
import re
from itertools import groupby
from textwrap import fill

# no music to read: a staff of a tablature, and fingerings such as x32010, 0-2-2-1-0-0
TAB = re.compile(r'(?:[A-Ga-g][#b]?)?[-\d|hpbrsxtvHPBRSXTV/\\~()^*=.<>: ]*')
FRETS = re.compile(r'[(\[]?(?=.*\d)(?:[xX\d]{6}|[xX\d]{4}|(?:[xX\d]{1,2}-){3,5}[xX\d]{1,2})[)\]]?')
FACT = re.compile(
    r'\W*(title|key|capo|time|artist|album|composer|author|words|music|written by|tuning|tempo|bpm|chords used|'
    r'strumming|strum pattern|difficulty|source|tabbed by)\b(?: signature| of| on)?\s*([:=]?)\s*(.*)', re.I)
TIMES = r'[(\[]?(?:[x×]\s?(\d+)|(\d+)\s?(?:[x×]|times))[)\]]?(?!\w)'  # x2, (2x), [3 times]
REPEAT = re.compile(rf'(?:^|(?<=[\s|:)\]])){TIMES}\s*$', re.I)
BAR_TIMES = re.compile(rf'(:[|]+\]?)\s*{TIMES}', re.I)
BAR_LINE = re.compile(r'(:?[|][|:\]]*(?:x\d+)?)')
TIME = re.compile(r'(?:^|(?<=[\s|]))(\d{1,2})\s*/\s*(\d{1,2})(?=$|[\s|])')
UNMARKED_FACT = re.compile(r'\W*(?:(?i:capo)(?: on| at)?(?: fret)? \d|(?i:key of) [A-G][#b♯♭]?m?\b)')  # no colon
PART = (r'intro|verse|vers|strophe|couplet|estrofa|(?:pre|post)[ -]?chorus|chorus|refr[aã]in|refrão|estribillo|bridge|'
        r'middle(?: 8| eight)?|interlude|instrumental|solo|outro|coda|ending|hook|turnaround|vamp|head|theme|'
        r'(?:part|section)(?: [A-H1-9]\b)')
HEADER = re.compile(rf'[\s(*#=-]*((?:(?:guitar|piano|repeat|last|final|double|main) )?(?:{PART})'
                    r'(?: ?#?\d+| [IVX]+\b)?)(?![\w\'-])[\s)*=]*'
                    rf'({TIMES})?[\s)*=]*(:?)(.*)', re.I)
LETTER = re.compile(r"([A-H]['\d]?):(?:\s+(.*)|$)")  # A: or A2:
REPEATED = re.compile(r' ?(?:\d+|\b[ivx]+)$|^(?:repeat|last|final) ')  # what tells one verse from another
JUMP = re.compile(  # from one place of a chart to another
    r'[(\[]?(?:\b(?:D\.[SC]\.?|D\. [SC]\.|D[SC](?= al )|da capo|dal segno|to coda)\s*(?:al (?:coda|fine)\b)?|'
    r'\bal (?:coda|fine)\b|[𝄋𝄌])[)\]]?', re.I)
DIRECTIVE = re.compile(r'\s*([\w-]+)\s*:?\s*(.*)', re.S)
NO_MUSIC = 'tab', 'abc', 'ly', 'svg', 'textblock', 'musicxml'  # environments of ChordPro whose text is no chart
ABBREVIATIONS = {
    't': 'title', 'ns': 'new_song', 'c': 'comment', 'ci': 'comment', 'cb': 'comment', 'comment_italic': 'comment',
    'comment_box': 'comment', 'highlight': 'comment', 'soc': 'start_of_chorus', 'eoc': 'end_of_chorus',
    'sov': 'start_of_verse', 'eov': 'end_of_verse', 'sob': 'start_of_bridge', 'eob': 'end_of_bridge',
    'sog': 'start_of_grid', 'eog': 'end_of_grid', 'sot': 'start_of_tab', 'eot': 'end_of_tab'}


LIKE_CHORD = re.compile(
    r'[(\[*]*(?:[A-Ha-h][#b♯♭]?|[A-H](?:is|es))(?:maj|min|mi|ma|mj|m|M|dim|aug|sus|add|alt|omit|no|dom|/[A-H]|'
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
    if found := re.match(r'\[([^\[\]]*)\]:?(.*)', line): return found[1], found[2].strip()
    if found := LETTER.match(line): return found[1], found[2] or ''
    if not (found := HEADER.match(line)): return None
    name, rest = found[1] + (found[2] and f' {found[2]}' or ''), found[6].strip()
    is_header = found[5] or not rest or rest[0] == '(' and rest[-1] == ')' or holds_chords(rest)
    return (name, rest) if is_header else None


def is_no_music(
    line:str, # of a chart
)->bool:
    "Find tablature and fingerings"
    is_staff = '--' in line and TAB.fullmatch(line.strip())
    return bool(is_staff) or any(FRETS.fullmatch(word) for word in line.split() if len(word) < 20)


def fact_of(
    line:str, # of a chart
)->tuple|None: # (its name, its value)
    "Find a fact: `Key: G`, or `Capo 3`"
    found = FACT.match(line)
    is_fact = found and (found[2] or UNMARKED_FACT.match(line))
    return (found[1].lower(), found[3].strip(' ])')) if found and is_fact else None


def directives_of(
    line:str, # of a chart
)->list: # [(its name in full, its value)], mostly one or none
    "Find the directives of ChordPro in a line that is made of them"
    line = line.strip()
    if not (line.startswith('{') and line.endswith('}')): return []
    found = [DIRECTIVE.match(inside) for inside in re.findall(r'\{([^{}]*)\}', line)]
    return [(ABBREVIATIONS.get(m[1].lower(), m[1].lower()), m[2].strip()) for m in found if m]


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


def environment_label(
    name:str, # of an environment of ChordPro
    value:str, # of its directive: a label, or label="…", or the shape of a grid
)->str: # '' for a grid without a label
    "Find the label of an environment; else its name"
    if name in NO_MUSIC: return ''
    if found := re.search('label *= *["\'](.*?)["\']', value): return found[1]
    if name == 'grid': return ''
    return value if value and '=' not in value else name.capitalize()


def grid_beats(
    value:str, # the shape of a grid: 4x3, 1+4x4+1, shape="4x4"
)->float|None: # beats in a bar, if the shape says that it has not four
    "Find the beats in a bar of a grid"
    shape = re.search(r'(?:^|[ +"])\d+x(\d+)', value)
    return float(shape[1]) if shape and shape[1] in ('3', '5', '6', '7') else None


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
