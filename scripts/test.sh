#!/usr/bin/env bash
# Runs every test and closes with one line: N passed, N failed.
#
#   scripts/test.sh [rust|clients|browser]...      (all of them by default)
#
# A part that fails does not hide the others; the exit code is 0 only when all passed.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh test || exit 1

passed=0 failed=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# add NAME STATUS PASSED FAILED: a part that stopped without counting a failure counts as one.
add() {
    local name=$1 status=$2 ok=${3:-0} ko=${4:-0}
    if [ "$status" -ne 0 ] && [ "$ko" -eq 0 ]; then ko=1; fi
    if [ "$status" -eq 0 ] && [ "$ok" -eq 0 ]; then ko=1; echo "$name: ran no test" >&2; fi
    passed=$((passed + ok)) failed=$((failed + ko))
    summary+=("$(printf '%-8s %5d passed, %d failed' "$name" "$ok" "$ko")")
}
summary=()

# sum LOG PATTERN: adds up the numbers that the (perl) pattern captures.
sum() { perl -ne "s/\\e\\[[0-9;]*m//g; \$n += \$1 while /$2/g; END { print \$n + 0 }" "$1"; }

rust() {
    local log=$logs/rust status
    # No incremental data: nothing is rebuilt after a run of every test, and it doubles the disk used.
    export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
    # Databases of tests live a second: in memory where there is room, a third faster.
    local room folder=${TMPDIR:-}
    room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    if [ -z "$folder" ] && [ -w /dev/shm ] && [ "${room:-0}" -gt 2000000 ]; then folder=/dev/shm; fi
    local -x TMPDIR=${folder:-/tmp}
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --no-fail-fast 2>&1 | tee "$log"
        status=${PIPESTATUS[0]}
        add rust "$status" "$(sum "$log" 'tests? run: (\d+) passed')" "$(sum "$log" 'tests? run: .*?(\d+) failed')"
    else
        cargo test --workspace --no-fail-fast 2>&1 | tee "$log"
        status=${PIPESTATUS[0]}
        add rust "$status" "$(sum "$log" 'test result: .*? (\d+) passed')" "$(sum "$log" 'test result: .*? (\d+) failed')"
    fi
}

# part NAME COMMAND...: a part that closes with "N passed, N failed".
part() {
    local name=$1 log=$logs/$1 status
    shift
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    tail -n 1 "$log" >"$log.last"
    add "$name" "$status" "$(sum "$log.last" '(\d+) passed')" "$(sum "$log.last" '(\d+) failed')"
}

[ $# -gt 0 ] || set -- rust clients browser
for name in "$@"; do
    echo "== $name"
    case $name in
        rust) rust ;;
        clients) part clients tests/clients/run.sh ;;
        browser) part browser tests/browser/run.sh ;;
        *) echo "$0: unknown part '$name'" >&2; exit 2 ;;
    esac
done

echo
# What failed, once more, in few lines: whoever reads only the end of a log sees it.
if [ "$failed" -gt 0 ]; then
    for name in "$@"; do
        sed 's/\x1b\[[0-9;]*m//g' "$logs/$name" | grep -h -A 3 -E '^KO |^ *(FAIL|TIMEOUT|SIG[A-Z]+) \[' | cut -c 1-200 | tail -n 12
    done
fi
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
