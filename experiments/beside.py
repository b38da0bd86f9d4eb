"""A split of a store that holds a labelled one and songs beside it: validation on the labelled songs that every other regime of a seed is validated on, everything else (or the first N songs beside) for training.
usage: beside.py LABELLED[@FILE.json:PART] BOTH SEED OUT.json [N]     (with a part: of the labelled songs these alone; for `chordkd train BOTH --split OUT.json`)"""
import sys
from chordkd_nb.splits import choose_ids
from chordkd_nb.store import Store
from chordkd_nb._files import write_json
from chordkd_nb.stages import train_valid

(labelled, _, part), both, seed = sys.argv[1].partition('@'), Store(sys.argv[2]), int(sys.argv[3]); n = int(sys.argv[5]) if len(sys.argv)>5 else None
labelled = Store(labelled)
split = train_valid(choose_ids(part, labelled.ids), seed, labelled.groups)
write_json(dict(train=split['train'] + [i for i in both.ids if i not in labelled][:n], valid=split['valid']), sys.argv[4])
