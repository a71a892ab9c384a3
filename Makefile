# make run: set everything up and serve.  make test: set everything up and run the tests.
# Needs Python 3.11+ and make; everything else is installed below this folder.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := .tools/bin/uv
PY := .venv/bin/python
export UV_COMPILE_BYTECODE = 1

.DEFAULT_GOAL := help
.PHONY: help install run test check lock journeys

help:
	@echo "make run      set up and serve at http://127.0.0.1:8000"
	@echo "make test     set up and run the tests"
	@echo "make check    formatting, lint, types and the import arrow"
	@echo "make install  set up only: packages and the trained router"

$(UV): requirements-uv.lock
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $(UV)

# The development set holds everything of the running set, at the same versions.
.venv/installed-run: $(UV) requirements.lock
	test -x $(PY) || $(UV) venv --quiet --python $(PYTHON) .venv
	@if [ -f .venv/installed-dev ] && [ .venv/installed-dev -nt requirements-dev.lock ]; then :; \
	else $(UV) pip sync --quiet --python $(PY) --require-hashes requirements.lock; fi
	@touch $@

.venv/installed-dev: $(UV) requirements-dev.lock
	test -x $(PY) || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock
	@touch $@

install: .venv/installed-run
	$(PY) app.py prepare

run: install
	$(PY) app.py serve

test: .venv/installed-dev check
	$(PY) app.py prepare
	$(PY) -m pytest -q

check: .venv/installed-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .
	.venv/bin/lint-imports

lock: $(UV)
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 -q -o requirements-dev.lock
	$(UV) pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 -q -c requirements-dev.lock -o requirements.lock
