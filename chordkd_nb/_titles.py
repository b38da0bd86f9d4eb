"""Titles in the tags of audio files: ID3 (mp3 and others), MP4, and what libsndfile reads (flac, ogg, opus, wav)"""
import mmap, re

MAX_TAG = 2**24  # bytes of an ID3 tag that we read
_MP4_TITLE = re.compile(rb'\xa9nam.{4}data\0\0\0\x01.{4}', re.DOTALL)
_ENCODINGS = 'latin-1', 'utf-16', 'utf-16-be', 'utf-8'


def _number(data, bits=8):
    "A whole number in bytes of 7 or 8 bits, the first byte first"
    value = 0
    for byte in data: value = value << bits | byte
    return value


def _id3_title(data):
    "The title in an ID3 tag of version 2.2, 2.3 or 2.4 at the beginning"
    version, flags = data[3], data[5]
    body = data[10:10+min(_number(data[6:10], 7), MAX_TAG)]
    if flags & 0x80: body = body.replace(b'\xff\0', b'\xff')
    bits = 7 if version == 4 else 8
    at = 0
    if flags & 0x40 and version > 2: at = _number(body[:4], bits) + (4 if version == 3 else 0)
    n, head = (3, 6) if version == 2 else (4, 10)  # length of a name; of all that precedes the content of a frame
    while body[at:at+1].isalnum():
        size = _number(body[at+n:at+2*n], bits if n == 4 else 8)
        if body[at:at+n] in (b'TT2', b'TIT2'): return _decoded(body[at+head:at+head+size])
        at += head+size
    return ''


def _decoded(content):
    "The text of a frame: its first byte tells the encoding"
    known = content[:1] and content[0] < len(_ENCODINGS)
    return content[1:].decode(_ENCODINGS[content[0]], 'replace') if known else ''


def _mp4_title(data):
    "The title in an MP4 file"
    found = _MP4_TITLE.search(data)
    if not found: return ''
    size = _number(data[found.start()+4:found.start()+8]) - 16
    return data[found.end():found.end()+min(size, MAX_TAG)].decode('utf-8', 'replace') if size > 0 else ''


def _sndfile_title(path):
    "The title that libsndfile finds"
    import soundfile as sf
    try:
        with open(path, 'rb') as g, sf.SoundFile(g.fileno(), closefd=False) as f: return f.title
    except sf.LibsndfileError: return ''


def read_title(
    path, # a file that is not empty
)->str: # '' if it has none
    "Read the title of a song; the first, if there are several"
    with open(path, 'rb') as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as data:
        title = _id3_title(data) if data[:3] == b'ID3' and len(data) > 10 else ''
        if data[4:8] == b'ftyp': title = _mp4_title(data)
    title = (title or _sndfile_title(path)).lstrip('\0\ufeff').partition('\0')[0]
    return ' '.join(''.join(c if c.isprintable() else ' ' for c in title).split())
