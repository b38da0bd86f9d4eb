"""A notebook shows the same pictures in Jupyter as in the repository

`nbdev_test` runs the cells without Jupyter, so it cannot see that a function changes how matplotlib shows pictures."""
import re
from pathlib import Path
import nbformat
import pytest
from nbconvert.preprocessors import ExecutePreprocessor

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2]/'nbs').glob('*.ipynb'))
NOT_RUN = re.compile(r'^#\|\s*(slow|notest|cuda|eval:\s*false)\b', re.M)
TIMEOUT = 1200  # s, for one cell


def pictures(cell):
    "Count the pictures below a cell"
    return sum('image/png' in output.get('data', {}) for output in cell.get('outputs', []))


def run(notebook, folder):
    "Run all cells in a folder, as `jupyter nbconvert --execute` does"
    ExecutePreprocessor(timeout=TIMEOUT).preprocess(notebook, {'metadata': {'path': str(folder)}})


@pytest.fixture(autouse=True)
def backend_of_jupyter(monkeypatch): monkeypatch.delenv('MPLBACKEND', raising=False)


@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda path: path.stem)
def test_jupyter_shows_the_pictures_that_were_committed(path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not NOT_RUN.search(cell.source)]
    committed = [pictures(cell) for cell in notebook.cells]
    if not sum(committed): pytest.skip('no pictures')
    run(notebook, path.parent)
    shown = [pictures(cell) for cell in notebook.cells]
    changed = [cell.source for cell, n, wanted in zip(notebook.cells, shown, committed) if n != wanted]
    assert shown == committed, '\n\n'.join(changed)


DEMO = '''
from pathlib import Path
from types import SimpleNamespace
import numpy as np, pandas as pd
from chordkd_nb import Annotation
from chordkd_nb.demo import demo_files
from chordkd_nb.features import LOG_CQT
class Songs(dict): ids, contract = ['a'], LOG_CQT
test, chords = Songs(a=SimpleNamespace(features=np.zeros((20, 144)))), Annotation([[0, 1.8]], ['C:maj'])
_ = demo_files(Path(), test, dict(a=chords), {'btc stage2': dict(a=chords)}, pd.DataFrame())'''
COMMAND = '''
from pathlib import Path
from chordkd_nb.cli import main
Path('ref').mkdir()
Path('ref/a.lab').write_text('0 20 C:maj')
main('evaluate --ref ref --est a=ref --out results'.split())'''
PLOT = '''
import matplotlib.pyplot as plt
_ = plt.plot([1, 2])'''


@pytest.mark.parametrize('first', [DEMO, COMMAND], ids=['demo', 'command'])
def test_pictures_in_files_take_none_from_later_cells(first, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (first, PLOT)])
    run(notebook, tmp_path)
    assert list(tmp_path.rglob('*.png'))
    assert [pictures(cell) for cell in notebook.cells] == [0, 1]
