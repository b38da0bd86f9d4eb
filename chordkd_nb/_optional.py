"Libraries that an extra of this package installs"
from importlib import import_module
from typing import Any


def optional_import(
    name:str, # module, such as 'music21'
    extra:str, # extra of this package that installs it
)->Any: # the module
    "Import an optional library; the error says how to install it"
    try: return import_module(name)
    except ModuleNotFoundError as e:
        raise ImportError(f"This needs {name}, and {e.name} is not installed: "
                          f"pip install 'chordkd_nb[{extra}]', or '.[{extra}]' in a clone of it") from None
