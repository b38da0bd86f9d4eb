"""What type checkers need to see the methods that fastcore's @patch adds to a class, which they cannot follow: every patched
function becomes a method, property or class method in the body of its class. Made from the code and never under version control:
type stubs, which setup.py puts into the wheel, and whole modules, which check_types.py checks."""
import ast
from pathlib import Path

package = Path(__file__).resolve().parent.parent/'chordkd_nb'


def _patch(node):
    "The decorator of a @patch'ed function, as a call, else none"
    for d in getattr(node, 'decorator_list', []):
        d = d if isinstance(d, ast.Call) else ast.Call(d, [], [])
        if ast.unparse(d.func) == 'patch': return d


def merged(code:str)->ast.Module|None:
    "A module's code with patched functions in their classes; none if it patches no class of its own"
    tree = ast.parse(code)
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    found = [n for n in tree.body if _patch(n) and ast.unparse(n.args.args[0].annotation) in classes]
    for f in found:
        options, first = {k.arg for k in _patch(f).keywords}, f.args.args[0]
        f.decorator_list = [ast.Name(d) for k, d in dict(as_prop='property', cls_method='classmethod').items() if k in options]
        cls, first.annotation = classes[ast.unparse(first.annotation)], None
        cls.body.append(f); tree.body.remove(f)
    if found: tree.body.insert(1, ast.parse('from __future__ import annotations').body[0])   # a class may be named before its body ends
    return ast.fix_missing_locations(tree) if found else None


def stub(tree:ast.Module)->str:
    "A module without the code in its functions; names that it imports stay importable from it"
    for n in tree.body:
        if isinstance(n, ast.ImportFrom): n.names = [ast.alias(a.name, a.asname or a.name) for a in n.names]
    for f in ast.walk(tree):
        if isinstance(f, ast.FunctionDef): f.body = [*(b for b in f.body if f.name == '__init__' and isinstance(b, ast.Assign)), *f.body[:bool(ast.get_docstring(f))], ast.Expr(ast.Constant(...))]
    return ast.unparse(ast.fix_missing_locations(tree))


def front(code:str)->str:
    "The stub of `__init__`, which imports its public names only when they are asked for"
    home = next(n.value for n in ast.parse(code).body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == '_HOME')
    return '\n'.join(['__version__: str', *(f'from .{k.value.value} import {k.arg} as {k.arg}' for k in home.keywords)])


def write(folder):
    "A stub in `folder` for `__init__` and for every module that patches a class of its own"
    for p in package.glob('*.py'):
        code = p.read_text(encoding='utf-8')
        text = front(code) if p.stem == '__init__' else stub(t) if (t := merged(code)) else None
        if text: (Path(folder)/f'{p.stem}.pyi').write_text(text + '\n', encoding='utf-8')
