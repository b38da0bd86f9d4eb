"Odd names, links, folders, FIFOs, devices and files without permission to read"
import json
import os
import re
import pytest
from audio_files import encoded, triad
from judging import chordkd, faults_of_folder
from odd_paths import FOUND, NAMES, write_links, write_names
from chordkd_nb.audio import load_audio


@pytest.fixture(scope='module')
def names(tmp_path_factory):
    "A folder with good/ and bad/, files under odd names"
    folder = tmp_path_factory.mktemp('names')
    write_names(folder)
    return folder


@pytest.mark.parametrize('ending', ['lab', 'json', 'jams'])
def test_songs_with_odd_names_are_recognised_unless_the_name_gets_too_long(names, tmp_path, ending):
    (tmp_path/'out').mkdir()   # a name that is too long there concerns its song alone
    result = chordkd('recognize', names/'good', '--out', tmp_path/'out', '--format', ending, '--workers', 1)
    too_long = [name for name in NAMES if len(os.fsencode(name))-len('wav')+len(ending) > 255]
    answers = list((tmp_path/'out').iterdir())
    assert len(answers) == len(NAMES)-len(too_long), result.err
    assert result.status == (1 if too_long else 0)
    assert all('too long' in line for line in result.err.splitlines() if line.startswith('failed'))
    if ending == 'json': assert all(json.loads(path.read_bytes())['segments'] for path in answers)


def test_each_bad_file_is_reported_on_one_line_without_control_characters(names, tmp_path):
    result = chordkd('recognize', names/'bad', '--out', tmp_path, '--workers', 1)
    assert result.status == 1
    assert sum(line.startswith('failed: ') for line in result.err.splitlines()) == len(NAMES)
    assert '\x1b[31m' not in result.err


def test_a_name_that_looks_like_an_option_comes_after_two_hyphens(names):
    assert chordkd('recognize', '--', names/'good'/'--out.wav').status == 0


@pytest.fixture(scope='module')
def links(tmp_path_factory):
    "A folder of links, folders, a FIFO and devices"
    folder = tmp_path_factory.mktemp('links')/'in'
    write_links(folder)
    return folder


def test_a_folder_with_links_and_devices_is_recognised_to_its_end(links, tmp_path):
    result = chordkd('recognize', links, '--out', tmp_path, '--workers', 1)
    assert faults_of_folder(FOUND, links, tmp_path, result.err) == {}
    assert f'4 of {len(FOUND)} songs' in result.err
    assert result.status == 1


@pytest.mark.parametrize('name', [name for name, expected in FOUND.items() if expected.error])
def test_what_is_not_a_file_is_refused_by_name(links, name):
    error = chordkd('recognize', links/name).error
    assert re.search(FOUND[name].error, error)
    assert name in error


def test_a_folder_without_audio_is_refused(tmp_path):
    assert 'No audio files' in chordkd('recognize', tmp_path).error


def test_a_missing_file_is_refused(tmp_path):
    assert 'no such file' in chordkd('recognize', tmp_path/'nothing.wav').error


def error_as_nobody(path):
    "The error of reading a file as the user nobody, in another process: root may read everything"
    read_end, write_end = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setgid(65534)
            os.setuid(65534)
            load_audio(path)
        except BaseException as error: os.write(write_end, f'{type(error).__name__}: {error}'.encode())
        finally: os._exit(0)
    os.close(write_end)
    os.waitpid(pid, 0)
    return os.read(read_end, 10000).decode()


def test_a_file_that_one_may_not_read_is_named(tmp_path):
    secret = tmp_path/'secret.wav'
    secret.write_bytes(encoded(triad()))
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        for folder in (tmp_path, *tmp_path.parents[:2]): folder.chmod(0o755)
        error = error_as_nobody(secret)
    else: error = chordkd('recognize', secret).error
    assert 'Permission denied' in error
    assert 'secret.wav' in error
