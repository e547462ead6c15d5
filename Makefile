# Molva: `make demo` shows the main job, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# torch from the vendor's CPU index is about 200 MB; the package registry's Linux build brings
# the CUDA libraries along (about 2.5 GB). The first that answers is used. `make install
# TORCH_INDEX=` goes straight to the registry.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help install check browser test quick demo demo-elastic elasticsearch elasticsearch-stop bench constraints clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

install: $(VENV)/installed  ## the environment in .venv (nothing is installed outside it)

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Molva needs Python 3.11 or newer: make install PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "venv is missing: install your system's python3-venv package"; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing Molva into $(VENV) (downloads are cached outside this folder)"
	@torch=$$(grep '^torch==' constraints.txt); \
	if ! $(BIN)/python -c 'import torch' 2>/dev/null; then \
	  { test -n "$(TORCH_INDEX)" && UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=0 $(BIN)/uv pip install \
	      --quiet --python $(BIN)/python --index "$(TORCH_INDEX)" "$$torch" 2>/dev/null; } \
	  || $(BIN)/uv pip install --quiet --python $(BIN)/python "$$torch"; \
	fi
	@# Compiled once here, so that the first commands start as fast as later ones.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode \
	  --constraint constraints.txt --group dev --editable .
	@touch $@

check: install  ## style, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: install  ## a Chromium for the tests: the one that is here, else one is installed
	@$(BIN)/python -m tests.browser

# Tests that need an Elasticsearch start one themselves: tests/elasticsearch/.
test: check browser  ## check, then every test (installs only into .venv, but for a browser)
	$(BIN)/python -m pytest

quick: install browser  ## the tests that take less than ten seconds each
	$(BIN)/python -m pytest -m 'not slow'

demo: install  ## crawl look-alike pages, tag them, find the planted crisis
	$(BIN)/python -m demo.run

demo-elastic: install  ## the same with a real Elasticsearch that answers
	$(BIN)/python -m demo.elastic

elasticsearch: install  ## start one for development, print its URL; end it: make elasticsearch-stop
	@$(BIN)/python -m tests.elasticsearch.server start

elasticsearch-stop:
	@$(BIN)/python -m tests.elasticsearch.server stop

bench: install  ## the README's tables of speed, and more, measured again
	$(BIN)/python -m benchmarks

constraints: install  ## move every pinned version to the newest allowed one
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-annotate --no-header \
	  --group dev pyproject.toml --output-file constraints.txt

clean:  ## remove the environment and what the demo made
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
