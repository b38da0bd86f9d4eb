from .alignment import align as align
from .annotation import Annotation as Annotation
from .audio import load_audio as load_audio
from .audio_onnx import export_audio_onnx as export_audio_onnx
from .beats import track_beats as track_beats
from .btc import BTC as BTC
from .charts import read_chart as read_chart
from .checkpoints import register_arch as register_arch, save_checkpoint as save_checkpoint
from .chords import vocabulary as vocabulary
from .comparison import compare as compare
from .details import evaluate_details as evaluate_details
from .edits import short_name as short_name, simplify as simplify, transpose as transpose
from .evaluation import evaluate as evaluate
from .features import log_cqt as log_cqt
from .formats import save_chords as save_chords
from .keys import key_of as key_of
from .losses import selective_kd_loss as selective_kd_loss
from .onnx import OnnxModel as OnnxModel, export_onnx as export_onnx
from .player import ChordPlayer as ChordPlayer, CompareChords as CompareChords
from .pseudo_labels import label_songs as label_songs
from .published import convert_published as convert_published, load_checkpoint as load_checkpoint
from .recognition import recognize as recognize
from .songs import Song as Song, find_songs as find_songs
from .stages import stage1 as stage1, stage2 as stage2, supervised as supervised
from .store import Store as Store
from .teachers import load_teacher as load_teacher, register_teacher as register_teacher
from .trainer import Trainer as Trainer
from .twoe1d import TwoE1D as TwoE1D
from .widgets import PseudoLabelExplorer as PseudoLabelExplorer, kd_playground as kd_playground

__version__: str
