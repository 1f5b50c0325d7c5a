# One command sets up and proves a fresh machine: `make test` (Linux, Python 3.11 or newer with pip).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
READY := $(VENV)/.ready
PARTS := protos core transport node coordinator analyst cli
PYTEST_ARGS ?=
BENCH_ARGS ?=
DEMO_ARGS ?=
SOAK_ARGS ?=

export UV_PROJECT_ENVIRONMENT := $(CURDIR)/$(VENV)

.PHONY: help setup demo test check pytest test-containers soak bench stubs lock format clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(READY) ## Create .venv with everything in uv.lock

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "samklang needs Python 3.11 or newer as '$(PYTHON)'; on Debian or Ubuntu: apt-get install python3 python3-venv python3-pip" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1' || { \
	  echo "uv could not be installed from PyPI; try: $(BIN)/python -m pip install uv" >&2; exit 1; }

$(READY): pyproject.toml uv.lock $(UV)
	@$(UV) sync --frozen --inexact --all-extras --quiet || { \
	  echo "the packages of uv.lock could not be installed; see why: $(UV) sync --frozen --inexact --all-extras" >&2; exit 1; }
	@touch $@

demo: setup ## The main job on a generated Odense: tables and pictures in out/demo
	@$(BIN)/samklang demo --out out/demo $(DEMO_ARGS)

# A file's tests stay together, so that what a file starts is started once.
SIDE_BY_SIDE ?= -n logical --maxprocesses 4 --dist loadfile
# Tests also run where a check fails, so that one run shows everything; either failure is a failure.
test: setup ## Set up, run all checks and all tests
	@status=0; \
	$(MAKE) --no-print-directory check || { status=1; echo "checks failed, see above" >&2; }; \
	$(BIN)/pytest $(SIDE_BY_SIDE) $(PYTEST_ARGS) || status=1; \
	exit $$status

# All of them run, also where one fails.
check: setup ## Lint, formatting, types, import rules, committed stubs
	@status=0; step() { echo "$$*"; "$$@" || status=1; }; \
	step $(BIN)/ruff check --output-format concise .; \
	step $(BIN)/ruff format --check .; \
	step $(BIN)/mypy $(PARTS) benchmarks; \
	step $(BIN)/lint-imports --no-logo; \
	step $(BIN)/python protos/generate.py --check; \
	step $(BIN)/python policies/schema/generate.py --check; \
	step $(BIN)/python cli/catalogues.py --check; \
	step $(BIN)/python -m samklang.errors.reference docs/errors.md --check; \
	exit $$status

pytest: setup ## Tests alone; PYTEST_ARGS="tests/core -k name"
	$(BIN)/pytest $(PYTEST_ARGS)

test-containers: setup ## Build the images and run a federation of them (root on Debian; skips with a reason elsewhere)
	@$(UV) sync --frozen --inexact --all-extras --group deploy --quiet && \
	$(BIN)/pytest -m containers tests/containers $(PYTEST_ARGS)

soak: setup ## Queries on processes that are killed; SOAK_ARGS="--rounds 200 --seed 1"
	$(BIN)/python -m tests.soak.crashes $(SOAK_ARGS)

bench: setup ## Measure real processes; BENCH_ARGS="--citizens 100000"
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

stubs: setup ## Generate the gRPC stubs anew
	$(BIN)/python protos/generate.py

lock: $(UV) ## Resolve uv.lock anew, from uv's own default index alone
	env -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS $(UV) lock --no-config --upgrade

format: setup ## Format the code
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

clean: ## Remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache benchmarks/out build dist
