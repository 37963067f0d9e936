# Two commands matter: `make run` and `make check`. `make help` lists the others.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip of the machine fills the virtual environment, which therefore needs no pip of its own.
INSTALL := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --no-input \
	install --quiet --quiet --require-hashes --requirement
FLASK := $(BIN)/python -m flask --app booking.app

RUNTIME := $(VENV)/runtime-is-installed
TOOLS := $(VENV)/tools-are-installed
CATALOGS := $(wildcard booking/translations/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGS:.po=.mo)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check bench lint migrations translations locks clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

run: $(RUNTIME) $(COMPILED) ## start everything on this machine (PORT=5000 by default); Ctrl-C ends it
	@exec $(FLASK) serve

test: $(TOOLS) $(COMPILED) ## run the tests on SQLite, PostgreSQL and in a browser (ARGS="tests/rules -k summer")
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: lint migrations test ## everything that has to hold before a change is kept; CI runs the same

bench: $(TOOLS) $(COMPILED) ## measure what pages cost against their bounds, in ten minutes (ARGS="--size small --only day,search")
	@$(BIN)/python -m tests.bench $(ARGS)

lint: $(TOOLS) ## style, import order, types, templates: seconds
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates

migrations: $(TOOLS) ## migrate an empty database and compare it with the models
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	export APP_ENV=test SECRET_KEY=unused DATABASE_URL="sqlite:///$$folder/empty.sqlite3" && \
	$(FLASK) db upgrade && $(FLASK) db check

translations: $(TOOLS) ## collect the texts of code and templates into the catalogs, then compile them
	$(BIN)/pybabel -q extract --mapping-file pyproject.toml --ignore-dirs ".*" \
		--sort-output --add-location file --output-file $(VENV)/messages.pot .
	$(BIN)/pybabel -q update --input-file $(VENV)/messages.pot --output-dir booking/translations \
		--locale fr --init-missing --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --width 100
	@$(MAKE) --no-print-directory compiled

.PHONY: compiled
compiled: $(RUNTIME) $(COMPILED)

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

# What runs is what was tested: the runtime takes its versions from the larger set.
locks: ## choose the newest versions of all dependencies again (needs uv)
	$(LOCK) --upgrade requirements/tests.in --output-file requirements/tests.txt
	$(LOCK) --upgrade --constraint requirements/tests.txt --no-annotate requirements/runtime.in \
		--output-file requirements/runtime.txt

clean: ## remove what was installed and compiled; data stays
	rm -rf $(VENV) $(COMPILED) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv --without-pip $(VENV)

$(RUNTIME): requirements/runtime.txt | $(BIN)/python
	@echo "Installing what the system needs into $(VENV) …"
	@$(INSTALL) $<
	@touch $@

# requirements/tests.txt contains requirements/runtime.txt.
$(TOOLS): requirements/tests.txt requirements/runtime.txt | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) …"
	@$(INSTALL) $<
	@touch $(RUNTIME) $@

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel -q compile --input-file $< --output-file $@
