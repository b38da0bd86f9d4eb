"A missing optional library is one error that says how to install it"
import pytest
from chordkd_nb._optional import optional_import


def test_the_error_names_the_extra_to_install():
    with pytest.raises(ImportError, match=r"pip install 'chordkd_nb\[music\]'"):
        optional_import('no_such_library', 'music')


def test_an_installed_library_is_imported():
    assert optional_import('json', 'music').dumps([1]) == '[1]'
