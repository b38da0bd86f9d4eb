# make demo   sets everything up and runs the two-stage method end to end on synthetic songs
# make test   sets everything up and runs every notebook and test
# make style  checks how the code is typeset, and that code and notebooks agree
# make install  the set-up alone: a virtual environment in .venv
# make docs   the notebooks and an API reference as HTML in _docs/
# make web    builds the page of web/ (Node.js 20, npm) and serves it at http://localhost:4173
# make web-test  builds it and uses it in a headless Chromium, screenshots in browser/
# make browser  clicks through the widgets in JupyterLab and a headless Chromium, screenshots in browser/
PYTHON ?= python3
TORCH  ?= torch==2.13.0
CHROMIUM ?= chromium
BIN    := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo test style notebooks readme docs slow browser web web-build web-test clean
help:
	@sed -n '1,8s/^# //p' Makefile

install: .venv/installed
.venv/installed: settings.ini setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,10) and "Python 3.10 or newer is needed, this is " + sys.version.split()[0] or 0)'
	@echo "Setting up .venv (a few minutes, about 2 GB) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "  $(TORCH)"; $(BIN)/python -m pip install -q $(TORCH)
	@echo "  this package and what it needs"; $(BIN)/python -m pip install -q -e '.[dev]'
	@$(BIN)/python -m pip install -q --no-deps crema==0.2.0  # its weights only: what it depends on (TensorFlow) is not needed
	@touch $@; echo "Ready."

demo: install
	@$(BIN)/chordkd demo --out demo

test: install
	@$(BIN)/python tools/check.py

style: install
	@$(BIN)/python tools/check.py --quick

slow: install
	@$(BIN)/python -m pip install -q -e '.[scale]' 'moto[server]>=5'
	@$(BIN)/python tools/check.py --slow

browser: install
	@$(BIN)/python tools/browser_test.py browser --chromium $(CHROMIUM)

web-build: install
	@command -v npm > /dev/null || (echo "The page needs Node.js 20 or newer, with npm."; exit 1)
	@cd web && npm ci --loglevel=error
	@mkdir -p web/made
	@$(BIN)/chordkd export-onnx btc-v8 web/made/chords.onnx --audio
	@$(BIN)/python tools/web_chords.py web/made/chords.json
	@cd web && npm run --silent build

web: web-build
	@cd web && npm run --silent preview

web-test: web-build
	@$(BIN)/python tools/web_test.py browser $(SONGS) --chromium $(CHROMIUM)

notebooks: install
	@$(BIN)/python tools/run_notebooks.py $(NB)

readme: install
	@$(BIN)/python tools/readme.py

docs: install
	@$(BIN)/python tools/docs.py

clean:
	rm -rf .venv demo browser _docs build dist *.egg-info web/node_modules web/made web/dist
