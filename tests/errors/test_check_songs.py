"Corpora in which there is nothing to compare"
import numpy as np
import pandas as pd
from chordkd_nb.check_songs import _bit_difference, _mark_duplicates, candidates, check_songs, fingerprint, inspect_song
from chordkd_nb.features import FeatureContract
from chordkd_nb.songs import Song


def test_no_songs(): assert list(candidates([])) == []


def test_a_song_shorter_than_a_fingerprint():
    bits, least_certain = fingerprint(np.zeros((16, 144)))
    assert (bits.shape, least_certain.shape) == ((0,), (0, 2))
    assert np.isnan(_bit_difference(bits, bits))


def test_chroma_features_are_measured_in_seconds_only():
    chroma = FeatureContract('chroma', 1, 24, 22050, 2048, 12)
    song = Song('a', features=np.zeros((99, 24), np.float32), contract=chroma)
    assert np.isnan(inspect_song(song).silence)
    assert check_songs([song], progress=False).keep == ['a']


def test_of_two_copies_the_one_without_a_finding_is_kept():
    columns = dict(finding=['misfit', ''], detail='', seconds=[61., 60.], annotated=True)
    table = pd.DataFrame(columns, index=['long', 'good'])
    _mark_duplicates(table, pd.DataFrame(dict(a=['long'], b=['good'])), {})
    assert list(table.finding) == ['duplicate', '']
