"A program's answers are told from annotations, in files, in songs and in stores"
import json
import numpy as np, pytest
from chordkd_nb._sources import STEPS, frame_source
from chordkd_nb.annotation import Annotation
from chordkd_nb.beats import Beats
from chordkd_nb.chords import ChordLabelError
from chordkd_nb.edits import postprocess
from chordkd_nb.features import CONTRACTS
from chordkd_nb.formats import chords_as, save_chords
from chordkd_nb.recognition import recognize, recognize_features
from chordkd_nb.songs import Song, find_songs, read_labels
from chordkd_nb.store import Store, build_store

RATE = 22050


def tones(*pitches, seconds=2.):
    "Each chord is a tuple of MIDI pitches: (n,) float32"
    t = np.arange(int(seconds*RATE))/RATE
    return np.concatenate([sum(np.sin(2*np.pi*440*2**((p-69)/12)*t)*.1*np.exp(-t) for p in chord)
                           for chord in pitches]).astype(np.float32)


@pytest.fixture(scope='module')
def audio(): return tones((48, 60, 64, 67), (45, 60, 64, 69), (41, 60, 65, 69), (43, 59, 62, 67))


@pytest.fixture(scope='module')
def answer(audio):
    found = recognize(audio, orig_sr=RATE)
    assert len(found) > 2
    return found


# ---- who wrote it?

@pytest.mark.parametrize('contract', CONTRACTS.values(), ids=CONTRACTS)
def test_half_a_frame_of_every_contract_is_on_a_known_grid(contract):
    steps = [contract.frame_seconds/2/step for step in STEPS]
    assert any(abs(n - round(n)) < 1e-9 for n in steps)


@pytest.mark.parametrize('beats', [None, Beats(np.arange(40)*21*512/RATE, None)])
@pytest.mark.parametrize('detail', [None, 'majmin'])
def test_an_answer_in_a_lab_file_is_known_by_its_times(answer, tmp_path, detail, beats):
    save_chords(postprocess(answer, detail, None, 'flats', beats), tmp_path/'a.lab')
    assert read_labels(tmp_path/'a.lab').source['program'] == 'a recogniser'


def test_two_changes_on_frames_prove_nothing():
    a, b = 10*CONTRACTS['log-cqt'].frame_seconds, 30*CONTRACTS['log-cqt'].frame_seconds
    assert frame_source(Annotation([[0, a], [a, b], [b, 9]], ['C', 'G', 'C'])) is None


@pytest.mark.parametrize('decimals', [3, 4, 9])
def test_rounded_times_tell_as_well(answer, tmp_path, decimals):
    answer.to_lab(tmp_path/'a.lab', decimals)
    assert read_labels(tmp_path/'a.lab').source['program'] == 'a recogniser'


def test_a_jams_file_says_which_model_wrote_it(answer, tmp_path):
    read = read_labels(save_chords(answer, tmp_path/'a.jams'))
    assert read.source == answer.source
    metadata = json.loads((tmp_path/'a.jams').read_text())['annotations'][0]['annotation_metadata']
    assert metadata['data_source'] == 'program'
    assert metadata['annotation_tools'].startswith('chordkd_nb 0.')


def test_an_answer_names_model_version_contract_and_weights(answer, audio):
    assert (answer.source['model'], answer.source['contract']) == ('btc-v8', 'log-cqt')
    assert len(answer.source['sha256']) == 64
    assert recognize(audio, 'btc-small', orig_sr=RATE).source['model'] == 'btc-small'
    assert json.loads(chords_as(answer, 'json'))['source'] == answer.source


def test_a_source_survives_what_is_done_to_chords(answer):
    for changed in (answer.transpose(2), answer.cut(3.), postprocess(answer, 'triads', .1, 'key')):
        assert changed.source == answer.source


@pytest.mark.parametrize('times', [
    [0, 10.24, 20.48, 30.72],                # round numbers that lie on frames of 512 samples
    [0, 1.811156, 2.93, 3.1],                # one change was corrected
    [0, 0.440395, 2.612267, 11.459070],      # Isophonics
    [0, 5],
])
def test_chords_of_people_are_not_taken_for_answers(times):
    a = Annotation(list(zip(times, times[1:])), ['C', 'G', 'F'][:len(times)-1])
    assert frame_source(a) is None


@pytest.mark.parametrize('decimals', [1, 2, 3, 6])
def test_random_times_are_not_taken_for_answers(decimals):
    rng = np.random.default_rng(0)
    for _ in range(1000):
        ends = np.cumsum(rng.integers(1, 5*10**decimals, 20))/10**decimals
        assert frame_source(Annotation(np.c_[np.r_[0, ends[:-1]], ends], ['C', 'G']*10)) is None


def test_chords_of_another_program_in_jams(tmp_path):
    jam = Annotation([(0, 1.5), (1.5, 3)], ['C', 'G']).to_jams()
    jam['annotations'][0]['annotation_metadata'] |= dict(data_source='program', annotation_tools='Chordino')
    (tmp_path/'a.jams').write_text(json.dumps(jam))
    assert read_labels(tmp_path/'a.jams').source == dict(program='Chordino')


# ---- they are no truth

@pytest.fixture
def folder(audio, answer, tmp_path):
    "A song beside the program's answer"
    import soundfile
    soundfile.write(tmp_path/'a.wav', audio, RATE)
    answer.to_lab(tmp_path/'a.lab')
    return tmp_path


def test_songs_refuse_answers_until_you_allow_them(folder, audio, answer):
    refused = r'a\.lab: these chords are the answer of a program.*--program-labels'
    with pytest.raises(ChordLabelError, match=refused): find_songs(folder)[0].annotation
    assert find_songs(folder, program_labels=True)[0].annotation.labels == answer.labels
    with pytest.raises(ChordLabelError, match=r"song 'a': these chords are .* chordkd_nb .*btc-v8"):
        Song('a', audio=audio, orig_sr=22050, annotation=answer).annotation


def test_a_store_remembers_what_was_allowed(folder, answer):
    refused = build_store(find_songs(folder), folder/'refused', progress=False)
    assert 'the answer of a program' in refused.failed['a']
    build_store(find_songs(folder, program_labels=True), folder/'store', progress=False)
    store = Store(folder/'store')
    assert store.program_labels == ['a']
    assert store['a'].annotation.source['program'] == 'a recogniser'
    assert store['a'].annotation.labels == answer.labels
    assert store.length_mismatches == {}
    build_store(find_songs(folder, program_labels=True), folder/'store', progress=False)  # nothing has changed


def test_labels_of_people_have_no_source_in_a_store(audio, tmp_path):
    song = Song('a', audio=audio, orig_sr=22050, annotation=Annotation([(0, 8)], ['C']))
    store = build_store([song], tmp_path, progress=False)
    assert (store.program_labels, store['a'].annotation.source) == ([], None)


def test_features_have_the_source_of_their_model(answer):
    features = np.random.default_rng(0).normal(size=(60, 144)).astype(np.float32)
    assert recognize_features(features).source == answer.source
