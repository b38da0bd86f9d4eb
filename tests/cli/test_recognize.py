"`chordkd recognize`: one song to standard output, many to a folder, and what is written there"
import json
import re
import shutil
import subprocess
import sys
import numpy as np
import pytest
import soundfile
from chordkd_nb import Annotation, recognize, short_name
from chordkd_nb._tones import tone
from chordkd_nb.formats import FORMATS
from chordkd_nb.lead_sheets import voicing

HEAVY = 'torch librosa matplotlib pandas music21 pretty_midi jams mir_eval joblib tqdm'.split()


@pytest.fixture(autouse=True)
def folder(songs, tmp_path, monkeypatch):
    "The current folder, with song.flac and song.beats in it"
    shutil.copy(songs/'songs/audio/demo00000.flac', tmp_path/'song.flac')
    beats = [f'{t/2:.2f}\t{t%4+1}\n' for t in range(1, 61)]
    (tmp_path/'song.beats').write_text(''.join(beats))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def album(folder):
    "A folder with one song in each of two subfolders, and a file of macOS that is no music"
    for name in ('a/one.flac', 'b/c/two.flac', '._junk.flac'):
        path = folder/'album'/name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy('song.flac', path)
    return folder/'album'


def results(folder):
    "Path below the folder → content"
    files = [path for path in folder.rglob('*') if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def chords(result): return [line.split('\t')[2] for line in result.out.splitlines()]


def segments(result): return json.loads(result.out)['segments']


# One song

def test_one_song_goes_to_standard_output(chordkd):
    result = chordkd('recognize song.flac')
    assert (result.code, result.err) == (0, '')
    lines = result.out.splitlines()
    assert len(lines) > 3
    assert {line.count('\t') for line in lines} == {2}  # start, end, chord


@pytest.mark.parametrize('option, bass', [('', 'chord'), ('--any-bass', 'any'), ('--no-bass', 'none')])
def test_the_bass_may_be_any_note_or_left_out(option, bass, chordkd):
    y = np.concatenate([played(label) for label in ('C', 'C/3', 'F', 'G', 'C/3', 'C')])
    soundfile.write('slash.wav', .1*y, 22050)
    heard = chords(chordkd(f'recognize slash.wav {option}'))
    assert heard == recognize('slash.wav', bass=bass).labels
    assert ('C/3' in heard) == (bass != 'none')


def played(label):
    "Two seconds of a chord with its bass"
    bass, notes = voicing(label)
    return sum(tone(midi, 2.) for midi in (bass, bass + 12, *notes))


def test_a_pattern_may_reach_us_unchanged(chordkd):
    assert chordkd("recognize '*.flac'") == chordkd('recognize song.flac')


def test_an_existing_result_stays_until_overwrite(chordkd, folder):
    (folder/'mine.csv').write_text('mine')
    result = chordkd('recognize song.flac --out mine.csv')
    assert (result.code, result.err) == (0, 'mine.csv is there already, and was kept (--overwrite replaces it).\n')
    assert (folder/'mine.csv').read_text() == 'mine'
    assert chordkd('recognize song.flac --out mine.csv --overwrite') == (0, '', '')
    assert (folder/'mine.csv').read_text().splitlines()[0] == 'start,end,label,confidence'


@pytest.mark.parametrize('format', FORMATS)
def test_every_format_is_a_file_in_a_folder(chordkd, folder, format):
    assert chordkd(f'recognize song.flac --format {format} --out all --beats song.beats') == (0, '', '')
    ending, _ = FORMATS[format]
    written = folder/'all'/f'song{ending}'
    assert written.exists()
    if format in ('chordpro', 'musicxml'):
        printed = chordkd(f'recognize song.flac --format {format} --beats song.beats')
        assert printed.out == written.read_text()


def test_the_ending_of_out_names_the_format(chordkd, folder):
    assert chordkd('recognize song.flac --out x.midi').code == 0
    assert (folder/'x.midi').read_bytes()[:4] == b'MThd'
    assert chordkd('recognize song.flac --out v1.2/').code == 0  # a folder, as it ends in /
    assert chordkd('recognize song.flac --out x.txt --format lab').code == 0
    assert (folder/'x.txt').read_bytes() == (folder/'v1.2/song.lab').read_bytes()


def test_a_chart_for_a_player(chordkd):
    options = '--simplify triads --spelling key --confidence .4 --beats song.beats --reach .1'
    result = chordkd(f'recognize song.flac {options}')
    assert result.code == 0
    assert not any('7' in chord for chord in chords(result))


def test_uncertain_chords_are_unknown(chordkd):
    assert set(chords(chordkd('recognize song.flac --confidence 1'))) == {'X'}


def test_a_simpler_chord_is_as_probable_as_all_that_it_replaces(chordkd):
    found = segments(chordkd('recognize song.flac --format json --top-k 4 --simplify triads'))
    best = [(s, s['alternatives'][0]) for s in found]
    same = [(s['confidence'], other['confidence']) for s, other in best if s['label'] == other['label']]
    assert len(same) > 3
    assert all(confidence == pytest.approx(other, abs=1e-5) for confidence, other in same)


@pytest.mark.parametrize('options, says', [
    ('--out x.mp3', 'no ending of a result'),
    ('--out x.lab --format json', 'the ending says lab'),
    ('--format chordpro', 'needs beats'),
    ('--format musicxml', 'needs beats'),
    ('--beats nowhere', 'no such file of beats'),
    ('--reach 1', 'about beats'),
    ('--meter 3', 'about beats'),
    ('--meter 3 --beats song.beats', 'tells their positions'),
    ('--top-k 2', 'no place for other labels'),
    ('--model nowhere', 'nowhere'),
    ('other.flac --out x --beats song.beats', 'cannot share'),
])
def test_options_that_cannot_be_meant(chordkd, options, says):
    result = chordkd(f'recognize song.flac {options}')
    assert (result.code, result.out) == (1, '')
    assert says in result.err


# Many songs

def test_a_batch_reports_a_bad_file_and_does_the_others(chordkd, album):
    (album/'bad.mp3').write_bytes(b'not music')
    first = chordkd('recognize album --out chords')
    assert first.code == 1
    assert 'failed: album/bad.mp3' in first.err
    assert '2 of 3 songs recognised, 1 failed.' in first.err
    assert sorted(results(album.parent/'chords')) == ['a/one.lab', 'b/c/two.lab']

    second = chordkd('recognize album --out chords')
    assert second.code == 1
    assert '0 of 3 songs recognised, 1 failed, 2 had a result already' in second.err


def test_one_process_writes_the_same_files_as_two(chordkd, folder, album):
    for n in (0, 2):
        assert chordkd(f'recognize album --out by{n} --format json --top-k 3 --workers {n}').code == 0
    assert results(folder/'by0') == results(folder/'by2')
    assert sorted(results(folder/'by0')) == ['a/one.json', 'b/c/two.json']
    one = json.loads((folder/'by0/a/one.json').read_text())
    assert len(one['segments'][0]['alternatives']) == 3


def test_two_songs_cannot_have_one_result(chordkd, folder, album):
    shutil.copy('song.flac', album/'a/one.wav.flac')
    shutil.copy('song.flac', album/'a/one.mp3')
    result = chordkd('recognize album album/a/one.flac --out chords --workers 0')
    assert result.code == 1
    assert 'is already the result of album/a/one.flac; rename one of them' in result.err
    assert '4 of 5 songs recognised, 1 failed' in result.err


def test_beats_come_from_a_folder_with_a_file_for_each_song(chordkd, folder, album):
    (folder/'beats/a').mkdir(parents=True)
    shutil.copy('song.beats', folder/'beats/a/one.beats')
    result = chordkd('recognize album --out sheets --format chordpro --beats beats --workers 0')
    assert result.code == 1
    assert sorted(results(folder/'sheets')) == ['a/one.cho']
    assert 'no beats for it' in result.err and 'two.beats' in result.err


# In a shell

def shell(*args, **options):
    command = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize', *args]
    return subprocess.run(command, capture_output=True, **options)


def test_bytes_go_through_pipes(chordkd, folder):
    midi = shell('song.flac', '--format', 'midi')
    assert (midi.returncode, midi.stdout[:4], midi.stderr) == (0, b'MThd', b'')
    piped = shell('-', '--format', 'json', input=(folder/'song.flac').read_bytes())
    assert json.loads(piped.stdout)['segments'] == segments(chordkd('recognize song.flac --format json'))


def test_midi_is_not_for_a_terminal():
    pty = pytest.importorskip('pty')
    terminal, screen = pty.openpty()
    command = [sys.executable, '-m', 'chordkd_nb.cli', 'recognize', 'song.flac', '--format', 'midi']
    result = subprocess.run(command, stdout=screen, stderr=subprocess.PIPE, text=True)
    assert (result.returncode, 'not for a terminal' in result.stderr) == (1, True)


def test_recognising_a_song_imports_nothing_heavy():
    code = f'''
import sys
from chordkd_nb.cli import main
main(['recognize', 'song.flac'])
print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)'''
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert result.stderr.strip() == '[]'


# Names, transposition and capo

def test_names_as_musicians_write_them(chordkd):
    harte = chords(chordkd('recognize song.flac --spelling key'))
    for names in ('pop', 'jazz'):  # in the key, if nothing else is asked for
        assert chords(chordkd(f'recognize song.flac --names {names}')) == [short_name(l, names) for l in harte]
    sharp = chords(chordkd('recognize song.flac'))
    assert chords(chordkd('recognize song.flac --names harte')) == sharp != harte
    found = chordkd('recognize song.flac --format json --names jazz')
    assert [s['label'] for s in segments(found)] == [short_name(l, 'jazz') for l in harte]


def test_files_for_programs_have_harte_labels_only(chordkd, folder):
    for option in ('--names pop', '--capo 2'):
        result = chordkd(f'recognize song.flac --out song.lab {option}')
        assert result.code and re.search('names only|no place for a capo', result.err)
    assert not (folder/'song.lab').exists()


def test_transposed_chords(chordkd):
    original = chords(chordkd('recognize song.flac'))
    lower = chords(chordkd('recognize song.flac --transpose -3 --spelling sharps'))
    times = [(k, k + 1) for k in range(len(original))]
    assert lower == Annotation(times, original).transpose(-3).labels


def test_a_capo_shows_shapes(chordkd, folder):
    automatic = chordkd('recognize song.flac --transpose 1 --capo auto')
    assert (automatic.code, 'capo on fret' in automatic.err) == (0, True)
    fret = automatic.err.split()[-1]
    assert chords(chordkd(f'recognize song.flac --transpose 1 --capo {fret}')) == chords(automatic)
    sheet = chordkd(f'recognize song.flac --beats song.beats --transpose 1 --capo {fret} --format chordpro')
    assert f'{{capo: {fret}}}' in sheet.out
    for wrong in ('8', '-1', 'two'): assert chordkd(f'recognize song.flac --capo {wrong}').code == 2


def test_the_page_knows_bars_and_how_far_its_chords_were_moved(chordkd, folder):
    assert chordkd('recognize song.flac --beats song.beats --transpose 2 --names jazz --out song.html').code == 0
    page = (folder/'song.html').read_text()
    assert '"names": "jazz", "capo": 0, "transposed": 2' in page and '"beats": [[0.5, 2]' in page
