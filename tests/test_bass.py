"The bass beside the chords: learned, kept in checkpoints, heard in songs, and written as slash chords"
from contextlib import nullcontext
import numpy as np
import pandas as pd
import pytest
import torch
from chordkd_nb._basses import Basses, N_BASSES, NO_BASS, bass_class
from chordkd_nb._toys import CHROMA, SMALL_BTC, ToyTeacher
from chordkd_nb.annotation import Annotation
from chordkd_nb.batches import Windows
from chordkd_nb.checkpoint_files import CheckpointError
from chordkd_nb.checkpoints import build_model, meta_model, save_checkpoint
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.pseudo_labels import label_songs
from chordkd_nb.recipes import recipe
from chordkd_nb.recognition import recognize_features
from chordkd_nb.sliding_windows import log_softmax, song_logits
from chordkd_nb.songs import Song
from chordkd_nb.stages import new_checkpoint, stage1, stage2, supervised, with_bass
from chordkd_nb.store import Store

SMALL_2E1D = dict(n_group=1, f_layer=1, f_head=1, t_layer=1, t_head=1, d_layer=1, d_head=1)


def slash_song(id, rng, frames=150):
    "A song of major chords over their root, third or fifth; the first half of its features is the bass"
    roots, degrees = rng.integers(12, size=20), rng.choice(3, 20)
    n = np.repeat(np.arange(20), rng.integers(6, 14, 20))[:frames]
    labels = [f'{"C C# D D# E F F# G G# A A# B".split()[r]}{["", "/3", "/5"][d]}' for r, d in zip(roots, degrees)]
    x, t = rng.random((len(n), 24))*.3, np.arange(len(n))
    x[t, [bass_class(labels[k]) for k in n]] += 1
    for above in (0, 4, 7): x[t, 12 + (roots[n] + above) % 12] += 1
    changes = [0, *(np.flatnonzero(np.diff(n)) + 1)]
    starts = np.maximum(np.array(changes) - .5, 0)*CHROMA.frame_seconds
    ends = [*starts[1:], (len(n) - .5)*CHROMA.frame_seconds]
    annotation = Annotation(np.c_[starts, ends], [labels[n[c]] for c in changes])
    return Song(id, features=x.astype(np.float32), contract=CHROMA, annotation=annotation)


class BassTeacher(ToyTeacher):
    "It also tells the bass, by the first half of the features"
    name, has_bass = 'toy-bass', True

    def answer(self, song):
        x = song.features_for(CHROMA)[:, :12]
        return self.log_probs(song), log_softmax(5*np.pad(x, ((0, 0), (0, 1)))).astype(np.float32)


@pytest.fixture(scope='module')
def songs():
    rng = np.random.default_rng(0)
    return [slash_song(f'song{i}', rng) for i in range(12)]


@pytest.fixture(scope='module')
def store(songs, tmp_path_factory):
    return label_songs(BassTeacher(), songs, tmp_path_factory.mktemp('s')/'store', probs='full', progress=False)


def windows(store, regime='supervised', **changes):
    return Windows(store, store.ids[:2], recipe('paper', regime, bass_weight=1., **changes), 0., 1.)


def bass_accuracy(ckpt, store, ids):
    "Share of frames with the right bass"
    right = []
    for id in ids:
        song = store[id]
        heard = recognize_features(song.features.astype(np.float32), ckpt, song.seconds)
        frames = (len(song.features), CHROMA.frame_seconds, Basses())
        right.append(heard.to_frames(*frames) == song.annotation.to_frames(*frames))
    return np.concatenate(right).mean()


def test_the_bass_of_a_label_is_a_pitch_class():
    labels = 'C', 'C/3', 'F:maj/2', 'Bb:7/b7', 'N', 'X'
    assert [bass_class(label) for label in labels] == [0, 4, 7, 8, NO_BASS, -1]


@pytest.mark.parametrize('regime', ['supervised', 'stage2'])
def test_targets_move_with_the_music(store, regime):
    plain, up = (windows(store, regime, shifts=(m, m)).__getitems__([0, 1]) for m in (0, 2))
    known = plain['bass'] >= 0
    assert known.any() and (up['bass'][known] == (plain['bass'][known] + 2) % 12).all()
    assert (up['bass'][~known] == -1).all()
    if regime == 'supervised': return
    a, b = plain['teacher_bass'][known], up['teacher_bass'][known]
    assert torch.equal(b[:, [*range(2, 12), 0, 1, NO_BASS]], a)


def test_targets_of_the_teacher_are_its_most_probable_bass(store):
    learned = windows(store, 'stage1')
    song = store[store.ids[0]]
    assert (learned.basses[0] == song.bass.argmax(1)).all()
    assert (learned.basses[0] == song.annotation.to_frames(len(song.bass), CHROMA.frame_seconds, Basses())).mean() > .9


def test_a_store_without_basses_is_refused(songs, tmp_path):
    silent = label_songs(ToyTeacher(), songs[:2], tmp_path/'store', probs='full', progress=False)
    with pytest.raises(ValueError, match='2 of 2 songs for training have no bass of the teacher'):
        windows(silent, 'stage1')
    assert len(windows(silent, 'supervised'))  # its targets come from the annotations


@pytest.mark.parametrize('arch,sizes', [('btc', SMALL_BTC), ('2e1d', SMALL_2E1D)])
def test_a_student_learns_the_bass(store, tmp_path, arch, sizes):
    split = dict(train=store.ids[:10], valid=store.ids[10:])
    changes = dict(epochs=30, bass_weight=1., warmup_epochs=0, lr=1e-2, keep='last')
    ckpt = supervised(store, tmp_path/'run', arch, split=split, sizes=sizes, changes=changes, progress=False)
    assert pd.read_csv(tmp_path/'run/history.csv').valid_bass.iloc[-1] > .8
    assert ckpt.has_bass and bass_accuracy(ckpt, store, split['valid']) > .8
    lean = load_lean(tmp_path/'run')
    x = store[store.ids[0]].features.astype(np.float32)
    answers = [song_logits(c, x, bass=True) for c in (ckpt, lean)]
    np.testing.assert_allclose(*answers, atol=1e-4)
    assert answers[0].shape == (len(x), 170 + N_BASSES)


def without_basses(song):
    "The same chords over their roots"
    plain = [label.partition('/')[0] for label in song.annotation.labels]
    annotation = Annotation(song.annotation.intervals, plain)
    return Song(song.id, features=song.features_for(CHROMA), contract=CHROMA, annotation=annotation)


@pytest.mark.parametrize('weight', [0., 1.])
def test_a_run_that_learns_the_bass_is_another_run_if_basses_change(weight, songs, store, tmp_path):
    changes = dict(epochs=1, bass_weight=weight, warmup_epochs=0)
    def train(store): return supervised(
        store, tmp_path/'run', 'btc', split=dict(train=store.ids[:10], valid=store.ids[10:]), sizes=SMALL_BTC,
        changes=changes, progress=False)
    train(store)
    plain = label_songs(BassTeacher(), map(without_basses, songs), tmp_path/'plain', probs='full', progress=False)
    another_run = pytest.raises(ValueError, match='holds another run: the hash of the targets')
    with another_run if weight else nullcontext(): train(plain)


def test_both_stages_teach_the_bass_also_with_replay(store, tmp_path):
    changes = dict(epochs=2, bass_weight=.5, warmup_epochs=0)
    student = stage1(store, tmp_path/'s1', preset='best', sizes=SMALL_BTC, changes=changes, progress=False)
    assert student.has_bass
    more = changes | dict(replay_ratio=1.)
    split = dict(train=store.ids[4:10], valid=store.ids[10:])
    ckpt = stage2(
        student, store, tmp_path/'s2', 'best', split=split, changes=more, pool=store, pool_ids=store.ids[:4],
        progress=False)
    assert ckpt.has_bass and 'valid_bass' in pd.read_csv(tmp_path/'s2/history.csv')
    assert not torch.equal(ckpt.model.bass_layer.weight, student.model.bass_layer.weight)


def test_a_student_without_a_bass_gets_a_head_and_keeps_its_weights(store):
    plain = new_checkpoint('btc', store, 0., 1., **SMALL_BTC)
    heard = with_bass(plain)
    assert not plain.has_bass and heard.has_bass and with_bass(heard) is heard
    weights = heard.model.state_dict()
    assert all(torch.equal(weights[name], w) for name, w in plain.model.state_dict().items())


def test_a_network_without_a_head_says_so():
    with pytest.raises(ValueError, match='no head for the bass'):
        build_model('btc', **SMALL_BTC)(torch.zeros(1, 5, 144), return_bass=True)


def test_files_without_the_setting_load_and_odd_values_are_refused(store, tmp_path):
    plain = new_checkpoint('btc', store, 0., 1., **SMALL_BTC)
    assert 'bass' not in plain.model.config
    assert not load_lean(save_checkpoint(plain, tmp_path/'plain')).has_bass
    with pytest.raises(CheckpointError, match='bass must be true or false'):
        meta_model('btc', plain.model.config | dict(bass='yes'))


def test_the_bass_can_be_left_out(store):
    ckpt = with_bass(new_checkpoint('btc', store, 0., 1., **SMALL_BTC))
    x = store[store.ids[0]].features.astype(np.float32)
    assert not any('/' in label for label in recognize_features(x, ckpt, bass='none').labels)
    with pytest.raises(ValueError, match='bass must be one of chord, any, none'): recognize_features(x, ckpt, bass='no')


def test_stored_basses_can_be_read_again(store):
    again = Store(store.path)
    assert again[store.ids[0]].bass.shape == (again.n_frames[store.ids[0]], N_BASSES)


def test_a_recogniser_without_a_bass_cannot_be_asked_for_any_bass():
    features = np.zeros((20, 144), np.float32)
    with pytest.raises(ValueError, match='does not hear the bass'):
        recognize_features(features, 'btc-small', bass='any')
