"The soundfonts that a corpus is rendered with"
from pathlib import Path
from chordkd_nb._files import file_sha256, repeated
from chordkd_nb.render import default_soundfont, require_renderer


def choose_soundfonts(
    soundfonts=None, # paths of .sf2 files; default: `default_soundfont()`
): # list of paths as strings, and {file name: SHA-256} for the manifest
    "Check that we can render, and with what"
    require_renderer()
    fonts = [str(font) for font in soundfonts or [default_soundfont()]]
    for font in fonts:
        if Path(font).is_dir(): raise IsADirectoryError(f'{font}: a folder. Give the soundfonts in it: {font}/*.sf2')
    if twice := repeated(Path(font).name for font in fonts):
        raise ValueError(f'{twice[0]}: two soundfonts have this name, and a corpus knows them by it. Rename one.')
    return fonts, {Path(font).name: file_sha256(font) for font in fonts}
