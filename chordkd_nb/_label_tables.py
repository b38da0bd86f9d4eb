"Text files of times and labels with the columns and numbers of other programs"
import re
from itertools import pairwise
from ._files import read_text
from .chords import ChordLabelError, read_chord_name

# first lines that name the columns
LABEL_COLUMNS = r'"?(t_)?(start|begin|onset)\w*"?[;\t ]+"?(t_)?(end|offset)\w*"?[;\t ]+"?(chord|label)s?"?'

BEAT_COLUMNS = (r'"?(t|times?|seconds?|onsets?|beat_?times?)"?'
                r'([;,\t ]+"?(beats?|positions?|beat_?positions?|beat_?in_?bar)"?([;,\t ]+"?(bars?|measures?)"?)?)?')


def table_lines(
    path, # a text file
    header:str, # pattern of a first line that names the columns, which is left out
    comment:str='#', # lines that begin with it are left out
)->list: # (line number, line)
    "Read the lines of a text file that are neither empty nor comments"
    lines = [(n, line) for n, line in enumerate(read_text(path).splitlines(), 1) if not line.startswith(comment)]
    lines = [(n, line) for n, line in lines if line.strip(' \t,;')]
    return lines[bool(lines and re.fullmatch(header, lines[0][1].strip(), re.I)):]


def has_label_columns(
    path, # a text file
)->bool:
    "Check whether the first line of a file names the columns start, end and chord, with semicolons"
    with open(path, encoding='utf-8-sig', errors='replace') as f: first = f.readline(200).strip()
    return ';' in first and bool(re.fullmatch(LABEL_COLUMNS, first, re.I))


def decimal(
    text:str, # 1.5, or 1,5 as it is written in many languages
)->float:
    "Read a number; a comma may be its decimal point"
    return float(re.sub(r'^\s*([+-]?\d*),(\d+)\s*$', r'\1.\2', text))


def columns(
    line:str, # of a table
    n:int, # the most columns; the last one keeps its blanks
)->list: # of text
    "Cut a line at semicolons, or else at tabs and blanks"
    if ';' in line: return [column.strip().strip('"') for column in line.split(';', n - 1)]
    return line.split(None, n - 1)


def between_points(
    rows, # [(line number, start, end, label)]
    path, # their file, for messages
)->list: # rows with a duration
    "Let labels at points in time, as Audacity has them, last until the next one; leave other rows as they are"
    if len(rows) < 2 or any(start != end for _, start, end, _ in rows): return rows
    number, _, _, last = rows[-1]
    try: ends = read_chord_name(last) == 'N'
    except ChordLabelError: ends = False
    if not ends:
        raise ChordLabelError(f"{path}, line {number}: how long does '{last[:20]}' last? All labels are points in "
                              'time. Add an N where the song ends.')
    return [(n, start, following[1], label) for (n, start, _, label), following in pairwise(rows)]
