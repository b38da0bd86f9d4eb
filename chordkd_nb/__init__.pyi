from .annotation import Annotation as Annotation
from .audio import load_audio as load_audio
