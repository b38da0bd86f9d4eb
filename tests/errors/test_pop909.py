"Files of POP909 that are missing, damaged or hostile"
import io
import tarfile
import zipfile
import numpy as np
import pytest
from chordkd_nb import _archives
from chordkd_nb.pop909 import extract_pop909, make_pop909_corpus, pop909_labels, pop909_sheet, pop909_songs

pytest.importorskip('pretty_midi')

END = b'\0\xff\x2f\0'  # end of a MIDI track


def midi_file(track):
    return b'MThd\0\0\0\6\0\1\0\1\1\xe0MTrk' + len(track).to_bytes(4, 'big') + track


@pytest.fixture
def pop(tmp_path):
    "A folder with one good song of one note, and one that is held out"
    for song in ('001', '010'):
        folder = tmp_path/'pop'/song
        folder.mkdir(parents=True)
        (folder/'chord_midi.txt').write_text('0 4 C:maj\n')
        (folder/'beat_midi.txt').write_text(''.join(f'{i/2} {1-i%2} {int(i%4 == 0)}\n' for i in range(8)))
        (folder/f'{song}.mid').write_bytes(midi_file(b'\0\x90\x3c\x40\x83\x60\x80\x3c\0' + END))
    return tmp_path/'pop'


def test_a_good_song_is_read(pop):
    assert pop909_sheet(pop, '001').annotation.labels == ['C:maj']


# sixty rests of 2**28 ticks: pretty_midi would make an array of 128 GB
ENDLESS = b''.join(b'\xff\xff\xff\x7f\x90\x3c\x40' for _ in range(60)) + END

@pytest.mark.parametrize('content', [
    b'', b'x', bytes(99), b'MThd', midi_file(END)[:-3], midi_file(b'\xff'*40), midi_file(ENDLESS),
    np.random.default_rng(0).bytes(500),
], ids=['empty', 'text', 'zeros', 'header', 'cut', 'no events', 'endless', 'noise'])
def test_damaged_midi_is_refused_by_name(pop, content):
    (pop/'001/001.mid').write_bytes(content)
    with pytest.raises(ValueError, match='001.mid'): pop909_sheet(pop, '001')


@pytest.mark.parametrize('text', [
    '', 'x y z', '1 2',
    '1 0 1\nnan 0 1\n2 0 1\n3 0 1',
    '0 1 1\n0 1 1\n0 1 1\n0 1 1',
])
def test_damaged_beats_are_refused_by_name(pop, text):
    (pop/'001/beat_midi.txt').write_text(text)
    with pytest.raises(ValueError, match='beat_midi.txt'): pop909_sheet(pop, '001')


def test_the_row_is_named_at_which_beats_go_back(pop):
    (pop/'001/beat_midi.txt').write_text('1 0 0\n.5 1 1\n2 0 0\n3 0 0\n')
    with pytest.raises(ValueError, match='do not increase at row 2'): pop909_sheet(pop, '001')


def test_a_song_that_is_not_there(pop):
    with pytest.raises(FileNotFoundError, match='777'): pop909_sheet(pop, '777')


def test_a_folder_without_songs(tmp_path):
    with pytest.raises(FileNotFoundError, match='no POP909'): pop909_songs(tmp_path)
    with pytest.raises(FileNotFoundError, match='no POP909'): make_pop909_corpus(tmp_path, tmp_path/'out')


@pytest.mark.parametrize('table', ['', 'song\tother\n001\t1\n', 'song\tnote_match\n001\tgood\n'])
def test_a_quality_table_needs_its_columns_and_numbers(pop, table):
    (pop/'labs_cl').mkdir()
    (pop/'labs_cl/quality.tsv').write_text(table)
    with pytest.raises(ValueError, match='quality.tsv'): pop909_labels(pop, '001')


# ---- corpora

def test_songs_of_a_corpus_must_be_there(pop, tmp_path):
    with pytest.raises(ValueError, match="no song 'foo'"): make_pop909_corpus(pop, tmp_path/'out', songs=['foo'])


def test_clean_and_lossy_exclude_each_other(pop, tmp_path):
    with pytest.raises(ValueError, match='choose one'):
        make_pop909_corpus(pop, tmp_path/'out', clean=True, lossy=True)


def test_a_misspelled_setting_is_refused_before_any_work(pop, tmp_path):
    with pytest.raises(TypeError, match='lossi'): make_pop909_corpus(pop, tmp_path/'out', lossi=True)
    assert not (tmp_path/'out').exists()


def test_a_corpus_with_other_settings_is_refused(pop, tmp_path):
    pytest.importorskip('midirenderer')
    make_pop909_corpus(pop, tmp_path/'out', clean=True, workers=0, progress=False)
    with pytest.raises(ValueError, match='other settings'):
        make_pop909_corpus(pop, tmp_path/'out', clean=True, pedal=False, workers=0, progress=False)


# ---- archives

def packed(tmp_path, ending, members):
    "An archive with members: name -> bytes"
    path = tmp_path/f'pop.{ending}'
    if ending == 'zip':
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
            for name,data in members.items(): z.writestr(name, data)
    else:
        with tarfile.open(path, 'w:gz') as tar:
            for name,data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path


SONGS = {f'POP909-Dataset-master/POP909/{name}': b'x' for name in
         ('001/001.mid', '001/versions/001-v1.mid', '010/010.mid', '010/versions/001-v1.mid')}

@pytest.mark.parametrize('ending', ['zip', 'tgz'])
def test_archives_of_the_repository_are_extracted_once(tmp_path, ending):
    archive = packed(tmp_path, ending, SONGS)
    for _ in range(2): assert extract_pop909(archive, tmp_path/'out') == ['001', '010']
    assert pop909_songs(tmp_path/'out') == ['001']
    assert (tmp_path/'out/001/versions/001-v1.mid').exists()


@pytest.mark.parametrize('inner', ['', 'POP909'])
def test_a_clone_and_its_inner_folder_are_copied(tmp_path, inner):
    for name,data in SONGS.items():
        (tmp_path/name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path/name).write_bytes(data)
    source = tmp_path/'POP909-Dataset-master'/inner
    for _ in range(2): assert extract_pop909(source, tmp_path/'out') == ['001', '010']
    assert (source.parent/source.name).exists()


@pytest.mark.parametrize('ending', ['zip', 'tgz'])
@pytest.mark.parametrize('name', ['../evil.mid', 'a/../../evil.mid'])
def test_members_that_lead_out_of_the_folder_are_refused(tmp_path, ending, name):
    archive = packed(tmp_path, ending, SONGS | {name: b'x'})
    with pytest.raises((ValueError, tarfile.TarError)): extract_pop909(archive, tmp_path/'in/out')
    assert not list(tmp_path.rglob('evil.mid')) and not list((tmp_path/'in/out').iterdir())


@pytest.mark.parametrize('ending', ['zip', 'tgz'])
def test_archives_that_become_too_large_are_refused(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(_archives, 'MAX_UNPACKED', 10**6)
    archive = packed(tmp_path, ending, {'001/001.mid': bytes(10**7)})
    with pytest.raises(ValueError, match='larger') as e: extract_pop909(archive, tmp_path/'out')
    assert str(archive) in str(e.value) and not list((tmp_path/'out').iterdir())


def test_other_files_are_no_archives(tmp_path):
    (tmp_path/'no.deb').write_text('x')
    with pytest.raises(ValueError, match='neither a tar nor a zip'): extract_pop909(tmp_path/'no.deb', tmp_path/'out')


def test_a_folder_without_songs_is_not_extracted(tmp_path):
    (tmp_path/'music').mkdir()
    with pytest.raises(ValueError, match='no POP909 songs'): extract_pop909(tmp_path/'music', tmp_path/'out')


def test_a_source_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match='No such file'): extract_pop909(tmp_path/'no', tmp_path/'out')
