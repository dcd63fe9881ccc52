# Everything that a checkout needs is set up by these targets; they need Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
KILLS ?= 500
SEEDS ?= 50
PROGRAMS ?= 20000
REAL ?= 100
MINUTES ?= 60
SECONDS ?= 60
STAMP := $(VENV)/.installed

# Tests start the command thousands of times; each would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-cluster console test check check-static check-python check-console bench \
	profiles storm faults torture soak fuzz manual site audit-dependencies release-check format clean

help:
	@echo "make demo    run the blue-green deployment of examples/webapp under load"
	@echo "make demo-cluster   the same on a Temporal server, with two workers in two pools"
	@echo "make console build the browser's console; needs Node"
	@echo "make test    run every test"
	@echo "make check   format, lint, types, import floors, tests"
	@echo "make bench   measure against bare processes and sh"
	@echo "make profiles   flame graphs of the hot paths, into docs/profiles"
	@echo "make storm   storms, interleavings and histories in full size: minutes, not seconds"
	@echo "make release-check   build, look into what was built, install it afresh, test it there"
	@echo "make audit-dependencies   ask the advisory databases about all that is installed"
	@echo "make site    the documentation as a site, into site/"
	@echo "make manual  write the manual page anew"
	@echo "make faults SEEDS=50   all scenarios while calls of the system and the store fail, one in a hundred"
	@echo "make torture KILLS=500 SEED=1   kill -9 at random moments; counts what is doubled or lost;"
	@echo "             then PROGRAMS random playbooks in memory, and REAL by processes that are killed,"
	@echo "             against a model. SEED and PROGRAM (or PROCESS): only that one, again"
	@echo "make fuzz SECONDS=60 TARGET=playbooks   coverage-guided fuzzing, each target for so long"
	@echo "make soak MINUTES=60   mixed load with kills on a served project; says what grows, is lost or doubled"

$(STAMP): pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $@

demo: $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python examples/webapp/demo.py

demo-cluster: $(STAMP)
	@VENV="$(VENV)" sh scripts/temporal.sh
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python examples/webapp/demo.py --cluster

console:
	@sh scripts/console.sh build

test: $(STAMP)
	@VENV="$(VENV)" sh scripts/temporal.sh
	@sh scripts/console.sh build test chromium
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile \
		--no-loadscope-reorder

faults: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python -m faulty.campaign --each --seeds $(SEEDS) $(if $(SEED),--seed $(SEED))

torture: $(STAMP)
ifeq ($(PROGRAM)$(PROCESS),)
	@PYTHONPATH=tests $(BIN)/python -m crash.torture --kills $(KILLS) $(if $(SEED),--seed $(SEED))
	@PYTHONPATH=tests $(BIN)/python -m crash.large_output
endif
	@PYTHONPATH=tests $(BIN)/python -m random_programs.campaign --programs $(PROGRAMS) --real $(REAL) \
		$(if $(SEED),--seed $(SEED)) $(if $(PROGRAM),--program $(PROGRAM)) \
		$(if $(PROCESS),--process $(PROCESS))

soak: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python -m soak.campaign --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

fuzz: $(STAMP)
	@$(BIN)/python -c 'import atheris' 2> /dev/null || $(BIN)/pip install --quiet --group fuzz
	@PYTHONPATH=tests $(BIN)/python -m fuzzing.campaign --seconds $(SECONDS) \
		$(if $(TARGET),--target $(TARGET)) $(if $(KEEP),--keep)

check: check-static test

check-static: $(STAMP)
	@$(MAKE) --no-print-directory --jobs=2 check-python check-console

check-python: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports

check-console:
	@sh scripts/console.sh check

storm: $(STAMP)
	@STORM=full PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pytest tests/storms tests/control \
		tests/histories tests/embedded/test_many_waiting.py tests/cluster/test_storm.py \
		tests/embedded/test_scenarios_for_real.py tests/cluster/test_scenarios_on_a_cluster.py -s --durations=0

bench: $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m benchmarks

profiles: $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m benchmarks.profiles

manual: $(STAMP)
	@$(BIN)/python scripts/manual.py

audit-dependencies: $(STAMP)
	@$(PYTHON) -m venv $(VENV)-audit && $(VENV)-audit/bin/pip install --quiet pip-audit
	@$(VENV)-audit/bin/pip-audit --progress-spinner off --skip-editable \
		--path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@cd web-ui && npm audit

site: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

release-check: $(STAMP)
	@VENV="$(VENV)" sh scripts/temporal.sh
	@sh scripts/console.sh chromium
	@$(BIN)/python scripts/release_check.py $(TESTS)

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
