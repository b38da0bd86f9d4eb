"""The notebooks and an API reference as plain HTML in _docs/, without Quarto: open _docs/index.html.

Code and outputs are shown as they were committed. Nothing is run, and the pages load nothing from elsewhere. The exit
status is 1 if a link within the site leads nowhere or a formula cannot be drawn.
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
ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
out = root/cfg['doc_path']
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{pygments}{css}</style>
<nav>{nav}</nav><main>{body}</main></html>"""
CSS = """
body { margin: 0; display: flex; font: 16px/1.55 system-ui, sans-serif; color: #222 }
a { color: #2a6496; text-decoration: none }
a:hover { text-decoration: underline }
nav { flex: 0 0 14rem; height: 100vh; position: sticky; top: 0; overflow: auto; padding: 1rem;
      box-sizing: border-box; background: #f6f7f9; font-size: .85rem }
nav ul { list-style: none; padding: 0; margin: .3rem 0 1rem }
nav .here { font-weight: 600 }
main { flex: 1; min-width: 0; max-width: 56rem; padding: 1rem 2.5rem 4rem; box-sizing: border-box }
img, svg { max-width: 100% }
blockquote { margin: 0; color: #666; font-size: 1.1rem }
h3 { margin-top: 2.2rem }
pre { overflow: auto; font-size: .8rem; line-height: 1.4; margin: .5rem 0; padding: .6rem .8rem; border-radius: 4px }
.highlight pre { background: #f6f7f9 }
.jp-OutputArea pre { background: none; border-left: 3px solid #dde }
code { font-size: .88em; background: #f2f3f5; padding: .1em .25em; border-radius: 3px }
pre code { background: none; padding: 0 }
.jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none }
table { border-collapse: collapse; font-size: .85rem; display: block; overflow: auto }
td, th { padding: .25rem .6rem; border-bottom: 1px solid #ddd; text-align: left }
@media (max-width: 50rem) { body { display: block } nav { height: auto; position: static } main { padding: 1rem } }
"""


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


def signature(obj, name, level):
    "Heading, signature and parameters of a function or class, as Markdown"
    text = re.sub(r'^---$|^\[source\].*$|^#+ .*$', '', show_doc(obj)._repr_markdown_(), flags=re.M).strip()
    return f'<h{level} id="{name}">{name}</h{level}>\n\n{text}'


def constant(obj, name):
    "Heading and value of something that cannot be called"
    value = re.sub(r'`| at 0x\w+', '', repr(obj))
    return f'<h3 id="{name}">{name}</h3>\n\n`{value[:300]}{" …" if len(value) > 300 else ""}`'


def methods(cls):
    "Entries of the public methods and properties of a class"
    for name,member in vars(cls).items():
        if name.startswith('_') or getattr(member, '__doc__', None) is None: continue
        full = f'{cls.__name__}.{name}'
        if isinstance(member, property): yield f'<h4 id="{full}">{full}</h4>\n\n*{member.__doc__}*'
        elif inspect.isfunction(member) or isinstance(member, classmethod): yield signature(getattr(cls, name), full, 4)


def reference(module):
    "A notebook that lists all that a module exports"
    parts = [f'# {module.__name__}\n\n> {html.escape(inspect.getdoc(module) or "")}']
    for name in module.__all__:
        obj = getattr(module, name)
        parts.append(signature(obj, name, 3) if callable(obj) else constant(obj, name))
        if inspect.isclass(obj): parts += methods(obj)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(p) for p in parts])


def render(nb, anchors):
    "The body of a notebook as HTML; names of the API in its text become links"
    hide_input = Config(TagRemovePreprocessor=dict(enabled=True, remove_input_tags={'no-input'}))
    exporter = HTMLExporter(
        template_name='basic', embed_images=True, anchor_link_text='', exclude_input_prompt=True,
        exclude_output_prompt=True, config=hide_input)
    body, _ = exporter.from_notebook_node(nb, resources=dict(metadata=dict(path=str(root/'nbs'))))
    body = re.sub(r'href="(\d\d_\w+)\.ipynb', lambda found: f'href="{page_name(found[1])}.html', body)
    body = re.sub(r'href="\.\./', f'href="{cfg["git_url"]}/blob/{cfg["branch"]}/', body)
    def linked(found):
        name = found[1]
        return f'<a href="{anchors[name]}">{found[0]}</a>' if name in anchors else found[0]
    return re.sub(r'<code>([\w.]+)</code>', linked, body)


def navigation(pages, here):
    "The column on the left: notebooks, then the API"
    def item(page, text): return f'<li><a {"class=here " if page == here else ""}href="{page}.html">{text}</a></li>'
    notebooks = ''.join(item(p, p) for p in pages if p[:2].isdigit())
    api = ''.join(item(p, p[4:]) for p in pages if p.startswith('api-'))
    title = f'<a href="index.html"><b>{cfg["title"]}</b></a> {cfg["version"]}'
    return f'{title}<ul>{notebooks}</ul><b>API</b><ul>{api}</ul>'


def dead_links(texts):
    "Links within the site that lead to no page or to no place on it"
    for page,text in texts.items():
        for link in re.findall(r'<a [^>]*href="([^":]+)"', text):
            name, _, place = link.partition('#')
            target = texts.get(name.removesuffix('.html') or page)
            if target is None or place and f'id="{place}"' not in target: yield f'{page}: {link}'


def unknown_formulas(texts):
    "LaTeX commands that latex2mathml has left as they were"
    formulas = [f for text in texts.values() for f in re.findall(r'<math.*?</math>', text, re.S)]
    return sorted({command for f in formulas for command in re.findall(r'\\[A-Za-z]+', f)})


def page_name(notebook): return 'index' if notebook == '00_index' else notebook


def documented_modules():
    "The modules that notebooks export"
    for path in sorted((root/'chordkd_nb').glob('*.py')):
        if not path.stem.startswith('_'): yield importlib.import_module(f'chordkd_nb.{path.stem}')


def main():
    modules = {f'api-{m.__name__.split(".")[-1]}': m for m in documented_modules()}
    anchors = {name: f'{page}.html#{name}' for page,m in modules.items() for name in m.__all__}
    pages = {page_name(p.stem): readable(nbformat.read(p, 4)) for p in sorted((root/'nbs').glob('*.ipynb'))}
    pages |= {page: reference(m) for page,m in modules.items()}
    out.mkdir(exist_ok=True)
    texts, pygments = {}, HtmlFormatter().get_style_defs('.highlight')
    for page,nb in pages.items():
        parts = dict(title=f'{page} · {cfg["title"]}', pygments=pygments, css=CSS, nav=navigation(pages, page))
        texts[page] = PAGE.format(body=render(nb, anchors), **parts)
        (out/f'{page}.html').write_text(texts[page], encoding='utf-8')
    print(f'{len(pages)} pages: {(out/"index.html").relative_to(root)}')
    if unknown := unknown_formulas(texts): sys.exit(f'latex2mathml does not know these commands: {unknown}')
    if dead := sorted(set(dead_links(texts))): sys.exit('Links that lead nowhere:\n' + '\n'.join(dead))


if __name__ == '__main__': main()
