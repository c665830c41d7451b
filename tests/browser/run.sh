#!/usr/bin/env bash
# Chromium walks the journeys and inspects every page of the running demonstration.
# Closes with: N passed, N failed.
#
#   tests/browser/run.sh [--captures FOLDER] [--only WORDS] [journeys|etablissements|strong|passkeys|franceconnect|proconnect|pages]...
#
# --captures keeps a picture of each page; SHOW_LOGS=1 shows what the hub logged.
set -uo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HERE=$ROOT/tests/browser
. "$ROOT/tests/support/demo.sh"

parts=() options=()
while [ $# -gt 0 ]; do
    case $1 in
        --captures) mkdir -p "$2"; options+=(--captures "$(cd "$2" && pwd)"); shift ;;
        --only) options+=(--only "$2"); shift ;;
        *) parts+=("$1") ;;
    esac
    shift
done
[ ${#parts[@]} -gt 0 ] || parts=(pages journeys etablissements franceconnect strong passkeys proconnect)

npm_packages "$HERE" || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A client with consent, and more people than there are journeys: each has its own, so that no limit is shared.
{
    cat <<'TOML'
[[client]]
client_id = "parcours"
client_name = "Service des parcours"
token_endpoint_auth_method = "none"
application_type = "native"
redirect_uris = ["http://127.0.0.1/cb"]
grant_types = ["authorization_code"]
scope = "openid profile email phone"
consent = "once"
TOML
    for n in $(seq 100); do
        cat <<TOML

[[account]]
login_email = "parcours$n@essai.example"
given_name = "Camille"
family_name = "Durand"
password = "quatorze parapluies au vestiaire"
email_verified = true
TOML
    done
    # People taken over without a password, and designated managers: one for each journey and view.
    for n in $(seq 6); do
        cat <<TOML

[[account]]
login_email = "repris$n@essai.example"
given_name = "Lise"
family_name = "Petit"
to_activate = true

[[designation]]
login_email = "designe$n@essai.example"
mobile = "07 00 00 00 0$n"
given_name = "Anne"
family_name = "Roy"
TOML
    done
    # Those who manage the cards of the demonstration's establishment, and those who may receive one.
    for n in $(seq 12); do
        for who in gestion titulaire; do
            [ $who = gestion ] && role=manager || role=contact
            cat <<TOML

[[account]]
login_email = "$who$n@essai.example"
given_name = "Camille"
family_name = "Durand"
password = "quatorze parapluies au vestiaire"
email_verified = true

[[membership]]
login_email = "$who$n@essai.example"
siret = "73282932000074"
role = "$role"
TOML
        done
    done
} >"$work/people.toml"

# For the walks through establishments only: a service on request, and a manager of two establishments for each walk.
{
    cat <<'TOML'
[[service]]
id = "dossier"
name = "Dépôt des aides"
audience = "everybody"
access = "request"
profiles = [{ id = "deposant", name = "Déposant" }]
TOML
    for n in 1 2; do
        cat <<TOML

[[account]]
login_email = "chef$n@essai.example"
given_name = "Chloé"
family_name = "Bernard"
password = "quatorze parapluies au vestiaire"
email_verified = true
TOML
    done
    while read -r n siret name; do
        cat <<TOML

[[establishment]]
siret = "$siret"
name = "$name"

[[membership]]
login_email = "chef$n@essai.example"
siret = "$siret"
role = "manager"
TOML
    done <<'PLACES'
1 96000029700015 Menuiserie Leroy
1 96000036200017 Électricité générale du Sud
2 96000043800015 Ferme des trois chênes
2 96000050300016 Hôtel de l’Europe
PLACES
    # What managers see on rarer days: an establishment that closed, where somebody holds a right; one without a manager; one with
    # an official address.
    cat <<'TOML'

[[establishment]]
siret = "93000001300019"
name = "Imprimerie du canal"

[[establishment]]
siret = "97000001400013"
name = "Coopérative des vergers"

[[establishment]]
siret = "97000002200016"
name = "Mairie de Valbonne"
official_email = "accueil@valbonne.example"
TOML
    for n in 1 2; do
        [ $n = 1 ] && given=Lou || given=Léa
        cat <<TOML

[[account]]
login_email = "relais$n@essai.example"
given_name = "$given"
family_name = "Petit"
password = "quatorze parapluies au vestiaire"
email_verified = true

[[membership]]
login_email = "relais$n@essai.example"
siret = "93000001300019"
role = "contact"

[[habilitation]]
login_email = "relais$n@essai.example"
siret = "93000001300019"
service = "dossier"
profiles = ["deposant"]

[[membership]]
login_email = "relais$n@essai.example"
siret = "97000001400013"
role = "contact"

[[membership]]
login_email = "chef$n@essai.example"
siret = "93000001300019"
role = "manager"
TOML
    done
} >"$work/etablissements.toml"

# walk PART: on a demonstration of its own, which goes with the subshell.
walk() (
    more=()
    [ ! -f "$work/$1.toml" ] || more=(--apply "$work/$1.toml")
    start_demo --apply "$work/people.toml" "${more[@]}" || { echo "0 passed, 1 failed"; exit 1; }
    node "$HERE/$1.mjs" "${options[@]}"
)

# Two at a time: a part waits for pages half of its time.
[ -n "${NO_BUILD:-}" ] || (cd "$ROOT" && cargo build --quiet --package guichet-demo) || exit 1
export NO_BUILD=1
for part in "${parts[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    walk "$part" >"$work/$part" 2>&1 &
done
wait

passed=0 failed=0
for part in "${parts[@]}"; do
    echo "-- $part"
    cat "$work/$part"
    last=$(tail -n 1 "$work/$part")
    if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1))
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
