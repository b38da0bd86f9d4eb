"A job in parts gives the store of a job in one piece"
import shutil
import pytest


@pytest.fixture(scope='module')
def parts(chordkd, project, tmp_path_factory):
    "The songs of `project` and one that cannot be read, labelled at once (whole/) and in three parts (1/, 2/, 3/)"
    folder = tmp_path_factory.mktemp('parts')
    shutil.copytree(project/'songs', folder/'songs')
    (folder/'songs/audio/broken.wav').write_bytes(b'no sound')
    assert chordkd(f'label {folder}/songs {folder}/whole --teacher btc-small --workers 0 --limit 4').code == 1
    codes = [label(chordkd, folder, k).code for k in (1, 2, 3)]
    assert sorted(codes) == [0, 0, 1]
    return folder


def label(chordkd, folder, k, options=''):
    command = f'label {folder}/songs {folder}/{k} --teacher btc-small --workers 0 --limit 4'
    return chordkd(f'{command} --shard {k}/3 {options}')


def content(folder):
    files = [*folder.glob('*.arrow'), *folder.glob('*.json')]
    return {path.name: path.read_bytes() for path in files}


def test_the_joined_store_is_equal_to_the_byte(chordkd, parts):
    result = chordkd(f'store join {parts}/joined {parts}/3 {parts}/1 {parts}/2')
    assert result.code == 1  # as `label`, since a song failed
    assert 'failed: broken' in result.err
    assert content(parts/'joined') == content(parts/'whole')


@pytest.mark.parametrize('stores, message', [
    ('1 2', 'missing: 3/3'),
    ('1 2 2 3', 'Give each of the 3 parts once'),
    ('1 2 whole', 'whole: not a part of a job')])
def test_parts_must_be_complete(chordkd, parts, tmp_path, stores, message):
    result = chordkd(f'store join {tmp_path}/out ' + ' '.join(f'{parts}/{name}' for name in stores.split()))
    assert result.code == 1
    assert message in result.err
    assert not (tmp_path/'out').exists()


def test_a_part_of_another_kind_is_refused(chordkd, parts, tmp_path):
    shutil.copytree(parts, tmp_path/'parts')
    shutil.rmtree(tmp_path/'parts/2')
    assert label(chordkd, tmp_path/'parts', 2, '--probs full').code in (0, 1)
    folder = tmp_path/'parts'
    result = chordkd(f'store join {tmp_path}/out {folder}/1 {folder}/2 {folder}/3')
    assert 'this part was made with another probs' in result.err


def test_a_store_is_never_written_over(chordkd, parts):
    result = chordkd(f'store join {parts}/whole {parts}/1 {parts}/2 {parts}/3')
    assert 'there is a store already' in result.err


def test_a_part_stays_that_part(chordkd, parts):
    result = chordkd(f'label {parts}/songs {parts}/1 --teacher btc-small --workers 0 --limit 4')
    assert result.code == 1
    assert 'this store is part 1/3 of a job' in result.err


@pytest.mark.parametrize('text', ['3', '0/3', '4/3', 'a/b', '1/0', '-1/3'])
def test_a_shard_is_a_part_and_a_number(chordkd, tmp_path, text):
    result = chordkd(f'label {tmp_path} {tmp_path}/out --teacher btc-small --shard={text}')
    assert result.code == 2
    assert 'give K/N with K from 1 to N' in result.err
