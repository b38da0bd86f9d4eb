"Packages and archives that would become too large, or whose names lead elsewhere, leave nothing behind"
import io
import tarfile
import zipfile
import pytest
from refusing import expect_refusal
from chordkd_nb.debian import apt_download, fetch_debian_music, fetch_soundfonts
from chordkd_nb._archives import deb_files
from chordkd_nb.pop909 import extract_pop909

BIG = bytes(10**7)


@pytest.fixture(autouse=True)
def small_limit(monkeypatch):
    "Archives may become 1 MB here"
    monkeypatch.setattr('chordkd_nb._archives.MAX_UNPACKED', 10**6)


def tar(files, mode):
    "A tar archive of {name: content}: bytes"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def ar_member(name, data, size=None):
    "A file in the format of `ar`, padded to an even length; its header may claim another size"
    size = len(data) if size is None else size
    return f'{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n'.encode() + data + b'\n'*(len(data) % 2)


def deb(files):
    "A Debian package of {path: content}: bytes"
    data = tar({f'./{name}': content for name, content in files.items()}, 'w:xz')
    return b'!<arch>\n' + ar_member('debian-binary', b'2.0\n') + ar_member('data.tar.xz', data)


FETCHERS = [(fetch_soundfonts, 'sf2'), (fetch_debian_music, 'ogg')]
fetchers = pytest.mark.parametrize('fetch, ending', FETCHERS, ids=['soundfonts', 'music'])


@fetchers
@pytest.mark.parametrize('path, content, why', [
    ('usr/share/a.{}', BIG, 'larger'),
    ('../../a.{}', b'x', 'leads elsewhere'),
    ('usr/share/doc/x/copyright', BIG, 'larger'),
], ids=['large_file', 'path_upwards', 'large_copyright'])
def test_a_hostile_package_fails_and_leaves_nothing(tmp_path, fetch, ending, path, content, why):
    def download(package, folder):
        (tmp_path/'a.deb').write_bytes(deb({path.format(ending): content}))
        return tmp_path/'a.deb', {}
    result = fetch(tmp_path/'out', ['toy'], progress=False, download=download)
    assert why in result.failed['toy']
    assert list((tmp_path/'out').rglob(f'*.{ending}')) == []
    assert list((tmp_path/'out').rglob('.unpack*')) == []


BAD_PACKAGES = ['../x', '-oDir::Bin=x', '/etc', 'a/b']


@fetchers
@pytest.mark.parametrize('name', BAD_PACKAGES)
def test_what_is_not_the_name_of_a_package_is_not_fetched(tmp_path, fetch, ending, name):
    def download(package, folder): pytest.fail('asked')
    with pytest.raises(ValueError, match='not the name'):
        fetch(tmp_path, [name], progress=False, download=download)


@pytest.mark.parametrize('name', BAD_PACKAGES)
def test_apt_is_not_asked_for_what_is_not_the_name_of_a_package(tmp_path, name):
    with pytest.raises(ValueError, match='not the name'): apt_download(name, tmp_path)


@pytest.mark.parametrize('size', ['-5', 'many'])
def test_a_package_that_claims_an_impossible_size_is_named(tmp_path, size):
    package = tmp_path/'b.deb'
    data = ar_member('data.tar.xz', tar({}, 'w:xz'))
    package.write_bytes(b'!<arch>\n' + ar_member('debian-binary', b'2.0\n', size) + data)
    with pytest.raises(ValueError, match='b.deb'): list(deb_files(package, ('.ogg',)))


def zip_of(files):
    "A compressed zip archive of {name: content}: bytes"
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items(): archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize('name, data', [
    ('p.zip', zip_of({'001/001.mid': BIG})),
    ('p.tgz', tar({'001/001.mid': BIG}, 'w:gz')),
], ids=['zip', 'tgz'])
def test_a_copy_of_pop909_that_becomes_too_large_is_refused_and_leaves_nothing(tmp_path, name, data):
    (tmp_path/name).write_bytes(data)
    expect_refusal(lambda: extract_pop909(tmp_path/name, tmp_path/'out'), tmp_path/name, 'larger')
    assert list((tmp_path/'out').iterdir()) == []
