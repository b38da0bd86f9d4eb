"""Where chords come from: a program's answers must not become the truth that programs are measured by

A result tells its source where its format has a place for it. A `.lab` file has none, but its times tell: all our
recognisers change chords half-way between two frames, and `track_beats` counts in frames, too. The times of people
lie there by chance: at six decimals one of 23,000, so that two changes of chord are a sign, and a song is a proof."""
import json
import numpy as np
from .chords import ChordLabelError

STEPS = 512/22050, 10/216  # s; half a frame of every contract is a multiple of one of them
CHANCE = 2e-4  # of an annotation by people; less is taken for an answer


def frame_source(
    annotation, # read from a file
)->dict|None: # None: people may have written it
    "Recognise the answer of a recogniser by its times"
    bounds = np.asarray(annotation.intervals)[1:, 0]
    if len(bounds) < 3: return None
    digits = next((d for d in range(6) if np.allclose(bounds, bounds.round(d), rtol=0, atol=1e-9)), 6)
    tolerance = .51*10.**-digits  # s, of rounded times
    for step in STEPS:
        chance = min(1, 2*tolerance/step)**len(bounds)
        off_frames = abs(bounds/step - np.round(bounds/step))*step
        if chance < CHANCE and (off_frames < tolerance).all():
            return dict(program='a recogniser', sign=f'all changes of chord lie on frames of {step:.4f} s')
    return None


def _program(source): return f"{source['program']} {source.get('version', '')}".strip()


def in_words(
    source:dict, # see `Annotation.source`
)->str:
    "Name a source"
    name = _program(source)
    detail = source.get('model') or source.get('sign')
    return f'{name} ({detail})' if detail else name


def is_alignment(
    annotation, # of a song
)->bool:
    "Did `align` place these chords, and say how sure it is?"
    return annotation.confidence is not None and 'follows' in (annotation.source or {})


def refuse_answers(
    annotation, # that is to be the truth, or None
    where, # its file or song
):
    "Raise if a program gave these chords"
    if annotation is None or not annotation.source: return
    raise AnswersAreNoTruth(
        f'{where}: these chords are the answer of a program, {in_words(annotation.source)}. They cannot show how good'
        ' a program is. Leave them out (--no-labels), or, if people have corrected them, say that they are to be'
        ' taken as truth (--program-labels; in Python find_songs(…, program_labels=True)).')


class AnswersAreNoTruth(ChordLabelError):
    "Chords of a program where an annotation is needed"


# In JAMS

def jams_metadata(
    source:dict, # see `Annotation.source`
)->dict: # arguments of `jams.AnnotationMetadata`
    "Describe a source as JAMS does"
    return dict(data_source='program', annotation_tools=_program(source), annotator=source)


def jams_source(
    metadata:dict, # `annotation_metadata` of a JAMS file
)->dict|None: # None: people wrote it, or it is not known
    "Read what `jams_metadata` wrote, or what another program says of itself in this way"
    if metadata.get('data_source') != 'program': return None
    annotator = metadata.get('annotator')
    said = {str(key): str(value) for key, value in annotator.items()} if isinstance(annotator, dict) else {}
    return dict(program=str(metadata.get('annotation_tools') or 'a program')) | said


# In a store

def source_line(
    source:dict|None, # see `Annotation.source`
)->str: # '' if there is none
    "Write a source as the first line of a store's label text"
    return f'# {json.dumps(source)}\n' if source else ''


def read_source_line(
    lines:list, # of a store's label text
)->tuple: # (source or None, the other lines)
    "Read what `source_line` wrote"
    if not lines or not lines[0].startswith('#'): return None, lines
    source = json.loads(lines[0][1:])
    if not isinstance(source, dict) or not isinstance(source.get('program'), str):
        raise ValueError(f'{lines[0][:60]}: expected a source of chords.')
    return source, lines[1:]
