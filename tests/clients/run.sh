#!/usr/bin/env bash
# Other projects' OpenID Connect clients sign in, refresh and sign out against the running demonstration; another project's
# provider vouches for people to it.
# Closes with: N passed, N failed.  SHOW_LOGS=1 shows what the servers logged.
set -uo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HERE=$ROOT/tests/clients
. "$ROOT/tests/support/demo.sh"

passed=0 failed=0
count() { passed=$((passed + $1)) failed=$((failed + $2)); }

work=$(mktemp -d)
cleanup() {
    stop_demo
    rm -rf "$work"
}

npm_packages "$HERE/openid-client" || exit 1
npm_packages "$HERE/oidc-provider" || exit 1

# The virtual environment lives with what the build leaves behind, one for each version of the list.
venv=$(target_dir)/clients-venv-$(sha256sum "$HERE/authlib/requirements.txt" | cut -c1-12)
if [ ! -e "$venv/.installed" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv" || exit 1
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$HERE/authlib/requirements.txt" || exit 1
    touch "$venv/.installed"
fi

# Apache and the upstream provider need their addresses before the hub starts: ports that are free now, below those given to
# whoever asks for any.
read -r apache upstream < <(python3 -c 'import os, socket
both, port = [], 10240 + os.getpid() * 61 % 20000
while len(both) < 2:
    port += 1
    try: s = socket.socket(); s.bind(("127.0.0.1", port)); both.append(s)
    except OSError: pass
print(*(s.getsockname()[1] for s in both))')
export APACHE="http://localhost:$apache" UPSTREAM="http://entreprise.localhost:$upstream"
sed "s|@APACHE@|$APACHE|; s|@UPSTREAM@|$UPSTREAM|" "$HERE/clients.toml" >"$work/clients.toml"

start_demo --apply "$work/clients.toml" || { echo "0 passed, 1 failed"; exit 1; }
trap cleanup EXIT

# node_tests FOLDER FILE...
node_tests() {
    (cd "$HERE/$1" && node --test "${@:2}") 2>&1 | tee "$work/node"
    count "$(sed -nE 's/^(# |ℹ )pass ([0-9]+)$/\2/p' "$work/node")" "$(sed -nE 's/^(# |ℹ )fail ([0-9]+)$/\2/p' "$work/node")"
}

# python_tests FILE: unittest, whose closing lines are "Ran N tests" and "OK" or "FAILED (failures=N, errors=N)".
python_tests() {
    "$venv/bin/python" "$1" -v 2>&1 | tee "$work/python"
    local status=${PIPESTATUS[0]} ran bad
    ran=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$work/python")
    bad=$(grep -E '^FAILED' "$work/python" | grep -oE '(failures|errors)=[0-9]+' | cut -d= -f2 | awk '{ n += $1 } END { if (NR) print n }')
    [ -n "$bad" ] || bad=$((status == 0 ? 0 : 1))
    count "$(((${ran:-0} > bad) ? ran - bad : 0))" "$bad"
}

node_tests openid-client openid-client.test.mjs oauth4webapi.test.mjs
node_tests oidc-provider upstream.test.mjs
python_tests "$HERE/authlib/test_authlib.py"
python_tests "$HERE/apache/test_apache.py"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
