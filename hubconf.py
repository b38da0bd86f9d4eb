"""Networks for `torch.hub`.

    import torch
    network = torch.hub.load('chordkd/chordkd_nb', 'btc')                     # the bundled recogniser
    network = torch.hub.load('chordkd/chordkd_nb', 'btc', 'user/repository')  # one of the Hugging Face Hub
    recognize = torch.hub.load('chordkd/chordkd_nb', 'recognize')             # a function: song → chords
"""
dependencies = ['torch', 'numpy', 'fastcore', 'soundfile', 'soxr', 'safetensors', 'huggingface_hub', 'lazy_loader']


def btc(name='btc-v6', **hub):
    "BTC with weights: a bundled name, a folder, or 'user/repository' on the Hugging Face Hub"
    from chordkd_nb import BTC
    return BTC.from_pretrained(name, **hub)


def twoe1d(name='2e1d-v5', **hub):
    "2E1D with weights: a bundled name, a folder, or 'user/repository' on the Hugging Face Hub"
    from chordkd_nb import TwoE1D
    return TwoE1D.from_pretrained(name, **hub)


def recognize():
    "The function that recognises the chords of a song"
    from chordkd_nb import recognize
    return recognize
