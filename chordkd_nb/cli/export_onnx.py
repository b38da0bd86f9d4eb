"""Write a recogniser as one ONNX file, which computes chords without torch.

Normalisation, vocabulary and decoding settings are in the file. You can give it as --model.

With --audio, the file takes samples (mono, 22,050 Hz) instead of features, and returns the
log-probability of each chord in each frame. Features, tuning, level, windows and overlap are
inside. It runs wherever onnxruntime does, also in a browser. What is left to do is a page of
code: examples/onnx/decode.py (numpy alone) and examples/onnx/decode.js. Long recordings go in
blocks, as these two show. Such a file cannot be given as --model.
"""
from chordkd_nb.cli._arguments import add_command
from chordkd_nb._optional import require_exporter

EXAMPLES = [
    'chordkd export-onnx 2e1d-v7 chords.onnx',
    'chordkd export-onnx runs/s2 chords.onnx',
    'chordkd recognize song.mp3 --model chords.onnx',
    'chordkd export-onnx btc-v8 chords.onnx --audio --int8']


def add_parser(commands):
    p = add_command(commands, 'export-onnx', run, __doc__, EXAMPLES, imports=True)
    p.add_argument('model', help='run, checkpoint folder or name')
    p.add_argument('out', metavar='OUT.onnx', help='file to write; one that is there is replaced')
    p.add_argument('--audio', action='store_true', help='take samples instead of features')
    p.add_argument(
        '--int8', action='store_true',
        help='with --audio: store queries, keys and values of btc in 8 bits, for a file smaller by an eighth')


def run(args):
    require_exporter()
    from chordkd_nb._files import require_writable
    require_writable(args.out)
    if args.int8 and not args.audio: raise ValueError('--int8 goes with --audio.')
    if args.audio:
        from chordkd_nb.audio_onnx import export_audio_onnx
        print(export_audio_onnx(args.model, args.out, args.int8))
    else:
        from chordkd_nb.onnx import export_onnx
        print(export_onnx(args.model, args.out))
