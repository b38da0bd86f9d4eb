"Properties that hold for all inputs of a kind, tried on drawn ones: always the same ones, so that a result can be repeated"
import tempfile, warnings
from dataclasses import replace
from itertools import product
from pathlib import Path
import numpy as np, pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from chordkd_nb.chords import Annotation, QUALITIES, harte, pitch_class, quality_of, vocabulary
from chordkd_nb.corpus import split_songs, window_starts
from chordkd_nb.decoding import _absorb, decode, log_softmax, majority, merge_short, viterbi, window_logits
from chordkd_nb.export import DETAIL, align_to_beats, Beats, merge_equal, respell, simplify
from chordkd_nb.features import LOG_CQT

settings.register_profile('repeatable', deadline=None, max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
settings.load_profile('repeatable')

# labels of the whole Harte grammar
SHORT = 'maj min dim aug 1 5 sus2 sus4 maj6 min6 7 maj7 min7 dim7 hdim7 minmaj7 aug7 9 maj9 min9 11 maj11 min11 13 maj13 min13'.split()
marks = st.one_of(st.just(''), st.integers(1,3).map('b'.__mul__), st.integers(1,3).map('#'.__mul__))
degree = st.builds(lambda a,n: f'{a}{n}', marks, st.integers(1,13))
listed = st.lists(st.builds(lambda s,d: s+d, st.sampled_from(['','*']), degree), min_size=1, max_size=4).map(lambda d: '('+','.join(d)+')')
kind = st.one_of(st.just(''), st.sampled_from(SHORT).map(':'.__add__), st.builds(lambda q,d: f':{q}{d}', st.sampled_from(['',*SHORT]), listed))
chord = st.builds(lambda r,m,k,b: r+m+k+b, st.sampled_from('ABCDEFG'), marks, kind, st.one_of(st.just(''), degree.map('/'.__add__)))
label = st.one_of(st.sampled_from(['N','X']), chord)

@settings(max_examples=400)
@given(label)
def test_every_label_of_the_grammar_is_read_scored_and_classed(l):
    from mir_eval.chord import CHORD_RE, encode
    h = harte(l)
    assert CHORD_RE.match(l) and CHORD_RE.match(h) and harte(h)==h and harte(f' {l} ')==h
    encode(h); encode(h, reduce_extended_chords=True)
    i = vocabulary(170).index(l); assert 0<=i<170 and -1<=vocabulary(25).index(l)<25
    if l in 'NX': return
    root,q = quality_of(l); assert root==pitch_class(l[0]+''.join(c for c in l[1:].partition(':')[0].partition('/')[0])) and (q in QUALITIES or q=='X')
    assert vocabulary(170).quality(i)==q and (q=='X' or vocabulary(170).root(i)==root)

@settings(max_examples=400)
@given(st.text('ABCNX#b:/()*,1234567890majindsug ', max_size=14))
def test_what_is_no_label_for_mir_eval_is_an_error(l):
    from mir_eval.chord import CHORD_RE, encode
    try: h = harte(l)
    except ValueError: assert not (CHORD_RE.match(l) and not l.endswith('/')); return
    assert CHORD_RE.match(h); encode(h)

@given(st.sampled_from((25,170)), st.data(), st.integers(-30,30))
def test_classes_and_transposition(size, data, n):
    v = vocabulary(size); i = data.draw(st.integers(0,size-1)); j = v.transpose(i,n)
    assert v.index(v.label(i))==i and v.transpose(j,-n)==i and v.quality(j)==v.quality(i)
    assert v.transpose(i,12)==i and (v.root(i)<0 or v.root(j)==(v.root(i)+n)%12)

@given(chord, st.integers(-30,30))
def test_transposed_labels(l, n):
    a = Annotation([(0,1)], [l]); b = a.transpose(n)
    assert quality_of(b.labels[0])==((quality_of(a.labels[0])[0]+n)%12, quality_of(a.labels[0])[1])
    v = vocabulary(170); assert v.index(b.labels[0])==v.transpose(v.index(l), n)

@st.composite
def annotations(draw, labels=label, sure=st.booleans()):
    "Gap-free annotations, some with confidence and alternatives; times in milliseconds"
    d = draw(st.lists(st.integers(2,5000), min_size=1, max_size=12)); t = np.r_[0,np.cumsum(d)]/1000; n = len(d); p = st.floats(0,1)
    ls = draw(st.lists(labels, min_size=n, max_size=n)); conf = draw(st.lists(p, min_size=n, max_size=n)) if draw(sure) else None
    alts = draw(st.lists(st.lists(st.tuples(labels,p), max_size=3), min_size=n, max_size=n)) if conf and draw(st.booleans()) else None
    return Annotation(np.c_[t[:-1],t[1:]], ls, conf, alternatives=alts)

def whole(a, like=None):
    "Gap-free from 0 and sorted; of the same length as another"
    iv = a.intervals
    assert iv[0,0]==0 and (iv[1:,0]==iv[:-1,1]).all() and (iv[:,1]>iv[:,0]).all() and len(iv)==len(a.labels)
    assert like is None or a.duration==pytest.approx(like.duration)
    assert a.confidence is None or ((a.confidence>=0)&(a.confidence<=1)).all()

@given(annotations())
def test_files_give_back_what_was_written(a):
    whole(a)
    with tempfile.TemporaryDirectory() as d, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        a.to_lab(Path(d)/'a.lab'); b = Annotation.from_lab(Path(d)/'a.lab'); assert b.labels==a.labels and np.allclose(b.intervals, a.intervals, atol=1e-6)
        c = Annotation.from_lab(Path(d)/'a.lab', repair=True); assert c==b and not c.repairs
        a.to_jams(Path(d)/'a.jams'); j = Annotation.from_jams(Path(d)/'a.jams'); assert j.labels==a.labels and np.allclose(j.intervals, a.intervals, atol=1e-6) and j.alternatives==a.alternatives
        assert (j.confidence is None)==(a.confidence is None) and (a.confidence is None or np.allclose(j.confidence, a.confidence))

@given(st.lists(st.tuples(st.integers(-3000,9000), st.integers(-500,4000), label), min_size=1, max_size=9))
@example([(1,2,'N'), (1,0,'N')])
def test_repair_makes_any_rows_whole(rows):
    with tempfile.TemporaryDirectory() as d:
        p = Path(d)/'a.lab'; p.write_text(''.join(f'{a/1000} {(a+n)/1000} {l}\n' for a,n,l in rows))
        try: a = Annotation.from_lab(p, repair=True)
        except ValueError as e: assert 'a.lab' in str(e) and all(n<=1 or a+n<=1 for a,n,_ in rows); return
        whole(a)
        if any(n>1 and s+n>1 for s,n,_ in rows): assert a.duration<=max(s+n for s,n,_ in rows if n>0 and s+n>0)/1000+1e-9

@given(st.lists(st.integers(0,169), min_size=1, max_size=60))
def test_frames_and_back(y):
    dt = LOG_CQT.frame_seconds; a = Annotation.from_frames(y, dt); whole(a)
    assert a.to_frames(len(y), dt).tolist()==y and a.duration==pytest.approx((len(y)-.5)*dt)

@given(annotations(), st.integers(-12,12), st.sampled_from(sorted(DETAIL)), st.floats(0,3), st.sampled_from(['sharps','flats']), st.lists(st.integers(0,60000), min_size=1, max_size=20, unique=True), st.floats(0,1))
def test_what_is_done_to_an_annotation_leaves_it_whole(a, n, detail, short, names, beats, reach):
    s = simplify(a, detail)
    for b in (a.transpose(n), s, merge_equal(a), merge_short(a, short), respell(a, names), align_to_beats(a, Beats(np.sort(beats)/1000, None), reach)): whole(b, a)
    again = simplify(s, detail); assert again.labels==s.labels and np.array_equal(again.intervals, s.intervals)
    assert all(x!=y for x,y in zip(s.labels, s.labels[1:])) and a.transpose(n).transpose(-n).labels==a.transpose(0).labels
    m = merge_short(a, short); assert len(m)==1 or (np.diff(m.intervals)>=short-1e-6).all()
    v = vocabulary(170); assert [v.index(l) for l in respell(a,names).labels]==[v.index(l) for l in a.labels]

@given(annotations(sure=st.just(False)))
def test_an_annotation_is_its_own_best_estimate(a):
    from chordkd_nb.evaluation import song_scores
    for m,(right,weight) in song_scores(a, a).items(): assert right==pytest.approx(weight), m

@given(st.integers(1,700), st.integers(1,120), st.data())
def test_windows_cover_every_frame(n, window, data):
    stride = data.draw(st.integers(1,window)); s = window_starts(n, window, stride)
    seen = np.zeros(n+window+stride,int)
    for a in s: seen[a:a+window] += 1
    assert (seen[:n]>=1).all() and s[0]==0 and s[-1]<n and (np.diff(s)==stride).all()

@given(st.integers(1,300), st.floats(0,.9), st.integers(1,40), st.integers(1,9), st.integers(0,2**31))
def test_overlapping_windows_add_up_whatever_the_batches(n, overlap, window, batch, seed):
    x = np.random.default_rng(seed).normal(size=(n,3)).astype(np.float32)
    framewise = lambda x,mask: x*2+1                                   # an answer that does not depend on the window must come out as it is
    assert np.allclose(window_logits(framewise, x, window, overlap, batch), 2*x+1, atol=1e-5)
    within = lambda x,mask: x+np.where(mask,1.,0.)[...,None]*np.arange(x.shape[1])[None,:,None]
    assert np.allclose(window_logits(within, x, window, overlap, batch), window_logits(within, x, window, overlap, 1), atol=1e-4)

scores = st.integers(1,6).flatmap(lambda T: st.integers(1,4).flatmap(lambda V: st.lists(st.lists(st.integers(-40,0), min_size=V, max_size=V), min_size=T, max_size=T)))

@settings(max_examples=200)
@given(scores, st.integers(0,30))
def test_viterbi_is_as_good_as_the_best_of_all_paths(lp, penalty):
    lp = np.array(lp,float)
    value = lambda y: sum(lp[t,c] for t,c in enumerate(y))-penalty*sum(a!=b for a,b in zip(y,y[1:]))
    best = max(map(value, product(range(lp.shape[1]), repeat=len(lp))))
    assert value(viterbi(lp, penalty).tolist())==pytest.approx(best)
    assert len(set(viterbi(lp, 1e6).tolist()))==1

@given(st.integers(1,80), st.integers(2,20), st.integers(0,2**31))
def test_without_a_penalty_every_frame_has_its_best_class(T, V, seed):
    lp = log_softmax(np.random.default_rng(seed).normal(size=(T,V))*5)
    assert np.allclose(np.exp(lp).sum(1), 1) and (viterbi(lp, 0)==lp.argmax(1)).all()
    assert (np.diff(viterbi(lp, 3))!=0).sum()<=(np.diff(lp.argmax(1))!=0).sum()

@given(st.integers(1,60), st.integers(0,2**31), st.floats(0,20), st.floats(0,2), st.integers(0,5))
def test_decoded_chords_are_whole(T, seed, penalty, short, k):
    lp = log_softmax(np.random.default_rng(seed).normal(size=(T,170))*3); end = T*LOG_CQT.frame_seconds
    a = decode(lp, LOG_CQT, vocabulary(170), penalty, short, end, k); whole(a)
    assert a.duration==pytest.approx(end) and (not k or all(len(p)==k and p[0][1]>=p[-1][1] for p in a.alternatives))

@given(st.lists(st.integers(0,4), min_size=1, max_size=60), st.integers(1,12), st.integers(0,5))
def test_short_runs_join_and_votes_stay_in_sight(y, shortest, half):
    m = merge_short(y, shortest); runs = np.diff(np.flatnonzero(np.r_[True,m[1:]!=m[:-1],True]))
    assert len(m)==len(y) and (len(runs)==1 or runs.min()>=shortest) and set(m)<=set(y)
    v = majority(y, 2*half+1); assert all(c in y[max(0,i-half):i+half+1] for i,c in enumerate(v))
    assert sum(b-a+1 for _,a,b,_ in _absorb(y, np.ones(len(y)), shortest))==len(y)

@given(st.integers(1,60), st.lists(st.integers(0,5), min_size=1, max_size=4).filter(sum), st.integers(0,100), st.integers(1,5))
def test_a_split_is_a_partition_that_order_does_not_change(n, shares, seed, size):
    ids = [f's{i}' for i in range(n)]; groups = {i:str(int(i[1:])//size) for i in ids}; parts = {f'p{k}':s for k,s in enumerate(shares)}
    s = split_songs(ids, parts, seed, groups)
    assert sorted(sum(s.values(),[]))==sorted(ids) and s==split_songs(ids[::-1], parts, seed, groups)
    assert all(len({k for k,v in s.items() for i in v if groups[i]==g})==1 for g in groups.values())

@settings(max_examples=10)
@given(st.integers(1,6), st.integers(1,3), st.integers(0,6), st.integers(0,2**31))
def test_a_store_gone_on_with_is_the_store_made_at_once(n, shard, first, seed):
    from chordkd_nb.corpus import Song, build_store
    rng = np.random.default_rng(seed); songs = [Song(f's{i}', features=rng.normal(size=(int(rng.integers(1,9)),144)).astype(np.float32), contract=LOG_CQT) for i in range(n)]
    with tempfile.TemporaryDirectory() as d:
        build_store(songs[:first], Path(d)/'a', shard_songs=shard, progress=False); a = build_store(songs, Path(d)/'a', shard_songs=shard, progress=False); b = build_store(songs, Path(d)/'b', shard_songs=shard, progress=False)
        assert a.ids==b.ids==[s.id for s in songs] and all(np.array_equal(a[i].features, b[i].features) for i in a.ids)

@settings(max_examples=20)
@given(st.integers(1,50), st.integers(0,99), st.integers(0,5))
def test_the_order_of_an_epoch_is_a_permutation_of_its_own(n, seed, epoch):
    from chordkd_nb.training import EpochOrder
    o = EpochOrder(n, seed); o.epoch = epoch; once = list(o)
    assert sorted(once)==list(range(n)) and once==list(o)
