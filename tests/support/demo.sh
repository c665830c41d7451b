# Sourced by the runners of tests/clients and tests/browser: builds the demonstration, starts it on a port of its own and
# stops it at exit.
#
#   start_demo [ARGS of guichet-demo...]     sets DEMO (the JSON line it prints) and DEMO_LOG
#
# NO_BUILD=1 takes the binary that is there.

target_dir() { echo "${CARGO_TARGET_DIR:-$ROOT/target}"; }

start_demo() {
    [ -n "${NO_BUILD:-}" ] || (cd "$ROOT" && cargo build --quiet --package guichet-demo) || return 1
    local dir
    dir=$(mktemp -d)
    DEMO_LOG=$dir/log
    : >"$dir/out"
    "$(target_dir)/debug/guichet-demo" --port 0 --print-json "$@" >"$dir/out" 2>"$DEMO_LOG" </dev/null &
    DEMO_PID=$!
    trap 'stop_demo' EXIT
    local _
    for _ in $(seq 300); do
        DEMO=$(grep -m 1 '^{' "$dir/out" || true)
        if [ -n "$DEMO" ]; then
            export DEMO
            return 0
        fi
        kill -0 "$DEMO_PID" 2>/dev/null || break
        sleep 0.1
    done
    echo "The demonstration did not start:" >&2
    tail -n 40 "$dir/out" "$DEMO_LOG" >&2
    return 1
}

stop_demo() {
    [ -n "${DEMO_PID:-}" ] || return 0
    kill "$DEMO_PID" 2>/dev/null || true
    wait "$DEMO_PID" 2>/dev/null || true
    [ -z "${SHOW_LOGS:-}" ] || tail -n 200 "$DEMO_LOG" >&2
    rm -rf "$(dirname "$DEMO_LOG")"
    DEMO_PID=
}

# npm_packages FOLDER: installs what its lock file names, unless that is done already.
npm_packages() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return 0
    (cd "$1" && npm ci --no-audit --no-fund --loglevel error >&2) || return 1
    cp "$1/package-lock.json" "$1/node_modules/.installed"
}
