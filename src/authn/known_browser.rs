//! Browsers an account has signed in from, so that a sign-in from a new one is told to its owner (M10).

use std::time::Duration;

use super::factor::{Kit, store};
use super::trusted_browser;
use crate::account::{Account, AccountKind};
use crate::crypto::sha256;
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::MailMessage;

/// Tells an individual that somebody signed in as them (AG-26), unless in a browser they trust. `provider` is its name.
pub async fn connected(
    tx: &mut Tx,
    kit: &Kit<'_>,
    account: &Account,
    trust: Option<&str>,
    provider: &str,
    service: Option<&str>,
) -> Result<()> {
    let Some(to) = account.notice_email() else { return Ok(()) };
    if trusted_browser::is_trusted(tx, kit, &account.id, trust).await? {
        return Ok(());
    }
    let message = MailMessage::Connected { provider: provider.to_owned(), origin: kit.origin(service) };
    let job = Job::Mail { to: to.as_str().to_owned(), locale: account.locale, message };
    jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    Ok(())
}

/// Records the browser of a sign-in by its long-lived cookie. A mail goes out when it is new, unless it is the first.
pub async fn seen(tx: &mut Tx, kit: &Kit<'_>, account: &Account, cookie: &str, service: Option<&str>) -> Result<()> {
    let (hash, now) = (sha256(cookie.as_bytes()), kit.ctx.now());
    if store::see_browser(tx, &account.id, &hash, now).await? {
        return Ok(());
    }
    let others = store::count_browsers(tx, &account.id).await?;
    store::add_browser(tx, &account.id, &hash, now).await?;
    // Individuals are told of every sign-in.
    let professional = account.kind == AccountKind::Professional;
    if let (true, Some(to)) = (others > 0 && professional, account.notice_email()) {
        let message = MailMessage::NewSignIn { origin: kit.origin(service) };
        let job = Job::Mail { to: to.as_str().to_owned(), locale: account.locale, message };
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(())
}
