"Packaging: everything is read from settings.ini"
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup
from setuptools.command.build_py import build_py
import sys

here = Path(__file__).parent; sys.path.insert(0, str(here/'tools'))
import stubs

class Build(build_py):
    "Adds type stubs to what goes into the wheel"
    def run(self):
        super().run()
        if not self.editable_mode: stubs.write(Path(self.build_lib)/'chordkd_nb')

ini = ConfigParser(delimiters=['=']); ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
# of these, mirdata is left out of dev, as it brings cloud clients, and so are ray, docs (for tools/docs.py) and browser (for tools/browser_test.py)
own = {k.removesuffix('_requirements'): v.split() for k,v in cfg.items() if k.endswith('_requirements')}
together = lambda *names: sorted({r for n in names for r in own[n]})
extras = own | dict(notebooks=together('train','teachers','data','music','widgets','notebooks'))   # what they import, but for ONNX; on Colab it leaves the packages that are there as they are
extras['dev'] = sorted({*extras['notebooks'], *together('onnx','dev')})

setup(
    name=cfg['lib_name'], version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'],
    author=cfg['author'], author_email=cfg['author_email'], url=cfg['git_url'], license='Apache-2.0',
    long_description=(here/'README.md').read_text(encoding='utf-8') if (here/'README.md').exists() else '', long_description_content_type='text/markdown',
    cmdclass=dict(build_py=Build), packages=['chordkd_nb','chordkd_nb.cli','chordkd_nb.weights'], package_dir={'chordkd_nb.weights':'data/weights'},
    package_data={'chordkd_nb':['py.typed'], 'chordkd_nb.weights':['README.md','*/model.safetensors','*/config.json']}, python_requires=f">={cfg['min_python']}",
    install_requires=cfg['requirements'].split(), extras_require=extras,
    entry_points=dict(console_scripts=cfg['console_scripts'].split(), nbdev=[f"{cfg['lib_name']}={cfg['lib_name']}._modidx:d"]),
    classifiers=['Development Status :: 3 - Alpha', 'Intended Audience :: Science/Research',
                 'Programming Language :: Python :: 3', *(f'Programming Language :: Python :: 3.{v}' for v in range(10, 14)), 'Topic :: Multimedia :: Sound/Audio :: Analysis'],
    zip_safe=False)
