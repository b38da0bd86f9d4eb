"""Two annotations, seven metrics: how well an estimate agrees with a reference, for estimates from anywhere.

Annotations are made from segments, from .lab files (`Annotation.from_lab`) or from JAMS (`Annotation.from_jams`).
Metrics are those of mir_eval, with `mapping` and `protocol` to choose; several songs give intervals and paired comparisons.

    pip install chordkd_nb
"""
import tempfile
from pathlib import Path
from chordkd_nb import Annotation, compare, evaluate

truth = Annotation([(0, 2), (2, 4), (4, 8)], ['C', 'A:min7', 'F:maj'])
with tempfile.TemporaryDirectory() as d:
    lab = Path(d)/'estimate.lab'
    lab.write_text('0.0 2.3 C/3\n2.3 4.0 A:min\n4.0 8.0 F:maj7\n')
    estimate = Annotation.from_lab(lab)

scores = evaluate({'song': truth}, {'song': estimate})
print(scores); print(scores.summary().value.round(1).to_string())
assert round(scores.summary().value['root'], 1) == round(100*(8 - .3)/8, 1)

refs   = {f'song {i}': Annotation([(0, 4), (4, 8)], ['C', 'G']) for i in range(12)}
early  = {k: Annotation([(0, 4 - .1*i), (4 - .1*i, 8)], ['C', 'G']) for i, k in enumerate(refs)}
major7 = {k: Annotation([(0, 4), (4, 8)], ['C:maj7', 'G:7']) for k in refs}
table = compare(evaluate(refs, early), evaluate(refs, major7))   # over the same songs, by bootstrap
print(table.loc[['root', 'majmin', 'sevenths'], ['a', 'b', 'difference', 'low', 'high', 'clear']].round(1).to_string())
assert table.clear['sevenths'] and table.difference['root'] < 0
