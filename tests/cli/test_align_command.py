"`chordkd align`: one song and its chart, folders of both, and what is written there"
import json
import shutil
import numpy as np
import pytest
from chordkd_nb import Annotation
from chordkd_nb.batches import Windows
from chordkd_nb.keys import respell
from chordkd_nb.recipes import recipe
from chordkd_nb.store import Store


@pytest.fixture
def chart(songs):
    "The labels of the first song, without times"
    return Annotation.from_lab(songs/'songs/chordlab/demo00000.lab').labels


@pytest.fixture(autouse=True)
def folder(songs, chart, tmp_path, monkeypatch):
    "The current folder, with song.flac and song.txt in it"
    shutil.copy(songs/'songs/audio/demo00000.flac', tmp_path/'song.flac')
    (tmp_path/'song.txt').write_text(' '.join(chart))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def music(folder, songs, chart):
    "music/ with two songs, one in a folder of its own, and charts/ with their charts"
    other = Annotation.from_lab(songs/'songs/chordlab/demo00001.lab').labels
    for name, number, labels in (('one', 0, chart), ('live/two', 1, other)):
        for kind in ('music', 'charts'): (folder/kind/name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(songs/f'songs/audio/demo0000{number}.flac', folder/f'music/{name}.flac')
        (folder/f'charts/{name}.txt').write_text('\n'.join(labels))
    return folder


def share_right(file, songs, number=0):
    "Share of the time with the right class"
    truth = Annotation.from_lab(songs/f'songs/chordlab/demo0000{number}.lab').to_frames(300, .1)
    return (Annotation.from_lab(file).to_frames(300, .1) == truth).mean()


# One song

def test_the_chords_of_a_chart_get_their_times(chordkd, folder, songs):
    assert chordkd('align song.flac song.txt --out song.lab') == (0, '', '')
    assert share_right('song.lab', songs) > .9


def test_one_song_goes_to_standard_output(chordkd):
    result = chordkd('align song.flac song.txt')
    assert (result.code, result.err) == (0, '')
    assert {line.count('\t') for line in result.out.splitlines()} == {2}


def test_the_key_of_a_chart_is_found_and_reported(chordkd, folder, songs, chart):
    truth = Annotation.from_lab(songs/'songs/chordlab/demo00000.lab')
    (folder/'high.txt').write_text(' '.join(truth.transpose(3).labels))
    result = chordkd('align song.flac high.txt --out high.json')
    assert (result.code, result.err) == (0, 'high.txt: sounds 9 semitones higher than written (3 lower)\n')
    written = json.loads((folder/'high.json').read_text())
    assert written['source']['transposed'] == 9
    assert all(0 <= segment['confidence'] <= 1 for segment in written['segments'])
    chordkd('align song.flac high.txt --out high.lab')
    assert share_right('high.lab', songs) > .9


def test_what_a_chart_says_unreadably_is_reported(chordkd, folder, chart):
    (folder/'song.txt').write_text(' '.join(['H7', *chart[1:]]))
    result = chordkd('align song.flac song.txt')
    assert result.code == 0
    assert "song.txt: not read: line 1: 'H7'" in result.err


def test_all_that_was_not_read_is_told_of_one_song(chordkd, folder, chart):
    (folder/'song.txt').write_text(' '.join(['H7', 'H9', *chart[1:]]))
    result = chordkd('align song.flac song.txt --out song.lab')
    assert result.err.count('song.txt: not read: line ') == 2


def test_the_capo_of_a_chart_is_no_surprise(chordkd, folder, songs):
    truth = Annotation.from_lab(songs/'songs/chordlab/demo00000.lab')
    (folder/'capo.txt').write_text('Capo 3\n' + ' '.join(truth.transpose(-3).labels))
    assert chordkd('align song.flac capo.txt --out capo.lab') == (0, '', '')


def test_uncertain_chords_become_unknown(chordkd, folder):
    chordkd('align song.flac song.txt --out sure.lab --confidence 1')
    assert Annotation.from_lab('sure.lab').labels == ['X']


def test_the_chart_of_another_song_is_an_error(chordkd, folder):
    (folder/'other.txt').write_text('F# B:min C#:7 D#:dim G#:aug F# A# B E:min C#:min7 F#:dim7 G#:7 D# A#:aug '*3)
    result = chordkd('align song.flac other.txt --out song.lab')
    assert result.code == 1
    assert 'Is it the chart of another song? If you are sure that it is right, give --least-belief 0.' in result.err
    assert not (folder/'song.lab').exists()
    assert chordkd('align song.flac other.txt --out song.lab --least-belief 0').code == 0


def test_what_could_not_be_read_of_a_refused_chart_is_told(chordkd, folder):
    (folder/'other.txt').write_text('| As | Des | F# B:min C#:7 D#:dim G#:aug F# A# B E:min C#:min7 F#:dim7 G#:7 |\n'*3)
    error = chordkd('align song.flac other.txt --out song.lab').err
    assert 'Of the chart we could not read' in error and "'As'" in error


def test_a_chart_in_another_key_is_spelled_in_the_key_of_the_song(chordkd, folder, chart):
    lower = Annotation([(k, k + 1) for k in range(len(chart))], chart).transpose(-1).labels
    (folder/'lower.txt').write_text(' '.join(lower))
    chordkd('align song.flac lower.txt --out lower.lab')
    labels = Annotation.from_lab('lower.lab').labels
    assert respell(Annotation([(k, k + 1) for k in range(len(labels))], labels)).labels == labels


def test_a_doubtful_chart_is_told(chordkd, folder, monkeypatch):
    monkeypatch.setattr('chordkd_nb.cli.align.DOUBTFUL', 1.01)
    result = chordkd('align song.flac song.txt --out song.lab')
    assert result.code == 0
    assert 'song.txt: is it the chart of this song? We are only' in result.err


# Folders

def test_songs_and_charts_are_matched_by_name(chordkd, music, songs):
    result = chordkd('align music charts --out labs --workers 0')
    assert result.code == 0
    assert '2 of 2 songs aligned, 0 failed.' in result.err
    assert share_right('labs/one.lab', songs) > .9
    assert share_right('labs/live/two.lab', songs, 1) > .8


def test_charts_may_lie_in_one_folder(chordkd, music):
    shutil.move('charts/live/two.txt', 'charts/two.TXT')
    assert chordkd('align music charts --out labs --workers 0').code == 0


@pytest.mark.parametrize('song, page', [
    ('01 - Let It Be.flac', 'let-it-be.txt'), ('The Beatles - Let It Be.flac', 'Let it be.txt'),
    ('Déjà vu.flac', 'songs/07 deja vu.txt'), ('one.flac', 'Somebody - One.txt')])
def test_a_chart_whose_name_is_alike_is_taken_and_told(song, page, chordkd, music):
    (music/'charts/songs').mkdir()
    shutil.move(music/'music/one.flac', music/'music'/song)
    shutil.move(music/'charts/one.txt', music/'charts'/page)
    result = chordkd('align music charts --out labs --workers 0')
    assert (result.code, f'charts/{page}: taken as the chart of {song}' in result.err) == (0, True), result.err


def test_of_two_charts_whose_names_are_alike_none_is_taken(chordkd, music):
    shutil.move(music/'charts/one.txt', music/'charts/02 one.txt')
    shutil.copy(music/'charts/02 one.txt', music/'charts/One!.cho')
    result = chordkd('align music charts --out labs --workers 0')
    assert (result.code, 'several are alike: charts/02 one.txt, charts/One!.cho' in result.err) == (1, True)


def test_of_two_charts_with_one_name_the_answer_says_which_it_read(chordkd, music):
    (music/'charts/one.cho').write_text((music/'charts/one.txt').read_text())
    note = 'charts/one.cho: this chart is read, and not the other with its name: one.txt'
    assert note in chordkd('align music charts --out labs --workers 0').err
    assert note in chordkd('label music store --teacher none --charts charts --workers 0').err


def test_a_song_without_a_chart_fails_and_the_others_are_done(chordkd, music):
    (music/'charts/one.txt').unlink()
    result = chordkd('align music charts --out labs --workers 2')
    assert result.code == 1
    assert 'one.flac: no chart for it in charts: expected one.cho' in result.err
    assert '1 of 2 songs aligned, 1 failed.' in result.err
    assert (music/'labs/live/two.lab').exists() and not (music/'labs/one.lab').exists()


def test_a_rerun_keeps_what_is_there(chordkd, music):
    chordkd('align music charts --out labs --workers 0')
    (music/'labs/one.lab').write_text('mine')
    (music/'labs/live/two.lab').unlink()
    result = chordkd('align music charts --out labs --workers 0')
    assert '1 of 2 songs aligned, 0 failed, 1 had a result already' in result.err
    assert (music/'labs/one.lab').read_text() == 'mine'


def test_one_chart_may_be_that_of_several_recordings(chordkd, folder):
    shutil.copy('song.flac', 'live.flac')
    assert chordkd('align song.flac live.flac song.txt --out labs --format jams --workers 0').code == 0
    assert Annotation.from_jams('labs/song.jams').labels == Annotation.from_jams('labs/live.jams').labels


# A store of alignments

def test_a_store_is_labelled_from_charts(chordkd, music, songs):
    result = chordkd('label music store --teacher none --charts charts --workers 0')
    assert (result.code, 'failed' in result.err) == (0, False)
    assert '2 of 2 songs are annotated, 2 of them by a program' in result.out
    truth = Annotation.from_lab(songs/'songs/chordlab/demo00000.lab').to_frames(300, .1)
    assert (Store('store')['one'].annotation.to_frames(300, .1) == truth).mean() > .9


def test_a_store_keeps_the_confidence_and_the_recipe_decides(chordkd, music):
    chordkd('label music store --teacher none --charts charts --workers 0')
    aligned = Annotation.from_jams('store/alignments/one.jams')
    stored = Store('store')['one'].annotation
    assert stored.labels == aligned.labels
    assert np.allclose(stored.confidence, aligned.confidence, atol=.001)
    def share_learned(**settings):
        windows = Windows(Store('store'), ['one'], recipe('laptop', 'supervised', **settings), 0, 1)
        return (windows.y[0] >= 0).mean()
    middle = float(stored.confidence.mean())
    assert 0 < share_learned(min_alignment=middle) < share_learned()
    assert share_learned() == share_learned(min_alignment=.5)


def test_chords_that_somebody_corrected_are_learned_whatever_their_confidence(chordkd, music):
    chordkd('align music charts --out music --format jams --workers 0')
    result = chordkd('label music store --teacher none --program-labels --workers 0')
    assert (result.code, Store('store')['one'].annotation.confidence) == (0, None)


def test_an_alignment_of_an_earlier_version_is_made_anew(chordkd, music, monkeypatch):
    command = 'label music store --teacher none --charts charts --workers 0'
    monkeypatch.setattr('chordkd_nb.__version__', '0.27.0')
    chordkd(command)
    monkeypatch.undo()
    monkeypatch.chdir(music)
    chordkd(command)
    assert Annotation.from_jams('store/alignments/one.jams').source['version'] != '0.27.0'


def test_a_limit_that_leaves_nothing_is_an_error(chordkd, music):
    chordkd('label music store --teacher none --charts charts --workers 0')
    result = chordkd('train supervised store --out run --set min_alignment=1')
    assert result.code == 1
    assert 'no chord has a confidence of min_alignment=1 or more' in result.err


def test_a_song_without_a_chart_has_no_annotation_in_a_store(chordkd, music):
    (music/'charts/one.txt').unlink()
    result = chordkd('label music store --teacher none --charts charts --workers 0')
    assert result.code == 1
    assert 'one.flac: no chart for it' in result.err
    assert Store('store')['one'].annotation is None


def test_charts_replace_what_a_recogniser_answered(chordkd, music):
    assert chordkd('recognize music --out music --workers 0').code == 0
    result = chordkd('label music store --teacher none --charts charts --workers 0')
    assert (result.code, 'charts replace the labels of 2 songs' in result.err) == (0, True)
    assert 'chart' in Store('store')['one'].annotation.source


def test_a_song_whose_chart_is_refused_keeps_its_label(chordkd, music):
    (music/'charts/one.txt').write_text('F# B:min C#:7 D#:dim G#:aug F# A# B E:min C#:min7 F#:dim7 G#:7 D# A#:aug '*3)
    (music/'music/one.lab').write_text('0 6 D\n')
    result = chordkd('label music store --teacher none --charts charts --workers 0')
    assert (result.code, 'charts replace' in result.err) == (1, False)
    assert set(Store('store')['one'].annotation.labels) == {'D'}


def test_a_song_without_a_chart_keeps_its_label(chordkd, music):
    (music/'charts/one.txt').unlink()
    for name in ('one', 'live/two'): (music/f'music/{name}.lab').write_text('0 6 D\n')
    result = chordkd('label music store --teacher none --charts charts --workers 0')
    assert (result.code, 'charts replace the labels of 1 songs' in result.err) == (0, True)
    assert set(Store('store')['one'].annotation.labels) == {'D'}
    assert set(Store('store')['live/two'].annotation.labels) != {'D'}


def test_a_chart_that_has_changed_is_aligned_anew(chordkd, music):
    command = 'label music store --teacher none --charts charts --workers 0'
    assert chordkd(command).code == 0
    file = music/'store/alignments/one.jams'
    before, untouched = Annotation.from_jams(file).source, file.stat().st_mtime_ns
    assert chordkd(command).code == 0
    assert file.stat().st_mtime_ns == untouched
    chart = music/'charts/one.txt'
    chart.write_text(chart.read_text() + '\n\n')
    assert chordkd(command).code == 0
    assert Annotation.from_jams(file).source['chart_sha256'] != before['chart_sha256']


def test_another_recogniser_aligns_in_a_second_round(chordkd, music):
    result = chordkd('label music store --teacher none --charts charts --workers 0 --aligner 2e1d-v7')
    assert result.code == 0
    assert Annotation.from_jams('store/alignments/one.jams').source['model'] == '2e1d-v7'


def test_a_folder_never_mixes_alignments_of_two_recognisers(chordkd, music):
    chordkd('label music store --teacher none --charts charts --workers 0 --aligner 2e1d-v7')
    again = chordkd('label music store --teacher none --charts charts --workers 0')
    assert again.code == 1
    assert 'holds alignments by 2e1d-v7, not by btc-v8. Choose a new folder' in again.err


@pytest.mark.parametrize('line, message', [
    ('align song.flac nowhere.cho', 'no such chart'),
    ('align song.flac', 'required: chart'),
    ('align a.flac b.flac song.txt', 'give --out FOLDER'),
    ('align song.flac song.txt --confidence 2', 'a number from 0 to 1'),
    ('align song.flac song.flac', 'song.flac'),
    ('label music store --teacher none --charts nowhere', 'no such folder'),
    ('label music store --teacher none --aligner btc-v8', '--aligner is about --charts'),
    ('label music store --teacher none --least-belief 0', '--least-belief is about --charts')])
def test_errors_say_what_to_do(chordkd, line, message):
    result = chordkd(line)
    assert result.code in (1, 2)
    assert message in result.err


def test_an_alignment_does_not_outlive_its_chart(chordkd, music):
    chordkd('label music store --teacher none --charts charts --workers 0')
    assert (music/'store/alignments/one.jams').exists()
    (music/'charts/one.txt').write_text('F#:dim B:aug Eb:min\n'*20)   # another song
    again = chordkd('label music store --teacher none --charts charts --workers 0')
    assert again.code == 1
    assert not (music/'store/alignments/one.jams').exists()


def test_a_stricter_least_belief_aligns_again(chordkd, music):
    command = 'label music store --teacher none --charts charts --workers 0'
    assert chordkd(command).code == 0
    file = music/'store/alignments/one.jams'
    assert chordkd(f'{command} --least-belief 1').code == 1
    assert not file.exists()
