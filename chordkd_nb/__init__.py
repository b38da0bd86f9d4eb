"""Train and use chord recognisers: pseudo-labels from open teachers, then selective knowledge distillation

From a song to its chords
    recognize             the chords of an audio file or of an array, as an `Annotation`
    align                 the times of chords that a chart names without them
    read_chart            the chords of a chart: ChordPro, text, bars, MusicXML, …
    Annotation            chords with their start and end; reads and writes `.lab` and JAMS
    simplify              fewer kinds of chords: sevenths, triads, or major and minor
    transpose             the same chords in another key
    key_of                the key of a song, from its chords
    track_beats           the beats of a song, which lead sheets need
    short_name            a chord as people write it: Am7, or A-7 in jazz
    save_chords           write chords as `.lab`, JAMS, JSON, CSV, MIDI, ChordPro, MusicXML or a web page
    ChordPlayer           play a song in a notebook and follow its chords
    CompareChords         play a song and compare several annotations of it

Songs and their features
    load_audio            samples of an audio file or an array
    log_cqt               log-frequency spectrum of samples, as the networks expect it
    vocabulary            the 170 or 25 chord classes
    Song, find_songs      one song; all songs of a folder
    Store                 features, annotations and teacher's answers on disk

Networks
    BTC, TwoE1D           the two networks of the paper
    load_checkpoint       a network with all that it needs, from a folder, a bundled name or the Hub
    save_checkpoint       write it as `model.safetensors` and `config.json`
    convert_published     read the authors' checkpoint files safely
    register_arch         make a network of your own known by name
    export_onnx           write a recogniser as one ONNX file
    OnnxModel             recognise with such a file
    export_audio_onnx     write one that takes samples, for other languages

The method
    load_teacher          a teacher by name
    register_teacher      make a teacher of your own known by name
    label_songs           let a teacher label a pool of songs
    supervised            train on annotations alone, the baseline
    stage1                train on pseudo-labels alone
    stage2                continue on annotations, with selective distillation from the teacher
    Trainer               the training loop that all three use
    selective_kd_loss     the loss of stage 2
    PseudoLabelExplorer   look at pseudo-labels and listen to them in a notebook
    kd_playground         move the sliders of selective distillation

How good is it?
    evaluate              the seven metrics of mir_eval with intervals, over many songs
    evaluate_details      bass, boundaries, and corrections a minute
    compare               the difference of two systems on the same songs

Names are imported when you first use them, so that `import chordkd_nb` takes no time.
The command line is `chordkd --help`."""
import lazy_loader
from . import _optional

__version__ = "0.34.0"

_import, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name):
    "Import a public name when it is first used, and let `help` show what it says of its parameters"
    from ._docs import with_parameters
    return with_parameters(_import(name))
