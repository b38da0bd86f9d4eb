"What the widgets refuse, and what importing them costs"
import subprocess, sys
import numpy as np
import pandas as pd
import pytest
import soundfile
from chordkd_nb.annotation import Annotation
from chordkd_nb.annotation import excerpt
from chordkd_nb.widgets import _finder, filter_segments, kd_playground, kd_terms

SONG = Annotation([(0, 2), (2, 4), (4, 6)], ['C', 'G:7', 'N'])
SEGMENTS = pd.DataFrame(dict(confidence=[.5], seconds=[1.], root=['C'], quality=['maj']))
FRAMES = np.log(np.full((5, 170), 1/170))
SHOW_HEAVY = '''
import sys, chordkd_nb.widgets
print([m for m in ("torch", "librosa", "pandas", "matplotlib", "ipywidgets", "pyarrow") if m in sys.modules])
'''


@pytest.mark.parametrize('choice, message', [
    (dict(confidence=(.9, .1)), 'lowest'),
    (dict(quality='major'), "No quality 'major'"),
    (dict(root='H'), "No root 'H'"),
])
def test_an_impossible_choice_of_segments_is_refused(choice, message):
    with pytest.raises(ValueError, match=message): filter_segments(SEGMENTS, **choice)


def test_an_excerpt_after_the_end_is_refused():
    with pytest.raises(ValueError, match='ends at 6 s'): excerpt(SONG, 7, 9)


def test_a_song_without_audio_is_named(tmp_path):
    soundfile.write(tmp_path/'one.wav', np.zeros(2205), 22050)
    with pytest.raises(FileNotFoundError, match="no audio file of song 'none'"): _finder(tmp_path)('none')


@pytest.mark.parametrize('settings, message', [(dict(T=0), 'is 0'), (dict(alpha=2), 'alpha')])
def test_terms_outside_their_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message): kd_terms(FRAMES[0], FRAMES[0], 0, **settings)


def test_a_playground_needs_all_three_or_none():
    with pytest.raises(ValueError, match='or none of them'): kd_playground(FRAMES)


def test_a_playground_needs_the_same_frames():
    with pytest.raises(ValueError, match='same frames'): kd_playground(FRAMES, FRAMES, [0, 1, 2])


def test_importing_widgets_brings_no_heavy_package():
    r = subprocess.run([sys.executable, '-c', SHOW_HEAVY], capture_output=True, text=True)
    assert r.stdout.strip() == '[]', r.stderr
