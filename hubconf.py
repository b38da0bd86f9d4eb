"""Networks for `torch.hub`.

    import torch
    network = torch.hub.load('chordkd/chordkd_nb', 'btc')                     # the bundled recogniser
    network = torch.hub.load('chordkd/chordkd_nb', 'btc', 'user/repository')  # one of the Hugging Face Hub
    recognize = torch.hub.load('chordkd/chordkd_nb', 'recognize')             # a function: song → chords
"""
import importlib.util
import sys
from pathlib import Path

dependencies = ['torch', 'numpy', 'fastcore', 'soundfile', 'soxr', 'safetensors', 'huggingface_hub', 'lazy_loader',
                'threadpoolctl', 'tinytag', 'tqdm', 'filelock']


def _find_weights():
    "Make the weights of this checkout known; installation would do that"
    name = 'chordkd_nb.weights'
    if importlib.util.find_spec(name): return
    folder = Path(__file__).resolve().parent/'data/weights'
    spec = importlib.util.spec_from_file_location(name, folder/'__init__.py', submodule_search_locations=[str(folder)])
    sys.modules[name] = importlib.util.module_from_spec(spec)


def btc(name='btc-v8', **hub):
    "BTC with weights: a bundled name, a folder, or 'user/repository' on the Hugging Face Hub"
    from chordkd_nb import BTC
    _find_weights()
    return BTC.from_pretrained(name, **hub)


def twoe1d(name='2e1d-v7', **hub):
    "2E1D with weights: a bundled name, a folder, or 'user/repository' on the Hugging Face Hub"
    from chordkd_nb import TwoE1D
    _find_weights()
    return TwoE1D.from_pretrained(name, **hub)


def recognize():
    "The function that recognises the chords of a song"
    from chordkd_nb import recognize
    _find_weights()
    return recognize
