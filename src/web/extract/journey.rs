//! The journey a request belongs to: the sealed interaction in `t`, opened for this browser.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{Params, Visit};
use crate::app::App;
use crate::authn::interaction::{Interaction, Refusal};
use crate::web::error::{Failure, PageFailure};
use crate::web::oidc::flow;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::link;

/// A visit within a journey.
#[derive(Debug, Clone)]
pub struct Journey {
    /// The visit.
    pub visit: Visit,
    /// The pending request and what is known so far.
    pub interaction: Interaction,
    /// Its sealed form, for links and forms.
    pub t: String,
}

impl FromRequestParts<App> for Journey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let visit = Visit::from_request_parts(parts, app).await?;
        Self::of(visit, parts.uri.query())
    }
}

impl Journey {
    /// Opens the `t` of a query. What cannot be opened ends on an error page with a way to go on.
    pub fn of(visit: Visit, query: Option<&str>) -> Result<Self, Failure> {
        let lost = || Failure::page(ErrorCode::A203, Way::Resume("/connexion".into()));
        let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(|_| lost())?;
        let t = params.get("t").ok_or_else(lost)?.to_owned();
        if visit.browser.fresh {
            return Err(Failure::page(ErrorCode::A202, Way::Retry(visit.path)));
        }
        let app = &visit.app;
        match Interaction::open(&t, &visit.browser.cookie, &app.keys, visit.ctx.now(), &app.config.sign_in) {
            Ok(interaction) => Ok(Self { visit, interaction, t }),
            Err(Refusal::Unknown | Refusal::OtherBrowser) => Err(lost()),
            Err(Refusal::Expired(old)) => Err(expired(&visit, *old)),
        }
    }
}

/// A201: the same request, begun anew.
fn expired(visit: &Visit, old: Interaction) -> Failure {
    let mut again = Interaction::new(&visit.ctx, &visit.browser.cookie, old.request);
    (again.email, again.fresh, again.select, again.back) = (old.email, old.fresh, old.select, old.back);
    let service = flow::service_name(visit, &again);
    let way = match again.seal(&visit.app.keys) {
        Ok(t) => Way::Resume(link("/connexion", &t)),
        Err(_) => Way::Home,
    };
    Failure::Page(Box::new(PageFailure { code: ErrorCode::A201, way: Some(way), service, technical: None }))
}
