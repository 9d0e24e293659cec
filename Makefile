# One door to everything. A fresh machine needs git, make and Python 3.11 or newer; the rest is fetched here.
# Law: nothing is installed outside this tree, except Debian packages where we are root (deploy/provision says which).
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
python := .venv/bin/python
runtime := .venv/runtime.stamp
local := .venv/local.stamp
dev := .venv/dev.stamp
export PYTHON

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(runtime) ## watch the sample province on this machine: warnings on a page (ARGS="--help" for more)
	@$(python) -m cli run $(ARGS)

.PHONY: kafka
kafka: $(runtime) $(local) ## the same on a real local Kafka and Redis, with a Faust worker
	@deploy/provision kafka redis
	@$(python) -m cli kafka $(ARGS)

.PHONY: install
install: $(runtime) ## build .venv from requirements.lock, then use bin/hazflow

.PHONY: test
test: $(dev) ## everything, on a fresh machine: fetch what the tests need, then make check
	@deploy/provision kafka redis browser compose prometheus
	@$(MAKE) --no-print-directory check

.PHONY: check
check: lint ## what CI runs: format, lint, types, import contracts, all tests (ARGS go to pytest)
	$(python) -m pytest --numprocesses=2 --dist=loadscope --no-loadscope-reorder $(ARGS)

.PHONY: lint
lint: $(dev) ## format, lint, types and import contracts alone
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-logo

.PHONY: chaos
chaos: $(dev) ## kill everything, again and again, and hold what is left against the oracle (ARGS="--kills 200 --seed 7")
	@deploy/provision kafka redis
	$(python) -m tests.chaos.real $(ARGS)

mutants := .cache/mutants/stamp
.PHONY: mutants
mutants: $(dev) $(mutants) ## put small faults into what changed of detectors/ and ledger/: the tests must notice (ARGS="--all" or files)
	@$(python) -m tests.mutants $(ARGS)

$(mutants): tests/mutants/requirements.txt | $(runtime)
	@$(python) -m venv .cache/mutants
	@.cache/mutants/bin/pip install --quiet --require-hashes -r $<
	@touch $@

.PHONY: format
format: $(dev) ## let ruff set the layout and mend what it can
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

.PHONY: bench
bench: $(runtime) $(local) ## measure the budgets (docs/benchmarks.md)
	@deploy/provision kafka redis
	$(python) -m benchmarks $(ARGS)

# No index host in any lock file: who installs chooses the index.
resolve := .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --upgrade
.PHONY: lock
lock: .cache/uv/bin/uv ## resolve requirements*.in into requirements*.lock again
	$(resolve) -o requirements.lock requirements.in
	$(resolve) -o requirements-local.lock requirements-local.in
	$(resolve) -o requirements-dev.lock requirements.in requirements-dev.in
	$(resolve) -o tests/mutants/requirements.txt tests/mutants/requirements.in
	@set -e; for peer in faust quix bytewax; do \
		$(resolve) -o benchmarks/peers/requirements-$$peer.txt benchmarks/peers/requirements-$$peer.in; done

.cache/uv/bin/uv: | $(runtime)
	$(python) -m venv .cache/uv
	.cache/uv/bin/pip install --quiet uv

$(runtime): requirements.lock
	@deploy/venv $<
	@touch $@

$(local): requirements-local.lock | $(runtime)
	@deploy/venv $<
	@touch $@

$(dev): requirements-dev.lock
	@deploy/venv $<
	@touch $@ $(runtime) $(local)
