"""Write a trained network as it ships: half precision, with its licence, without the hashes of its songs.

To ship it, copy the folder to data/weights and enter the SHA-256 that is printed in `BUNDLED` of
nbs/09_checkpoint_files.ipynb.
usage: bundle.py RUN OUT"""
import json
import sys
from dataclasses import replace
from pathlib import Path
from chordkd_nb.checkpoints import save_checkpoint
from chordkd_nb.published import load_checkpoint

run, out = sys.argv[1], Path(sys.argv[2])
save_checkpoint(replace(load_checkpoint(run), licence='Apache-2.0'), out, overwrite=True, dtype='float16')
(out/'songs.json').unlink()  # as large as a tenth of the weights; commands make these songs
config = json.loads((out/'config.json').read_text())
size = sum(file.stat().st_size for file in out.iterdir())/1e6
print(out.name, config['weights']['sha256'], f'{size:.1f} MB')
