//! One account put in place.

use serde_json::{Value, json};

use super::declaration::AccountEntry;
use super::report::{Change, Entry, Outcome};
use super::{ApplyError, of_account};
use crate::account::lifecycle::{self, Details};
use crate::account::{Account, AccountState, store};
use crate::app::App;
use crate::base::{Ctx, Email};
use crate::crypto::hasher::Against;
use crate::db::Tx;
use crate::oidc::people;

/// What to do about the password of an entry, decided before the transaction.
pub enum Password {
    /// None is declared, or the declared one stands.
    Keep,
    /// Set this hash over the one seen.
    Set {
        /// PHC string.
        hash: String,
        /// What was stored when it was compared.
        seen: Option<String>,
    },
}

/// Compares the declared password with the stored one, and hashes it when they differ. A hash of another system is taken for
/// a new account, or while its owner has yet to come: afterwards the password is theirs.
pub async fn password(app: &App, ctx: &Ctx, entry: &AccountEntry) -> Result<Password, ApplyError> {
    if entry.password.is_none() && entry.password_hash.is_none() {
        return Ok(Password::Keep);
    }
    let (present, seen) = {
        let mut read = app.db.read().await?;
        let present = store::find_by_login(&mut read, &entry.login_email).await?;
        let seen = match &present {
            Some(account) => store::find_password(&mut read, &account.id).await?,
            None => None,
        };
        (present, seen)
    };
    let hash = match (&entry.password, &entry.password_hash) {
        (Some(declared), _) => {
            if let Some(own) = seen.clone()
                && app.hasher.verify(declared.clone(), Against::Own(own)).await?.is_ok()
            {
                return Ok(Password::Keep);
            }
            app.hasher.hash(declared.clone(), ctx.rng.as_ref()).await?
        }
        (None, Some(foreign)) if seen.is_none() && present.as_ref().is_none_or(Account::awaits_password) => {
            app.hasher.adopt(foreign.clone(), ctx.rng.as_ref()).await?
        }
        (None, _) => return Ok(Password::Keep),
    };
    Ok(Password::Set { hash, seen })
}

/// Creates or changes the account, and says what changed.
pub async fn write(tx: &mut Tx, ctx: &Ctx, entry: &AccountEntry, password: Password) -> Result<Entry, ApplyError> {
    let present = store::find_by_login(tx, &entry.login_email).await?;
    let created = present.is_none();
    let (account, mut changes) = match present {
        None => create(tx, ctx, entry).await?,
        Some(present) => change(tx, ctx, entry, present).await?,
    };
    if let Password::Set { hash, seen } = password {
        if store::find_password(tx, &account.id).await? != seen {
            return Err(ApplyError::Meanwhile(entry.place.name.clone()));
        }
        people::set_password(tx, ctx, &account, &hash).await.map_err(|e| of_account(entry, e))?;
        changes.push(Change::secret("password", seen.is_some()));
    }
    if let Some(state) = entry.state.filter(|s| *s != account.state) {
        people::set_state(tx, ctx, &account, state).await.map_err(|e| of_account(entry, e))?;
        changes.push(Change::new("state", text(account.state), text(state)));
    }
    let outcome = match (created, changes.is_empty()) {
        (true, _) => Outcome::Created,
        (false, false) => Outcome::Changed,
        (false, true) => Outcome::Unchanged,
    };
    Ok(Entry { kind: "account", id: entry.login_email.to_string(), line: entry.place.line, outcome, changes })
}

async fn create(tx: &mut Tx, ctx: &Ctx, entry: &AccountEntry) -> Result<(Account, Vec<Change>), ApplyError> {
    let nothing = Details::new(entry.login_email.clone());
    let details = entry.over(nothing.clone());
    for (member, text) in [("given_name", &details.given_name), ("family_name", &details.family_name)] {
        if text.is_empty() && !entry.place.mentions(member) {
            return Err(ApplyError::Refused(vec![entry.place.fault(&format!("{member}: required for a new account"))]));
        }
    }
    let changes = members(&nothing, &details);
    let account = lifecycle::create(tx, ctx, details).await.map_err(|e| of_account(entry, e))?;
    if entry.to_activate == Some(true) {
        store::set_to_activate(tx, &account.id, true).await?;
    }
    Ok((account, changes))
}

async fn change(tx: &mut Tx, ctx: &Ctx, entry: &AccountEntry, present: Account) -> Result<(Account, Vec<Change>), ApplyError> {
    // Found by its login e-mail: it has one.
    let Some(before) = Details::of(&present) else { return Ok((present, Vec::new())) };
    let details = entry.over(before.clone());
    let changes = members(&before, &details);
    let account = lifecycle::change(tx, ctx, &present, details).await.map_err(|e| of_account(entry, e))?;
    Ok((account, changes))
}

fn text(state: AccountState) -> Option<Value> {
    Some(Value::from(state.name()))
}

fn members(old: &Details, new: &Details) -> Vec<Change> {
    let values = |d: &Details| {
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        [
            ("email_verified", json!(d.login_email_verified)),
            ("contact_email", optional(d.contact_email.as_ref().map(Email::as_str))),
            ("given_name", json!(d.given_name)),
            ("family_name", json!(d.family_name)),
            ("phone", optional(d.phone.as_deref())),
            ("job_title", optional(d.job_title.as_deref())),
            ("locale", json!(d.locale.as_str())),
        ]
    };
    let present = |v: Value| Some(v).filter(|v| !v.is_null());
    let pairs = values(old).into_iter().zip(values(new));
    pairs.filter(|(o, n)| o.1 != n.1).map(|(o, n)| Change::new(o.0, present(o.1), present(n.1))).collect()
}
