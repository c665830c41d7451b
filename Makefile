# Guichet: `make demo` runs everything on one port, `make test` runs every test.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Extra arguments of the demonstration: make demo ARGS="--ports"
ARGS ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help demo build test test-rust test-clients test-browser check bench clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: ## Build and run the hub, two services and a mail catcher on one port
	@scripts/install-packages.sh build
	@cargo build --package guichet-demo
	@exec $(TARGET)/debug/guichet-demo $(ARGS)

build: ## Build the release binary, target/release/guichet
	@scripts/install-packages.sh build
	cargo build --release --bin guichet

test: ## Build and run every test
	@scripts/test.sh

test-rust: ## Unit and integration tests, on SQLite and PostgreSQL
	@scripts/test.sh rust

test-clients: ## Other projects' OpenID Connect clients sign in for real
	@scripts/test.sh clients

test-browser: ## Chromium walks the journeys and checks every page
	@scripts/test.sh browser

check: ## Formatting, lints, dependencies, house rules
	@scripts/install-packages.sh build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@scripts/deny.sh
	cargo test --quiet --test it house::

bench: ## Measure against the budgets, into bench/RESULTS.md
	@scripts/install-packages.sh bench
	@scripts/bench.sh $(ARGS)

clean: ## Remove what builds and tests leave behind
	cargo clean
	rm -rf tests/clients/openid-client/node_modules tests/browser/node_modules
