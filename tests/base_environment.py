"Processes that see only what `pip install .` or one of its extras installs, though this environment has more"
import os, re
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HIDE = '''from importlib.machinery import PathFinder
found = PathFinder.find_spec
def find_spec(name, path=None, target=None):
    spec = found(name, path, target)
    where = str(spec and (spec.origin or spec.submodule_search_locations))
    installed = 'site-packages' in where or 'dist-packages' in where
    return None if installed and name.partition('.')[0] not in {base} else spec
PathFinder.find_spec = find_spec
'''


def requirements(*parts):
    "What settings.ini lists for the base, and for these extras"
    ini = ConfigParser(delimiters=['='])
    ini.read(ROOT/'settings.ini', encoding='utf-8')
    keys = ['requirements', *(f'{part}_requirements' for part in parts)]
    return [r for key in keys for r in ini['DEFAULT'][key].split()]


def name_of(requirement): return re.split(r'[^\w.-]', requirement)[0].lower().replace('_', '-')


def distributions(requirements):
    "Names of what these requirements bring, directly or not"
    found, waiting = set(), [name_of(r) for r in requirements]
    while waiting:
        name = waiting.pop()
        if name in found: continue
        found.add(name)
        try: needed = requires(name) or []
        except PackageNotFoundError: continue  # not needed on this system
        waiting += [name_of(r) for r in needed if 'extra ==' not in r]
    return found


def environment(
    folder, # to write into
    *parts, # extras; one that holds others is given with them
)->dict: # for `subprocess`
    "Environment variables under which Python imports nothing outside the base and these extras"
    names = distributions(requirements(*parts))
    modules = {m for m, owners in packages_distributions().items() if {name_of(o) for o in owners} & names}
    (folder/'sitecustomize.py').write_text(HIDE.format(base=sorted(modules | {'chordkd_nb'})), encoding='utf-8')
    path = [str(folder), str(ROOT), os.environ.get('PYTHONPATH')]
    return os.environ | dict(PYTHONPATH=os.pathsep.join(filter(None, path)), OMP_NUM_THREADS='1')
