"Docstrings that show the comments beside the parameters, so that `help` and `?` say as much as the source"
import functools
import inspect
import re


@functools.lru_cache(None)
def with_parameters(
    obj, # a function or class whose parameters have comments (docments)
): # the same object
    "Add the comments beside the parameters of `obj` to its docstring"
    from fastcore.docments import docments
    if not callable(obj): return obj
    described = getattr(obj, 'sizes', obj)  # a network takes the fields of a dataclass
    try: comments = docments(described, full=True)
    except (OSError, TypeError): return obj  # no source
    rest = _rest_comment(obj)
    if rest and rest[0] in comments: comments[rest[0]]['docment'] = rest[1]
    lines = [_line(name, comment) for name,comment in comments.items() if comment['docment']]
    if lines: obj.__doc__ = '\n'.join([inspect.getdoc(obj) or '', '', 'Parameters', '----------', *lines])
    return obj


def _rest_comment(obj):
    "Name of `**parameters` and the comment beside it, which docments leaves out"
    found = re.search(r'^\s*\*\*(\w+),? *# *(.+)$', inspect.getsource(obj), re.M)
    return found and found.groups()


def _line(name, comment):
    "`name: type = default`, and below it what the comment says"
    if name == 'return': return f'\nReturns\n-------\n    {comment["docment"]}'
    has_type = comment['anno'] not in (inspect.Parameter.empty, type(None))
    kind = f': {inspect.formatannotation(comment["anno"])}' if has_type else ''
    default = '' if comment['default'] is inspect.Parameter.empty else f' = {comment["default"]!r}'
    stars = '**' if comment.get('kind') == inspect.Parameter.VAR_KEYWORD else ''
    return f'{stars}{name}{kind}{default}\n    {comment["docment"]}'
