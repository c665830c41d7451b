//! Browsers an account has signed in from, so that a sign-in from a new one is told to its owner (M10).

use std::time::Duration;

use super::factor::{Kit, store};
use crate::account::Account;
use crate::crypto::sha256;
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::MailMessage;

/// Records the browser of a sign-in by its long-lived cookie. A mail goes out when it is new, unless it is the first.
pub async fn seen(tx: &mut Tx, kit: &Kit<'_>, account: &Account, cookie: &str, service: Option<&str>) -> Result<()> {
    let (hash, now) = (sha256(cookie.as_bytes()), kit.ctx.now());
    if store::see_browser(tx, &account.id, &hash, now).await? {
        return Ok(());
    }
    let others = store::count_browsers(tx, &account.id).await?;
    store::add_browser(tx, &account.id, &hash, now).await?;
    if let (true, Some(to)) = (others > 0, account.notice_email()) {
        let message = MailMessage::NewSignIn { origin: kit.origin(service) };
        let job = Job::Mail { to: to.as_str().to_owned(), locale: account.locale, message };
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(())
}
