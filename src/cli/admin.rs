//! `guichet admin`.

use super::account::{find, row, view};
use super::args::Admin as Command;
use super::out::{Failure, Out, table};
use crate::account::store;
use crate::app::App;
use crate::authn::administrator;
use crate::authn::factor::Kit;
use crate::base::Actor;

/// More would be a mistake.
const MOST: i64 = 1_000;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => {
            let accounts = store::list_administrators(&mut app.db.read().await?, MOST).await?;
            out.data(&accounts.iter().map(view).collect::<Vec<_>>(), || {
                let rows: Vec<Vec<String>> = accounts.iter().map(row).collect();
                table(&["ID", "STATE", "KIND", "LOGIN E-MAIL", "NAME"], &rows)
            });
            Ok(())
        }
        Command::Add { who } => set(out, app, &who, true).await,
        Command::Remove { who } => set(out, app, &who, false).await,
    }
}

async fn set(out: Out, app: &App, who: &str, on: bool) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    let changed = administrator::set(&mut tx, &kit, &account, on).await?;
    let now = find(&mut tx, account.id.as_str()).await?;
    tx.commit().await?;
    let word = match (on, changed) {
        (true, true) if !account.security.strong() => {
            "is an administrator, without a password; a passkey, an application or a card must be added at the next sign-in"
        }
        (true, true) => "is an administrator, without a password",
        (true, false) => "was an administrator already",
        (false, true) => "is no longer an administrator",
        (false, false) => "was no administrator",
    };
    out.changed(changed, view(&now), format_args!("{who} {word}"));
    Ok(())
}
