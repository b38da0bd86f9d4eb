"""Put a trained run into the package: half-precision weights under data/weights/NAME.
usage: bundle.py RUN NAME      (then enter the printed SHA-256 in nbs/09_lean.ipynb, `BUNDLED`)"""
import json, sys
from dataclasses import replace
from pathlib import Path
from chordkd_nb.published import load_checkpoint
from chordkd_nb.checkpoints import save_checkpoint

run, name = sys.argv[1:]
out = Path(__file__).resolve().parent.parent/'data/weights'/name
save_checkpoint(replace(load_checkpoint(run), licence='Apache-2.0', songs={}), out, overwrite=True, dtype='float16')   # without songs.json, which knows those of the last passes alone and would seem to know all
print(name, json.loads((out/'config.json').read_text())['weights']['sha256'], f'{sum(f.stat().st_size for f in out.iterdir())/1e6:.1f} MB')
