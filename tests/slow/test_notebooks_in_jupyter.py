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


@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda path: path.stem)
def test_jupyter_shows_the_pictures_that_were_committed(path, monkeypatch):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not NOT_RUN.search(cell.source)]
    committed = [pictures(cell) for cell in notebook.cells]
    if not sum(committed): pytest.skip('no pictures')
    monkeypatch.delenv('MPLBACKEND', raising=False)  # Jupyter's own
    ExecutePreprocessor(timeout=TIMEOUT).preprocess(notebook, {'metadata': {'path': str(path.parent)}})
    shown = [pictures(cell) for cell in notebook.cells]
    changed = [cell.source for cell, n, wanted in zip(notebook.cells, shown, committed) if n != wanted]
    assert shown == committed, '\n\n'.join(changed)
