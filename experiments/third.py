"""The songs of the third pass of weights.sh: every song of POP909 but the test songs and `POP909_HELD_OUT`. Parts: clean (straight from the synthesiser), varied (with bands, rooms, codecs),
new (those that no earlier pass had), test; and of the last pass: rung, band, dry (the first to be heard straight from the synthesiser, the second with a band, both with the pedal, the third as plain piano without it), valid. Of the corpus that was gathered from them: train and valid, for `chordkd train --split`; twenty-four new songs, in all versions, are for validation.
usage: third.py SPLIT.json POP909 OUT.json [GATHERED]     (SPLIT: of audio.sh)"""
import json, random, sys
from pathlib import Path
from chordkd_nb._files import write_json
from chordkd_nb.pop909 import pop909_songs

split, source, out, *gathered = json.load(open(sys.argv[1])), *sys.argv[2:]
used = {i for part in split.values() for i in part}
new = [i for i in (f'{s}_v0' for s in pop909_songs(source)) if i not in used]
aside = new[::len(new)//24][:24]
parts = dict(clean=[i for p in ('labelled', 'pool', 'more') for i in split[p]] + new, varied=split['labelled'] + split['pool'] + new, new=new, test=split['test'])
again = [i for i in parts['clean'] if i not in aside]; random.Random(0).shuffle(again)
parts |= dict(rung=again[:190], band=again[190:345], dry=again[190:240], valid=aside)
if gathered:
    ids = sum(json.loads((Path(gathered[0])/'parts.json').read_text()).values(), [])
    parts = dict(train=[i for i in ids if i.split('/')[1] not in aside], valid=[i for i in ids if i.split('/')[1] in aside])
write_json(parts, out)
print({k: len(v) for k, v in parts.items()})
