//! Establishments, and people's places in them, put in place.

use serde_json::{Value, json};

use super::ApplyError;
use super::declaration::{EstablishmentEntry, MembershipEntry};
use super::report::{Change, Entry, Outcome};
use crate::account::store as accounts;
use crate::base::Ctx;
use crate::db::Tx;
use crate::org::{self, Establishment, Membership};

/// Creates or renames an establishment.
pub async fn write(tx: &mut Tx, ctx: &Ctx, entry: &EstablishmentEntry) -> Result<Entry, ApplyError> {
    let wanted = &entry.establishment;
    let present = org::find(tx, &wanted.siret).await?;
    org::put(tx, ctx, wanted).await?;
    let values = |e: &Establishment| vec![("name", json!(e.name))];
    let changes = changed(present.as_ref().map(values), values(wanted));
    Ok(report("establishment", wanted.siret.to_string(), entry.place.line, present.is_some(), changes))
}

/// Creates or changes a person's place in an establishment.
pub async fn write_membership(tx: &mut Tx, ctx: &Ctx, entry: &MembershipEntry) -> Result<Entry, ApplyError> {
    let Some(account) = accounts::find_by_login(tx, &entry.login_email).await? else {
        return Err(ApplyError::Refused(vec![entry.place.fault("login_email: no account signs in with it")]));
    };
    let Some(establishment) = org::find(tx, &entry.siret).await? else {
        return Err(ApplyError::Refused(vec![entry.place.fault("siret: no such establishment; declare it with [[establishment]]")]));
    };
    let (role, factors_manage, state) = (entry.role, entry.factors_manage, entry.state);
    let wanted = Membership { account: account.id, establishment, role, factors_manage, state };
    let present = org::store::membership(tx, &wanted.account, &entry.siret).await?;
    org::put_membership(tx, ctx, &wanted).await?;
    let values = |m: &Membership| {
        vec![("role", json!(m.role.name())), ("factors_manage", json!(m.factors_manage)), ("state", json!(m.state.name()))]
    };
    let changes = changed(present.as_ref().map(values), values(&wanted));
    let id = format!("{} {}", entry.login_email, entry.siret);
    Ok(report("membership", id, entry.place.line, present.is_some(), changes))
}

type Values = Vec<(&'static str, Value)>;

fn changed(old: Option<Values>, new: Values) -> Vec<Change> {
    let before = |name: &str| old.iter().flatten().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    let change = |(name, value): (&'static str, Value)| (before(name), name, Some(value));
    new.into_iter().map(change).filter(|(o, _, n)| o != n).map(|(o, name, n)| Change::new(name, o, n)).collect()
}

fn report(kind: &'static str, id: String, line: usize, existed: bool, changes: Vec<Change>) -> Entry {
    let outcome = match (existed, changes.is_empty()) {
        (false, _) => Outcome::Created,
        (true, false) => Outcome::Changed,
        (true, true) => Outcome::Unchanged,
    };
    Entry { kind, id, line, outcome, changes }
}
