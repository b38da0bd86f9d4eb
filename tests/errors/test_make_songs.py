"What makers of corpora refuse, and what they survive"
import json
import numpy as np
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.compose import LeadSheet
from chordkd_nb.guitars import guitar_part
from chordkd_nb.make_songs import make_demo_corpus
from chordkd_nb.real_life import make_performed_corpus

pytest.importorskip('midirenderer')


def test_a_corpus_has_at_least_one_song(tmp_path):
    with pytest.raises(ValueError, match='at least 1'): make_demo_corpus(tmp_path, songs=0)


@pytest.mark.parametrize('seconds', [1, float('inf'), float('nan')])
def test_songs_have_at_least_four_seconds(tmp_path, seconds):
    with pytest.raises(ValueError, match='at least 4 seconds'): make_demo_corpus(tmp_path, seconds=seconds)


def test_a_folder_with_other_settings_is_refused(tmp_path):
    make_demo_corpus(tmp_path, songs=1, seconds=5, workers=0, progress=False)
    with pytest.raises(ValueError, match='other settings'):
        make_demo_corpus(tmp_path, songs=1, seconds=6, workers=0, progress=False)


@pytest.mark.parametrize('songs', [[], None, {'demo00000': 'text'}])
def test_another_manifest_is_refused(tmp_path, songs):
    (tmp_path/'manifest.json').write_text(json.dumps(dict(songs=songs)))
    with pytest.raises(ValueError, match='not the manifest of a corpus'):
        make_demo_corpus(tmp_path, songs=1, seconds=5, workers=0, progress=False)


def test_a_song_that_failed_is_tried_again(tmp_path):
    make_demo_corpus(tmp_path, songs=1, seconds=5, workers=0, progress=False)
    manifest = json.loads((tmp_path/'manifest.json').read_text())
    manifest['songs']['demo00000'] = dict(error='MemoryError: ')
    (tmp_path/'manifest.json').write_text(json.dumps(manifest))
    report = make_demo_corpus(tmp_path, songs=1, seconds=5, workers=0, progress=False)
    assert (report.made, report.skipped, report.failed) == (['demo00000'], [], {})


def test_a_strum_at_the_end_of_a_short_chord_still_sounds():
    sheet = LeadSheet(np.arange(5.), np.arange(4), Annotation([(0, 3.93), (3.93, 4)], ['C:maj', 'G:maj']))
    for seed in range(20):
        touches = guitar_part(sheet, np.random.default_rng(seed), spread=.03)
        assert all(touch.end > touch.start for touch in touches)


def test_performed_songs_are_continued_with_the_same_chords_only(tmp_path):
    chords = {'a': Annotation([(0, 4), (4, 8)], ['C', 'G'])}
    def make(chords): return make_performed_corpus(chords, tmp_path/'out', 5, workers=0, progress=False)
    assert make(chords).made == ['a'] and make(chords).skipped == ['a']
    with pytest.raises(ValueError, match='other settings'): make({'a': chords['a'].transpose(6)})
    with pytest.raises(ValueError, match='other settings'): make(chords | {'b': chords['a']})
