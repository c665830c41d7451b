//! The code received by e-mail: S-03, and the steps that registration (C-02) and reset (S-23) share with it.

use axum::http::header;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::proved;
use crate::authn::factor::email_code::{self, Challenge, Digits, Proved, Purpose, Refused, Sending, minutes};
use crate::authn::policy::Missing;
use crate::authn::{Proof, trusted_browser};
use crate::base::Email;
use crate::base::id::AccountId;
use crate::base::texts::Texts;
use crate::db::Tx;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::sign_in::{CodePage, CodePurpose};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/connexion/code",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show).post(submit),
    },
    Route {
        path: "/connexion/code/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(back).post(resend),
    },
];

/// A posted code.
#[derive(Debug, Deserialize)]
pub struct Fields {
    /// What was typed.
    #[serde(default)]
    pub code: String,
    /// `oui`: trust this browser (S-03, after a password).
    #[serde(default)]
    pub confiance: String,
}

/// A form without fields.
#[derive(Debug, Deserialize)]
pub struct Nothing {}

/// Where the journey goes without a code: on, unless a code is what completes its session.
async fn onward(journey: &mut Journey) -> Result<Option<Response>, Failure> {
    let Some(partial) = journey.completing().filter(|p| p.missing() == Missing::EmailCode) else { return journey.onward().await };
    let own = partial.account().login_email.clone();
    let same = |a: &Email| journey.interaction.email.as_ref().is_some_and(|typed| typed.key() == a.key());
    match own.filter(|own| !same(own)) {
        Some(own) => {
            journey.interaction.email = Some(own);
            ask(journey, Purpose::SignIn).await.map(Some)
        }
        None => Ok(None),
    }
}

async fn show(mut journey: Journey) -> Result<Response, Failure> {
    if let Some(onward) = onward(&mut journey).await? {
        return Ok(onward);
    }
    if journey.interaction.email.is_none() {
        return journey.go("/connexion");
    }
    let view = page(&journey, Purpose::SignIn, Errors::none()).await?;
    journey.visit.ok(&view)
}

async fn submit(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    if let Some(onward) = onward(&mut journey).await? {
        return Ok(onward);
    }
    match check(&journey, Purpose::SignIn, &form.fields.code).await? {
        Checked::Proved(mut tx, proved) => match proved.into_proof() {
            Some(proof) => {
                let trust = match trusting(&journey, &proof, &form.fields.confiance) {
                    true => Some(trusted_browser::trust(&mut tx, &journey.kit(), proof.account()).await?),
                    false => None,
                };
                let life = journey.visit.app.config.policy.trusted_browser;
                let mut response = proved::go_on(journey, tx, proof).await?;
                if let Some(value) = trust.and_then(|t| cookie::set(cookie::TRUST, t.as_str(), Some(life))) {
                    response.headers_mut().append(header::SET_COOKIE, value);
                }
                Ok(response)
            }
            None => journey.go("/connexion"),
        },
        Checked::Refused(errors) => journey.visit.invalid(&page(&journey, Purpose::SignIn, errors).await?),
        Checked::Elsewhere => journey.go("/connexion"),
    }
}

/// Whether the person asks that this browser be trusted, after a password that this code follows.
fn trusting(journey: &Journey, proof: &Proof, asked: &str) -> bool {
    asked == "oui" && follows_password(journey).is_some_and(|account| account == proof.account())
}

/// The account whose password was just proved here, when its code is what is missing.
fn follows_password(journey: &Journey) -> Option<&AccountId> {
    let partial = journey.visit.partial.as_ref().filter(|p| p.missing() == Missing::EmailCode)?;
    Some(&partial.account().id)
}

/// « Réessayer » on an error page, or a reload: nothing is sent by a GET.
async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go("/connexion/code")
}

async fn resend(form: ProtectedForm<Nothing>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    if let Some(onward) = onward(&mut journey).await? {
        return Ok(onward);
    }
    ask_again(&mut journey, Purpose::SignIn).await
}

/// The page's name of a purpose.
fn shown(purpose: Purpose) -> CodePurpose {
    match purpose {
        Purpose::SignIn => CodePurpose::SignIn,
        Purpose::Creation => CodePurpose::Creation,
        Purpose::Reset => CodePurpose::Reset,
        Purpose::LoginEmail => CodePurpose::LoginEmail,
        Purpose::ContactEmail => CodePurpose::ContactEmail,
        Purpose::FirstContact => CodePurpose::FirstContact,
        Purpose::Link => CodePurpose::Link,
        // They have a page of their own.
        Purpose::FirstSignIn | Purpose::FirstSignInSms | Purpose::Official => CodePurpose::SignIn,
    }
}

/// Where a journey asks for its code, and where it asks for its address.
fn steps(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Creation => ("/creation/code", "/creation"),
        Purpose::Reset => ("/mot-de-passe-oublie/code", "/mot-de-passe-oublie"),
        Purpose::SignIn => ("/connexion/code", "/connexion"),
        Purpose::LoginEmail => ("/compte/courriel-connexion/code", "/compte/courriel-connexion"),
        Purpose::ContactEmail => ("/compte/courriel-contact/code", "/compte/courriel-contact"),
        Purpose::FirstContact => ("/connexion/finaliser/code", "/connexion/finaliser"),
        Purpose::Link => ("/connexion/rapprochement/code", "/connexion/rapprochement"),
        Purpose::FirstSignIn | Purpose::FirstSignInSms => ("/premiere-connexion/codes", "/premiere-connexion"),
        Purpose::Official => ("/etablissements/recherche", "/etablissements/recherche"),
    }
}

fn challenge(journey: &Journey, purpose: Purpose) -> Option<Challenge<'_>> {
    let email = journey.interaction.email.as_ref()?;
    Some(Challenge { purpose, email, journey: journey.interaction.id.as_str() })
}

/// The page that asks for the code of this journey.
pub async fn page(journey: &Journey, purpose: Purpose, errors: Errors) -> Result<CodePage, Failure> {
    let app = &journey.visit.app;
    let standing = match challenge(journey, purpose) {
        Some(challenge) => email_code::standing(&mut app.db.read().await?, &journey.kit(), &challenge).await?,
        None => email_code::Standing::default(),
    };
    Ok(CodePage {
        page: journey.page(),
        t: journey.t.clone(),
        purpose: shown(purpose),
        courriel: journey.email(),
        sender: app.config.mail.from.clone(),
        validity_minutes: minutes(app.config.sign_in.email_code),
        resend_in: seconds(standing.resend_in),
        help_open: standing.sent > 3,
        fixed: journey.is_fixed(),
        registration: app.config.sign_in.registration,
        trust_days: follows_password(journey).map(|_| days(app.config.policy.trusted_browser)),
        errors,
    })
}

fn days(d: std::time::Duration) -> u32 {
    u32::try_from(d.as_secs() / 86_400).unwrap_or(u32::MAX)
}

/// Whole seconds, rounded up.
pub fn seconds(d: std::time::Duration) -> u32 {
    u32::try_from(d.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// Sends a code for this journey.
async fn send(journey: &Journey, purpose: Purpose) -> Result<Option<Sending>, Failure> {
    let Some(challenge) = challenge(journey, purpose) else { return Ok(None) };
    let (kit, service) = (journey.kit(), journey.service());
    let mut tx = journey.visit.app.db.begin().await?;
    let letter = match &journey.interaction.changes {
        Some((account, _)) => email_code::letter_of_change(&mut tx, &kit, &challenge, account).await?,
        None => email_code::letter(&mut tx, &kit, &challenge, service.as_deref()).await?,
    };
    let sending = email_code::send(&mut tx, &kit, &challenge, letter, service.as_deref()).await?;
    tx.commit().await?;
    Ok(Some(sending))
}

fn until(journey: &Journey, at: crate::base::Timestamp) -> u32 {
    minutes(at.since(journey.visit.ctx.now()))
}

/// An address was given: a code is sent and the journey goes to the page that asks for it, whatever the outcome.
pub async fn ask(journey: &mut Journey, purpose: Purpose) -> Result<Response, Failure> {
    let (code, address) = steps(purpose);
    match send(journey, purpose).await? {
        // One that was just sent is still good: nothing to say.
        Some(Sending::Sent | Sending::TooEarly(_)) => journey.go(code),
        Some(Sending::Limited(limited)) => {
            let response = journey.go(code)?;
            Ok(journey.visit.with_notice(response, &Notice::TooManyCodes(until(journey, limited.until))))
        }
        None => journey.go(address),
    }
}

/// « Renvoyer un code », « Recevoir un code par e-mail ».
pub async fn ask_again(journey: &mut Journey, purpose: Purpose) -> Result<Response, Failure> {
    let (code, address) = steps(purpose);
    let ctx = &journey.visit.ctx;
    let notice = match send(journey, purpose).await? {
        Some(Sending::Sent) => Notice::CodeSent(format::time(Texts::new(ctx.locale), ctx.now().millis())),
        Some(Sending::TooEarly(wait)) => Notice::CodeTooEarly(seconds(wait)),
        Some(Sending::Limited(limited)) => Notice::TooManyCodes(until(journey, limited.until)),
        None => return journey.go(address),
    };
    let response = journey.go(code)?;
    Ok(journey.visit.with_notice(response, &notice))
}

/// What became of a code.
pub enum Checked {
    /// Right: it is spent in this transaction, to be committed with what it opens.
    Proved(Tx, Proved),
    /// Refused and recorded; to be shown on the same page.
    Refused(Errors),
    /// There is nothing to check here: no address, or the code was used by a parallel request.
    Elsewhere,
}

/// Checks a code of this journey. An expired one is followed by another by itself.
pub async fn check(journey: &Journey, purpose: Purpose, typed: &str) -> Result<Checked, Failure> {
    let Some(challenge) = challenge(journey, purpose) else { return Ok(Checked::Elsewhere) };
    let Some(digits) = Digits::parse(typed) else { return Ok(refused(Problem::CodeMissing)) };
    let mut tx = journey.visit.app.db.begin().await?;
    let refusal = match email_code::verify(&mut tx, &journey.kit(), &challenge, &digits).await? {
        Ok(proved) => return Ok(Checked::Proved(tx, proved)),
        Err(refusal) => refusal,
    };
    tx.commit().await?;
    Ok(match refusal {
        Refused::Wrong { left } => refused(Problem::CodeWrong(left)),
        Refused::Exhausted { again_in } => refused(Problem::CodeTooManyTries(minutes(again_in))),
        Refused::Used => Checked::Elsewhere,
        Refused::Expired => match send(journey, purpose).await? {
            Some(Sending::Sent | Sending::TooEarly(_)) => refused(Problem::CodeExpired),
            Some(Sending::Limited(limited)) => refused(Problem::TooManyCodes(until(journey, limited.until))),
            None => Checked::Elsewhere,
        },
    })
}

fn refused(problem: Problem) -> Checked {
    Checked::Refused(Errors::one("code", problem))
}
