"These tests make FIFOs and links, as POSIX has them"
import os
import warnings
import pytest
from audio_files import write_audio_files

warnings.simplefilter('ignore')
collect_ignore_glob = [] if hasattr(os, 'mkfifo') else ['test_*.py']


@pytest.fixture(scope='session')
def audio(tmp_path_factory):
    "A folder of all audio files, and what must come of each: (folder, {name: Expected})"
    folder = tmp_path_factory.mktemp('audio')
    return folder, write_audio_files(folder)
