"""Posteriors of the original crema 0.2.0 (TensorFlow) for a clip: the file that 29_crema compares its own network with.

usage: crema_original.py CLIP.wav OUT.npz
Python 3.10 or 3.11, in an environment of its own:
  pip install crema==0.2.0 tensorflow==2.15.1 'numpy<2' 'scipy<1.13' scikit-learn==1.3.2 librosa==0.10.2 'setuptools<80'
`29_crema` writes the clip."""
import sys
import librosa, numpy as np
from crema.models.chord import ChordModel

clip, out = sys.argv[1:]
y, sr = librosa.load(clip, sr=None)
model = ChordModel()
labels = model.pump['chord_tag'].encoder.classes_
p = model.outputs(y=y, sr=sr)['chord_tag']
np.savez_compressed(out, labels=labels.astype('U'), posteriors=p.astype(np.float32))
print(p.shape, labels[:3], labels[-3:])
