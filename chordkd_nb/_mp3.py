"""The frames of an MP3 file, and a copy of nothing else for a decoder that the rest would mislead

libsndfile believes the length that an MP3 states. Where none is stated, it guesses from the size of the file: a picture
behind the music or a changing bit rate misleads it. It also refuses a file that begins with zeros or an APE tag, and
stops where the sample rate changes."""
import mmap, re, struct, tempfile
from contextlib import contextmanager
from typing import NamedTuple

_KBITS = {  # by layer; of version 1, and of versions 2 and 2.5
    (1, 1): range(32, 449, 32),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (3, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = 44100, 48000, 32000  # Hz, of version 1
_IN_A_ROW = 3  # frames; fewer may be there by chance
_MAX_REST = 2048  # bytes at the end that mislead nobody: part of a frame, a tag of 128 bytes

_SYNC = re.compile(rb'\xff[\xe2-\xff]')
_ID3 = re.compile(rb'ID3..(.)([\0-\x7f]{4})', re.DOTALL)
_APE = re.compile(rb'APETAGEX.{4}(.{4})', re.DOTALL)
_ZEROS = re.compile(rb'\0+')
_STATED = re.compile(rb'(?:Xing|Info)\0\0\0[\x01\x03\x05\x07\x09\x0b\x0d\x0f](.{4})', re.DOTALL)


class MixedFrames(ValueError): "An MP3 whose sample rate or number of channels changes"


def _frame_length(layer, version, kbits, rate, padding):
    "Length of a frame in bytes"
    if layer == 1: return (12000*kbits//rate + padding)*4
    return (72000 if layer == 3 and version > 1 else 144000)*kbits//rate + padding


def _all_headers():
    "Pairs of the second and third byte of a header, without protection and private bit, and (kind, length)"
    for bits, version, halvings in ((3, 1, 0), (2, 2, 1), (0, 2, 2)):
        for layer in (1, 2, 3):
            second = 0xe0 | bits << 3 | (4-layer) << 1
            for i, rate in enumerate(_RATES):
                for k, kbits in enumerate(_KBITS[layer, version], 1):
                    for padding in (0, 1):
                        length = _frame_length(layer, version, kbits, rate >> halvings, padding)
                        yield (second, k << 4 | i << 2 | padding << 1), ((second, i), length)


_HEADERS = dict(_all_headers())


class Run(NamedTuple):
    "Frames of one kind (version, layer, rate; mono or not) that follow each other"
    kind: tuple
    start: int      # byte
    end: int        # byte
    n: int          # frames
    bit_rates: set


def _run(data, start):
    "The run of frames that begins at `start`"
    at, n, kind, bit_rates = start, 0, (), set()
    while at+4 <= len(data) and data[at] == 0xff:
        found, length = _HEADERS.get((data[at+1] & 0xfe, data[at+2] & 0xfe), ((), 0))
        found = *found, data[at+3] >> 6 == 3
        if not length or at+length > len(data) or n and found != kind: break
        bit_rates.add(data[at+2] >> 4)
        at, n, kind = at+length, n+1, found
    return Run(kind, start, at, n, bit_rates)


def _after_tags(data):
    "Where ID3 and APE tags and zeros at the beginning end, and whether there is more than ID3"
    at, more = 0, False
    while True:
        if tag := _ID3.match(data, at):
            footer = 10*(tag[1][0] >> 4 & 1)
            a, b, c, d = tag[2]
            at += 10 + (a << 21 | b << 14 | c << 7 | d) + footer
            continue
        if tag := _APE.match(data, at): at += 32 + struct.unpack('<I', tag[1])[0]
        elif zeros := _ZEROS.match(data, at): at = zeros.end()
        else: return at, more
        more = True


def _runs(data, at):
    "Runs of at least three frames, from one at `at` to the end; none if there is none at `at`"
    runs = [_run(data, at)]
    if runs[0].n < _IN_A_ROW: return []
    at = runs[0].end
    while found := _SYNC.search(data, at):
        run = _run(data, found.start())
        if run.n >= _IN_A_ROW: runs.append(run)
        at = run.end if run.n >= _IN_A_ROW else found.start()+1
    return runs


def _stated(data, run):
    "Place of the number of frames in the first one, or None"
    found = _STATED.search(data, run.start+4, run.start+54)
    return found and found.start(1)


def _varies(runs): return len(set().union(*(run.bit_rates for run in runs))) > 1


def _is_plain(data, runs, more):
    "Would libsndfile read a file as it is, to its end?"
    first, n = runs[0], sum(run.n for run in runs)
    if more or len(runs) > 1 or len(data)-first.end > _MAX_REST: return False
    place = _stated(data, first)
    if place is None: return not _varies(runs)  # then the guess is right
    return abs(struct.unpack('>I', data[place:place+4])[0] + 1 - n) <= 1


def _stating_frame(header, n):
    "A frame of layer 3 without sound that states how many follow"
    second, third, mono = header[1] | 1, 0x90 | header[2] & 0x0c, header[3] >> 6 == 3
    before = (17 if mono else 32) if second & 8 else (9 if mono else 17)  # bytes; versions 1 and 2
    frame = bytes([0xff, second, third, header[3]]) + bytes(before) + b'Xing' + struct.pack('>II', 1, n)
    _, length = _HEADERS[second & 0xfe, third]
    return frame.ljust(length, b'\0')


def _write_frames(data, runs, out):
    "Write the frames of a file, which state their number unless all have one bit rate"
    n, start, place = sum(run.n for run in runs), runs[0].start, _stated(data, runs[0])
    is_layer_3 = data[start+1] >> 1 & 3 == 1
    if place is None and is_layer_3 and _varies(runs): out.write(_stating_frame(data[start:start+4], n))
    with memoryview(data) as view:
        for run in runs: out.write(view[run.start:run.end])
    if place is not None:
        states_bytes = data[place-1] & 2
        stated = struct.pack('>I', n-1) + (struct.pack('>I', out.tell()) if states_bytes else b'')
        out.seek(place-start)
        out.write(stated)
    out.flush()
    out.seek(0)


def _without_vbri(data, runs):
    "The runs without a first frame that states their length as Fraunhofer's encoder does: libsndfile ignores it"
    first = runs[0]
    if data[first.start+36:first.start+40] != b'VBRI': return runs
    _, length = _HEADERS[data[first.start+1] & 0xfe, data[first.start+2] & 0xfe]
    return [first._replace(start=first.start+length, n=first.n-1), *runs[1:]]


@contextmanager
def frames_alone(
    file, # an open file
): # the file or, if it is an MP3 that libsndfile would misread, a temporary copy of its frames
    "Open an MP3 for libsndfile; it must not change its rate"
    with tempfile.TemporaryFile() as copy:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at, more = _after_tags(data)
            runs = _runs(data, at)
            if len({run.kind for run in runs}) > 1: raise MixedFrames('its sample rate or channels change')
            plain = not runs or _is_plain(data, runs, more)
            if not plain: _write_frames(data, _without_vbri(data, runs), copy)
        yield file if plain else copy
