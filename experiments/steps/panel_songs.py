"""Choose recordings for a panel of recognisers: the same few from each package, in one flat folder.

From each folder of MUSIC (a package) we take at most --each recordings between --seconds, evenly spaced in the order
of their names. Nobody listens to them, and no recogniser is asked. They are hard-linked as OUT/audio/PACKAGE--NAME,
and OUT/songs.csv lists them with package, version of the package (if it is one of Debian's), seconds and SHA-256.

    chordkd corpus debian music --packages drascula-music hedgewars-data
    chordkd corpus check music --out audit --write-ids audit/keep.json
    panel_songs.py music songs --ids audit/keep.json:keep --without '*_fast'
"""
import argparse, json, os
from fnmatch import fnmatch
from pathlib import Path
import numpy as np, pandas as pd, soundfile
from chordkd_nb.songs import find_songs
from chordkd_nb.splits import choose_ids


def spread(items, n):
    "At most `n` of the items, evenly spaced"
    if len(items) <= n: return items
    return [items[i] for i in np.linspace(0, len(items) - 1, n).round().astype(int)]


def package_of(song): return song.id.split('/')[0]
def flat_name(song): return f'{package_of(song)}--{song.path.stem}'
def seconds_of(song): return soundfile.info(str(song.path)).duration


def choose(songs, shortest, longest, each):
    "Songs of the wanted length, at most `each` of a package"
    packages = {}
    for song in sorted(songs, key=lambda song: song.id):
        if shortest <= seconds_of(song) <= longest: packages.setdefault(package_of(song), []).append(song)
    return [song for found in packages.values() for song in spread(found, each)]


def link(songs, folder):
    "Hard-link recordings into one folder; refuse two that would have the same name, or a folder with others"
    names = {song.id: f'{flat_name(song)}{song.path.suffix}' for song in songs}
    twice = [name for name in names.values() if list(names.values()).count(name) > 1]
    if twice: raise SystemExit(f'{twice[0]}: two recordings of a package have this name.')
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted({path.name for path in folder.iterdir()} - set(names.values()))
    if others: raise SystemExit(f'{folder}: holds {others[0]}, which is not among the chosen; choose another folder.')
    for song in songs:
        if not (folder/names[song.id]).exists(): os.link(song.path, folder/names[song.id])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('music', type=Path, help='folder of packages, as `chordkd corpus debian` writes it')
    p.add_argument('out', type=Path, help='folder to write')
    p.add_argument('--ids', metavar='FILE.json:PART', help='only these songs')
    p.add_argument('--without', nargs='+', default=[], metavar='PATTERN', help="leave out songs such as '*/sfx/*'")
    p.add_argument('--each', type=int, default=7, help='recordings of a package, at most (default: 7)')
    p.add_argument('--seconds', type=float, nargs=2, default=(60, 300), metavar=('SHORTEST', 'LONGEST'))
    args = p.parse_args()

    songs = find_songs(args.music)
    wanted = set(choose_ids(args.ids, [song.id for song in songs]))  # all, if there is no --ids
    songs = [song for song in songs if song.id in wanted]
    songs = [song for song in songs if not any(fnmatch(song.id, pattern) for pattern in args.without)]
    chosen = choose(songs, *args.seconds, args.each)

    link(chosen, args.out/'audio')
    packages = json.loads((args.music/'manifest.json').read_text()).get('packages', {})
    versions = {name: package['version'] for name, package in packages.items()}
    table = pd.DataFrame(dict(song=flat_name(song), package=package_of(song),
                              version=versions.get(package_of(song), ''), seconds=round(seconds_of(song), 3),
                              sha256=song.sha256) for song in chosen)
    table.to_csv(args.out/'songs.csv', index=False)
    print(table.groupby('package').seconds.agg(['count', 'sum']).to_string())


if __name__ == '__main__': main()
