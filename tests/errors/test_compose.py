"What `progression` refuses"
import numpy as np
import pytest
from chordkd_nb.compose import progression


@pytest.mark.parametrize('seconds', [2, 0, -1, np.inf, np.nan])
def test_a_song_needs_at_least_four_seconds(seconds):
    with pytest.raises(ValueError, match='at least 4 seconds'): progression(1, seconds)


def test_there_are_two_modes():
    with pytest.raises(ValueError, match='dorian'): progression(1, mode='dorian')
