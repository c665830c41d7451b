#!/usr/bin/env bash
# Release build, then the load scenarios of bench/ on SQLite and PostgreSQL; results go to bench/RESULTS.md.
#
#   scripts/bench.sh [--rounds N] [--seconds S] [--connections 1,16,64] [--only TEXT] [--postgres]
#
# Without arguments: everything. The server runs on core 0 and the generator on core 1; on a machine that does other
# work, only the ratios mean something.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release -p guichet -p guichet-bench --bins
[ $# -gt 0 ] || set -- --postgres
exec "${CARGO_TARGET_DIR:-target}/release/guichet-bench" "$@"
