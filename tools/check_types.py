"""Check types with pyright in basic mode, for the oldest Python that we support.

It reads a copy of chordkd_nb in which patched methods are in their classes (stubs.py), so each error is shown with its
line of code; look for that line in the notebook. Missing imports are only warnings: ray and mirdata are optional."""
import ast, json, os, subprocess, sys, tempfile
from pathlib import Path
import stubs

root = stubs.package.parent
ours = {k: v for k,v in os.environ.items() if not k.startswith(('PYRIGHT_', 'PYTHONPATH'))}
env = ours | dict(PYRIGHT_PYTHON_IGNORE_WARNINGS='1')


def pyright(folder, python=sys.executable, **rules):
    "Errors in the files of `folder`, with the packages of `python`, as text, or None"
    settings = dict(include=['.'], pythonVersion='3.10', typeCheckingMode='basic') | rules
    (folder/'pyrightconfig.json').write_text(json.dumps(settings))
    command = [sys.executable, '-m', 'pyright', '--outputjson', '--pythonpath', python]
    r = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    try: found = json.loads(r.stdout)['generalDiagnostics']
    except (ValueError, KeyError): return f'pyright: {r.stdout}{r.stderr}'
    return '\n'.join(described(d) for d in found if d['severity'] == 'error') or None


def described(error):
    "File, message, rule, and the line of code"
    path = Path(error['file'])
    line = path.read_text(encoding='utf-8').splitlines()[error['range']['start']['line']]
    message = error['message'].splitlines()[0]
    return f"{path.name}: {message} ({error.get('rule', 'syntax')})\n    {line.strip()}"


def check():
    "Errors in the package as text, or None"
    with tempfile.TemporaryDirectory() as d:
        for path in [*stubs.package.rglob('*.py'), *stubs.package.rglob('*.pyi')]:
            copy = Path(d)/'src'/path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            code = path.read_text(encoding='utf-8')
            tree = stubs.merged(code) if path.suffix == '.py' else None
            copy.write_text(ast.unparse(tree) if tree else code, encoding='utf-8')
        return pyright(Path(d)/'src', reportMissingImports='warning')


if __name__ == '__main__':
    if why := check(): sys.exit(why)
    print('no errors')
