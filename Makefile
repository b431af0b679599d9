# Lockstep. Bare `make` lists the targets. Settings are given as variables: `make cycle SIZE=medium CYCLES=3`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN  := $(VENV)/bin
# The newest supported Python that really starts and can make environments (a pyenv shim may exist and not start).
find_python = for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 \
	&& { echo $$p; break; }; done || true
PYTHON ?= $(shell $(find_python))

SIZE    ?= small
CYCLES  ?= 1
JSON    ?=
ROWS    ?=
WORKERS ?= 3
PYTEST  := $(BIN)/python -m pytest
FAST    := tests/unit tests/architecture tests/dags tests/status tests/contract/test_system_memory.py

# Where the environment forbids Python to keep compiled modules, each of the many processes of a test run or a demo would compile
# all of ours again, three seconds every time.
export PYTHONDONTWRITEBYTECODE :=

# pip's own index setting also counts for uv, which does not read it.
ifneq ($(PIP_INDEX_URL),)
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- environment

$(BIN)/uv: requirements-bootstrap.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 with the venv module was found." \
		"Install one (Debian: apt-get install python3-venv) or name it: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	@touch $@

# $(call install,<stamp name>,<locks>): skipped while the locks are what was installed last.
define install
	@sum=$$(cat $(2) | $(BIN)/python -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'); \
	if [ "$$(cat $(VENV)/.$(1) 2>/dev/null)" != "$$sum" ]; then \
		echo "Installing $(2)"; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes $(foreach lock,$(2),-r $(lock)); \
		echo "$$sum" > $(VENV)/.$(1); \
	fi
endef

.PHONY: setup
setup: $(BIN)/uv ## Create .venv with what Lockstep needs to run (PYTHON=... chooses the interpreter)
	$(call install,runtime,requirements.txt)

.PHONY: setup-dev
setup-dev: setup ## The same, and what tests and checks need
	$(call install,dev,requirements.txt requirements-dev.txt)

.PHONY: browser
browser: setup-dev
	@$(BIN)/python scripts/provide_browser.py

# --- run it

.PHONY: demo
demo: setup ## Sandbox and Airflow on this machine, one full sync_cycle, and the UI to look at
	@$(BIN)/python scripts/demo.py up

.PHONY: demo-stop
demo-stop: ## Stop what `make demo` started
	@$(BIN)/python scripts/demo.py stop

.PHONY: cycle
cycle: setup ## A full cycle without a UI, on temporary state (SIZE=small|medium|large CYCLES=n JSON=path)
	@$(BIN)/python scripts/cycle.py --size $(SIZE) --cycles $(CYCLES) $(if $(JSON),--json $(JSON))

# --- check it

.PHONY: test
test: setup-dev browser ## Environment and the whole suite, but for the tests marked slow
	$(PYTEST) -m "not slow" -n $(WORKERS)

.PHONY: test-fast
test-fast: setup-dev ## Rules, store, layers, DAG files and pages in a minute: no Airflow process, no browser, no sandbox
	$(PYTEST) $(FAST) -m "not slow and not airflow and not browser" -n 2

.PHONY: test-slow
test-slow: setup-dev browser ## The tests marked slow
	$(PYTEST) -m slow

.PHONY: test-browser
test-browser: setup-dev browser ## The tests that look at Airflow's UI and Sync Status through Chromium
	$(PYTEST) -m "browser and not slow"

.PHONY: lint
lint: setup-dev ## Style, types, layers, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=plugins:include $(BIN)/lint-imports
	@$(BIN)/python scripts/audit.py --report-only

.PHONY: audit
audit: setup-dev ## Known vulnerabilities in requirements.txt; fails if there are any
	@$(BIN)/python scripts/audit.py

.PHONY: bench
bench: setup-dev ## Speed, memory and API calls of pull, plan and push, beside their targets (ROWS=1000000 JSON=path)
	$(BIN)/python -m benchmarks $(if $(ROWS),--rows $(ROWS)) $(if $(JSON),--json $(JSON))

# --- maintain it

compile = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command 'make lock' $(UPGRADE)

.PHONY: lock
lock: $(BIN)/uv ## Compile requirements*.in to the locks (UPGRADE=--upgrade takes newer versions)
	$(compile) -o requirements-bootstrap.txt requirements-bootstrap.in
	$(compile) -o requirements.txt requirements.in
	$(compile) -o requirements-dev.txt requirements-dev.in

.PHONY: compose-env
compose-env: ## Write .env and connections.env for docker-compose.yaml (SANDBOX=1: no accounts needed)
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 to 3.13 was found" >&2; exit 1; }
	@$(PYTHON) scripts/compose_env.py $(if $(SANDBOX),--sandbox)

.PHONY: clean
clean: ## Remove the environment and caches (not the demo's state: `make demo-stop` first)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
