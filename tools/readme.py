"""Write README.md from nbs/00_index.ipynb.   usage: readme.py [--check]"""
import json, re, sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
HEADER = '<!-- made from nbs/00_index.ipynb by tools/readme.py -->\n\n'


def make():
    "The text of the notebook, with links that work from the root of the repository"
    cells = json.loads((root/'nbs/00_index.ipynb').read_text(encoding='utf-8'))['cells']
    texts = [''.join(c['source']).strip() for c in cells if c['cell_type'] == 'markdown']
    text = '\n\n'.join(texts)
    text = text.replace('](../', '](')
    text = re.sub(r'\]\((\d\d_\w+\.ipynb)', r'](nbs/\1', text)
    return HEADER + text + '\n'


def main():
    new, path = make(), root/'README.md'
    if '--check' not in sys.argv: path.write_text(new, encoding='utf-8')
    elif not path.exists() or path.read_text(encoding='utf-8') != new:
        sys.exit('README.md differs from nbs/00_index.ipynb. Run `make readme`.')


if __name__ == '__main__': main()
