//! One manager designated.

use super::ApplyError;
use super::declaration::DesignationEntry;
use super::report::{Change, Entry, Outcome};
use crate::account::lifecycle::{self, Details};
use crate::account::store;
use crate::authn::factor::Kit;
use crate::authn::first_sign_in::{self, store as designations};
use crate::db::Tx;

/// Designates the person, unless they are already, with this mobile, or have a means of connection by now.
pub async fn write(tx: &mut Tx, kit: &Kit<'_>, entry: &DesignationEntry) -> Result<Entry, ApplyError> {
    let done =
        |outcome, changes| Entry { kind: "designation", id: entry.login_email.to_string(), line: entry.place.line, outcome, changes };
    let refused = |wrong: &str| ApplyError::Refused(vec![entry.place.fault(wrong)]);
    let account = match store::find_by_login(tx, &entry.login_email).await? {
        Some(account) => account,
        None => {
            let (Some(given_name), Some(family_name)) = (entry.given_name.clone(), entry.family_name.clone()) else {
                return Err(refused("login_email: no such account; given_name and family_name make it"));
            };
            let details = Details { given_name, family_name, ..Details::new(entry.login_email.clone()) };
            lifecycle::create(tx, kit.ctx, details).await.map_err(|e| match e {
                lifecycle::Error::Db(e) => ApplyError::Db(e),
                other => refused(&other.to_string()),
            })?
        }
    };
    let present = designations::find(tx, &account.id, kit.ctx.now()).await?;
    let same = present.as_ref().is_some_and(|(phone, _)| phone == entry.mobile.as_str());
    if same || account.security.strong() {
        return Ok(done(Outcome::Unchanged, Vec::new()));
    }
    first_sign_in::designate(tx, kit, &account, &entry.mobile).await?;
    let outcome = if present.is_some() { Outcome::Changed } else { Outcome::Created };
    Ok(done(outcome, vec![Change::secret("mobile", present.is_some())]))
}
