# Every target sets up what it needs in .venv, and can be run again at any time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint format bench matrix clean

help:
	@echo 'make demo    build a real index, and watch its rows being counted'
	@echo 'make test    run the tests'
	@echo 'make lint    format check, lint, types'
	@echo 'make format  format the code'
	@echo 'make bench   the benchmarks, and the page of what they find'
	@echo 'make matrix  the slow tests: every client version that is supported'
	@echo 'make clean   remove what the other targets made'

demo: $(VENV)/client
	@$(BIN)/python -m fakemilvus demo

test: $(VENV)/dev
	$(BIN)/python -m pytest

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks --json docs/benchmarks.json
	$(BIN)/python -m benchmarks.page docs/benchmarks.json

matrix: $(VENV)/dev
	$(BIN)/python -m pytest -m slow

clean:
	rm -rf $(VENV) .matrix build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A Debian without the package python3-venv has no ensurepip; its pip can install virtualenv, which needs none.
$(BIN)/python:
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(MAKE) --no-print-directory virtualenv; }

.PHONY: virtualenv
virtualenv:
	@echo 'no venv module here: making $(VENV) with virtualenv ...'
	@$(PYTHON) -m pip install --quiet --target $(VENV)-maker virtualenv
	@PYTHONPATH=$(VENV)-maker $(PYTHON) -m virtualenv --quiet $(VENV)
	@rm -rf $(VENV)-maker

# The stamps say which extras are installed; a changed pyproject.toml installs them again.
$(VENV)/client: pyproject.toml | $(BIN)/python
	@echo 'installing fakemilvus and pymilvus into $(VENV) ...'
	@$(INSTALL) '.[client]'
	@touch $@

$(VENV)/dev: pyproject.toml | $(BIN)/python
	@echo 'installing fakemilvus and its development tools into $(VENV) ...'
	@$(INSTALL) '.[dev]'
	@touch $@ $(VENV)/client
