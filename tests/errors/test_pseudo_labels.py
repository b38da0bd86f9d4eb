"Answers that are not stored, and stores that are not resumed"
import importlib.util
import numpy as np, pytest
from chordkd_nb._toys import CHROMA, ToyTeacher, toy_songs
from chordkd_nb.store import build_store
from chordkd_nb.features import FeatureContract
from chordkd_nb.pseudo_labels import TeacherTargets, label_songs, merge_stores, statistics


class Altered(ToyTeacher):
    "A toy teacher whose answers go through a function"
    def __init__(self, change): self.change = change
    def log_probs(self, song): return self.change(super().log_probs(song))


@pytest.mark.parametrize('change, says', [
    (lambda lp: 3*lp, 'must add up to one'),
    (np.exp, 'must add up to one'),
    (lambda lp: lp + 900, 'must add up to one'),
    (lambda lp: lp*np.nan, 'NaN'),
    (lambda lp: lp[:, :25], 'expected'),
    (lambda lp: lp[0], 'expected'),
    (lambda lp: lp[1:], 'frames')])
def test_a_wrong_answer_is_a_failed_song(change, says, tmp_path):
    store = label_songs(Altered(change), toy_songs(1), tmp_path/'store', progress=False)
    assert len(store) == 0
    assert says in store.failed['0-0']


# ---- the bass

class Hears(ToyTeacher):
    "A toy teacher that hears a bass, which goes through a function"
    def __init__(self, change=np.asarray): self.change = change
    def answer(self, song):
        lp = self.log_probs(song)
        return lp, self.change(np.log(np.tile(np.float32([.4] + 12*[.05]), (len(lp), 1))))


@pytest.mark.parametrize('change, says', [
    (lambda bass: bass[:, 1:], 'expected (150, 13)'),
    (lambda bass: bass*np.nan, 'NaN'),
    (np.exp, 'must add up to one'),
    (lambda bass: bass[1:], 'frames'),
    (lambda bass: None, 'expected (150, 13)')])
def test_a_wrong_bass_is_a_failed_song(change, says, tmp_path):
    store = label_songs(Hears(change), toy_songs(1), tmp_path/'store', progress=False)
    assert len(store) == 0
    assert "Teacher 'toy' (bass)" in store.failed['0-0'] and says in store.failed['0-0']


def test_an_impossible_bass_is_stored_as_a_small_number(tmp_path):
    def sure(bass): return np.where(bass == bass.max(), 0, -np.inf)
    store = label_songs(Hears(sure), toy_songs(1), tmp_path/'store', progress=False)
    assert store['0-0'].bass[0].tolist() == [0] + 12*[-60000]


def test_a_bass_is_kept_when_stores_are_merged(tmp_path):
    "Songs of a teacher without a bass stay without it"
    stores = [label_songs(t, toy_songs(2, k), tmp_path/t.__class__.__name__, progress=False)
              for k,t in enumerate((Hears(), ToyTeacher()))]
    both = merge_stores(stores, tmp_path/'both', progress=False)
    assert np.array_equal(both['0-1'].bass, stores[0]['0-1'].bass)
    assert both['1-1'].bass is None and not both.has_bass
    assert merge_stores(stores[:1], tmp_path/'one', progress=False).has_bass


def test_probs_is_one_of_two_words():
    with pytest.raises(ValueError, match="'top8' or 'full'"): TeacherTargets(ToyTeacher(), 'all')


def test_features_with_other_frames_are_refused(tmp_path):
    coarse = FeatureContract('coarse', 1, 24, 22050, 4096, 12)
    with pytest.raises(ValueError, match='need the same frames'):
        label_songs(ToyTeacher(), toy_songs(1), tmp_path/'store', contract=coarse, progress=False)


def test_another_teacher_cannot_resume(tmp_path):
    class Other(ToyTeacher): name = 'other'
    label_songs(ToyTeacher(), toy_songs(1), tmp_path/'store', progress=False)
    with pytest.raises(ValueError, match='another teacher'):
        label_songs(Other(), toy_songs(1), tmp_path/'store', progress=False)


def test_statistics_need_a_teacher(tmp_path):
    store = build_store(toy_songs(1), tmp_path/'store', CHROMA, progress=False)
    with pytest.raises(ValueError, match="no teacher's labels"): statistics(store)


@pytest.mark.skipif(importlib.util.find_spec('ray') is not None, reason='ray is installed')
def test_without_ray_the_extra_is_named(tmp_path):
    with pytest.raises(ImportError, match=r'chordkd_nb\[scale\]'):
        label_songs(ToyTeacher(), toy_songs(1), tmp_path/'store', progress=False, ray='auto')
