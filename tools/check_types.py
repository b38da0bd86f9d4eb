"""Types, by pyright in basic mode for the oldest Python that is supported: exit status 1 and two lines for each error.
It reads a copy of chordkd_nb in which patched methods stand in their classes (stubs.py), so an error is shown with its line of
code, to be looked for in the notebook. Imports that are not there are no errors: ray and mirdata are not in the dev extra."""
import ast, json, os, subprocess, sys, tempfile
from pathlib import Path
import stubs

root = stubs.package.parent
env = {k: v for k, v in os.environ.items() if not k.startswith('PYRIGHT_')} | dict(PYRIGHT_PYTHON_IGNORE_WARNINGS='1')


def pyright(folder, python=sys.executable, **rules):
    "Errors in the files of `folder`, with the packages of `python`, as text; none if there are none"
    (folder/'pyrightconfig.json').write_text(json.dumps(dict(include=['.'], pythonVersion='3.10', typeCheckingMode='basic') | rules))
    r = subprocess.run([sys.executable, '-m', 'pyright', '--outputjson', '--pythonpath', python], cwd=folder, env=env, capture_output=True, text=True)
    try: found = [d for d in json.loads(r.stdout)['generalDiagnostics'] if d['severity'] == 'error']
    except (ValueError, KeyError): return f'pyright: {r.stdout}{r.stderr}'
    line = lambda d: Path(d['file']).read_text(encoding='utf-8').splitlines()[d['range']['start']['line']].strip()
    return '\n'.join(f"{Path(d['file']).name}: {d['message'].splitlines()[0]} ({d.get('rule', 'syntax')})\n    {line(d)}" for d in found) or None


def check():
    "Errors in the package, or none"
    with tempfile.TemporaryDirectory() as d:
        copy = Path(d)/'src'/'chordkd_nb'; copy.mkdir(parents=True)
        for p in stubs.package.glob('*.py'):
            code = p.read_text(encoding='utf-8'); tree = stubs.merged(code)
            (copy/p.name).write_text(ast.unparse(tree) if tree else code, encoding='utf-8')
        return pyright(copy.parent, reportMissingImports='warning')


if __name__ == '__main__':
    if why := check(): print(why); sys.exit(1)
    print('no errors')
