"""Names that look the same are the same

'é' is one character in the file names of Linux and Windows (normal form C), and two in those of a Mac (normal form D).
Ids of songs have form C everywhere in this package."""
from pathlib import Path
from unicodedata import normalize


def nfc(
    text, # a name
)->str:
    "A name in normal form C"
    return normalize('NFC', text)


def nfc_keys(
    names:dict, # name → anything
    path, # of the file that it was read from, for the message
)->dict:
    "The dictionary with its names in normal form C, which must not make two of them equal"
    found = {}
    for name in names: found.setdefault(nfc(name), []).append(name)
    if twice := [same for same in found.values() if len(same) > 1]:
        both = ' and '.join(told_apart(twice[0]))
        raise ValueError(f'{path}: {both} are the same name in two Unicode forms; keep one.')
    return {nfc(name): value for name,value in names.items()}


def told_apart(
    names, # names that differ, perhaps only in their normal form
)->list:
    "The names for a message, spelled out in ASCII where two of them look the same"
    names = list(names)
    return names if len(set(map(nfc, names))) == len(names) else [ascii(name)[1:-1] for name in names]


def find_file(
    path, # as it is known; on disk it may be in another normal form, or its ending in other capitals
    *endings, # other endings that it may have
): # the first that is there, or None
    "Find a file whose name looks the same"
    wanted = [Path(path), *map(Path(path).with_suffix, endings)]
    if found := next(filter(Path.is_file, wanted), None): return found
    def look(p): return nfc(str(p.with_suffix(''))), p.suffix.lower()
    parent = str(Path(path).parent)
    folders = filter(Path.is_dir, map(Path, {parent, nfc(parent), normalize('NFD', parent)}))
    there = {look(p): p for folder in folders for p in sorted(folder.iterdir()) if p.is_file()}
    return next((there[look(p)] for p in wanted if look(p) in there), None)
