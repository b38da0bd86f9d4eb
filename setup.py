"Packaging: everything is read from settings.ini"
import sys
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
sys.path.insert(0, str(here/'tools'))
import stubs

MINORS = range(10, 14)  # Python 3.x


class BuildWithStubs(build_py):
    "Adds type stubs to what goes into the wheel"
    def run(self):
        super().run()
        if not self.editable_mode: stubs.write(Path(self.build_lib)/'chordkd_nb')


def requirements(cfg):
    "Extras by name; `notebooks` holds what the notebooks import, `dev` what testing needs as well"
    own = {k.removesuffix('_requirements'): v.split() for k,v in cfg.items() if k.endswith('_requirements')}
    def together(*names): return sorted({r for n in names for r in own[n]})
    notebooks = together('train', 'teachers', 'data', 'music', 'widgets', 'notebooks')
    # mirdata (cloud clients), ray, and what only `make docs` and `make browser` use stay out of dev
    dev = sorted({*notebooks, *together('onnx', 'dev')})
    return own | dict(notebooks=notebooks, dev=dev)


ini = ConfigParser(delimiters=['='])
ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
readme = here/'README.md'
setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    keywords=cfg['keywords'],
    author=cfg['author'],
    author_email=cfg['author_email'],
    url=cfg['git_url'],
    license='Apache-2.0',
    long_description=readme.read_text(encoding='utf-8') if readme.exists() else '',
    long_description_content_type='text/markdown',
    cmdclass=dict(build_py=BuildWithStubs),
    packages=['chordkd_nb', 'chordkd_nb.cli', 'chordkd_nb.weights'],
    package_dir={'chordkd_nb.weights': 'data/weights'},
    package_data={
        'chordkd_nb': ['py.typed', '__init__.pyi', 'player.html', 'player.css', 'player.js'],
        'chordkd_nb.weights': ['README.md', '*/model.safetensors', '*/config.json']},
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg['requirements'].split(),
    extras_require=requirements(cfg),
    entry_points=dict(
        console_scripts=cfg['console_scripts'].split(),
        nbdev=[f"{cfg['lib_name']}={cfg['lib_name']}._modidx:d"]),
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Intended Audience :: Science/Research',
        'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in MINORS),
        'Topic :: Multimedia :: Sound/Audio :: Analysis'],
    zip_safe=False)
