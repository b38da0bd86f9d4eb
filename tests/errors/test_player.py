"What the player refuses, and what importing it costs"
import subprocess, sys
import numpy as np
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.player import ChordPlayer, audio_uri, lane_data

SONG = Annotation([(0, 1), (1, 2)], ['C', 'N'])
SHOW_HEAVY = '''
import sys, chordkd_nb.player
print([m for m in ("torch", "librosa", "pandas", "matplotlib", "ipywidgets", "pyarrow") if m in sys.modules])
'''


def test_no_samples_make_no_sound():
    with pytest.raises(ValueError, match='empty'): audio_uri(np.zeros(0), 22050)


def test_a_missing_file_is_named():
    with pytest.raises(Exception, match='no such file'): ChordPlayer('nothing.mp3', SONG)


def test_a_page_needs_a_lane():
    with pytest.raises(ValueError, match='nothing to show'): lane_data({})


def test_importing_the_player_brings_no_heavy_package():
    r = subprocess.run([sys.executable, '-c', SHOW_HEAVY], capture_output=True, text=True)
    assert r.stdout.strip() == '[]', r.stderr
