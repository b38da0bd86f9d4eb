"The machine of a benchmark is noted beside its numbers"
import json, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]/'benchmarks'))


def test_the_machine_is_noted(tmp_path):
    import scale
    with scale.noted(tmp_path, 'label'): pass
    assert json.loads((tmp_path/'machine.json').read_text())['cpu']
