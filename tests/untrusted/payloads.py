"Objects that run code when they are unpickled, and the formats in which they can arrive"
import builtins
import io
import os
import pickle
import subprocess
import tarfile
from collections import OrderedDict
import torch


class Runs:
    "Unpickled, it calls `function(*args)`"
    def __init__(self, function, *args): self.function, self.args = function, args
    def __reduce__(self): return self.function, self.args


def touches(canary): return Runs(os.system, f'touch {canary}')


def as_python(canary): return f'open({str(canary)!r}, "w").close()'


def within_weights(canary):
    "A checkpoint like others, with the payload deep in it"
    state = OrderedDict(a=torch.ones(2), b=[{'c': (1, touches(canary))}])
    return {'model': state, 'mean': 0., 'std': 1.}


PAYLOADS = dict(  # each makes the file `canary` when it is unpickled
    system=touches,
    exec=lambda canary: Runs(builtins.exec, as_python(canary)),
    eval=lambda canary: Runs(builtins.eval, as_python(canary)),
    subprocess=lambda canary: Runs(subprocess.call, ['touch', str(canary)]),
    nested=within_weights,
    key=lambda canary: {touches(canary): 1},
)


def saved(obj, **options):
    "What torch.save writes: bytes"
    out = io.BytesIO()
    torch.save(obj, out, **options)
    return out.getvalue()


def saved_as_tar(obj):
    "The format of the first versions of torch: a tar archive of pickles"
    out, data = io.BytesIO(), pickle.dumps(obj)
    with tarfile.open(fileobj=out, mode='w') as archive:
        for name in ('sys_info', 'storages', 'tensors', 'pickle'):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


FORMATS = dict(
    zip=saved,
    old=lambda obj: saved(obj, _use_new_zipfile_serialization=False),
    tar=saved_as_tar,
    pickle=pickle.dumps,
    pickle2=lambda obj: pickle.dumps(obj, 2),
)


def unpickle(data, form, folder):
    "Read a payload as an unsuspecting program does: by pickle, or by torch"
    if form.startswith('pickle'): return pickle.loads(data)
    (folder/'unsuspected').write_bytes(data)
    try: torch.load(folder/'unsuspected', weights_only=False)
    except Exception: pass  # some errors come after the payload has run
