//! S-22: the first sign-in of a designated manager.

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::code::{Nothing, seconds};
use super::sign_in::Typed;
use super::{amont, proved};
use crate::authn::factor::email_code::{self, Digits, Refused, Sending, minutes};
use crate::authn::first_sign_in::{self, Claim};
use crate::authn::policy::Missing;
use crate::base::phone::{self, Mobile, NotMobile};
use crate::base::texts::Texts;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::first_sign_in::{FirstSignInCodesPage, FirstSignInPage};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/premiere-connexion",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(show).post(identify),
    },
    Route {
        path: "/premiere-connexion/codes",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_codes).post(submit),
    },
    Route {
        path: "/premiere-connexion/codes/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(back).post(resend),
    },
];

const BEGIN: &str = "/premiere-connexion";
const CODES: &str = "/premiere-connexion/codes";

/// What was typed on the first page, once it reads well.
fn claim(journey: &Journey) -> Option<Claim<'_>> {
    let interaction = &journey.interaction;
    Some(Claim { email: interaction.email.as_ref()?, mobile: interaction.mobile.as_ref()?, journey: &interaction.id })
}

fn page(journey: &Journey, courriel: String, telephone: String, errors: Errors) -> FirstSignInPage {
    FirstSignInPage { page: journey.page(), t: journey.t.clone(), courriel, telephone, errors }
}

fn shown_mobile(journey: &Journey) -> String {
    journey.interaction.mobile.as_ref().map(|m| phone::display(m.as_str())).unwrap_or_default()
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let mut journey = Journey::enter(visit)?;
    let half = journey.completing().filter(|p| p.missing() == Missing::FirstSignIn);
    // Without a gateway nobody can receive the second code.
    if journey.visit.app.config.sms.url.is_none() {
        // Those whom nothing else lets in were led here: leading them back would go round for ever.
        return if half.is_some() { Err(Failure::page(ErrorCode::A953, Way::Contact)) } else { journey.go("/connexion") };
    }
    // Led here from another way in, which said who they are.
    if let Some(own) = half.and_then(|p| p.account().login_email.clone()) {
        journey.interaction.email = Some(own);
    }
    journey.visit.ok(&page(&journey, journey.email(), shown_mobile(&journey), Errors::none()))
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    courriel: String,
    #[serde(default)]
    telephone: String,
}

async fn identify(headers: HeaderMap, form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let (mut journey, Fields { courriel, telephone }) = (Journey::enter(form.visit)?, form.fields);
    if journey.visit.app.config.sms.url.is_none() {
        return journey.go("/connexion");
    }
    let email = Typed { courriel: courriel.clone(), confirme: String::new() }.email();
    let mobile = Mobile::parse(&telephone).map_err(|wrong| match wrong {
        NotMobile::Malformed if telephone.trim().is_empty() => Problem::MobileMissing,
        NotMobile::Malformed => Problem::MobileMalformed,
        NotMobile::Landline => Problem::Landline,
    });
    match (email, mobile) {
        (Ok(email), Ok(mobile)) => {
            let owner = journey.visit.app.providers().exclusive(&email).cloned();
            (journey.interaction.email, journey.interaction.mobile) = (Some(email), Some(mobile));
            match owner {
                // By the domain alone, designated or not.
                Some(provider) => amont::go_to(&journey, &headers, &provider).await,
                None => ask(&mut journey, false).await,
            }
        }
        (email, mobile) => {
            let mut errors = Errors::none();
            email.err().into_iter().for_each(|problem| errors.push("courriel", problem));
            mobile.err().into_iter().for_each(|problem| errors.push("telephone", problem));
            journey.visit.invalid(&page(&journey, courriel, telephone, errors))
        }
    }
}

/// Sends both codes and shows the page that asks for them, whatever the outcome. `again`: they were asked for on that page.
async fn ask(journey: &mut Journey, again: bool) -> Result<Response, Failure> {
    let Some(claim) = claim(journey) else { return journey.go(BEGIN) };
    let app = journey.visit.app.clone();
    let mut tx = app.db.begin().await?;
    let sending = first_sign_in::ask(&mut tx, &journey.kit(), &claim).await?;
    tx.commit().await?;
    app.wake_worker();
    let now = journey.visit.ctx.now();
    let notice = match sending {
        Sending::Limited(limited) => Some(Notice::TooManyCodes(minutes(limited.until.since(now)))),
        Sending::Sent if again => Some(Notice::CodesSent(format::time(Texts::new(journey.visit.ctx.locale), now.millis()))),
        Sending::TooEarly(wait) if again => Some(Notice::CodeTooEarly(seconds(wait))),
        // Those that were just sent are still good.
        Sending::Sent | Sending::TooEarly(_) => None,
    };
    let response = journey.go(CODES)?;
    Ok(match notice {
        Some(notice) => journey.visit.with_notice(response, &notice),
        None => response,
    })
}

async fn codes_page(journey: &Journey, errors: Errors) -> Result<FirstSignInCodesPage, Failure> {
    let app = &journey.visit.app;
    let standing = match claim(journey) {
        Some(claim) => email_code::standing(&mut app.db.read().await?, &journey.kit(), &claim.challenge()).await?,
        None => email_code::Standing::default(),
    };
    Ok(FirstSignInCodesPage {
        page: journey.page(),
        t: journey.t.clone(),
        courriel: journey.email(),
        telephone: shown_mobile(journey),
        sender: app.config.mail.from.clone(),
        validity_minutes: minutes(app.config.sign_in.email_code),
        resend_in: seconds(standing.resend_in),
        errors,
    })
}

async fn show_codes(mut journey: Journey) -> Result<Response, Failure> {
    if claim(&journey).is_none() {
        return journey.go(BEGIN);
    }
    let view = codes_page(&journey, Errors::none()).await?;
    journey.visit.ok(&view)
}

#[derive(Debug, Deserialize)]
struct Codes {
    #[serde(default)]
    code: String,
    #[serde(default)]
    code_sms: String,
}

async fn submit(form: ProtectedForm<Codes>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(claim) = claim(&journey) else { return journey.go(BEGIN) };
    let (mail, sms) = (Digits::parse(&form.fields.code), Digits::parse(&form.fields.code_sms));
    let (Some(mail), Some(sms)) = (&mail, &sms) else {
        let mut errors = Errors::none();
        for (field, typed, problem) in [("code", &mail, Problem::MailCodeMissing), ("code_sms", &sms, Problem::SmsCodeMissing)] {
            if typed.is_none() {
                errors.push(field, problem);
            }
        }
        return journey.visit.invalid(&codes_page(&journey, errors).await?);
    };
    let mut tx = journey.visit.app.db.begin().await?;
    let problem = match first_sign_in::verify(&mut tx, &journey.kit(), &claim, mail, sms).await? {
        Ok(proofs) => return proved::go_on_with(journey, tx, proofs).await,
        Err(Refused::Exhausted { again_in }) => Problem::CodeTooManyTries(minutes(again_in)),
        // One answer for all the rest: which half was wrong, or whether anything is right, is nobody's business.
        Err(Refused::Wrong { .. } | Refused::Expired | Refused::Used) => Problem::FirstSignInRefused,
    };
    tx.commit().await?;
    journey.visit.invalid(&codes_page(&journey, Errors::one("code", problem)).await?)
}

/// A reload: nothing is sent by a GET.
async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go(CODES)
}

async fn resend(form: ProtectedForm<Nothing>) -> Result<Response, Failure> {
    ask(&mut Journey::open(form.visit)?, true).await
}
