# Everything runs in .venv, which needs only `python3 -m venv` and pip.
# PYTHON names the interpreter to build it from: make test PYTHON=python3.12

PYTHON ?= python3
UV ?= uv
WORKERS ?= 2
BIN := .venv/bin
LOCKED := .venv/.locked
INSTALLED := .venv/.installed

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Else each worker rewrites all assertions anew, and every `wfm` that a test starts compiles all of itself.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo check compiled test test-all bench lock clean

help:
	@echo "make demo      generate a contact centre in demo/ and run the whole chain over it"
	@echo "make test      lint, types and the tests that are not slow, properties on a quarter of their examples"
	@echo "make test-all  all tests on all examples, with coverage and its floor"
	@echo "make check     lint and types only"
	@echo "make bench     the benchmarks, one after the other"
	@echo "make install   only build .venv"
	@echo "make lock      compile requirements.lock again (needs uv)"
	@echo "make clean     remove .venv, the caches and demo/"

# The lock is complete, so pip only installs: left to resolve, pip 23 takes a newer release for a requirement with an
# extra (coverage[toml]) than the one locked, and refuses it.
# Two stamps, so that a change of pyproject.toml does not download the dependencies again.
$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "wfm needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip check
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml wfm/__init__.py
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

install: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/wfm demo demo

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Each file's kernels are compiled by one worker and kept; in the whole suite every worker would compile all of them.
compiled: $(INSTALLED)
	@HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -n $(WORKERS) --dist loadfile -m "not slow" tests/schedule/test_annealing.py tests/simulate/test_stage.py \
	  tests/erlang/test_staffing.py tests/erlang/test_models.py

# A file is run by one worker, so that what its tests share is made once. Coverage makes the tests half as slow again
# (Python 3.11 has no sys.monitoring), so that only test-all measures it and holds its floor.
test: check compiled
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -m "not slow" -n $(WORKERS) --dist loadfile

test-all: check compiled
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term

bench: $(INSTALLED)
	@set -e; for script in bench/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

lock:
	$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov dist demo
	find wfm tests -name __pycache__ -type d -prune -exec rm -rf {} +
