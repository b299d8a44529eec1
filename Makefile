# Commands of Sketchfind. Each installs what it needs into .venv and frontend/node_modules;
# only `messages` and `constraints` need them to be there.

# The first Python that is new enough; if there is none, python3 reports its version.
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
BOOTSTRAP := $(PYTHON) tools/bootstrap

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check lint soak bench docs messages constraints

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## serve the site with the demo catalogue (PORT=8000)
	@$(BOOTSTRAP) demo

demo-reset: ## delete everything that the demo wrote (the folder var/)
	@$(BOOTSTRAP) demo-reset

test: ## run all tests: Python, TypeScript and browser, on PostgreSQL with Redis and on SQLite
	@$(BOOTSTRAP) test

check: ## run the linters and the quick tests, without browser and servers (four minutes)
	@$(BOOTSTRAP) check

lint: ## run ruff, mypy, import contracts, TypeScript, prettier and stylelint
	@$(BOOTSTRAP) lint

soak: ## run the long load and fault tests
	@$(BOOTSTRAP) soak

bench: ## measure query, Hamming and two-stage search, rasteriser, augmentation
	@$(BOOTSTRAP) bench

docs: ## build the documentation into site/ and check its links
	@$(BOOTSTRAP) docs

messages: ## collect TypeScript's texts for translation, and compile all languages
	@npm --prefix frontend run --silent texts
	@.venv/bin/python manage.py compilemessages --ignore .venv --ignore frontend

constraints: ## pin the versions of .venv in constraints.txt, and their hashes in docker/requirements/
	@.venv/bin/python tools/bootstrap/pins.py > constraints.txt.new && mv constraints.txt.new constraints.txt
	@.venv/bin/python tools/bootstrap/hashes.py
