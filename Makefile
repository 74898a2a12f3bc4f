# Everything a newcomer needs: `make run` and `make test`. A later word may be used alone.
PYTHON ?= python3
# Size of the sample city that `make run` plays; 0.1 is the smallest.
SCALE  ?= 1.0
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: install run old-engine test check fmt bench simulate migration clean look

install: $(VENV)/.installed

# Python compiles what it imports; most of what is installed it never does.
$(VENV)/.installed: pyproject.toml hatch_build.py package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit("panel needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Installing panel and its libraries into $(VENV); the first time this takes two to three minutes."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	@touch $@

run: install
	$(BIN)/panel demo --story round --scale $(SCALE) --if-empty
	$(BIN)/panel serve

# Chromium 107: the sheet must hold on an old phone too.
old-engine: install
	$(BIN)/python -m tests.journeys.old_engine

# Workers share the processors already; threads that wait for each other would only heat them.
test look: export OPENBLAS_NUM_THREADS = 1
# Sets come in the same order in every run.
test look: export PYTHONHASHSEED = 0

test: install old-engine
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

look: install
	LOOK=whole $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder tests/journeys

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	$(BIN)/python -m benchmarks

# 200 cities whose truth is known, judged by every method; about ten minutes on one processor.
simulate: install
	$(BIN)/python -m benchmarks.simulation

migration: install
	$(BIN)/panel migration

clean:
	rm -rf $(VENV) build dist *.egg-info web/static/vendor node_modules
