//! Services allowed to receive data (ux P-18).

use axum::response::Response;
use serde::Deserialize;

use crate::oidc::Clients;
use crate::oidc::consent::{self, store::ConsentRow};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::oidc::consent::KINDS;
use crate::web::view::account::{ConsentLine, ConsentsPage};
use crate::web::view::sign_in::SharedKind;
use crate::web::view::{Notice, format};

const HERE: &str = "/compte/autorisations";

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    service: String,
}

/// `GET /compte/autorisations`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let rows = consent::held(&mut visit.app.db.read().await?, &person.session.account().id, visit.ctx.now()).await?;
    let (page, clients) = (visit.page(), visit.app.clients());
    let line = |row: ConsentRow| ConsentLine {
        service: name(&clients, &row.client_id),
        kinds: kinds(&clients, &row.client_id, &row.scope),
        offline: has(&row.scope, "offline_access"),
        since: format::date(page.t, row.granted_at),
        last_used: row.last_used_at.map(|at| format::date_time(page.t, at)),
        id: row.client_id,
    };
    let consents = rows.into_iter().map(line).collect();
    visit.ok(&ConsentsPage { page, consents })
}

/// `POST /compte/autorisations`: the service will ask again where it must, and what it holds is dead at once.
pub async fn withdraw(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let visit = &person.visit;
    let mut tx = visit.app.db.begin().await?;
    if !consent::withdraw(&mut tx, &visit.ctx, &person.session.account().id, &fields.service).await? {
        return Ok(visit.go(HERE));
    }
    tx.commit().await?;
    let service = name(&visit.app.clients(), &fields.service);
    Ok(visit.go_with(HERE, &Notice::ConsentWithdrawn(service)))
}

fn name(clients: &Clients, id: &str) -> String {
    clients.any(id).map_or_else(|| id.to_owned(), |c| c.metadata.client_name.clone())
}

fn has(scope: &str, wanted: &str) -> bool {
    scope.split_ascii_whitespace().any(|s| s == wanted)
}

/// What the scopes give in the words of the service.
fn kinds(clients: &Clients, client: &str, scope: &str) -> Vec<SharedKind> {
    let vocabulary = clients.any(client).map(|c| c.metadata.claims_vocabulary).unwrap_or_default();
    let given = |claims: &[&str]| claims.iter().any(|claim| vocabulary.gives(scope.split_ascii_whitespace(), claim));
    let mut kinds = vec![SharedKind::Identifier];
    kinds.extend(KINDS.iter().filter(|(_, claims)| given(claims)).map(|(kind, _)| *kind));
    kinds
}
