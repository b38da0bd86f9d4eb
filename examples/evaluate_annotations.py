"""Evaluate chord annotations: how well does an estimate agree with a reference?

You make annotations from segments, from .lab files (`Annotation.from_lab`) or from JAMS (`Annotation.from_jams`).
The metrics are mir_eval's. Several songs give intervals and paired comparisons.

    pip install 'chordkd_nb[evaluate]'
"""
import tempfile
from pathlib import Path
from chordkd_nb import Annotation, compare, evaluate

# one song
truth = Annotation([(0, 2), (2, 4), (4, 8)], ['C', 'A:min7', 'F:maj'])
with tempfile.TemporaryDirectory() as d:
    lab = Path(d)/'estimate.lab'
    lab.write_text('0.0 2.3 C/3\n2.3 4.0 A:min\n4.0 8.0 F:maj7\n')
    estimate = Annotation.from_lab(lab)

scores = evaluate({'song': truth}, {'song': estimate})
print(scores)
print(scores.summary().value.round(1).to_string())
assert round(scores.summary().value['root'], 1) == round(100*(8-.3)/8, 1)

# two systems on the same twelve songs, compared by bootstrap
references = {f'song {i}': Annotation([(0, 4), (4, 8)], ['C', 'G']) for i in range(12)}
early = {song: Annotation([(0, 4-.1*i), (4-.1*i, 8)], ['C', 'G']) for i,song in enumerate(references)}
sevenths = {song: Annotation([(0, 4), (4, 8)], ['C:maj7', 'G:7']) for song in references}
table = compare(evaluate(references, early), evaluate(references, sevenths))
columns = ['a', 'b', 'difference', 'low', 'high', 'clear']
print(table.loc[['root', 'majmin', 'sevenths'], columns].round(1).to_string())
assert table.clear['sevenths'] and table.difference['root'] < 0
