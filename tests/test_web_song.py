"What the page of web/ does with slash chords is what the package does with them"
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
import numpy as np
import pytest
from chordkd_nb.annotation import Annotation
from chordkd_nb.chords import pitch_class, vocabulary
from chordkd_nb.decoding import slash_labels
from chordkd_nb.edits import merge_equal, short_name, simplify
from chordkd_nb.keys import key_of, root_name, spelling_in
from chordkd_nb.lead_sheets import voicing

ROOT = Path(__file__).resolve().parent.parent
VOCAB = vocabulary(170)
SONG = ['Bb', 'Bb/3', 'Eb:maj7/7', 'C:min7/b7', 'F:7/3', 'F:7/b7', 'G:min/5', 'N', 'X']
TIMES = np.r_[0, np.cumsum(np.random.default_rng(1).uniform(1, 4, 9))].tolist()  # uneven, so that no two keys are tied
MAIN = """import {keyOf, shown, spelled, table} from './song.mjs'
import fs from 'fs'
const songs = JSON.parse(fs.readFileSync(0))
console.log(JSON.stringify(songs.map(song => {
  const key = keyOf(song), named = spelled(song, key)
  const details = ['full', 'sevenths', 'triads', 'majmin'].map(detail => shown(named, detail))
  const bass = ({label}) => table[label]?.bass ?? '', midi = ({label}) => table[label]?.midi ?? []
  return {key, details, basses: named.map(bass), midi: named.map(midi)}
})))
"""


def web_chords():
    spec = importlib.util.spec_from_file_location('web_chords', ROOT/'tools/web_chords.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def by_page(tmp_path_factory):
    "Let the page's program see songs, which are lists of labels"
    if not shutil.which('node'): pytest.skip('needs Node.js')
    folder = tmp_path_factory.mktemp('web')
    web_chords().main(folder/'chords.json')
    known = f"const known = {(folder/'chords.json').read_text(encoding='utf-8')}"
    program = (ROOT/'web/src/song.js').read_text(encoding='utf-8')
    line = "import known from '../made/chords.json'"
    assert line in program
    (folder/'song.mjs').write_text(program.replace(line, known), encoding='utf-8')
    (folder/'main.mjs').write_text(MAIN, encoding='utf-8')
    def chord(k, label): return dict(start=TIMES[k], end=TIMES[k+1], label=label, alternatives=[[label, .5]])
    def run(songs):
        data = json.dumps([[chord(k, label) for k, label in enumerate(labels)] for labels in songs])
        done = subprocess.run(['node', folder/'main.mjs'], input=data, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def annotation(labels):
    return Annotation(np.c_[TIMES[:len(labels)], TIMES[1:len(labels) + 1]], labels)


def random_songs(n):
    "Songs of classes over one of their notes, as `recognize` writes them"
    rng, songs = np.random.default_rng(0), []
    for _ in range(n):
        labels = rng.choice(VOCAB.labels[:-2], 8).tolist()
        songs.append([str(rng.choice([*slash_labels(label).values()])) for label in labels])
    return songs


def spelled(label, names):
    "A label with the root that `names` has for its pitch"
    return label if label in ('N', 'X') else names[pitch_class(root_name(label))] + label[len(root_name(label)):]


def test_slash_chords_have_the_key_the_spelling_and_the_details_of_the_package(by_page):
    songs = [SONG, *random_songs(30)]
    assert sum('/' in label for song in songs for label in song) > 100
    for labels, found in zip(songs, by_page(songs)):
        tonic, mode = key_of(annotation(labels))
        assert found['key'] == [tonic, mode]
        song = annotation([spelled(label, spelling_in(tonic)) for label in labels])
        all_chords, *simpler = [[c['label'] for c in chords] for chords in found['details']]
        assert all_chords == merge_equal(song).labels
        assert simpler == [simplify(song, detail).labels for detail in ('sevenths', 'triads', 'majmin')]


def test_slash_chords_have_the_notes_and_the_bass_of_the_package(by_page):
    names = spelling_in('Bb')
    for label, midi, bass in zip(SONG, by_page([SONG])[0]['midi'], by_page([SONG])[0]['basses']):
        label = spelled(label, names)
        bare = label in ('N', 'X')
        assert midi == ([] if bare else [voicing(label)[0], *voicing(label)[1]])
        assert bass == ('' if bare else short_name(label).partition('/')[2])


def test_the_page_knows_every_label_of_recognize():
    known = set(web_chords().labels())
    assert known >= {name for label in VOCAB.labels[:-2] for name in slash_labels(label).values()}
    assert len(known) == len(list(web_chords().labels()))
