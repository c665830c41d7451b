//! `guichet notices`.

use serde_json::{Value, json};

use super::args::Notices as Command;
use super::out::{Failure, Out, table};
use super::upkeep::open;
use crate::base::Clock;
use crate::base::clock::SystemClock;
use crate::base::id::NoticeId;
use crate::config::Config;
use crate::oidc::notice::{Notice, store};

pub async fn run(out: Out, config: &Config, command: Command) -> Result<(), Failure> {
    let (client, failed, limit) = match command {
        Command::List { client, failed, limit } => (client, failed, limit),
        Command::Retry { id, client } => return retry(out, config, id.as_deref(), client.as_deref()).await,
    };
    let db = open(config).await?;
    let listed = match db.read().await {
        Ok(mut read) => store::list(&mut read, client.as_deref(), failed, limit.into()).await,
        Err(e) => Err(e),
    };
    db.close().await;
    let notices = listed?;
    out.data(&notices.iter().map(view).collect::<Vec<_>>(), || text(&notices));
    Ok(())
}

/// Those that were given up are due again: one, or all of a client.
async fn retry(out: Out, config: &Config, id: Option<&str>, client: Option<&str>) -> Result<(), Failure> {
    let db = open(config).await?;
    let now = SystemClock.now();
    let again = async {
        let mut tx = db.begin().await?;
        let n = match (id.and_then(NoticeId::parse), client) {
            (Some(id), _) => store::retry(&mut tx, &id, now).await?,
            (None, Some(client)) => store::retry_of(&mut tx, client, now).await?,
            (None, None) => 0,
        };
        tx.commit().await?;
        Ok::<u64, Failure>(n)
    };
    let again = again.await;
    db.close().await;
    match again? {
        0 => Err(Failure::NotFound(format!("no notice {} was given up", id.or(client).unwrap_or_default()))),
        n => {
            let about = json!({ "id": id, "client_id": client, "retried": n });
            out.changed(true, about, format_args!("{n} to be tried again"));
            Ok(())
        }
    }
}

fn view(n: &Notice) -> Value {
    json!({
        "id": n.id,
        "kind": n.kind.name(),
        "client_id": n.client_id,
        "account": n.account,
        "session": n.session,
        "siret": n.siret,
        "state": n.state,
        "attempts": n.attempts,
        "happened_at": n.created_at.to_string(),
        (if n.state == "pending" { "due_at" } else { "settled_at" }): n.run_at.to_string(),
        "last_error": n.last_error,
    })
}

fn text(notices: &[Notice]) -> String {
    let row = |n: &Notice| {
        let why = n.last_error.clone().unwrap_or_default();
        vec![n.created_at.to_string(), n.client_id.clone(), n.kind.name().to_owned(), n.state.clone(), n.attempts.to_string(), why]
    };
    table(&["HAPPENED", "CLIENT_ID", "KIND", "STATE", "TRIES", "LAST ERROR"], &notices.iter().map(row).collect::<Vec<_>>())
}
