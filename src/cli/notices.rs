//! `guichet notices`.

use serde_json::{Value, json};

use super::args::Notices as Command;
use super::out::{Failure, Out, table};
use super::upkeep::open;
use crate::config::Config;
use crate::oidc::notice::{Notice, store};

pub async fn run(out: Out, config: &Config, command: Command) -> Result<(), Failure> {
    let Command::List { client, failed, limit } = command;
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
