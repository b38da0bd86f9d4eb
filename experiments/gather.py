"""Hard-link songs of several corpora into one, in the layout audio/, chordlab/ (no copy is made; OUT must be on the same disk).
OUT/parts.json names the songs that came from each corpus, for --ids and --replay-ids.
usage: gather.py OUT FOLDER[@SPLIT.json:PART] ... [--no-labels]     (without a part: all songs of the folder; PART may be a+b)"""
import json, os, sys
from pathlib import Path
from chordkd_nb.songs import find_songs
from chordkd_nb._files import write_json

bare, (out, *sources) = '--no-labels' in sys.argv, [a for a in sys.argv[1:] if a != '--no-labels']
out, groups, parts = Path(out), {}, {}
for source in sources:
    folder, _, part = source.partition('@')
    songs = find_songs(folder, labelled=False if bare else None)
    if part:
        path, _, names = part.rpartition(':'); split = json.loads(Path(path).read_text())
        ids = {i for n in names.split('+') for i in split[n]}
        songs = [s for s in songs if s.id in ids]
        if len(songs) != len(ids): sys.exit(f'{source}: {len(ids)-len(songs)} songs of the part are not in the folder.')
    name = Path(folder).name
    if name in parts: sys.exit(f'{source}: another corpus is called {name}, too; rename one of the folders.')
    for s in songs:
        new = f'{name}/{s.id}'; groups |= {new: s.group} if s.group else {}   # versions of a song in two corpora are one group
        for kind, file in (('audio', s.path), ('chordlab', s._annotation)):
            if not file: continue
            to = out/kind/f'{new}{Path(file).suffix}'; to.parent.mkdir(parents=True, exist_ok=True)
            if not to.exists(): os.link(file, to)
    parts[name] = [f'{name}/{s.id}' for s in songs]; print(f'{name}: {len(songs)} songs')
made = {i for p in parts.values() for i in p}
if stale := [p for kind in ('audio', 'chordlab') for p in (out/kind).rglob('*') if p.is_file() and str(p.relative_to(out/kind).with_suffix('')) not in made]: sys.exit(f'{out}: holds songs of an earlier call, e.g. {stale[0]}; choose another folder.')
write_json(groups, out/'groups.json'); write_json(parts, out/'parts.json')
