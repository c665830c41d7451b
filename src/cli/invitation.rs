//! `guichet invitation`: those that wait for an answer.

use serde_json::{Value, json};

use super::args::Invitation as Command;
use super::establishment;
use super::out::{Failure, Out, table};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::base::Actor;
use crate::base::id::InvitationId;
use crate::org::invitation::{self, Invitation, store};
use crate::org::rights;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { siret } => {
            let siret = establishment::find(app, &siret).await?.siret;
            let waiting = store::of_siret(&mut app.db.read().await?, &siret, app.clock.now()).await?;
            out.data(&waiting.iter().map(view).collect::<Vec<_>>(), || {
                let row = |i: &Invitation| vec![i.id.to_string(), i.email.to_string(), i.role.name().to_owned(), i.expires_at.to_string()];
                table(&["ID", "E-MAIL", "ROLE", "UNTIL"], &waiting.iter().map(row).collect::<Vec<_>>())
            });
            Ok(())
        }
        Command::Revoke { id, siret } => revoke(out, app, &id, &siret).await,
    }
}

fn view(i: &Invitation) -> Value {
    json!({
        "id": i.id, "siret": i.establishment.siret, "email": i.email, "role": i.role.name(),
        "rights": i.rights.as_ref().map(|r| rights::names(r).collect::<Vec<_>>()), "invited_by": i.invited_by,
        "created_at": i.created_at.to_string(), "expires_at": i.expires_at.to_string(),
    })
}

async fn revoke(out: Out, app: &App, id: &str, siret: &str) -> Result<(), Failure> {
    let siret = establishment::find(app, siret).await?.siret;
    let unknown = || Failure::NotFound(format!("no invitation {id} waits in {siret}"));
    let which = InvitationId::parse(id).ok_or_else(unknown)?;
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let done = invitation::cancel_by_operator(&mut tx, &kit, &siret, &which).await?;
    tx.commit().await?;
    if !done {
        return Err(unknown());
    }
    out.changed(true, json!({ "id": id, "siret": siret }), format_args!("{id} is withdrawn"));
    Ok(())
}
