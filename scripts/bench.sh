#!/usr/bin/env bash
# Release build, then the load scenarios of bench/; results go to bench/RESULTS.md.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --bin guichet --bin guichet-bench
exec "${CARGO_TARGET_DIR:-target}/release/guichet-bench" "$@"
