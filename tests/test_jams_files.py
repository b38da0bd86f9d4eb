"JAMS files are those that the library jams would write, and it reads them"
import gzip, json, warnings
import jams
import pytest
from chordkd_nb import Annotation
from chordkd_nb.beats import Beats
from chordkd_nb.formats import chords_as

PLAIN = Annotation([(0, 1.5), (1.5, 3)], ['C', 'G:7/3'])
FULL = Annotation([(0, 1.5), (1.5, 3)], ['C', 'N'], confidence=[.5, .25],
                  alternatives=[[('C', .5), ('A:min', .3)], [('N', .25)]],
                  source=dict(program='chordkd_nb', version='1'))


def by_the_library(annotation, title):
    "A `jams.JAMS` with the chords of an annotation"
    jam = jams.JAMS()
    jam.file_metadata.duration, jam.file_metadata.title = annotation.duration, title
    chords = jams.Annotation('chord', time=0, duration=annotation.duration)
    for k, (start, end, label) in enumerate(annotation):
        confidence = None if annotation.confidence is None else float(annotation.confidence[k])
        chords.append(time=start, duration=end-start, value=label, confidence=confidence)
    if annotation.alternatives: chords.sandbox.alternatives = annotation.alternatives
    if annotation.source:
        chords.annotation_metadata = jams.AnnotationMetadata(
            data_source='program', annotation_tools='chordkd_nb 1', annotator=annotation.source)
    jam.annotations.append(chords)
    return jam


@pytest.mark.parametrize('annotation', [PLAIN, FULL], ids=['plain', 'full'])
@pytest.mark.parametrize('ending', ['jams', 'jamz'])
def test_the_file_is_the_same(annotation, ending, tmp_path):
    ours, theirs = tmp_path/f'ours.{ending}', tmp_path/f'theirs.{ending}'
    document = annotation.to_jams(ours, title='Söng')
    by_the_library(annotation, 'Söng').save(str(theirs))
    opened = gzip.open if ending == 'jamz' else open
    a, b = (opened(path, 'rt', encoding='utf-8').read() for path in (ours, theirs))
    version = f'"jams_version": "{jams.__version__}"'
    assert a.replace('"jams_version": "0.3.5"', version) == b
    assert json.loads(a) == json.loads(json.dumps(document))


def test_the_library_reads_chords_key_and_beats(tmp_path):
    beats = Beats([0, 1, 2], [1, 2, 1])
    (tmp_path/'a.jams').write_bytes(chords_as(FULL, 'jams', 'Söng', beats))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # jams uses functions that pandas wants to retire
        jam = jams.load(str(tmp_path/'a.jams'), strict=True)
    assert {a.namespace: [o.value for o in a.data] for a in jam.annotations} == dict(
        chord=['C', 'N'], key_mode=['C:major'], beat=[1, 2, 1])
    assert jam.file_metadata.title == 'Söng'
