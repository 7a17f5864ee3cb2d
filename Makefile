# Needs Python 3.11-3.13; `make PYTHON=python3.12 report` names one.
# The first target sets up .venv from requirements.lock; after that everything runs offline.
BIN := .venv/bin
READY := .venv/.installed
# Quick proofs that the house stands: floors, notebooks, documentation, environment.
CONTRACTS := tests/test_layers.py tests/test_notebook_contract.py tests/test_house.py \
	tests/test_docstrings.py tests/test_environment.py tests/valleys/test_coverage.py
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

# Processes run side by side; threads of linear algebra inside each would only wait for one another.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Takes three quarters of an hour and writes files: see calibrate.
BENCHMARKS := $(filter-out benchmarks/calibration.py,$(wildcard benchmarks/[!_]*.py))

.PHONY: help setup report lab test test-fast check bench calibrate grid clean

help: ## list these targets
	@awk -F ': *[^#]*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

report: $(READY) ## run the notebooks and publish the report in reports/latest
	@$(BIN)/valley report $(ARGS)

lab: $(READY) ## open the notebooks in JupyterLab
	@$(BIN)/valley build
	@$(BIN)/python -m jupyterlab notebooks $(ARGS)

test: $(READY) ## run every test, and the notebooks cell by cell
	@$(BIN)/valley build
	@$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env \
		$(ARGS) tests $(NOTEBOOKS)

test-fast: $(READY) ## run the tests that take less than a second or two
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not shared" $(ARGS) tests

check: $(READY) ## lint, types, floors, notebook contract, counts of valleys
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m pytest -q $(CONTRACTS)

bench: $(READY) ## measure what the README claims about speed
	@for file in $(BENCHMARKS); do $(BIN)/python $$file $(ARGS) || exit 1; done

calibrate: $(READY) ## measure how often each estimator finds something where nothing is
	@$(BIN)/python benchmarks/calibration.py $(ARGS)

grid: $(READY) ## run every outcome and wave through notebooks 08 to 10 (hours)
	@$(BIN)/valley build
	@$(BIN)/python scripts/grid.py $(ARGS)

setup: $(READY) ## make the environment and nothing else

clean: ## remove the environment, caches and rebuilt tables; reports and fetched originals stay
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist src/*.egg-info
	@rm -f data/processed/*.parquet data/processed/*.sha256 data/processed/*.json
	@find $(wildcard src tests scripts benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" scripts/setup.sh
