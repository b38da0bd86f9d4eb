"""Convert a published checkpoint (.pt, .pth) to safetensors and JSON, without executing code in it.

Give a file, or the name of a checkpoint to download.
"""
from pathlib import Path
from chordkd_nb.cli._arguments import add_command, as_dict, key_value, raise_first
from chordkd_nb._optional import require

EXAMPLES = [
    'chordkd convert btc_model_large_voca.pt btc-large/ --arch btc',
    'chordkd convert --download btc-large --out btc-large/',
    'chordkd convert 2e1d_model_best.pth 2e1d/ --arch 2e1d --size f_head=2 t_head=4 d_head=4']


def add_parser(commands):
    p = add_command(commands, 'convert', run, __doc__, EXAMPLES)
    p.add_argument('file', nargs='?', help='the published file')
    p.add_argument('folder', nargs='?', metavar='out', help='folder of the checkpoint to write')
    p.add_argument('-o', '--out', help='the same, for use with --download')
    p.add_argument('--arch', help='architecture of the network in the file: btc or 2e1d')
    p.add_argument(
        '--download', metavar='NAME',
        help='btc-large, btc-majmin, chordmini-btc or chordmini-2e1d')
    p.add_argument(
        '--size', action='extend', nargs='+', type=key_value, metavar='KEY=VALUE',
        help='sizes that do not follow from the shapes of the weights, such as numbers of heads')
    p.add_argument('--overwrite', action='store_true', help='replace the checkpoint in the folder')


def run(args):
    require('torch')
    from chordkd_nb._files import require_writable
    from chordkd_nb.published import convert_published, download, PUBLISHED
    from chordkd_nb.checkpoints import save_checkpoint
    raise_first(problems(args))
    out = Path(args.out or args.folder)
    require_writable(out, folder=True)
    path, arch = args.file, args.arch
    if args.download:
        path = download(args.download)
        arch = arch or PUBLISHED[args.download].arch
    ckpt = convert_published(path, arch, **as_dict(args.size, '--size'))
    print(save_checkpoint(ckpt, out, overwrite=args.overwrite), ckpt.provenance)


def problems(args):
    "Name what is missing, or arguments that exclude each other"
    if args.folder and args.out: yield f'Give one folder, not {args.folder} and --out {args.out}.'
    if not args.folder and not args.out: yield 'Give a folder for the checkpoint.'
    out = Path(args.out or args.folder or '.')
    if out.is_dir() and any(out.iterdir()) and not args.overwrite:
        yield f'{out} is there already; give --overwrite to replace it.'
    if args.download and args.file:
        yield f'--download {args.download} and {args.file}: give one of the two (and --out FOLDER).'
    if not args.download and not (args.file and args.arch):
        yield 'Give a checkpoint file and --arch, or --download NAME.'
