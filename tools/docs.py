"""The notebooks and an API reference as a site of plain HTML in _docs/, without Quarto: open _docs/index.html.
Code and outputs stand as they were committed; nothing is run, and the pages load nothing from elsewhere. Ends with an error if a link within the site leads nowhere or a formula cannot be drawn.
(Where Quarto is installed, `nbdev_docs` makes the usual nbdev site from the same notebooks.)"""
import html, importlib, inspect, re, sys
from configparser import ConfigParser
from pathlib import Path
import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.exporters import html as exporter_html
from nbconvert.filters.markdown_mistune import IPythonRenderer
from nbdev.showdoc import show_doc
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

root = Path(__file__).resolve().parent.parent
ini = ConfigParser(delimiters=['=']); ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
out = root/cfg['doc_path']
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{pygments}
body{{margin:0;display:flex;font:16px/1.55 system-ui,sans-serif;color:#222}} a{{color:#2a6496;text-decoration:none}} a:hover{{text-decoration:underline}}
nav{{flex:0 0 14rem;height:100vh;position:sticky;top:0;overflow:auto;padding:1rem;box-sizing:border-box;background:#f6f7f9;font-size:.85rem}} nav ul{{list-style:none;padding:0;margin:.3rem 0 1rem}} nav .here{{font-weight:600}}
main{{flex:1;min-width:0;max-width:56rem;padding:1rem 2.5rem 4rem;box-sizing:border-box}} img,svg{{max-width:100%}} blockquote{{margin:0;color:#666;font-size:1.1rem}} h3{{margin-top:2.2rem}}
pre{{overflow:auto;font-size:.8rem;line-height:1.4;margin:.5rem 0;padding:.6rem .8rem;border-radius:4px}} .highlight pre{{background:#f6f7f9}} .jp-OutputArea pre{{background:none;border-left:3px solid #dde}}
code{{font-size:.88em;background:#f2f3f5;padding:.1em .25em;border-radius:3px}} pre code{{background:none;padding:0}} .jp-InputPrompt,.jp-OutputPrompt,.anchor-link{{display:none}}
table{{border-collapse:collapse;font-size:.85rem;display:block;overflow:auto}} td,th{{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left}} @media(max-width:50rem){{body{{display:block}} nav{{height:auto;position:static}} main{{padding:1rem}}}}
</style>
<nav>{nav}</nav><main>{body}</main></html>"""


class MathML(IPythonRenderer):
    "Formulas as MathML, which browsers draw by themselves: the pages load nothing"
    def block_math(self, body): return convert(body.strip(), display='block')
    def inline_math(self, body): return convert(body.strip())

exporter_html.IPythonRenderer = MathML   # nbconvert has no setting for it


def readable(nb):
    "A notebook without what is not meant for readers: hidden cells, directives, the badge"
    cells = []
    for c in nb.cells:
        if c.cell_type == 'code' and re.search(r'^#\| *(hide|default_exp)', c.source, re.M): continue
        if re.search(r'^#\| *echo: *false', c.source, re.M): c.metadata['tags'] = ['no-input']
        c.source = re.sub(r'^(#\|.*\n?)+|^\[!\[Open in Colab.*$', '', c.source, flags=re.M)
        if c.source.strip(): cells.append(c)
    nb.cells = cells
    return nb


def reference(module):
    "A notebook with the signature of everything that a module exports, public methods and properties below their class"
    def entry(obj, name, level):
        text = re.sub(r'^---$|^\[source\].*$|^#+ .*$', '', show_doc(obj)._repr_markdown_(), flags=re.M).strip()
        return f'<h{level} id="{name}">{name}</h{level}>\n\n{text}'
    parts = [f'# {module.__name__}\n\n> {html.escape(inspect.getdoc(module) or "")}']
    for name in module.__all__:
        obj = getattr(module, name)
        if not callable(obj):
            value = re.sub(r'`| at 0x\w+', '', repr(obj))
            parts.append(f'<h3 id="{name}">{name}</h3>\n\n`{value[:300]}{" …" if len(value)>300 else ""}`'); continue
        parts.append(entry(obj, name, 3))
        for n, m in vars(obj).items() if inspect.isclass(obj) else ():
            if n.startswith('_') or getattr(m, '__doc__', None) is None: continue
            if isinstance(m, property): parts.append(f'<h4 id="{name}.{n}">{name}.{n}</h4>\n\n*{m.__doc__}*')
            elif inspect.isfunction(m) or isinstance(m, classmethod): parts.append(entry(getattr(obj, n), f'{name}.{n}', 4))
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(p) for p in parts])


def render(nb, names):
    "A notebook's body as HTML; names of the API in its text become links"
    exporter = HTMLExporter(template_name='basic', embed_images=True, anchor_link_text='', exclude_input_prompt=True, exclude_output_prompt=True,
                            config=Config(TagRemovePreprocessor=dict(enabled=True, remove_input_tags={'no-input'})))
    body, _ = exporter.from_notebook_node(nb, resources=dict(metadata=dict(path=str(root/'nbs'))))
    body = re.sub(r'href="((?:\d\d_\w+|index))\.ipynb', r'href="\1.html', body)
    body = re.sub(r'href="\.\./', f'href="{cfg["git_url"]}/blob/{cfg["branch"]}/', body)
    return re.sub(r'<code>([\w.]+)</code>', lambda m: f'<a href="{names[m[1]]}">{m[0]}</a>' if m[1] in names else m[0], body)


def main():
    modules = [importlib.import_module(f'chordkd_nb.{p.stem}') for p in sorted((root/'chordkd_nb').glob('*.py')) if not p.stem.startswith('_')]
    names = {n: f'api-{m.__name__.split(".")[-1]}.html#{n}' for m in modules for n in m.__all__}
    pages = {p.stem: readable(nbformat.read(p, 4)) for p in sorted((root/'nbs').glob('*.ipynb'))}
    pages |= {f'api-{m.__name__.split(".")[-1]}': reference(m) for m in modules}
    def nav(here):
        item = lambda k, text: f'<li><a {"class=here " if k == here else ""}href="{k}.html">{text}</a></li>'
        return (f'<a href="index.html"><b>{cfg["title"]}</b></a> {cfg["version"]}<ul>' + ''.join(item(k, k) for k in pages if k[:2].isdigit()) + '</ul><b>API</b><ul>'
                + ''.join(item(k, k[4:]) for k in pages if k.startswith('api-')) + '</ul>')
    out.mkdir(exist_ok=True)
    css = HtmlFormatter().get_style_defs('.highlight')
    for k, nb in pages.items():
        (out/f'{k}.html').write_text(PAGE.format(title=f'{k} · {cfg["title"]}', pygments=css, nav=nav(k), body=render(nb, names)), encoding='utf-8')
    texts = {k: (out/f'{k}.html').read_text(encoding='utf-8') for k in pages}
    dead = [f'{k}: {h}' for k, t in texts.items() for h in re.findall(r'<a [^>]*href="([^":]+)"', t) if (m := re.match(r'([^#]*)(?:#(.*))?$', h))
            and ((m[1] or f'{k}.html').removesuffix('.html') not in texts or m[2] and f'id="{m[2]}"' not in texts[(m[1] or f'{k}.html').removesuffix('.html')])]
    print(f'{len(pages)} pages: {(out/"index.html").relative_to(root)}')
    if bad := sorted({m for t in texts.values() for f in re.findall(r'<math.*?</math>', t, re.S) for m in re.findall(r'\\[A-Za-z]+', f)}): sys.exit(f'formulas with words that latex2mathml does not know: {bad}')
    if dead: sys.exit('links that lead nowhere:\n' + '\n'.join(sorted(set(dead))))


if __name__ == '__main__': main()
