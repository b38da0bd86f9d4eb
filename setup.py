"Packaging: everything is read from settings.ini"
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
sys.path.insert(0, str(here/'tools'))
import stubs

MINORS = range(10, 15)  # Python 3.x


class BuildWithStubs(build_py):
    "Adds type stubs to what goes into the wheel"
    def run(self):
        super().run()
        if not self.editable_mode: stubs.write(Path(self.build_lib)/'chordkd_nb')


def requirements(cfg):
    "Extras by name: each holds all that its commands need, so `teachers` holds `train`, and `train` holds `evaluate`"
    own = {k.removesuffix('_requirements'): v.split() for k,v in cfg.items() if k.endswith('_requirements')}
    def together(*names): return sorted({r for n in names for r in own[n]})
    teachers = 'evaluate', 'train', 'teachers'
    notebooks = *teachers, 'music', 'notebooks'
    # ray, snakemake and mirdata, which brings cloud clients, stay out of dev
    more = dict(train=teachers[:2], teachers=teachers, notebooks=notebooks, dev=(*notebooks, 'dev'))
    return own | {extra: together(*names) for extra,names in more.items()}


def description(readme, url):
    "The README with links that also work outside the repository"
    text = re.sub(r'(!\[[^]]*\]\()(?!https?:)', rf'\1{url}/raw/main/', readme)
    return re.sub(r'((?<!!)\[[^]]*\]\()(?!https?:|#)', rf'\1{url}/blob/main/', text)


ini = ConfigParser(delimiters=['='])
ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
git_url, readme = cfg['git_url'], here/'README.md'
setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    keywords=cfg['keywords'],
    author=cfg['author'],
    author_email=cfg['author_email'],
    url=git_url,
    project_urls={
        'Documentation': f'{git_url}/tree/main/nbs',
        'Changelog': f'{git_url}/blob/main/CHANGELOG.md',
        'Issues': f'{git_url}/issues'},
    license='Apache-2.0',
    license_files=['LICENSE', 'data/weights/README.md'],  # the second is that of the weights
    long_description=description(readme.read_text(encoding='utf-8'), git_url) if readme.exists() else '',
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
        'Intended Audience :: Developers',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in MINORS),
        'Topic :: Multimedia :: Sound/Audio :: Analysis',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Typing :: Typed'],
    zip_safe=False)
