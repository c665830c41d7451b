//! Establishments, and people's places in them, put in place.

use serde_json::{Value, json};

use super::ApplyError;
use super::declaration::{EstablishmentEntry, MembershipEntry};
use super::report::{Change, Entry, Outcome};
use crate::account::store as accounts;
use crate::authn::factor::Kit;
use crate::base::Ctx;
use crate::db::Tx;
use crate::org::{self, Establishment, Membership, MembershipState, Proof};

/// Creates or renames an establishment.
pub async fn write(tx: &mut Tx, ctx: &Ctx, entry: &EstablishmentEntry) -> Result<Entry, ApplyError> {
    let wanted = &entry.establishment;
    let present = org::find(tx, &wanted.siret).await?;
    org::put(tx, ctx, wanted).await?;
    let values = |e: &Establishment| vec![("name", json!(e.name))];
    let mut changes = changed(present.as_ref().map(values), values(wanted));
    if entry.place.mentions("official_email") {
        let before = org::store::official_email(tx, &wanted.siret).await?;
        let after = entry.official_email.as_ref().map(|e| e.as_str());
        if org::store::put_official_email(tx, &wanted.siret, after).await? > 0 {
            changes.push(Change::new("official_email", before.map(Value::from), after.map(Value::from)));
        }
    }
    for domain in &entry.email_domains {
        if org::store::put_domain(tx, &wanted.siret, domain).await? > 0 {
            changes.push(Change::new("email_domains", None, Some(domain.as_str().into())));
        }
    }
    Ok(report("establishment", wanted.siret.to_string(), entry.place.line, present.is_some(), changes))
}

/// Creates or changes a person's place in an establishment.
pub async fn write_membership(tx: &mut Tx, kit: &Kit<'_>, entry: &MembershipEntry) -> Result<Entry, ApplyError> {
    let Some(account) = accounts::find_by_login(tx, &entry.login_email).await? else {
        return Err(ApplyError::Refused(vec![entry.place.fault("login_email: no account signs in with it")]));
    };
    let Some(establishment) = org::find(tx, &entry.siret).await? else {
        return Err(ApplyError::Refused(vec![entry.place.fault("siret: no such establishment; declare it with [[establishment]]")]));
    };
    let (factors_manage, state, expires_at) = (entry.factors_manage, entry.state, entry.expires_at);
    let mut wanted = Membership::new(account.id, establishment, entry.role, Proof::Operator);
    let present = org::store::membership(tx, &wanted.account, &entry.siret).await?;
    if let Some(present) = &present {
        // How the place was established is history: a declaration does not rewrite it.
        (wanted.link, wanted.proof, wanted.proved_at) = (present.link, present.proof, present.proved_at);
        wanted.evidence.clone_from(&present.evidence);
    }
    wanted = Membership { factors_manage, state, expires_at, ..wanted };
    org::put_membership(tx, kit, &wanted).await?;
    if wanted.state == MembershipState::Disabled {
        org::habilitation::revoke_all(tx, kit, &wanted.account, &entry.siret, "operator").await?;
    }
    let values = |m: &Membership| {
        vec![
            ("role", json!(m.role.name())),
            ("factors_manage", json!(m.factors_manage)),
            ("state", json!(m.state.name())),
            ("expires_at", json!(m.expires_at.map(|at| at.to_string()))),
        ]
    };
    let changes = changed(present.as_ref().map(values), values(&wanted));
    let id = format!("{} {}", entry.login_email, entry.siret);
    Ok(report("membership", id, entry.place.line, present.is_some(), changes))
}

pub(super) type Values = Vec<(&'static str, Value)>;

pub(super) fn changed(old: Option<Values>, new: Values) -> Vec<Change> {
    let before = |name: &str| old.iter().flatten().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    let change = |(name, value): (&'static str, Value)| (before(name), name, Some(value));
    new.into_iter().map(change).filter(|(o, _, n)| o != n).map(|(o, name, n)| Change::new(name, o, n)).collect()
}

pub(super) fn report(kind: &'static str, id: String, line: usize, existed: bool, changes: Vec<Change>) -> Entry {
    let outcome = match (existed, changes.is_empty()) {
        (false, _) => Outcome::Created,
        (true, false) => Outcome::Changed,
        (true, true) => Outcome::Unchanged,
    };
    Entry { kind, id, line, outcome, changes }
}
