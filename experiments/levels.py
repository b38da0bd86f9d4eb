"""What the level of a recording does to a trained run, on its own validation songs: all of them brought to one level and recognised.
usage: levels.py STORE RUN RESULT.csv [LEVEL ...]     (STORE: what the run was trained on, with annotations)"""
import json, sys
from pathlib import Path
import numpy as np, pandas as pd
from chordkd_nb.store import Store
from chordkd_nb.evaluation import evaluate
from chordkd_nb.recognition import recording_level, get_model, normalise_level, recognize_features

store, run, result, *levels = sys.argv[1:]
store, ids = Store(store), json.loads((Path(run)/'split.json').read_text())['valid']
ckpt, X = get_model(run), {i: store[i].features.astype(np.float32) for i in ids}
loud = {i: recording_level(x, store.contract) for i, x in X.items()}
score = lambda gain: evaluate({i: store[i].annotation for i in ids}, {i: recognize_features(normalise_level(x, store.contract, gain(i)), ckpt, store[i].seconds, levels=None) for i, x in X.items()}).mean7
rows = [dict(level='as it is', mean=round(score(lambda i: 0.), 2))] + [dict(level=l, mean=round(score(lambda i: l-loud[i]), 2)) for l in [float(l) for l in levels] or (-.5, .5, 1.5, 2.5, 3.5)]
table = pd.DataFrame(rows); table['lost'] = (table['mean'][0]-table['mean']).round(2); table.to_csv(result, index=False)
print(f'{len(ids)} validation songs, levels {min(loud.values()):.2f} to {max(loud.values()):.2f}', table.to_string(index=False), sep='\n')
