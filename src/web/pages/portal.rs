//! Home once signed in and « Tous nos services » (ux P-01, P-02).

use axum::response::Response;
use axum::routing::get;
use url::Url;

use crate::app::App;
use crate::oidc::client::{Client, Metadata};
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::route::{Access, Class, Route};
use crate::web::view::portal::{HomePage, ServiceTile};

/// Rows of the route table.
pub const ROUTES: &[Route] =
    &[Route { path: "/accueil", methods: &["GET"], access: Access::Person, class: Class::Page, handler: || get(home) }];

/// `GET /accueil`
pub async fn home(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let prenom = person.session.account().given_name.clone();
    visit.ok(&HomePage { page: visit.page(), prenom, services: tiles(&visit.app) })
}

/// The services that people can open, by name: in use, with a home page on the web.
pub fn tiles(app: &App) -> Vec<ServiceTile> {
    let clients = app.clients();
    let mut tiles: Vec<_> =
        clients.all().into_iter().filter(|c| c.enabled && c.metadata.service.is_none()).filter_map(|c| tile(c)).collect();
    tiles.sort_by_key(|tile| tile.name.to_lowercase());
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
