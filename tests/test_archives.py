"Archives of strangers: names that lead elsewhere, damaged packages, and packages that would become too large"
import io, shutil, subprocess, tarfile, zipfile
import pytest
from chordkd_nb import _archives
from chordkd_nb._archives import Budget, copy_within, deb_files, safe_path

WANTED = ('.ogg',)


def ar_member(name, data):
    "A member of an `ar` archive"
    header = f'{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n'
    return header.encode() + data + b'\n'*(len(data)%2)


def tar_of(files, mode='w:xz'):
    "A tar archive of name → bytes; links are name → str"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name,data in files.items():
            member = tarfile.TarInfo(f'./{name}')
            if isinstance(data, str): member.type, member.linkname, data = tarfile.SYMTYPE, data, b''
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        for name,data in files.items(): archive.writestr(name, data)
    return out.getvalue()


def make_deb(path, files, odd=b'odd'):
    "A Debian package of name → bytes"
    members = [('debian-binary', b'2.0\n'), ('control.tar.xz', odd), ('data.tar.xz', tar_of(files))]
    path.write_bytes(b'!<arch>\n' + b''.join(ar_member(*member) for member in members))
    return path


def contents(deb):
    return {str(path): f.read() for path,f in deb_files(deb, WANTED)}


def test_wanted_files_and_the_copyright_file_are_read(tmp_path):
    files = {'usr/share/games/toy/a.ogg': b'one', 'usr/share/games/toy/b.OGG': b'two',
             'usr/share/games/toy/c.txt': b'no', 'usr/share/doc/toy/copyright': b'free'}
    found = contents(make_deb(tmp_path/'a.deb', files))
    assert found == {'toy/a.ogg': b'one', 'toy/b.OGG': b'two', 'doc/toy/copyright': b'free'}


@pytest.mark.parametrize('odd', [b'even', b'odd'])
def test_members_begin_at_even_bytes(tmp_path, odd):
    assert contents(make_deb(tmp_path/'a.deb', {'a.ogg': b'one'}, odd)) == {'a.ogg': b'one'}


@pytest.mark.parametrize('suffix', _archives.ZIP_SUFFIXES)
def test_zip_files_in_a_package_are_read(tmp_path, suffix):
    inner = zip_of({'music/c.ogg': b'three', 'maps/x.txt': b'no', 'copyright': b'not of the package'})
    found = contents(make_deb(tmp_path/'a.deb', {f'usr/share/games/pack{suffix}': inner}))
    assert found == {'pack/music/c.ogg': b'three'}


def test_what_only_calls_itself_a_zip_file_is_left_out(tmp_path):
    assert contents(make_deb(tmp_path/'a.deb', {'a.zip': b'no zip', 'a.ogg': b'one'})) == {'a.ogg': b'one'}


def test_links_are_not_followed(tmp_path):
    assert contents(make_deb(tmp_path/'a.deb', {'a.ogg': '/etc/passwd', 'b.ogg': b'two'})) == {'b.ogg': b'two'}


@pytest.mark.skipif(not (shutil.which('dpkg-deb') and shutil.which('zstd')), reason='needs dpkg-deb and zstd')
def test_zstandard_is_read_by_dpkg_deb(tmp_path):
    zstd = lambda data: subprocess.run(['zstd', '-q'], input=data, capture_output=True, check=True).stdout
    control = tar_of({'control': b'Package: toy\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n'})
    data = zstd(tar_of({'a.ogg': b'one'}, 'w'))
    members = [('debian-binary', b'2.0\n'), ('control.tar.xz', control), ('data.tar.zst', data)]
    (tmp_path/'a.deb').write_bytes(b'!<arch>\n' + b''.join(ar_member(*member) for member in members))
    assert contents(tmp_path/'a.deb') == {'a.ogg': b'one'}


@pytest.mark.parametrize('name', ['/etc/passwd', 'a/../../b', '..', '..\\b', 'C:\\x', 'a\0b'])
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(ValueError, match='leads elsewhere'): safe_path(name)


@pytest.mark.parametrize('name, path', [
    ('usr/share/games/toy/a.ogg', 'toy/a.ogg'),
    ('./usr/lib/a.ogg', 'a.ogg'),
    ('music\\a.ogg', 'music/a.ogg'),
    ('usr/share', 'file'),
])
def test_the_folders_in_front_are_left_out(name, path):
    assert safe_path(name).as_posix() == path


def test_members_that_lead_elsewhere_are_refused(tmp_path):
    evil = make_deb(tmp_path/'evil.deb', {'usr/share/../../../etc/evil.ogg': b'one'})
    with pytest.raises(ValueError, match='leads elsewhere'): contents(evil)
    evil = make_deb(tmp_path/'zip.deb', {'a.zip': zip_of({'../../evil.ogg': b'one'})})
    with pytest.raises(ValueError, match='leads elsewhere'): contents(evil)


def test_a_package_that_is_cut_short(tmp_path):
    whole = make_deb(tmp_path/'a.deb', {'a.ogg': b'one'}).read_bytes()
    (tmp_path/'cut.deb').write_bytes(whole[:100])
    with pytest.raises(ValueError, match='cut short'): contents(tmp_path/'cut.deb')
    (tmp_path/'cut.deb').write_bytes(whole[:-100])
    with pytest.raises((tarfile.TarError, EOFError)): contents(tmp_path/'cut.deb')


@pytest.mark.parametrize('size', [b'-5        ', b'many      '])
def test_a_member_of_no_size(tmp_path, size):
    deb = make_deb(tmp_path/'b.deb', {})
    deb.write_bytes(deb.read_bytes()[:56] + size + deb.read_bytes()[66:])
    with pytest.raises(ValueError, match='b.deb: damaged'): contents(deb)


def test_another_file_is_no_package(tmp_path):
    (tmp_path/'no.deb').write_text('hello')
    with pytest.raises(ValueError, match='not a Debian package'): contents(tmp_path/'no.deb')


def test_copying_ends_when_the_budget_is_spent(monkeypatch):
    monkeypatch.setattr(_archives, 'MAX_UNPACKED', 5)
    out, budget = io.BytesIO(), Budget('a.deb')
    copy_within(io.BytesIO(b'123'), out, budget)
    with pytest.raises(ValueError, match='a.deb: unpacked larger than 5 bytes'):
        copy_within(io.BytesIO(b'456'), out, budget)
    assert out.getvalue() == b'123'
