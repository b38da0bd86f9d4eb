"What holds for all splits, stores and epochs"
import numpy as np
from hypothesis import given, settings, strategies as st
from chordkd_nb.compose import progression
from chordkd_nb.features import LOG_CQT
from chordkd_nb.songs import Song
from chordkd_nb.splits import split_songs
from chordkd_nb.store import build_store

shares = st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(sum)


@given(st.integers(1, 60), shares, st.integers(0, 100), st.integers(1, 5))
def test_a_split_is_a_partition_that_order_does_not_change(n, shares, seed, size):
    ids = [f's{i}' for i in range(n)]
    groups = {f's{i}': str(i//size) for i in range(n)}
    parts = {f'p{k}': share for k,share in enumerate(shares)}
    split = split_songs(ids, parts, seed, groups)
    assert sorted(sum(split.values(), [])) == sorted(ids)
    assert split == split_songs(ids[::-1], parts, seed, groups)


@given(st.integers(1, 60), shares, st.integers(0, 100), st.integers(1, 5))
def test_versions_of_a_song_are_on_one_side(n, shares, seed, size):
    groups = {f's{i}': str(i//size) for i in range(n)}
    split = split_songs(list(groups), {f'p{k}': share for k,share in enumerate(shares)}, seed, groups)
    sides = {}
    for part,ids in split.items():
        for i in ids: sides.setdefault(groups[i], set()).add(part)
    assert all(len(parts) == 1 for parts in sides.values())


def drawn_song(i, rng):
    features = rng.normal(size=(int(rng.integers(1, 9)), 144)).astype(np.float32)
    return Song(f's{i}', features=features, contract=LOG_CQT)


@settings(max_examples=10)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 6), st.integers(0, 2**31))
def test_a_resumed_store_is_the_store_made_at_once(tmp_path_factory, n, shard, first, seed):
    folder, rng = tmp_path_factory.mktemp('stores'), np.random.default_rng(seed)
    songs = [drawn_song(i, rng) for i in range(n)]
    options = dict(shard_songs=shard, progress=False)
    build_store(songs[:first], folder/'resumed', **options)
    resumed = build_store(songs, folder/'resumed', **options)
    at_once = build_store(songs, folder/'at-once', **options)
    assert resumed.ids == at_once.ids == [s.id for s in songs]
    assert all(np.array_equal(resumed[i].features, at_once[i].features) for i in at_once.ids)


@settings(max_examples=20)
@given(st.integers(1, 50), st.integers(0, 99), st.integers(0, 5))
def test_the_order_of_an_epoch_is_a_permutation_of_its_own(n, seed, epoch):
    from chordkd_nb.trainer import EpochOrder
    order = EpochOrder(n, seed)
    order.epoch = epoch
    once = list(order)
    assert sorted(once) == list(range(n))
    assert once == list(order)


@given(st.integers(0, 10**6), st.floats(4, 6))
def test_the_shortest_songs_have_a_chord(seed, seconds):
    song = progression(seed, seconds).annotation
    assert song.duration == seconds
    assert set(song.labels) != {'N'}
