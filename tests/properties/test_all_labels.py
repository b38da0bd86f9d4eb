"What holds for every label of the Harte grammar, and for every text that is none"
from hypothesis import given, settings, strategies as st
from mir_eval.chord import CHORD_RE, encode
from chordkd_nb.annotation import Annotation
from chordkd_nb.chords import QUALITIES, harte, pitch_class, quality_of, vocabulary
from harte import chord, label


@settings(max_examples=400)
@given(label)
def test_every_label_of_the_grammar_is_read_and_scored(l):
    clean = harte(l)
    assert CHORD_RE.match(l) and CHORD_RE.match(clean)
    assert harte(clean) == clean
    assert harte(f' {l} ') == clean
    encode(clean)
    encode(clean, reduce_extended_chords=True)


@settings(max_examples=400)
@given(label)
def test_every_label_has_a_class(l):
    i = vocabulary(170).index(l)
    assert 0 <= i < 170
    assert -1 <= vocabulary(25).index(l) < 25
    if l in 'NX': return
    root, quality = quality_of(l)
    assert root == pitch_class(l.partition(':')[0].partition('/')[0])
    assert quality in (*QUALITIES, 'X')
    assert vocabulary(170).quality(i) == quality
    assert quality == 'X' or vocabulary(170).root(i) == root


@settings(max_examples=400)
@given(st.text('ABCNX#b:/()*,1234567890majindsug ', max_size=14))
def test_a_text_is_a_label_exactly_if_mir_eval_reads_it(text):
    try: clean = harte(text)
    except ValueError:
        assert not CHORD_RE.match(text) or text.endswith('/')
        return
    assert CHORD_RE.match(clean)
    encode(clean)


@given(st.sampled_from((25, 170)), st.data(), st.integers(-30, 30))
def test_transposing_a_class_there_and_back_changes_nothing(size, data, n):
    v = vocabulary(size)
    i = data.draw(st.integers(0, size-1))
    moved = v.transpose(i, n)
    assert v.index(v.label(i)) == i
    assert v.transpose(moved, -n) == i
    assert v.transpose(i, 12) == i
    assert v.quality(moved) == v.quality(i)
    assert v.root(i) < 0 or v.root(moved) == (v.root(i)+n)%12


@given(chord, st.integers(-30, 30))
def test_a_transposed_label_has_the_transposed_class(l, n):
    before = Annotation([(0, 1)], [l])
    after = before.transpose(n).labels[0]
    root, quality = quality_of(before.labels[0])
    assert quality_of(after) == ((root+n)%12, quality)
    v = vocabulary(170)
    assert v.index(after) == v.transpose(v.index(l), n)
