//! Home once signed in (ux P-01), and the services that are in no catalogue.

use axum::response::Response;
use axum::routing::get;
use url::Url;

use super::catalogue::{Held, entered};
use super::{a_traiter, demandes};
use crate::app::App;
use crate::base::id::AccountId;
use crate::base::{Timestamp, fold};
use crate::db::Handle;
use crate::oidc::client::{Client, Metadata};
use crate::org::service::{Approver, Services};
use crate::org::{Establishment, habilitation, request};
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::route::{Access, Class, Route};
use crate::web::view::portal::{AwaitingLine, HomePage, ServiceTile};

/// Rows of the route table.
pub const ROUTES: &[Route] =
    &[Route { path: "/accueil", methods: &["GET"], access: Access::Person, class: Class::Page, handler: || get(home) }];

/// Establishments whose requests the home page names.
const PLACES: usize = 10;
/// The person's own requests that it shows.
const REQUESTS: usize = 5;

/// `GET /accueil`
pub async fn home(person: Person) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let (page, now, services) = (visit.page(), visit.ctx.now(), visit.app.services());
    let mut read = visit.app.db.read().await?;
    let mut waiting = waiting(&mut read, &services, &account.id, now).await?;
    let named = a_traiter::pending(&mut read, &services, &account.id).await?;
    let asked = request::store::of_account(&mut read, &account.id).await?;
    let granted = habilitation::store::services_of(&mut read, &account.id, now).await?;
    drop(read);
    let more = waiting.len() > PLACES;
    waiting.truncate(PLACES);
    let open = asked.iter().filter(|r| r.state.is_open()).take(REQUESTS);
    visit.ok(&HomePage {
        prenom: account.given_name.clone(),
        waiting,
        more,
        named,
        requests: open.map(|r| demandes::line(page.t, &services, r)).collect(),
        services: entered(&services, &Held::new(granted, &asked), account.kind),
        others: outside(&visit.app),
        nudge: account.login_email.is_some() && !account.security.strong(),
        page,
    })
}

/// What waits for the managers of the establishments that the person manages; one more than the page names.
async fn waiting(h: &mut impl Handle, services: &Services, who: &AccountId, now: Timestamp) -> Result<Vec<AwaitingLine>, Failure> {
    let theirs = |approver| match approver {
        Approver::Managers => true,
        Approver::Named | Approver::Operator => false,
    };
    let decided: Vec<String> = services.of_people(None).filter(|s| theirs(s.metadata.approver)).map(|s| s.id.clone()).collect();
    let limit = i64::try_from(PLACES + 1).unwrap_or(i64::MAX);
    let all = request::store::to_manage(h, who, &decided, limit, now).await?;
    let line = |(place, count): (Establishment, i64)| AwaitingLine {
        url: format!("/etablissements/{}/demandes", place.siret),
        siret: place.siret.grouped(),
        name: place.name,
        count: u64::try_from(count).unwrap_or(0),
    };
    Ok(all.into_iter().map(line).collect())
}

/// The services that anybody may open, by name: those of the catalogue without a request, and those outside it.
pub fn tiles(app: &App) -> Vec<ServiceTile> {
    let catalogue = app.services();
    let open = catalogue.of_people(None).filter(|s| !s.on_request()).map(|s| &s.metadata);
    let mut tiles: Vec<ServiceTile> = open
        .map(|m| ServiceTile { name: m.name.clone(), description: m.description.clone(), url: m.url.clone().filter(|url| is_web(url)) })
        .collect();
    tiles.extend(outside(app));
    tiles.sort_by_key(|tile| fold::name(&tile.name));
    tiles
}

/// The services outside the catalogue that people can open, by name: in use, with a home page on the web.
pub fn outside(app: &App) -> Vec<ServiceTile> {
    let clients = app.clients();
    let mut tiles: Vec<_> =
        clients.all().into_iter().filter(|c| c.enabled && c.metadata.service.is_none()).filter_map(|c| tile(c)).collect();
    tiles.sort_by_key(|tile| fold::name(&tile.name));
    tiles
}

fn tile(client: &Client) -> Option<ServiceTile> {
    let Metadata { client_name, description, client_uri, .. } = &client.metadata;
    let url = client_uri.clone().filter(|uri| is_web(uri))?;
    Some(ServiceTile { name: client_name.clone(), description: description.clone(), url: Some(url) })
}

/// A registered home page becomes a link: never `javascript:` or the like.
fn is_web(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|u| matches!(u.scheme(), "https" | "http"))
}
