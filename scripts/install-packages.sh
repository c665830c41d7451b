#!/usr/bin/env bash
# Installs the Debian 12 packages that a purpose needs and that are missing.
#
#   scripts/install-packages.sh build|test|bench
#
# Does nothing, and takes no time, when all is there already (installed from Debian or otherwise).
# Installs as root, or through sudo when it asks no password; elsewhere it says what to install and exits 1.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }
missing=()
need() { missing+=("$@"); }

node_is_recent() { has node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }
has_initdb() { has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_openssl_headers() { has pkg-config && pkg-config --exists 'openssl >= 3'; }

for_build() {
    has cc || need gcc libc6-dev
    has c++ || need g++
    has make || need make
    has pkg-config || need pkg-config
    has_openssl_headers || need libssl-dev
}

for_test() {
    for_build
    has_initdb || need postgresql
    has chromium || need chromium fonts-dejavu-core
    [ -x /usr/sbin/apache2 ] || need apache2-bin
    [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || need libapache2-mod-auth-openidc
    has python3 || need python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
    node_is_recent || need nodejs
    has npm || need npm
    has oathtool || need oathtool
}

for_bench() {
    for_build
    has openssl || need openssl
    has taskset || need util-linux
    has sqlite3 || need sqlite3
    has_initdb || need postgresql
}

[ $# -gt 0 ] || { echo "usage: $0 build|test|bench" >&2; exit 2; }
for purpose in "$@"; do
    case $purpose in
        build | test | bench) "for_$purpose" ;;
        *) echo "$0: unknown purpose '$purpose' (build, test or bench)" >&2; exit 2 ;;
    esac
done

if ! has cargo; then
    echo "Guichet is written in Rust: install a Rust toolchain, 1.94 or newer (https://rust-lang.org/tools/install)." >&2
    exit 1
fi

[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then
        as_root=(sudo)
    else
        cannot=1
    fi
fi
if [ "${cannot:-0}" -eq 1 ] || ! has apt-get; then
    {
        echo "Packages are missing. On Debian 12, as root:"
        echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        echo "On another system, install what provides the same, then run the command again."
    } >&2
    exit 1
fi

echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
