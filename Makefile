# `make help` lists the targets. CI runs nothing that is not one of them.

VENV ?= .venv
PYTHON ?=
HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= var
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)

# A module's tests stay together, for the plane or the browser that they share.
SHARED_OUT := -n $(WORKERS) --dist loadscope --no-loadscope-reorder
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip install --disable-pip-version-check
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=accessplane.settings.test
TEMPLATES := $(shell find templates -name '*.html' 2>/dev/null)
APPS := accessplane audit identity policy requests_app reviews chatops

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-sqlite test-postgres bench screenshots words lint format types layers \
	migrations schema docs check requirements

help:            ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /	/' | expand -t 16

run: export DATA := $(DATA)
run: export DJANGO_SETTINGS_MODULE := accessplane.settings.embedded
run: $(VENV)/.run  ## set everything up and start the whole plane with the demo organisation (HOST, PORT, DATA)
	@$(MANAGE) demo --host $(HOST) --port $(PORT)

test: test-sqlite test-postgres  ## set everything up and run the whole suite: SQLite, then PostgreSQL and Redis

test-sqlite: $(VENV)/.test
	@echo "The suite on SQLite, without the tests that need PostgreSQL:"
	@env -u DATABASE_URL -u REDIS_URL $(BIN)/python -m pytest -rs $(SHARED_OUT) -m 'not postgres' $(ARGS)

test-postgres: $(VENV)/.test
	@$(BIN)/python tests/on_servers.py $(SHARED_OUT) $(ARGS)

bench: $(VENV)/.test  ## the benchmarks of bench/, with their tables (ARGS: calls, pages, stream, start)
	@$(BIN)/python -m bench $(ARGS)

screenshots: $(VENV)/.test  ## every page, both themes, three sizes: build/screenshots, the chosen ones into docs/screenshots
	@env -u DATABASE_URL $(TEST_SETTINGS) $(BIN)/python -m tests.web.screenshots $(ARGS)

words: $(VENV)/.test  ## bring the catalogues of locale/ up to what the sources say, and name what is not translated
	@env -u DATABASE_URL $(TEST_SETTINGS) $(BIN)/python -m tests.catalogues

lint: $(VENV)/.test  ## ruff check, ruff format --check, djade --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(if $(TEMPLATES),$(BIN)/djade --check --target-version 5.2 $(TEMPLATES))

format: $(VENV)/.test  ## write what lint would ask for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(if $(TEMPLATES),$(BIN)/djade --target-version 5.2 $(TEMPLATES))

types: $(VENV)/.test  ## mypy on the apps and the client
	$(BIN)/mypy $(APPS)
	MYPYPATH=clients $(BIN)/mypy --package accessplane_client

layers: $(VENV)/.test  ## lint-imports: who may import whom
	$(BIN)/lint-imports

migrations: $(VENV)/.test  ## makemigrations --check --dry-run, and migrate from zero
	env -u DATABASE_URL $(TEST_SETTINGS) $(MANAGE) makemigrations --check --dry-run
	data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && DATA=$$data DJANGO_SETTINGS_MODULE=accessplane.settings.embedded $(MANAGE) migrate --verbosity 0

schema: $(VENV)/.test  ## regenerate docs/reference/openapi.yaml and fail if it changed
	@fresh=$$(mktemp) && trap 'rm -f "$$fresh"' EXIT && \
	env -u DATABASE_URL $(TEST_SETTINGS) $(MANAGE) spectacular --validate --file "$$fresh" && \
	if ! cmp -s "$$fresh" docs/reference/openapi.yaml; then \
		cat "$$fresh" > docs/reference/openapi.yaml; \
		echo "docs/reference/openapi.yaml was not up to date. It is now; commit it." >&2; exit 1; \
	fi

docs: $(VENV)/.test  ## check the links and the documents of every page
	$(BIN)/python -m pytest -q tests/frame/test_documentation.py

check: lint types layers migrations schema test  ## what CI runs, in its order

requirements: $(VENV)/.test  ## compile requirements*.in into requirements*.txt (ARGS=--upgrade for new versions)
	$(PIP) --quiet uv
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt
	$(COMPILE) requirements.in --constraint requirements-dev.txt --output-file requirements.txt

COMPILE = UV_CUSTOM_COMPILE_COMMAND='make requirements' $(BIN)/uv pip compile $(ARGS) --quiet --universal \
	--python-version 3.11 --annotation-style line

# --- the environment ----------------------------------------------------------------------------

setup: $(VENV)/.run $(VENV)/.test  ## set up .venv for running, testing and checking

$(VENV)/.run: $(VENV)/.made requirements.txt clients/pyproject.toml
	@echo "Installing what Access Plane runs on. This happens once and takes a minute."
	$(PIP) -r requirements.txt -e ./clients
	@touch $@

$(VENV)/.test: $(VENV)/.made requirements-dev.txt clients/pyproject.toml
	@echo "Installing what the tests and checks need. This happens once and takes a minute."
	$(PIP) -r requirements-dev.txt -e ./clients
	@touch $@

# The first Python that is new enough, unless PYTHON names one.
$(VENV)/.made:
	@python="$(PYTHON)"; \
	for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do \
		[ -n "$$python" ] && break; \
		$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$candidate; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Access Plane needs Python 3.11 or newer, and none was found." >&2; \
		echo "Install one, or name one: make run PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python cannot make virtual environments. On Debian and Ubuntu:" >&2; \
		echo "    apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version)."; \
	$$python -m venv $(VENV)
	@touch $@
