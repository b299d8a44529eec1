# Commands of Sketchfind. Everything a command needs it installs itself, into .venv and frontend/node_modules.

# The first Python that is new enough; where none is, python3 says so.
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
BOOTSTRAP := $(PYTHON) tools/bootstrap

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check lint soak bench docs messages constraints

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## serve the site with the demo catalogue (PORT=8000), installing what it needs
	@$(BOOTSTRAP) demo

demo-reset: ## forget all that the demo wrote (the folder var/)
	@$(BOOTSTRAP) demo-reset

test: ## run every test: Python, TypeScript and browser; on PostgreSQL with Redis, and on SQLite
	@$(BOOTSTRAP) test

check: ## lint and the quick tests, without browser and servers: four minutes
	@$(BOOTSTRAP) check

lint: ## ruff, mypy, import contracts; TypeScript's types, prettier, stylelint
	@$(BOOTSTRAP) lint

soak: ## the long load and fault runs
	@$(BOOTSTRAP) soak

bench: ## measure query, Hamming and two-stage search, rasteriser, augmentation
	@$(BOOTSTRAP) bench

docs: ## build the documentation into site/, links checked
	@$(BOOTSTRAP) docs

messages: ## collect the scripts' texts for translation, and compile every language
	@npm --prefix frontend run --silent texts
	@.venv/bin/python manage.py compilemessages --ignore .venv --ignore frontend

constraints: ## pin in constraints.txt the versions that .venv has now, in docker/requirements/ their files by hash
	@.venv/bin/python tools/bootstrap/pins.py > constraints.txt.new && mv constraints.txt.new constraints.txt
	@.venv/bin/python tools/bootstrap/hashes.py
