//! Who are you? The address first (S-02), other means (S-05), the account to continue with (S-12), confirmation (S-13).

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::{amont, code, passkey};
use crate::account::AccountKind;
use crate::authn::LiveSession;
use crate::authn::factor::email_code::Purpose;
use crate::base::{Email, typo};
use crate::oidc::authorize::Prompt;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::oidc::flow;
use crate::web::route::{Access, Class, Route};
use crate::web::view::sign_in::{ChooseAccountPage, ConfirmPage, ConfirmReason, CookiesPage, OtherMeansPage, SignInPage};
use crate::web::view::{Errors, Problem};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/connexion",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(show).post(identify),
    },
    Route {
        path: "/connexion/autres-moyens",
        methods: &["GET"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(other_means),
    },
    Route {
        path: "/connexion/compte",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(choose).post(chosen),
    },
    Route { path: "/connexion/confirmer", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(confirm) },
    Route { path: "/connexion/cookies", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(cookies) },
];

/// S-02.
async fn show(visit: Visit) -> Result<Response, Failure> {
    let mut journey = Journey::enter(visit)?;
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    journey.visit.ok(&page(&journey, journey.email(), None, Errors::none())?)
}

fn page(journey: &Journey, courriel: String, suggestion: Option<String>, errors: Errors) -> Result<SignInPage, Failure> {
    let config = &journey.visit.app.config;
    let (registration, first) = (config.sign_in.registration, config.sms.url.is_some());
    let passkey = passkey::button_with_prompt(journey)?;
    let buttons = |people| amont::buttons(&journey.visit.app, people);
    let (upstreams, agents) = (buttons(AccountKind::Individual), buttons(AccountKind::Professional));
    let (page, t) = (journey.page(), journey.t.clone());
    Ok(SignInPage { page, t, courriel, suggestion, registration, first, upstreams, agents, passkey, errors })
}

/// An address as posted by S-02, C-01 or S-23.
#[derive(Debug, Deserialize)]
pub struct Typed {
    /// What was typed.
    #[serde(default)]
    pub courriel: String,
    /// The address a suggestion was already made for: typed again, it is taken as it is.
    #[serde(default)]
    pub confirme: String,
}

impl Typed {
    /// The address, or what is wrong with it.
    pub fn email(&self) -> Result<Email, Problem> {
        if self.courriel.trim().is_empty() {
            return Err(Problem::EmailMissing);
        }
        Email::parse(&self.courriel).map_err(|_| Problem::EmailMalformed)
    }

    /// The address that was probably meant, unless the person insists.
    pub fn suggestion(&self, email: &Email) -> Option<String> {
        let insists = Email::parse(&self.confirme).is_ok_and(|c| c.key() == email.key());
        if insists { None } else { typo::suggest(email).map(String::from) }
    }
}

async fn identify(headers: HeaderMap, form: ProtectedForm<Typed>) -> Result<Response, Failure> {
    let (mut journey, typed) = (Journey::enter(form.visit)?, form.fields);
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    let email = match typed.email() {
        Ok(email) => email,
        Err(problem) => return journey.visit.invalid(&page(&journey, typed.courriel, None, Errors::one("courriel", problem))?),
    };
    if let Some(suggestion) = typed.suggestion(&email) {
        return journey.visit.invalid(&page(&journey, typed.courriel, Some(suggestion), Errors::none())?);
    }
    let owner = journey.visit.app.providers().route(&email).cloned();
    journey.interaction.email = Some(email);
    match owner {
        // By the domain alone, whoever it is: nothing was looked up.
        Some(provider) if provider.metadata.exclusive || !journey.interaction.routed => {
            journey.interaction.routed = true;
            amont::go_to(&journey, &headers, &provider).await
        }
        Some(_) | None => code::ask(&mut journey, Purpose::SignIn).await,
    }
}

/// S-05: the same list for everybody.
async fn other_means(mut journey: Journey) -> Result<Response, Failure> {
    if journey.interaction.email.is_none() {
        return journey.go("/connexion");
    }
    journey.visit.ok(&OtherMeansPage {
        page: journey.page(),
        t: journey.t.clone(),
        upstreams: amont::buttons(&journey.visit.app, AccountKind::Individual),
        passkey: passkey::button(&journey),
    })
}

fn login_email(live: &LiveSession) -> String {
    live.account().login_email.clone().map(String::from).unwrap_or_default()
}

/// S-12.
async fn choose(mut journey: Journey) -> Result<Response, Failure> {
    match &journey.visit.session {
        Some(live) => {
            let (name, courriel) = (live.account().full_name(), login_email(live));
            journey.visit.ok(&ChooseAccountPage { page: journey.page(), t: journey.t.clone(), name, courriel })
        }
        None => journey.go("/connexion"),
    }
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    choix: String,
}

async fn chosen(form: ProtectedForm<Choice>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    match (form.fields.choix.as_str(), journey.visit.session.clone()) {
        ("continuer", Some(live)) => {
            journey.interaction.chosen = Some(live.session().id.clone());
            journey.next(&live).await
        }
        _ => {
            journey.interaction.email = None;
            journey.interaction.select = true;
            journey.interaction.chosen = None;
            journey.go("/connexion")
        }
    }
}

/// S-13: the session's own address, settled.
async fn confirm(mut journey: Journey) -> Result<Response, Failure> {
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    let Some(email) = journey.visit.session.as_ref().and_then(|s| s.account().login_email.clone()) else {
        return journey.go("/connexion");
    };
    journey.interaction.email = Some(email.clone());
    journey.renew()?;
    let reason = match flow::pending(&journey.visit, &journey.interaction)? {
        None => ConfirmReason::SensitiveAction,
        Some((_, request)) if request.max_age.is_some() && !request.prompts(Prompt::Login) => ConfirmReason::TooOld,
        Some(_) => ConfirmReason::ServiceAsks,
    };
    let passkey = passkey::button(&journey);
    let owner = journey.visit.app.providers().exclusive(&email).cloned();
    let upstream = owner.as_deref().map(amont::button);
    journey.visit.ok(&ConfirmPage { page: journey.page(), t: journey.t.clone(), courriel: email.into(), reason, upstream, passkey })
}

/// S-30, where a step without its cookie leads. A browser that only lost the cookie goes on at once.
async fn cookies(visit: Visit) -> Result<Response, Failure> {
    let retry_url = crate::web::view::link("/connexion", &visit.query("t").unwrap_or_default());
    if Journey::open(visit.clone()).is_ok() {
        return Ok(visit.go(&retry_url));
    }
    visit.ok(&CookiesPage { page: visit.page(), retry_url })
}
