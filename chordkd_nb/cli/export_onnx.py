"""Write a recogniser as one ONNX file, which computes chords without torch.

Normalisation, vocabulary and decoding settings are in the file. You can give it as --model.
"""
from chordkd_nb.cli._arguments import add_command
from chordkd_nb._optional import require_exporter

EXAMPLES = [
    'chordkd export-onnx 2e1d-v5 chords.onnx',
    'chordkd export-onnx runs/s2 chords.onnx',
    'chordkd recognize song.mp3 --model chords.onnx']


def add_parser(commands):
    p = add_command(commands, 'export-onnx', run, __doc__, EXAMPLES, imports=True)
    p.add_argument('model', help='run, checkpoint folder or name')
    p.add_argument('out', metavar='OUT.onnx', help='file to write; one that is there is replaced')


def run(args):
    require_exporter()
    from chordkd_nb._files import require_writable
    from chordkd_nb.onnx import export_onnx
    require_writable(args.out)
    print(export_onnx(args.model, args.out))
