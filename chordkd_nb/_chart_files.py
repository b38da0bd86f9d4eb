"Chord charts in files: text in several encodings, the chord symbols of a score, the chords of a MIDI file"
import re, zipfile
from itertools import groupby, pairwise
from ._files import text_file
from ._optional import require
from .chords import PITCHES, QUALITY_SEMITONES, ChordLabelError, read_chord_name

CONTROL = re.compile(rb'[\0-\x08\x0e-\x19\x1b-\x1f]')  # bytes that no text has
LARGEST_TEXT, LARGEST_SCORE = 2**22, 2**26  # bytes
SEVENTHS = {-1: '7', 0: '7', 1: 'maj7'}  # MusicXML counts from a minor seventh, but not all programs do
KINDS = {  # kinds of music21 whose short names mean something else, or nothing
    'augmented-seventh': '7#5', 'seventh-flat-five': '7b5', 'power': '5', 'augmented-major-ninth': 'maj9#5',
    'augmented-major-11th': 'maj11#5', 'augmented-11th': '11#5', 'augmented-major-13th': 'maj13#5',
    'augmented-dominant-13th': '13#5'}


def chart_text(
    path, # a text file
)->str: # its content
    "Read text in UTF-8 or UTF-16, or else in Windows-1252 or Latin-1"
    data = text_file(path).read_bytes()
    if len(data) > LARGEST_TEXT: raise ValueError(f'{path}: {len(data) >> 20} MB. Give the chart of one song.')
    if data[:2] in (b'\xff\xfe', b'\xfe\xff'): return data.decode('utf-16', 'replace')
    if CONTROL.search(data): raise ValueError(f'{path}: not a text file, and its ending names no format that we read.')
    for encoding in ('utf-8-sig', 'cp1252'):
        try: return data.decode(encoding)
        except UnicodeDecodeError: pass
    return data.decode('latin-1')


def musicxml_chords(
    path, # a MusicXML file, compressed or not
)->dict: # labels: names of chords, beats: of each, title, key, unread: what was not followed
    "Read the chord symbols of the part that has most of them, repeats played (needs the extra `music`)"
    require('music21')
    import music21 as m21
    score = _parsed_score(path)
    notes = []
    part = max(score.parts, key=lambda part: len(_symbols(part)))
    try: part = part.expandRepeats()
    except (m21.repeat.ExpanderException, IndexError, AttributeError) as e:  # music21 trips over some jumps
        notes.append(f'repeats are not played: {e}')
    flat, symbols = part.flatten(), _symbols(part)
    starts = [float(symbol.offset) for symbol in symbols]
    beats = [(end - start)/_beat_quarters(flat, start) for start, end in pairwise([*starts, float(part.highestTime)])]
    sounding = [(_symbol_name(symbol), n) for symbol, n in zip(symbols, beats) if n > 0]
    metadata = score.metadata
    facts = dict(title=(metadata and (metadata.movementName or metadata.title)) or '', key=_key_name(flat))
    return dict(labels=[name for name, _ in sounding], beats=[n for _, n in sounding], unread=notes) | facts


def _parsed_score(path):
    "Parse a score with music21"
    import music21 as m21
    text_file(path).stat()  # neither too large nor missing
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z: size = sum(member.file_size for member in z.infolist())
        if size > LARGEST_SCORE: raise ValueError(f'{path}: {size >> 20} MB unpacked; scores up to 64 MB are read.')
    try: score = m21.converter.parse(str(path), format='musicxml', forceSource=True)
    except Exception as e: raise ValueError(f'{path}: not a MusicXML file that music21 can read: {e}') from None
    if not isinstance(score, m21.stream.Score) or not score.parts: raise ValueError(f'{path}: no score of one piece.')
    return score


def _symbols(part): return list(part.flatten().getElementsByClass('ChordSymbol'))


def _beat_quarters(flat, offset):
    "Length of a beat at an offset, in quarters"
    times = [t for t in flat.getElementsByClass('TimeSignature') if t.offset <= offset]
    return float(times[-1].beatDuration.quarterLength) if times else 1.


def _key_name(flat):
    "Name the first key signature that has a mode; None without one"
    keys = [k for k in flat.getElementsByClass('KeySignature') if getattr(k, 'mode', None)]
    return keys[0].tonic.name.replace('-', 'b') + ('m' if keys[0].mode == 'minor' else '') if keys else None


def _symbol_name(symbol):
    "Name a chord symbol of music21 as people write it"
    import music21 as m21
    if isinstance(symbol, m21.harmony.NoChord): return symbol.figure
    root, bass = (pitch.name.replace('-', 'b') for pitch in (symbol.root(), symbol.bass()))
    steps = symbol.getChordStepModifications()
    seventh = ''.join(SEVENTHS.get(_alteration(s), '') for s in steps if (s.modType, s.degree) == ('add', 7))
    others = ''.join(_modification(s) for s in steps if (s.modType, s.degree) != ('add', 7))
    return root + seventh + _kind_name(symbol) + others + (f'/{bass}' if bass != root else '')


def _kind_name(symbol):
    "Write the kind of a chord symbol: m7; an unknown one as it is in the file"
    import music21 as m21
    kind = symbol.chordKind
    if kind in KINDS: return KINDS[kind]
    known = kind in m21.harmony.CHORD_TYPES
    return m21.harmony.getCurrentAbbreviationFor(kind) if known else f' {symbol.chordKindStr or kind}'


def _alteration(step): return int(step.interval.semitones) if step.interval else 0


def _modification(step):
    "Write an added, altered or missing note: (addb9), (b5), (no3)"
    semitones = _alteration(step)
    degree = '#'*semitones + 'b'*-semitones + str(step.degree)
    return {'add': f'(add{degree})', 'subtract': f'(no{step.degree})'}.get(step.modType, f'({degree})')


def midi_chords(
    path, # a MIDI file
)->dict: # labels: names of chords, beats: of each, None where the file ends
    "Read the names of chords in a MIDI file, or else the notes of its track of chords (needs the extra `music`)"
    require('pretty_midi')
    import mido
    import pretty_midi as pm
    text_file(path).stat()  # neither too large nor missing
    try: texts, midi = _texts(mido.MidiFile(str(path))), pm.PrettyMIDI(str(path))
    except Exception as e: raise ValueError(f'{path}: not a MIDI file that pretty_midi can read: {e}') from None
    events = texts or _played(midi, path)
    ticks = [tick for tick, _ in events] + [midi.time_to_tick(midi.get_end_time())]
    beats = [(end - start)/midi.resolution for start, end in pairwise(ticks)]
    return dict(labels=[name for _, name in events], beats=[n if n > 0 else None for n in beats])


def _is_chord(text):
    try: return bool(read_chord_name(text))
    except ChordLabelError: return False


def _texts(file):
    "List (tick, text) of the lyrics, texts or markers that mostly name chords; empty if none of the three does"
    found = {'lyrics': [], 'text': [], 'marker': []}
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type in found and message.text.strip(): found[message.type].append((tick, message.text.strip()))
    if _are_sections(found['marker']): del found['marker']
    chords = {kind: sum(_is_chord(text) for _, text in texts) for kind, texts in found.items()}
    kind = max(chords, key=lambda kind: chords[kind])
    return sorted({*found[kind]}) if 2*chords[kind] > len(found[kind]) else []


def _are_sections(texts):
    "Are these names of sections, as in Intro A B A C?"
    names = list(dict.fromkeys(text for _, text in texts if _is_chord(text)))
    return len(names) > 1 and names == list('ABCDEFGH'[:len(names)])


def _played(midi, path):
    "List (tick, name) of the chords that begin together in the track of chords"
    tracks = [(track.name, _together(midi, track)) for track in midi.instruments if not track.is_drum and track.notes]
    named = [chords for name, chords in tracks if 'chord' in name.lower()]
    full = [chords for _, chords in tracks if 2*sum(len(pitches) > 2 for _, pitches in chords) > len(chords)]
    chosen = next((found for found in (named, full) if len(found) == 1), None)
    if not chosen:
        raise ValueError(f"{path}: {len(full)} tracks of chords, and no names of chords. Name one track 'chords'.")
    return [(tick, _chord_of(pitches)) for tick, pitches in chosen[0] if len(pitches) > 1]


def _together(midi, track):
    "List (tick, pitches) of the notes that begin together, to a sixteenth"
    ticks = sorted((midi.time_to_tick(note.start), note.pitch) for note in track.notes)
    groups = [list(group) for _, group in groupby(ticks, key=lambda note: round(4*note[0]/midi.resolution))]
    return [(group[0][0], [pitch for _, pitch in group]) for group in groups]


def _chord_of(pitches):
    "Name pitches that sound together, without the bass, which another track may play"
    classes, bass = {p % 12 for p in pitches}, min(pitches) % 12
    found = next(((root, q) for root in (bass, *range(12)) for q, notes in QUALITY_SEMITONES.items()
                  if {(root + s) % 12 for s in notes} == classes), None)
    if not found: return f'notes {" ".join(PITCHES[c] for c in sorted(classes))}'
    return f'{PITCHES[found[0]]}:{found[1]}'.removesuffix(':maj')
