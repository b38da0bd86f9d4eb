"What you see of the package before you know it: names, help, and how quickly it starts"
import pydoc, re, subprocess, sys
import pytest
import chordkd_nb


def test_importing_the_package_imports_nothing_heavy():
    code = 'import chordkd_nb, sys; print([m for m in ("torch", "librosa", "numpy", "scipy") if m in sys.modules])'
    r = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert r.stdout.strip() == '[]', r.stderr


def test_the_docstring_lists_every_public_name_and_no_other():
    entries = re.findall(r'^    (\w+(?:, \w+)*)  ', chordkd_nb.__doc__, re.M)
    listed = [name for entry in entries for name in entry.split(', ')]
    assert sorted(listed) == sorted(chordkd_nb.__all__)


def test_dir_shows_the_public_names():
    assert set(chordkd_nb.__all__) <= set(dir(chordkd_nb))


@pytest.mark.parametrize('name', chordkd_nb.__all__)
def test_every_public_name_can_be_imported_and_explains_itself(name):
    obj = getattr(chordkd_nb, name)
    assert obj.__name__ == name
    assert len(obj.__doc__) > 20


def test_help_shows_the_comments_beside_the_parameters():
    text = pydoc.render_doc(chordkd_nb.stage2)
    assert 'the stage-1 student' in text
    assert 'callbacks' in text


def test_a_star_import_brings_the_public_names():
    names = {}
    exec('from chordkd_nb import *', names)
    assert set(chordkd_nb.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match='nothing'): chordkd_nb.nothing
