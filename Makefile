# The front door. `make help` lists what it opens.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo test test-long lint typecheck bench bench-media messages access help-pictures lock clean services

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.base node_modules/.lectern ## Make the environment from the hash-locked requirements and npm

run: setup ## Start everything in the foreground: web, worker, scheduler, demo (PORT=8000)
	@exec $(PY) -m config.supervisor

demo: setup ## Fill the demo into the running site, or without one
	$(PY) manage.py demo

test: setup-dev services ## Linters, types, contracts, catalogue, all tests, real services, a real browser
	$(PY) -m tests.run

test-long: setup-dev services ## All of make test and the tests marked long
	$(PY) -m tests.run --long

bench: setup-dev services ## Print the speed and size figures, as ratios and counts
	@sh tests/services.sh wrk
	$(PY) -m benchmarks

bench-media: setup-dev services ## Print what the media pipeline costs; BENCH_FILMS names a folder of recordings
	@sh tests/services.sh wrk
	$(PY) -m benchmarks.media

messages: setup-dev ## Bring the zh-Hans catalogue in step with the sources
	$(PY) -m tests.catalogue --write

access: setup-dev ## Print docs/access.md from the rules of tests/scope
	$(PY) -m tests.scope --write

help-pictures: setup-dev services ## Take the pictures of the help pages anew, of the demo
	LECTERN_HELP_PICTURES=static/help LECTERN_MODE=test $(PY) -m pytest -q -m e2e tests/e2e/test_help_pictures.py

lock: setup-dev ## Lock the dependencies of pyproject.toml by hash
	$(VENV)/bin/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes -q -o requirements/base.txt
	$(VENV)/bin/uv pip compile pyproject.toml --python-version 3.11 --extra dev --generate-hashes -q -o requirements/dev.txt

clean: ## Remove the environment and all data of this checkout
	rm -rf $(VENV) node_modules var

# -- set-up, each step only when its lock file changed ------------------------------------------

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本。 Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "请先安装 python3-venv。 Install python3-venv first."; exit 1; }

$(VENV)/.base: requirements/base.txt | $(PY)
	@echo "正在安装 Python 依赖… Installing Python packages…"
	@$(PY) -m pip install -q --require-hashes -r requirements/base.txt
	@touch $@

# Development takes the larger set in one step and with it fulfils the smaller one.
$(VENV)/.dev: requirements/dev.txt requirements/base.txt | $(PY)
	@$(PY) -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $(VENV)/.base $@

node_modules/.lectern: package-lock.json
	@command -v npm >/dev/null || { echo "需要 Node.js 20 和 npm。 Node.js 20 with npm is needed."; exit 1; }
	@echo "正在安装浏览器库和字体… Installing browser libraries and the slide font…"
	@npm ci --omit=dev --no-progress --loglevel=error
	@touch $@

node_modules/.lectern-dev: package-lock.json
	@command -v npm >/dev/null || { echo "需要 Node.js 20 和 npm。 Node.js 20 with npm is needed."; exit 1; }
	@npm ci --no-progress --loglevel=error
	@touch node_modules/.lectern $@

setup-dev: $(VENV)/.dev node_modules/.lectern-dev

services: # Install PostgreSQL, Redis, nginx, Chromium, gettext and fonts (Debian, as root), or name them
	@sh tests/services.sh
