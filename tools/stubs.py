"""Type stubs, so that type checkers and editors see what they cannot follow in the code.

fastcore's `@patch` adds a method to a class from outside. In a stub, each patched function is a method, property or
class method in the body of its class.
Stubs are made from the code and never committed: setup.py puts them into the wheel, and check_types.py checks the
modules with their methods in place."""
import ast
from pathlib import Path

package = Path(__file__).resolve().parent.parent/'chordkd_nb'
KINDS = dict(as_prop='property', cls_method='classmethod')  # arguments of @patch


def patch_call(node):
    "The decorator of a patched function as a call, or None"
    for decorator in getattr(node, 'decorator_list', []):
        call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
        if ast.unparse(call.func) == 'patch': return call


def patched_functions(tree, classes):
    "Functions that patch a class of the same module"
    for node in tree.body:
        if patch_call(node) and ast.unparse(node.args.args[0].annotation) in classes: yield node


def move_into_class(function, tree, classes):
    "Make a patched function a method of its class"
    options = {k.arg for k in patch_call(function).keywords}
    function.decorator_list = [ast.Name(kind) for option,kind in KINDS.items() if option in options]
    first = function.args.args[0]
    owner = classes[ast.unparse(first.annotation)]
    first.annotation = None
    owner.body.append(function)
    tree.body.remove(function)


def merged(
    code:str, # of a module
)->ast.Module|None: # None if it patches no class of its own
    "Put patched functions into their classes"
    tree = ast.parse(code)
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    functions = list(patched_functions(tree, classes))
    if not functions: return None
    for function in functions: move_into_class(function, tree, classes)
    # a class may be named before its body ends
    tree.body.insert(1, ast.parse('from __future__ import annotations').body[0])
    return ast.fix_missing_locations(tree)


def stub(tree:ast.Module)->str:
    "A module without the code in its functions; names that it imports can be imported from it"
    for node in tree.body:
        if isinstance(node, ast.ImportFrom): node.names = [ast.alias(a.name, a.asname or a.name) for a in node.names]
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef): continue
        attributes = [n for n in function.body if function.name == '__init__' and isinstance(n, ast.Assign)]
        docstring = function.body[:bool(ast.get_docstring(function))]
        function.body = [*attributes, *docstring, ast.Expr(ast.Constant(...))]
    return ast.unparse(ast.fix_missing_locations(tree))


def write(folder):
    "Write a stub in `folder` for every module that patches a class of its own"
    for path in package.glob('*.py'):
        if tree := merged(path.read_text(encoding='utf-8')):
            (Path(folder)/f'{path.stem}.pyi').write_text(stub(tree)+'\n', encoding='utf-8')
