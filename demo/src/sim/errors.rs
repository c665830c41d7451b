//! Error codes (§1.11): what people see, and what the service receives when they go back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::params::Request;
use super::{App, Fault, Sim};

/// One code, without its prefix.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// As support reads it, without `Y`.
    pub code: &'static str,
    /// Status of the page.
    pub status: u16,
    /// `error` on the way back to the service.
    pub error: &'static str,
    /// `error_description` there, in English as the platform writes it.
    pub description: &'static str,
    /// What the person reads.
    pub message: &'static str,
}

const TECHNICAL: &str = "authentication aborted due to a technical error on the authorization server";
const ABORTED: &str = "user authentication aborted";
const AGAIN: &str = "Une erreur technique est survenue. Retournez au service et recommencez.";
const IDENTITY: &str = "Vos données d’identité n’ont pas pu être vérifiées. L’assistance peut vous aider à les corriger.";
const SESSION: &str = "Votre session a expiré ou n’est plus valide. Retournez au service et recommencez.";

const fn known_as(code: &'static str, status: u16, error: &'static str, description: &'static str, message: &'static str) -> Known {
    Known { code, status, error, description, message }
}

/// Every code simulated.
pub const TABLE: [Known; 51] = [
    known_as("010004", 403, "access_denied", ABORTED, IDENTITY),
    known_as("010006", 403, "access_denied", ABORTED, IDENTITY),
    known_as("010007", 403, "access_denied", ABORTED, IDENTITY),
    known_as("010008", 403, "access_denied", ABORTED, IDENTITY),
    known_as("010009", 403, "access_denied", ABORTED, AGAIN),
    known_as("010011", 504, "temporarily_unavailable", TECHNICAL, AGAIN),
    known_as("010012", 504, "temporarily_unavailable", TECHNICAL, AGAIN),
    known_as("010013", 400, "server_error", TECHNICAL, AGAIN),
    known_as("010015", 403, "access_denied", ABORTED, "Ces identifiants correspondent à une identité qui ne permet plus de se connecter."),
    known_as("020017", 500, "server_error", TECHNICAL, AGAIN),
    known_as("020019", 500, "server_error", TECHNICAL, AGAIN),
    known_as("020021", 400, "invalid_request", TECHNICAL, AGAIN),
    known_as("020022", 403, "invalid_request", "invalid state parameter", AGAIN),
    known_as("020023", 403, "access_denied", TECHNICAL, AGAIN),
    known_as("020024", 500, "server_error", TECHNICAL, AGAIN),
    known_as("020025", 400, "server_error", TECHNICAL, AGAIN),
    known_as("020026", 502, "server_error", TECHNICAL, AGAIN),
    known_as("020027", 502, "server_error", TECHNICAL, AGAIN),
    known_as("020028", 500, "server_error", TECHNICAL, AGAIN),
    known_as("020029", 500, "server_error", TECHNICAL, AGAIN),
    known_as("020030", 500, "server_error", TECHNICAL, AGAIN),
    known_as("030007", 400, "invalid_request", "invalid parameter", AGAIN),
    known_as("030025", 500, "server_error", TECHNICAL, AGAIN),
    known_as("030026", 500, "server_error", TECHNICAL, AGAIN),
    known_as("030027", 400, "invalid_request", "invalid client_id parameter", AGAIN),
    known_as("030028", 500, "server_error", TECHNICAL, AGAIN),
    known_as("030030", 303, "access_denied", "User auth aborted", "Vous avez abandonné la connexion."),
    known_as("030032", 303, "invalid_idp_hint", "An idp_hint was provided but is not allowed", AGAIN),
    known_as("100001", 500, "server_error", TECHNICAL, AGAIN),
    known_as("100002", 400, "invalid_request", "acr_values not supported", AGAIN),
    known_as("100004", 403, "access_denied", ABORTED, AGAIN),
    known_as("100009", 400, "server_error", TECHNICAL, AGAIN),
    known_as(
        "100011",
        403,
        "access_denied",
        ABORTED,
        "Vous avez bloqué ce fournisseur d’identité dans vos préférences. Autorisez-le pour l’utiliser, ou choisissez-en un autre.",
    ),
    known_as("100018", 400, "invalid_request", "idp returned a not allowed acr value", AGAIN),
    known_as("100019", 400, "invalid_request", "Missing at_hash claim in id_token_hint", AGAIN),
    known_as("180001", 403, "access_denied", ABORTED, "Votre accès est désactivé. L’assistance peut le réactiver à votre demande."),
    known_as("190001", 401, "access_denied", ABORTED, SESSION),
    known_as("190004", 409, "access_denied", ABORTED, SESSION),
    known_as("420001", 400, "invalid_request", TECHNICAL, AGAIN),
    known_as("470001", 401, "server_error", TECHNICAL, AGAIN),
    known_as("510001", 400, "server_error", TECHNICAL, "Un cookie de cet appareil est illisible. Supprimez les cookies de ce site."),
    known_as("600006", 400, "server_error", TECHNICAL, "Les données reçues du fournisseur d’identité sont incomplètes ou invalides."),
    known_as("600020", 400, "access_denied", TECHNICAL, "Le mandat choisi ne permet pas de se connecter à ce service."),
    // ProConnect's own.
    known_as("000400", 400, "invalid_request", "invalid parameter", AGAIN),
    known_as("500015", 403, "access_denied", ABORTED, "Ce service est réservé aux agents publics."),
    known_as("500024", 403, "access_denied", ABORTED, "Votre compte est bloqué. L’assistance peut vous renseigner."),
    known_as("500027", 403, "access_denied", ABORTED, "Votre adresse e-mail n’est pas de celles de ce fournisseur d’identité."),
    // Errors of the OpenID Connect library, wrapped: `04` and five hexadecimal digits.
    known_as("04EA6EF", 400, "invalid_client", "client is invalid", AGAIN),
    known_as("04C013C", 400, "invalid_redirect_uri", "redirect_uri did not match any of the client's registered redirect_uris", AGAIN),
    known_as("04CFAEF", 400, "invalid_request", "post_logout_redirect_uri not registered", AGAIN),
    known_as("0469A55", 400, "invalid_request", "id_token_hint is missing or invalid", AGAIN),
];

/// What is known of a code.
pub fn known(code: &str) -> Option<&'static Known> {
    TABLE.iter().find(|k| k.code == code)
}

/// Where « back to the service » leads.
#[derive(Debug, Clone)]
pub(super) struct Back {
    pub name: String,
    pub redirect_uri: String,
    pub state: String,
}

impl Back {
    pub fn of(client: &Client, request: &Request) -> Self {
        Self { name: client.name.clone(), redirect_uri: request.redirect_uri.clone(), state: request.state.clone() }
    }
}

/// A journey that ends on an error page.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    code: &'static str,
    back: Option<Back>,
    detail: Option<String>,
}

impl Refusal {
    pub fn new(code: &'static str) -> Self {
        Self { code, back: None, detail: None }
    }

    pub fn back(self, back: Back) -> Self {
        Self { back: Some(back), ..self }
    }

    /// A word for the person who tries the simulator, which the real platform does not say.
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

#[derive(Template)]
#[template(path = "sim/error.html")]
struct ErrorPage<'a> {
    platform: &'static str,
    code: String,
    id: String,
    message: &'static str,
    detail: Option<&'a str>,
    back: Option<(&'a str, String)>,
}

impl Sim {
    /// The page that says what went wrong.
    pub(super) fn refuse(&self, refusal: &Refusal) -> Response {
        const UNKNOWN: Known = known_as("000000", 500, "server_error", TECHNICAL, AGAIN);
        let found = known(refusal.code).unwrap_or(&UNKNOWN);
        tracing::info!(platform = self.platform.name(), code = found.code, detail = refusal.detail, "error page");
        let back = refusal.back.as_ref().map(|back| (back.name.as_str(), self.error_url(back, found)));
        let shown = ErrorPage {
            platform: self.platform.name(),
            code: format!("Y{}", found.code),
            id: self.error_id(),
            message: found.message,
            detail: refusal.detail.as_deref(),
            back,
        };
        self.page(StatusCode::from_u16(found.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &shown)
    }

    /// The callback with `error`, `error_description`, `state` and `iss`. The code closes the description, unless the
    /// platform is told to keep it for its own page.
    pub(super) fn error_url(&self, back: &Back, found: &Known) -> String {
        let description = match self.with_fault(Fault::NoErrorCode) || found.status == 303 {
            true => found.description.to_owned(),
            false => format!("{} (Y{})", found.description, found.code),
        };
        self.callback(back, &[("error", found.error), ("error_description", &description)])
    }

    /// The callback with these parameters, `state` and `iss`.
    pub(super) fn callback(&self, back: &Back, parameters: &[(&str, &str)]) -> String {
        let Ok(mut url) = Url::parse(&back.redirect_uri) else { return back.redirect_uri.clone() };
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(parameters);
            match (self.with_fault(Fault::NoState), self.with_fault(Fault::WrongState)) {
                (true, _) => {}
                (false, true) => drop(query.append_pair("state", "un-autre-etat-que-celui-envoye")),
                (false, false) => drop(query.append_pair("state", &back.state)),
            }
            match (self.with_fault(Fault::NoIss), self.with_fault(Fault::WrongIss)) {
                (true, _) => {}
                (false, true) => drop(query.append_pair("iss", "https://ailleurs.example/api/v2")),
                (false, false) => drop(query.append_pair("iss", &self.issuer)),
            }
        }
        url.into()
    }

    /// What support asks for, a UUID.
    pub(super) fn error_id(&self) -> String {
        let hex = guichet::base::encode::hex(&guichet::base::rng::bytes::<16>(self.rng.as_ref()));
        let part = |from, to| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    pub(super) fn answer(&self, result: Result<Response, Refusal>) -> Response {
        result.unwrap_or_else(|refusal| self.refuse(&refusal))
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "sim/errors.html")]
struct Explained<'a> {
    platform: &'static str,
    asked: &'a str,
    table: &'static [Known],
}

/// Where `error_uri` leads.
pub(super) async fn explain(State(sim): App, Query(asked): Query<Asked>) -> Response {
    let sim: Arc<Sim> = sim;
    sim.page(StatusCode::OK, &Explained { platform: sim.platform.name(), asked: asked.code.trim_start_matches('Y'), table: &TABLE })
}
