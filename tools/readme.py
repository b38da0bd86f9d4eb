"""README.md from nbs/index.ipynb.   usage: readme.py [--check]"""
import json, re, sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent


def cell_text(c):
    "Markdown as it is; code that is not hidden, in a fence, followed by what it printed"
    src = ''.join(c['source'])
    if c['cell_type'] == 'markdown': return src
    if re.search(r'^#\| *(hide|export|default_exp)', src, re.M): return ''
    out = ''.join(''.join(o['text']) if o['output_type'] == 'stream' else ''.join(o.get('data', {}).get('text/plain', '')) for o in c['outputs']).strip('\n')
    code = '' if re.search(r'^#\| *echo: *false', src, re.M) else f'```python\n{src}\n```\n\n'
    return code + (f'```\n{out}\n```' if out else '')


def make():
    nb = json.loads((root/'nbs/index.ipynb').read_text(encoding='utf-8'))
    text = '\n\n'.join(t for c in nb['cells'] if (t := cell_text(c).strip()))
    text = re.sub(r'\]\(\.\./', '](', text).replace('src="../', 'src="')
    text = re.sub(r'\]\((\d\d_\w+\.ipynb)', r'](nbs/\1', text)
    return '<!-- made from nbs/index.ipynb by tools/readme.py -->\n\n' + text + '\n'


if __name__ == '__main__':
    new, path = make(), root/'README.md'
    if '--check' not in sys.argv: path.write_text(new, encoding='utf-8')
    elif not path.exists() or path.read_text(encoding='utf-8') != new: sys.exit('README.md is not what tools/readme.py makes of nbs/index.ipynb; run `make readme`.')
