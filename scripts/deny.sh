#!/usr/bin/env bash
# Holds the dependencies against deny.toml. Installs cargo-deny when it is missing (a few minutes, once).
#
# Advisories need a copy of the RustSec database: it is used
# when one is there (or can be fetched with DENY_FETCH=1), and said to be left out otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo deny --version >/dev/null 2>&1; then
    echo "Installing cargo-deny"
    cargo install cargo-deny --locked --quiet
fi

cargo deny check bans licenses sources

home=${CARGO_HOME:-$HOME/.cargo}
if [ "${DENY_FETCH:-0}" = 1 ]; then
    cargo deny check advisories
elif compgen -G "$home/advisory-dbs/*" >/dev/null; then
    cargo deny --offline check advisories
else
    echo "advisories: left out, no copy of the RustSec database here (DENY_FETCH=1 fetches one)"
fi
