# `make serve` and `make test` are all a new machine needs: Python 3.11 or newer, and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What kbgen spares Python-Markdown and Pygments, it spares only libraries that it knows inside.
LOWEST := --deselect tests/kbgen/test_quickening.py::test_the_installed_library_is_one_whose_work_is_spared --ignore tests/kbgen/test_coloring.py

.DEFAULT_GOAL := help
.PHONY: help serve test lint types unit lowest loop site plugins bench-search bench-build bench-feedback format lock clean

help: ## show what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "kbgen needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

serve: $(VENV)/.run ## build this project's own knowledge base; serve site, collector and desk
	$(BIN)/kbgen serve

site: $(VENV)/.run ## build this project's own knowledge base into site/
	$(BIN)/kbgen build --strict

test: lint types unit ## everything CI checks

lint: $(VENV)/.test ## ruff: style, likely mistakes, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test ## mypy, strict
	$(BIN)/mypy

unit: $(VENV)/.test ## the tests, browser and PostgreSQL included
	$(BIN)/python tools/chromium.py
	$(BIN)/python tools/firefox.py
	$(BIN)/pytest --numprocesses auto --dist loadfile

lowest: $(VENV)/.test ## the tests, but for the browser's, on the lowest versions that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .lowest
	$(BIN)/uv pip install --quiet --python .lowest --resolution lowest-direct --group dev --editable '.[dask,postgres]'
	PATH="$(CURDIR)/.lowest/bin:$$PATH" .lowest/bin/pytest --numprocesses auto --dist loadfile --ignore tests/browser $(LOWEST)

loop: $(VENV)/.test ## the whole loop in a browser on your own articles in English: make loop KB=path/to/mkdocs.yml
	KBGEN_LOOP_CONFIG=$(KB) $(BIN)/pytest tests/browser/test_loop.py

plugins: ## try MkDocs plugins beside kbgen, in an environment of their own
	$(PYTHON) -m venv .plugins
	.plugins/bin/pip install --quiet --editable . -r tools/plugins.txt
	.plugins/bin/python tools/plugins.py

bench-search: $(VENV)/.test ## relevance, misspellings, download and latency beside peers: CORPORA=folder
	$(BIN)/python -m benchmarks.search --corpora $(CORPORA)
	$(BIN)/python -m benchmarks.misspellings --corpora $(CORPORA)
	$(BIN)/python -m benchmarks.wordforms --corpora $(CORPORA)
	$(BIN)/python -m benchmarks.sections --corpora $(CORPORA)
	$(BIN)/python -m benchmarks.payload --corpora $(CORPORA)

bench-build: $(VENV)/.test ## builds beside MkDocs with Material and Zensical: CORPORA=folder
	$(BIN)/python -m benchmarks.build --corpora $(CORPORA)

bench-feedback: $(VENV)/.test ## the detector on simulated readers, the collector under load and faults
	$(BIN)/python -m benchmarks.feedback.detect
	$(BIN)/python -m benchmarks.feedback.load
	$(BIN)/python -m benchmarks.feedback.faults
	$(BIN)/python -m benchmarks.feedback.scale

format: $(VENV)/.test ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.test ## pin every dependency with its hashes
	$(BIN)/python tools/lock.py

clean: ## remove what a build or a test leaves behind
	rm -rf site .kbgen .lowest .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
