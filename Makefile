# Every command of the house. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test test-long check fmt lock golden types bench load capacity chaos cluster screens clean env web

PY := .venv/bin/python
BOOT := sh tools/with_python.sh -m tools.bootstrap
NPM := cd web && npm run --silent
# Two test processes: each starts servers of its own. JOBS=4 on a larger machine.
JOBS ?= 2
# make test T=tests/unit runs a part.
T ?= tests
# make load TIER=XS|S|P DRIVER=asyncio|locust TLS=1 (through nginx) SEARCH=1 (the largest number that holds)
# CANDIDATES=… (another number of people) STEADY=… (seconds of answering)
TIER ?= S
DRIVER ?= asyncio
# make chaos CANDIDATES=60 is a smaller run.
CANDIDATES ?= 300

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

run: ## everything from a bare clone, then the whole service (PORT=8000, FRESH=1 begins anew, LAN=1 for phones)
	@$(BOOT) --web
	@$(PY) -m tools.run

test: ## everything that proves it works (T=path for a part, JOBS=n)
	@$(BOOT) --dev --web --system
	@$(NPM) test
	@$(PY) -m pytest $(T) -m "not long" -n $(JOBS) --dist loadgroup -q

test-long: ## the longer stories
	@$(BOOT) --dev --web --system
	@$(PY) -m pytest $(T) -m long -q

check: ## format, lint, types, import contracts, house rules, web types and lint
	@$(BOOT) --dev --web
	@$(PY) -m tools.check

fmt: ## format the Python code
	@$(BOOT) --dev
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix-only --quiet .

lock: ## record versions and hashes of all packages (Python and web)
	@$(BOOT) --dev
	@$(PY) -m tools.lock

golden: ## write tests/golden/openapi.json anew; review the diff
	@$(BOOT) --dev
	@$(PY) -m tools.golden

types: golden ## types of the API for the pages, from its own description
	@$(BOOT) --dev --web
	@$(NPM) types

bench: ## the benchmark table → build/bench.json
	@$(BOOT) --dev --web --system
	@$(PY) -m tools.bench

chaos: ## everything dies under candidates, nothing acknowledged may be lost (CANDIDATES=300, ≤ 12 min)
	@$(BOOT) --dev --system
	@$(PY) -m tools.chaos --candidates $(CANDIDATES)

load: ## people with habits on a whole service of its own → build/load/ (TIER=XS, S or P; DRIVER=asyncio or locust)
	@$(BOOT) --dev --system $(if $(filter locust,$(DRIVER)),--load)
	@$(PY) -m tools.load --tier $(TIER) --driver $(DRIVER) $(if $(TLS),--tls) $(if $(SEARCH),--search) \
	  $(if $(filter-out file default undefined,$(origin CANDIDATES)),--candidates $(CANDIDATES)) \
	  $(if $(STEADY),--steady $(STEADY))

capacity: ## docs/capacity.md from the last bench and the last load test
	@$(BOOT) --dev
	@$(PY) -m tools.capacity

cluster: ## two of each on one machine, killed in turn; needs root (CANDIDATES=200) → build/cluster.json
	@$(BOOT) --dev
	@$(PY) -m tools.cluster

screens: ## a picture of every screen → build/screens/
	@$(BOOT) --dev --web --system
	@$(PY) -m pytest tests -m browser -q

clean: ## remove what was built (not ./var, which holds data)
	@rm -rf build web/dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

env: ## only prepare the environment with the web pages
	@$(BOOT) --dev --web

web: env ## the web pages → web/dist
