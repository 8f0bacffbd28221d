# Two commands are all the set-up there is: `make demo` and `make test`.
#   PYTHON=python3.12 make demo                another Python (3.11 to 3.13)
#   TORCH_INDEX_URL=URL make demo              another build of torch (an extra package index for pip)
#   RUNS_DIR=DIR PORT=8000 OBJECTIVE=rank make demo

VENV := .venv
BIN := $(VENV)/bin
UNSLOTH_VENV := .venv-unsloth
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
TORCH_INDEX_URL ?=
OBJECTIVE ?= grpo
PORT ?=
RUNS_DIR ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
UNSLOTH_PIP := $(UNSLOTH_VENV)/bin/python -m pip --disable-pip-version-check
INDEX := $(if $(TORCH_INDEX_URL),--extra-index-url $(TORCH_INDEX_URL))
PRESET := $(if $(filter rank,$(OBJECTIVE)),demo-rank,demo)

.DEFAULT_GOAL := help
.PHONY: help demo test test-unsloth check format soak gpu bench-gpu bench-oracle bench-store bench-terminal bench-page learning study pictures wheel clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: $(VENV)/.installed  ## train the embedded model and watch it, in the browser and in the terminal
	$(BIN)/grpo-dash serve --demo --preset $(PRESET) $(if $(PORT),--port $(PORT)) $(if $(RUNS_DIR),--runs-dir $(RUNS_DIR))

test: $(VENV)/.installed-dev  ## run every test, the browser's too
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-unsloth: $(UNSLOTH_VENV)/.installed $(VENV)/.installed-dev  ## hold our code to Unsloth's trainer, without a GPU, in an environment of its own
	UNSLOTH_FORCE_CPU=1 GRPO_DASH_BACKEND=unsloth $(UNSLOTH_VENV)/bin/python -m pytest --timeout 1800 tests/contract
	UNSLOTH_ALLOW_CPU=1 $(UNSLOTH_VENV)/bin/python -m pytest --timeout 1800 tests/unsloth
	GRPO_DASH_ASK_INDEX=1 $(BIN)/python -m pytest --timeout 1800 tests/end_to_end/test_gpu_extra.py

check: $(VENV)/.installed-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev  ## put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(VENV)/.installed-dev  ## the long form of the tests of faults, with a report: kills, memory over 200,000 steps, 25 viewers, deaths, hostile answers
	$(BIN)/python scripts/soak.py --out docs/soak.json
	GRPO_DASH_ROUNDS=100 GRPO_DASH_KILLS=10 $(BIN)/python -m pytest --timeout 1800 tests/core/runs/test_deaths.py tests/end_to_end/test_kills.py tests/end_to_end/test_distributed_resume.py
	GRPO_DASH_HOSTILE=10000 $(BIN)/python -m pytest --timeout 3600 tests/core/oracle/test_hostile.py

bench-oracle: $(VENV)/.installed-dev  ## our oracle beside Math-Verify, on the same cases in the same run
	$(BIN)/python scripts/bench_oracle.py --out docs/oracle_bench.json

gpu: $(VENV)/.installed  ## install Unsloth and vLLM beside the rest (Linux, an NVIDIA GPU)
	$(PIP) install --progress-bar off --quiet $(INDEX) --constraint constraints.txt --editable '.[gpu]'
	$(BIN)/grpo-dash doctor

bench-gpu: $(VENV)/.installed  ## Unsloth beside plain TRL on a CUDA machine, without a network (DRY=1: in small, on the CPU)
	$(BIN)/python scripts/bench_gpu.py $(if $(DRY),--dry,--out docs/gpu_bench.json --page docs/gpu.md) $(if $(SCRATCH),--scratch $(SCRATCH))

bench-store: $(VENV)/.installed-dev  ## every question of a screen at a million completions, while a writer adds (COMPLETIONS=5000000 for more)
	$(BIN)/python scripts/bench_store.py $(if $(COMPLETIONS),--completions $(COMPLETIONS)) $(if $(SCRATCH),--scratch $(SCRATCH)) --out docs/store_bench.json

bench-terminal: $(VENV)/.installed-dev  ## what the terminal app costs: opening, memory, bytes on the wire, processor time, key to paint
	$(BIN)/python scripts/bench_terminal.py $(if $(LONG),--long $(LONG)) $(if $(SCRATCH),--scratch $(SCRATCH)) --out docs/terminal_bench.json

bench-page: $(VENV)/.installed-dev  ## what the page costs: server and bytes by viewers, first curve, three tabs, commit to screen, heap (MINUTES=60 PACE=1 for an hour)
	$(BIN)/python scripts/bench_page.py $(if $(MINUTES),--minutes $(MINUTES)) $(if $(PACE),--pace $(PACE)) --out docs/page_bench.json

learning: $(VENV)/.installed-dev  ## measure what the demo learns: three seeds, two objectives (about half an hour)
	$(BIN)/python scripts/measure_learning.py

study: $(VENV)/.installed-dev  ## compare objectives: six of them, three seeds each; what is measured is kept (about an hour)
	$(BIN)/python scripts/study.py

pictures: $(VENV)/.installed-dev  ## take the README's pictures of the real screens
	$(BIN)/python scripts/take_pictures.py $(if $(RUNS_DIR),--runs-dir $(RUNS_DIR))

wheel: $(VENV)/.installed-dev  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## forget the virtual environment and caches
	rm -rf $(VENV) $(UNSLOTH_VENV) dist build .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or say PYTHON=/path/to/python make …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) install --progress-bar off --quiet $(INDEX) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --progress-bar off --quiet $(INDEX) --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Its own requirements ask for CUDA's packages, which a machine without a GPU does without.
$(UNSLOTH_VENV)/.installed: pyproject.toml constraints.txt constraints-unsloth.txt
	$(if $(wildcard $(UNSLOTH_VENV)/bin/python),,$(PYTHON) -m venv $(UNSLOTH_VENV))
	$(UNSLOTH_PIP) install --progress-bar off --quiet $(INDEX) --constraint constraints.txt --editable '.[dev]'
	$(UNSLOTH_PIP) install --progress-bar off --quiet $(INDEX) --no-deps --requirement constraints-unsloth.txt
	@touch $@
