//! Pages whose words are fixed, and the small documents other programs look for.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::base::Timestamp;
use crate::config::Contact;
use crate::web::error::Failure;
use crate::web::extract::Visit;
use crate::web::route::{Access, Class, Route};
use crate::web::view::error::ErrorCode;
use crate::web::view::statics::{
    AccessibilityPage, ContactLine, ContactPage, HelpPage, LegalPage, Operator, PrivacyPage, SiteMapPage, TermsPage,
};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/aide", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(help) },
    Route { path: "/accessibilite", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(accessibility) },
    Route { path: "/mentions-legales", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(legal) },
    Route { path: "/donnees-personnelles", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(privacy) },
    Route { path: "/conditions", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(terms) },
    Route { path: "/plan-du-site", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(site_map) },
    Route { path: "/contact", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(contact) },
    Route {
        path: "/.well-known/change-password",
        methods: &["GET"],
        access: Access::Anyone,
        class: Class::Document,
        handler: || get(change_password),
    },
    Route {
        path: "/.well-known/security.txt",
        methods: &["GET"],
        access: Access::Anyone,
        class: Class::Document,
        handler: || get(security),
    },
    Route { path: "/robots.txt", methods: &["GET"], access: Access::Anyone, class: Class::Document, handler: || get(robots) },
];

fn operator(app: &App) -> Operator {
    let brand = &app.config.brand;
    let line = |c: &Contact| ContactLine { label: c.label.clone(), email: c.email.clone(), phone: c.phone.clone(), hours: c.hours.clone() };
    Operator {
        support_email: brand.support_email.clone(),
        sender: Some(app.config.mail.from.clone()),
        news_url: brand.news_url.as_ref().map(ToString::to_string),
        lines: brand.contacts.iter().map(line).collect(),
        ..Operator::default()
    }
}

async fn help(visit: Visit) -> Result<Response, Failure> {
    visit.ok(&HelpPage { page: visit.page(), operator: operator(&visit.app) })
}

async fn accessibility(visit: Visit) -> Result<Response, Failure> {
    visit.ok(&AccessibilityPage { page: visit.page(), operator: operator(&visit.app) })
}

async fn legal(visit: Visit) -> Result<Response, Failure> {
    visit.ok(&LegalPage { page: visit.page(), operator: operator(&visit.app) })
}

async fn privacy(visit: Visit) -> Result<Response, Failure> {
    let months = visit.app.config.audit.keep.as_secs() / (30 * 86_400);
    let retention_months = u32::try_from(months).unwrap_or(u32::MAX);
    visit.ok(&PrivacyPage { page: visit.page(), operator: operator(&visit.app), retention_months })
}

async fn terms(visit: Visit) -> Result<Response, Failure> {
    visit.ok(&TermsPage { page: visit.page(), operator: operator(&visit.app) })
}

async fn site_map(visit: Visit) -> Result<Response, Failure> {
    visit.ok(&SiteMapPage { page: visit.page() })
}

/// Shows back only what has the form of our codes and references.
async fn contact(visit: Visit) -> Result<Response, Failure> {
    let ours = |code: &str| ErrorCode::ALL.iter().any(|known| known.as_str() == code);
    let code = visit.query("code").filter(|c| match c.split_once('-') {
        // With the one that an upstream provider quoted.
        Some((code, theirs)) => ours(code) && crate::federation::error::is_code(theirs),
        None => ours(c),
    });
    let plain = |r: &String| r.len() == 9 && r.bytes().enumerate().all(|(i, b)| if i == 4 { b == b'-' } else { b.is_ascii_alphanumeric() });
    let reference = visit.query("reference").filter(plain);
    visit.ok(&ContactPage { page: visit.page(), operator: operator(&visit.app), code, reference })
}

/// Where password managers lead people (W3C, « A Well-Known URL for Changing Passwords »).
async fn change_password() -> Response {
    (StatusCode::FOUND, [(header::LOCATION, "/compte/mot-de-passe")]).into_response()
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

/// RFC 9116. Expires within a year, as its §2.5.5 recommends, at midnight so that the text is steady.
async fn security(State(app): State<App>) -> Response {
    let contact = match &app.config.brand.support_email {
        Some(email) => format!("mailto:{email}"),
        None => format!("{}/contact", app.issuer),
    };
    let day = app.clock.now().millis().div_euclid(86_400_000) * 86_400_000;
    let expires = Timestamp::from_millis(day).plus(Duration::from_secs(300 * 86_400));
    let canonical = format!("{}/.well-known/security.txt", app.issuer);
    text(format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: fr, en\nCanonical: {canonical}\n"))
}

/// Nothing of a journey or an account is of use to a search engine.
async fn robots() -> Response {
    let private = ["/authorize", "/compte", "/connexion", "/creation", "/deconnexion", "/mot-de-passe-oublie"];
    let lines: String = private.iter().map(|p| format!("Disallow: {p}\n")).collect();
    text(format!("User-agent: *\n{lines}"))
}
