# giaflow: two commands from a bare machine. `make run` for the study, `make test` for the tests;
# `make validate` proves the numbers.
# The environment lives in .venv and is rebuilt only when its lock file changes.
PYTHON ?= python3
CORES  ?= all
LOCK   ?= requirements.lock
ARGS   ?=
DATA   ?= resources/local
VENV   := .venv
READY  := $(VENV)/.$(notdir $(LOCK))
BIN    := $(VENV)/bin

# Each command is `python -m ...`: the scripts in bin hold the path of this folder, and fail if that
# has a quote or was renamed.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Snakemake, matplotlib, Keras and pip keep files at home; where there is none to write to, here.
HOME_OK := test -w "$$HOME" && { test ! -e "$$HOME/.cache" || test -w "$$HOME/.cache"; }
ifneq ($(shell $(HOME_OK) && echo yes),yes)
export HOME := $(CURDIR)/.snakemake/home
$(shell mkdir -p .snakemake/home 2>/dev/null)
endif

.PHONY: run test figures validate verify env inspect bench docs lock clean
.DEFAULT_GOAL := run

env: $(READY)

# A link is looked at each time: its mark may be of another clone's lock file.
ifneq ($(shell test -L $(VENV) && echo link),)
.PHONY: $(READY)
endif

$(READY): $(LOCK)
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 14) or sys.exit(f"giaflow needs Python 3.11, 3.12 or 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12")'
	@$(PYTHON) -I workflow/commands/install.py $(VENV) $(LOCK)

run: env
	@PYTHONPATH=workflow python -m commands.check_config $(ARGS)
	@python -m snakemake --cores $(CORES) $(ARGS)

test: env
	@ruff check .
	@ruff format --check .
	@python -m snakefmt --check workflow
	@python -m snakemake --lint
	@python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

# Published networks and data: runs each study of config/studies/ whose files lie in DATA, in its own
# folder of results/figures/, and says of the others what to supply.
figures: env
	@PYTHONPATH=workflow python -m commands.figures "$(DATA)" --cores $(CORES) $(ARGS)

# The ground truth: the laboratory studies, each in its own folder of results/validation/, and the
# studies of `make figures` whose files lie in DATA, against published numbers. Prints all marks by
# check, and fails if one failed, by name. Before that, processes and runs are killed at
# random times: nothing half-made may be left. Last, a study through a real SLURM, where it is
# installed.
validate: env
	@PYTHONPATH=workflow python -m commands.fuzz --seconds 600
	@PYTHONPATH=workflow python -m commands.kill_tests
	@PYTHONPATH=workflow python -m commands.validate "$(DATA)" --cores $(CORES) $(ARGS)
	@python -m pytest -q tests/workflow/test_slurm.py

# Recomputes the hash of every file in results/ and names those that are not as they were made.
verify: env
	@PYTHONPATH=workflow python -m commands.verify $(ARGS)

# What each model of results/ gains from predicting edits by what they change.
inspect: env
	@PYTHONPATH=workflow python -m commands.inspect_models $(ARGS)

# Ratios against the plain way and against other packages where they are installed.
bench: env
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; python $$script $(ARGS); done

# Rewrites the JSON schema and the key table of config/README.md from giaflow/config/.
docs: env
	@PYTHONPATH=workflow python -m commands.docs

# Locks the newest versions that pyproject.toml allows; needs uv.
lock:
	uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url \
	  --python-version 3.11 --extra cpu --extra slurm --extra dev pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url \
	  --python-version 3.11 --extra gpu --extra slurm --extra dev pyproject.toml --output-file requirements-gpu.lock

clean:
	rm -rf results .snakemake
