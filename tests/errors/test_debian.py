"Packages that cannot be had, and folders of packages that were made otherwise"
import hashlib, io, tarfile
import pytest
from chordkd_nb._files import write_json
from chordkd_nb.debian import _keep_tracks, apt_download, fetch_debian_music, fetch_soundfonts


def make_deb(path, files):
    "A Debian package of name → bytes"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode='w:xz') as tar:
        for name,content in files.items():
            member = tarfile.TarInfo(f'./{name}')
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    header = f'{"data.tar.xz":<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data.getvalue()):<10}`\n'
    path.write_bytes(b'!<arch>\n' + header.encode() + data.getvalue())
    return path


@pytest.fixture
def empty(tmp_path):
    "A way to download a package without music or fonts"
    deb = make_deb(tmp_path/'empty.deb', {'usr/share/doc/x/copyright': b'free'})
    return lambda package, folder: (deb, {})


def use_programs(monkeypatch, folder, **programs):
    "Let PATH be a folder with these shell scripts, and the ordinary programs after them"
    for name,text in programs.items():
        path = folder/name.replace('_', '-')
        path.write_text(f'#!/bin/sh\n{text}\n')
        path.chmod(0o755)
    monkeypatch.setenv('PATH', f'{folder}:/usr/bin:/bin')


SHOW = 'echo "Package: toy"; echo "Version: 1.0"'
GET = 'echo "$@" > asked; printf music > toy_1.0_all.deb'
DIGEST = hashlib.sha256(b'music').hexdigest()


@pytest.mark.parametrize('name', ['../x', '-oDir::Bin=x', '/etc', 'a/b', ''])
def test_options_and_paths_are_no_packages(tmp_path, empty, name):
    with pytest.raises(ValueError, match='not the name'): apt_download(name, tmp_path)
    for fetch in (fetch_debian_music, fetch_soundfonts):
        with pytest.raises(ValueError, match='not the name'): fetch(tmp_path/'out', [name], False, download=empty)


def test_another_system_has_no_apt(tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(RuntimeError, match='Any folder of audio'): apt_download('hello', tmp_path)


def test_a_package_that_the_index_does_not_know(tmp_path, monkeypatch):
    use_programs(monkeypatch, tmp_path, apt_cache='exit 100', apt_get=GET)
    with pytest.raises(RuntimeError, match='toy: not in apt.s index'): apt_download('toy', tmp_path)


def test_the_version_of_the_index_is_asked_for(tmp_path, monkeypatch):
    use_programs(monkeypatch, tmp_path, apt_cache=f'{SHOW}; echo "SHA256: {DIGEST}"', apt_get=GET)
    deb, info = apt_download('toy', tmp_path)
    assert deb.read_bytes() == b'music'
    assert info == dict(package='toy', version='1.0', sha256=DIGEST, bytes=5, verified=True)
    assert (tmp_path/'asked').read_text().split() == ['download', '-q', 'toy=1.0']


def test_without_a_hash_in_the_index_nothing_is_verified(tmp_path, monkeypatch):
    use_programs(monkeypatch, tmp_path, apt_cache=SHOW, apt_get=GET)
    assert apt_download('toy', tmp_path)[1]['verified'] is False


def test_a_download_that_is_not_the_package(tmp_path, monkeypatch):
    use_programs(monkeypatch, tmp_path, apt_cache=f'{SHOW}; echo "SHA256: {64*"0"}"', apt_get=GET)
    with pytest.raises(RuntimeError, match=DIGEST): apt_download('toy', tmp_path)


def test_a_download_that_fails(tmp_path, monkeypatch):
    use_programs(monkeypatch, tmp_path, apt_cache=SHOW, apt_get='echo "no network" >&2; exit 100')
    with pytest.raises(RuntimeError, match='toy: apt-get download failed: no network'): apt_download('toy', tmp_path)


def test_packages_without_music_or_fonts_fail(tmp_path, empty):
    music = fetch_debian_music(tmp_path/'music', ['x'], progress=False, download=empty)
    assert music.failed == dict(x='ValueError: no track of at least 30 s in this package')
    fonts = fetch_soundfonts(tmp_path/'fonts', ['x'], progress=False, download=empty)
    assert fonts.failed == dict(x='ValueError: no .sf2 file in this package')


def test_a_folder_made_with_other_settings(tmp_path, empty):
    fetch_debian_music(tmp_path, ['x'], progress=False, download=empty)
    with pytest.raises(ValueError, match='other settings'): fetch_debian_music(tmp_path, ['x'], 10, False, empty)
    with pytest.raises(ValueError, match='other settings'): fetch_soundfonts(tmp_path, ['x'], False, empty)


@pytest.mark.parametrize('packages', [None, ['toy'], dict(toy=1), dict(toy={}), dict(toy=dict(files='a.ogg'))])
def test_a_manifest_of_something_else(tmp_path, empty, packages):
    write_json(dict(settings=dict(maker='fetch_soundfonts'), packages=packages), tmp_path/'manifest.json')
    with pytest.raises(ValueError, match='not the manifest'): fetch_soundfonts(tmp_path, ['x'], False, empty)


def test_folders_without_tracks_are_deleted(tmp_path):
    (tmp_path/'toy/a/b').mkdir(parents=True)
    (tmp_path/'toy/a/b/liar.ogg').write_text('no music')
    files, dropped = _keep_tracks(tmp_path/'toy', {}, 30.)
    assert files == {} and list(dropped) == ['toy/a/b/liar.ogg']
    assert not list((tmp_path/'toy').iterdir())
