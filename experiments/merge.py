"""One store from several labelled ones, each song with its annotation and the answers of the teacher who was asked about it (eight probabilities a frame, or all if every store has all).
usage: merge.py OUT STORE[@FILE.json:PART] ..."""
import sys
from types import SimpleNamespace
from chordkd_nb.splits import choose_ids
from chordkd_nb.songs import Song
from chordkd_nb.store import Store
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.teachers import StoredTeacher

out, *sources = sys.argv[1:]
teachers, songs, each = {}, [], []
for source in sources:
    path, _, part = source.partition('@'); store = Store(path); t = StoredTeacher(store)
    ids = choose_ids(part, store.ids)
    if songs and (t.contract, t.vocab) != (each[0].contract, each[0].vocab): sys.exit(f'{path}: other features or classes than {each[0].store.path}.')
    if twice := teachers.keys() & set(ids): sys.exit(f'{path}: {min(twice)} is in another store, too.')
    teachers |= {i: t for i in ids}; each.append(t)
    songs += [Song(i, features=store[i].features, contract=store.contract, group=store.groups.get(i), annotation=store[i].annotation if store[i].lab else None) for i in ids]
both = SimpleNamespace(name='merged', vocab=each[0].vocab, contract=each[0].contract, log_probs=lambda s: teachers[s.id].log_probs(s),
                       identity=lambda: dict(teacher='merged', of=[t.identity() | dict(songs=sum(t is u for u in teachers.values())) for t in each]))
merged = label_songs(both, songs, out, 'full' if all(t.store.manifest['probs'] == 'full' for t in each) else 'top8'); print(merged)
if merged.failed: sys.exit(f'{len(merged.failed)} songs failed: {merged.failed}')
