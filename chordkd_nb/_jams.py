"JAMS files: read chords of all versions, by one annotator or by several; write them as the library jams does"
import gzip, json, warnings
from typing import Any, NamedTuple
from ._files import atomic_write, read_json, text_file
from .chords import ChordLabelError

NAMESPACES = ('chord', 'chord_harte')
LARGEST = 2**26  # bytes of a file, unpacked


class JamsChords(NamedTuple):
    "One chord annotation of a JAMS file"
    annotator: str  # a name, or ''
    rows: list  # (number, start s, end s, label), sorted
    confidence: list  # of each row; None or nan where there is none
    alternatives: Any  # see `Annotation`
    metadata: dict  # `annotation_metadata` of the file


def read_jams_chords(
    path, # a `.jams` or `.jamz` file
)->list: # of `JamsChords`
    "Read all chord annotations of a JAMS file; warn if its version is older than 0.2"
    document = _document(path)
    try:
        if 'annotations' in document:
            return [_annotation(a, a['data']) for a in document['annotations'] if a.get('namespace') in NAMESPACES]
        version = document['file_metadata'].get('jams_version', 'without a number')
        found = [_annotation(a, map(_modern, a['data'])) for a in document.get('chord', [])]
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise ChordLabelError(f'{path}: not a readable JAMS file ({type(e).__name__}: {str(e)[:200]}).') from None
    remarks = [text for a in document.get('chord', []) if (text := (a.get('sandbox') or {}).get('import_notes'))]
    remark = f" The file says: '{remarks[0]}'" if remarks else ''
    warnings.warn(f'JAMS of an old version ({version}). We read its chords, and nothing else.{remark}')
    return found


def _document(path):
    "The JSON object in a file, which may be compressed"
    try:
        if not str(path).lower().endswith('.jamz'): return read_json(path, LARGEST, finite=False)
        with gzip.open(text_file(path)) as f: data = f.read(LARGEST + 1)
        if len(data) > LARGEST: raise ValueError(f'more than {LARGEST >> 20} MB when unpacked')
        return dict(json.loads(data))
    except Exception as e:
        if isinstance(e, OSError) and e.filename: raise  # it names the file
        raise ChordLabelError(f'{path}: not a readable JAMS file ({type(e).__name__}: {str(e)[:200]}).') from None


def _modern(observation):
    "An observation of version 0.1 in the form of today"
    start, end, label = (observation[key]['value'] for key in ('start', 'end', 'label'))
    confidence = observation['label'].get('confidence')
    return dict(time=start, duration=end - start, value=label, confidence=confidence)


def _annotation(annotation, observations):
    "Make `JamsChords` of an annotation and its observations"
    if isinstance(observations, dict):  # lists by key, as large annotations are written
        columns = [observations[key] for key in ('time', 'duration', 'value', 'confidence')]
        observations = [dict(zip(('time', 'duration', 'value', 'confidence'), row)) for row in zip(*columns)]
    found = sorted(observations, key=lambda o: o['time'])
    rows = [(n, o['time'], o['time'] + o['duration'], o['value']) for n, o in enumerate(found, 1)]
    metadata, sandbox = annotation.get('annotation_metadata') or {}, annotation.get('sandbox') or {}
    confidence = [o.get('confidence') for o in found]
    return JamsChords(_annotator(metadata), rows, confidence, sandbox.get('alternatives'), metadata)


def _annotator(metadata):
    "The name of who made an annotation, or ''"
    people = [metadata.get(role) or {} for role in ('annotator', 'curator')]
    names = [person.get(key) for person in people for key in ('name', 'id') if isinstance(person, dict)]
    return str(next(filter(None, names), ''))


def chords_by(
    found:list, # of `JamsChords`
    annotator, # a name, or a number from 0; None: the first, with a warning if there are others
    path, # of the file, for messages
)->JamsChords:
    "Choose one of several chord annotations"
    if not found: raise ChordLabelError(f'{path}: it holds no chord annotations.')
    everyone = ', '.join(f'{n} {chords.annotator}'.strip() for n, chords in enumerate(found))
    if annotator is None:
        if len(found) > 1:
            warnings.warn(f'{len(found)} annotators ({everyone}): we take the chords of {found[0].annotator or 0}. '
                          'Choose others with annotator= (--annotator).')
        return found[0]
    chosen = [chords for n, chords in enumerate(found) if str(annotator) in (str(n), chords.annotator)]
    if len(chosen) == 1: return chosen[0]
    how_many = f'{len(chosen)} versions' if chosen else 'no version'
    raise ChordLabelError(
        f"{path}: {how_many} of the chords by annotator '{annotator}'. Choose a name or a number of: {everyone}.")


VERSION = '0.3.5'  # of the format that we write


def jams_document(
    duration:float, # s
    title:str, # of the song
    annotations:list, # see `jams_annotation`
)->dict: # to be written as JSON
    "Describe a song as the library jams does"
    metadata = dict(title=title, artist='', release='', duration=duration, identifiers={}, jams_version=VERSION)
    return dict(annotations=annotations, file_metadata=metadata, sandbox={})


def jams_annotation(
    namespace:str, # 'chord', for instance
    rows, # (start s, duration s, value, confidence or None), sorted
    duration:float, # of the song, s
    metadata:dict|None=None, # what is known of `annotation_metadata`
    sandbox:dict|None=None, # what the format has no place for
)->dict: # an element of `annotations`
    "Describe one annotation as the library jams does"
    fields = 'version', 'corpus', 'annotation_tools', 'annotation_rules', 'validation', 'data_source'
    about = dict(curator=dict(name='', email=''), annotator={}, **dict.fromkeys(fields, ''))
    data = [dict(zip(('time', 'duration', 'value', 'confidence'), row)) for row in rows]
    return dict(annotation_metadata=about | (metadata or {}), namespace=namespace, data=data,
                sandbox=sandbox or {}, time=0, duration=duration)


def write_jams(
    document:dict, # see `jams_document`
    path, # a `.jams` file, or `.jamz`, which is compressed
):
    "Write a JAMS file, in full or not at all"
    data = json.dumps(document, indent=2).encode()
    if str(path).lower().endswith('.jamz'): data = gzip.compress(data)
    with atomic_write(path) as part: part.write_bytes(data)
