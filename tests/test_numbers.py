"Numbers in the text of README and the reports come from results: a table of data/results, or what a cell prints"
import json
import re
from pathlib import Path
import pytest

ROOT = Path(__file__).parents[1]
REPORTS = sorted((ROOT/'nbs').glob('6[0-467]_*.ipynb'))
DECIMAL = re.compile(r'(?<![\w.])\d[\d,]*\.\d+(?![\w.]*\d)')
SCORE = re.compile(r'\d+\.\d ± \d+\.\d')               # of a table
INTERVAL = re.compile(r'[+-]?\d+\.\d \([+-]?\d+\.\d … [+-]?\d+\.\d\)')
GIVEN = {  # not measured here
    'the paper': ['1.1', '1.55', '2.5', '2.67', '2.7', '3.2', '3.79', '3.8', '10.5', '11.7'],
    'settings': ['0.2', '0.3'],
    'prices': ['2.50', '0.04'],
    'hours of labelled songs': ['0.37', '0.76', '2.7'],
    'arXiv and Python': ['2602.19778', '3.10']}


def cells(notebook): return json.loads(notebook.read_text(encoding='utf-8'))['cells']


def prose(notebook):
    "Markdown cells without code, links and headings of tables"
    text = '\n'.join(''.join(cell['source']) for cell in cells(notebook) if cell['cell_type'] == 'markdown')
    return re.sub(r'```.*?```|`[^`\n]*`|\]\([^)]*\)', ' ', text, flags=re.S)


def printed(notebook):
    "What the cells print and show"
    found = []
    for cell in cells(notebook):
        for output in cell.get('outputs', []):
            data = output.get('data', {})
            found += [*output.get('text', []), '\n', *data.get('text/plain', []), *data.get('text/html', []), '\n']
    return ''.join(found)


def tables(): return '\n'.join(file.read_text(encoding='utf-8') for file in (ROOT/'data/results').rglob('table.csv'))


def unknown(text, pattern, sources):
    "Numbers of a text that no source has"
    return sorted({number for number in pattern.findall(text) if number not in sources})


def allowed(): return {number for numbers in GIVEN.values() for number in numbers}


@pytest.mark.parametrize('report', REPORTS, ids=lambda path: path.stem)
def test_numbers_in_the_text_of_a_report_are_printed_by_its_cells(report):
    assert not unknown(prose(report), DECIMAL, {*DECIMAL.findall(printed(report)), *allowed()})


def test_scores_in_readme_are_in_a_table_of_results():
    assert not unknown(prose(ROOT/'nbs/00_index.ipynb'), SCORE, set(SCORE.findall(tables())))


def test_intervals_in_readme_are_printed_by_a_report():
    shown = '\n'.join(map(printed, REPORTS))
    assert not unknown(prose(ROOT/'nbs/00_index.ipynb'), INTERVAL, set(INTERVAL.findall(shown)))


def test_other_numbers_in_readme_are_printed_by_a_report():
    text = INTERVAL.sub(' ', SCORE.sub(' ', prose(ROOT/'nbs/00_index.ipynb')))
    shown = '\n'.join(map(printed, REPORTS))
    assert not unknown(text, DECIMAL, {*DECIMAL.findall(shown), *allowed()})


def test_a_number_from_nowhere_is_found():
    assert unknown('better by +9.9 (+9.8 … +10.0)', INTERVAL, {'+9.9 (+9.8 … +9.9)'}) == ['+9.9 (+9.8 … +10.0)']
    assert unknown('12.34 and 1,300.5 points', DECIMAL, {'12.34'}) == ['1,300.5']
