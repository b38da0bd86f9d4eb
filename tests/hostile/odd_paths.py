"Names that shells and terminals stumble over; links, folders, FIFOs and devices in the place of audio files"
import os
from pathlib import Path
from audio_files import encoded, fails, lasts, triad

NAMES = (
    'ünïcödé 音楽 🎵.wav',
    ' leading and trailing .wav',
    '-dash.wav',
    '--out.wav',
    'new\nline.wav',
    'tab\tand\x1b[31mescape.wav',
    "quote'\"$(x)`.wav",
    'percent%d%s{}.wav',
    'file:x|y.wav',
    'UPPER.WAV',
    'two.dots.mp3.wav',
    'l'*251+'.wav',
    os.fsdecode(b'latin\xe9.wav'),
)

LINKS = {
    'link.wav': 'song.wav',
    'dangling.wav': 'nothing',
    'loop-a.wav': 'loop-b.wav',
    'loop-b.wav': 'loop-a.wav',
    'zero.wav': '/dev/zero',
    'null.wav': '/dev/null',
    'itself': '.',
}

FOUND = {  # what `chordkd recognize` must find in the folder, and what must come of it
    'song.wav': lasts(1.5),
    'folder.wav/inside.wav': lasts(1.5),
    'link.wav': lasts(1.5),
    'album/linked.wav': lasts(1.5),
    'dangling.wav': fails('a link to a file that is not there'),
    'loop-a.wav': fails('a link to'),
    'loop-b.wav': fails('a link to'),
    'zero.wav': fails('not a file'),
    'null.wav': fails('not a file'),
    'fifo.wav': fails('not a file'),
}


def write_names(folder):
    "Good audio under each of the names in `good`, and texts under the same names in `bad`"
    good, bad = Path(folder)/'good', Path(folder)/'bad'
    good.mkdir()
    bad.mkdir()
    song = encoded(triad())
    for name in NAMES:
        (good/name).write_bytes(song)
        (bad/name).write_bytes(b'no audio'*20)


def write_links(folder):
    "The files and links of `FOUND`: an album elsewhere has a link back, so that folders go in a circle"
    folder = Path(folder)
    album = folder.parent/f'{folder.name}-elsewhere'
    song = encoded(triad())
    (folder/'folder.wav').mkdir(parents=True)
    album.mkdir()
    (folder/'song.wav').write_bytes(song)
    (folder/'folder.wav'/'inside.wav').write_bytes(song)
    (album/'linked.wav').write_bytes(song)
    (album/'back').symlink_to(folder)
    (folder/'album').symlink_to(album)
    for name, target in LINKS.items(): (folder/name).symlink_to(target)
    os.mkfifo(folder/'fifo.wav')
