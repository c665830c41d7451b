//! Passkeys within a sign-in: as a first factor (S-02), from the button or from the browser's own list under the address
//! field; as a second one (S-09); made on the way (S-21).

use axum::Json;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::proved;
use super::renforcement::Strengthening;
use super::verification::Verifying;
use crate::authn::factor::passkey::challenge::{Answer, Place, Prompt, Purpose, Stale};
use crate::authn::factor::passkey::{enrol, party, verify};
use crate::base::id::AccountId;
use crate::crypto::webauthn::RelyingParty;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::passkey::{AddPasskeyPage, AddPasskeyTrouble, PasskeyForm, PasskeyPage, PasskeyStep, PasskeyTrouble};
use crate::web::view::{Link, format, link};

const ENROL: &str = "/connexion/renforcement/cle";

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    step("/connexion/cle", &["GET", "POST"], Class::Credential, || get(show_first).post(submit_first)),
    step("/connexion/cle/options", &["GET"], Class::Page, || get(first_options)),
    step("/connexion/verification/cle", &["GET", "POST"], Class::Credential, || get(show_second).post(submit_second)),
    step("/connexion/verification/cle/options", &["GET"], Class::Page, || get(second_options)),
    step(ENROL, &["GET", "POST"], Class::Credential, || get(show_enrolment).post(submit_enrolment)),
    step("/connexion/renforcement/cle/options", &["GET"], Class::Page, || get(enrolment_options)),
];

const fn step(
    path: &'static str,
    methods: &'static [&'static str],
    class: Class,
    handler: fn() -> axum::routing::MethodRouter<crate::app::App>,
) -> Route {
    Route { path, methods, access: Access::Journey, class, handler }
}

/// An answer, as scripts post it.
#[derive(Debug, Deserialize)]
pub struct Fields {
    /// The sealed challenge.
    #[serde(default)]
    pub etat: String,
    /// The answer, in JSON.
    #[serde(default)]
    pub reponse: String,
}

impl Fields {
    /// The answer.
    pub fn answer(&self) -> Answer<'_> {
        Answer { sealed: &self.etat, credential: &self.reponse }
    }
}

/// The relying party; an error page where there can be no passkey.
pub fn party(journey: &Journey) -> Result<RelyingParty, Failure> {
    party::of(&journey.visit.app.config).ok_or_else(|| Failure::page(ErrorCode::A904, Way::Home))
}

fn place<'a>(journey: &'a Journey, purpose: Purpose, account: Option<&'a AccountId>) -> Place<'a> {
    Place { purpose, browser: &journey.visit.browser.cookie, journey: journey.interaction.id.as_str(), account }
}

/// The person who confirms their identity: only their own keys are good. Nobody else is known at a first factor.
fn confirming(journey: &Journey) -> Option<AccountId> {
    journey.visit.session.as_ref().filter(|_| journey.is_fixed()).map(|live| live.account().id.clone())
}

/// The button for a page of a journey that offers a passkey among other means; none where there can be no passkey.
pub fn button(journey: &Journey) -> Option<PasskeyForm> {
    party::of(&journey.visit.app.config).map(|_| PasskeyForm::of(PasskeyStep::SignIn, &journey.t))
}

/// The same for S-02, with a first challenge, so that the browser offers the keys it knows without asking for one. Its
/// journey is that of the page's first form: said once, as it is long.
pub fn button_with_prompt(journey: &Journey) -> Result<Option<PasskeyForm>, Failure> {
    let Some(party) = party::of(&journey.visit.app.config) else { return Ok(None) };
    let form = PasskeyForm::of(PasskeyStep::SignIn, &journey.t);
    if confirming(journey).is_some() {
        return Ok(Some(form));
    }
    let prompt = verify::open_prompt(&journey.kit(), &party, &place(journey, Purpose::SignIn, None))?;
    let prompt = serde_json::to_string(&prompt).map_err(|e| Failure::Internal(e.to_string()))?;
    Ok(Some(PasskeyForm { prompt, ..PasskeyForm::of(PasskeyStep::SignIn, "") }))
}

fn answer_of(prompt: Prompt) -> Response {
    Json(prompt).into_response()
}

async fn show_first(mut journey: Journey) -> Result<Response, Failure> {
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    party(&journey)?;
    journey.visit.ok(&first_page(&journey, None))
}

fn first_page(journey: &Journey, trouble: Option<PasskeyTrouble>) -> PasskeyPage {
    let form = PasskeyForm::of(PasskeyStep::SignIn, &journey.t);
    PasskeyPage { page: journey.page(), t: journey.t.clone(), step: PasskeyStep::SignIn, why: None, others: true, form, trouble }
}

async fn first_options(mut journey: Journey) -> Result<Response, Failure> {
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    let (party, known) = (party(&journey)?, confirming(&journey));
    let mut read = journey.visit.app.db.read().await?;
    Ok(answer_of(verify::prompt(&mut read, &journey.kit(), &party, &place(&journey, Purpose::SignIn, known.as_ref())).await?))
}

async fn submit_first(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    let (party, known) = (party(&journey)?, confirming(&journey));
    let mut tx = journey.visit.app.db.begin().await?;
    let place = place(&journey, Purpose::SignIn, known.as_ref());
    match verify::verify(&mut tx, &journey.kit(), &party, &place, form.fields.answer()).await? {
        Ok(proof) => proved::go_on(journey, tx, proof).await,
        Err(refused) => {
            tx.commit().await?;
            journey.visit.invalid(&first_page(&journey, Some(trouble(&journey, refused))))
        }
    }
}

fn trouble(journey: &Journey, refused: verify::Refused) -> PasskeyTrouble {
    use verify::Refused;
    match refused {
        Refused::Challenge(Stale::Foreign) | Refused::Unknown | Refused::OtherPerson | Refused::Answer(_) => PasskeyTrouble::Refused,
        Refused::Challenge(Stale::Expired | Stale::Answered) => PasskeyTrouble::Expired,
        Refused::Suspended => PasskeyTrouble::Suspended,
        Refused::Limited { until } => PasskeyTrouble::Limited(format::time(journey.page().t, until.millis())),
    }
}

async fn show_second(journey: Journey) -> Result<Response, Failure> {
    match Verifying::of(journey).await? {
        // The others remain.
        Ok(mut verifying) if !verifying.account.security.live_passkey => verifying.journey.go("/connexion/verification"),
        Ok(verifying) => {
            party(&verifying.journey)?;
            verifying.journey.visit.ok(&second_page(&verifying, None).await?)
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn second_page(verifying: &Verifying, trouble: Option<PasskeyTrouble>) -> Result<PasskeyPage, Failure> {
    let journey = &verifying.journey;
    let means = verifying.means(&mut journey.visit.app.db.read().await?).await?;
    let form = PasskeyForm::of(PasskeyStep::SecondFactor, &journey.t);
    let (page, t, why, others) = (journey.page(), journey.t.clone(), Some(verifying.why()), means.len() > 1);
    Ok(PasskeyPage { page, t, step: PasskeyStep::SecondFactor, why, others, form, trouble })
}

async fn second_options(journey: Journey) -> Result<Response, Failure> {
    let verifying = match Verifying::of(journey).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let journey = &verifying.journey;
    let mut read = journey.visit.app.db.read().await?;
    let place = place(journey, Purpose::SecondFactor, Some(&verifying.account.id));
    Ok(answer_of(verify::prompt(&mut read, &journey.kit(), &party(journey)?, &place).await?))
}

async fn submit_second(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let verifying = match Verifying::of(Journey::open(form.visit)?).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let journey = &verifying.journey;
    let party = party(journey)?;
    let mut tx = journey.visit.app.db.begin().await?;
    let place = place(journey, Purpose::SecondFactor, Some(&verifying.account.id));
    match verify::verify(&mut tx, &journey.kit(), &party, &place, form.fields.answer()).await? {
        Ok(proof) => proved::go_on(verifying.journey, tx, proof).await,
        Err(refused) => {
            tx.commit().await?;
            let trouble = trouble(journey, refused);
            journey.visit.invalid(&second_page(&verifying, Some(trouble)).await?)
        }
    }
}

async fn show_enrolment(journey: Journey) -> Result<Response, Failure> {
    match Strengthening::of(journey).await? {
        Ok(s) => {
            party(&s.journey)?;
            s.journey.visit.ok(&enrolment_page(&s.journey, None))
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

fn enrolment_page(journey: &Journey, trouble: Option<AddPasskeyTrouble>) -> AddPasskeyPage {
    let page = journey.page();
    let back = Link { label: page.t.get("sign-in-other-means"), url: journey.link("/connexion/renforcement") };
    let form = PasskeyForm { creates: true, ..PasskeyForm::at(ENROL, &journey.t) };
    AddPasskeyPage { page, form: Some(form), trouble, back: Some(back), in_journey: true }
}

async fn enrolment_options(journey: Journey) -> Result<Response, Failure> {
    let s = match Strengthening::of(journey).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let journey = &s.journey;
    let mut read = journey.visit.app.db.read().await?;
    let place = place(journey, Purpose::Enrolment, Some(&s.account.id));
    match enrol::prompt(&mut read, &journey.kit(), &party(journey)?, &place, &s.account).await? {
        Ok(prompt) => Ok(answer_of(prompt)),
        Err(_) => Ok(journey.visit.go(&journey.link(ENROL))),
    }
}

/// The key that was made is the factor that was owed; the codes are next, then the way on.
async fn submit_enrolment(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut s = match Strengthening::of(Journey::open(form.visit)?).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let party = party(&s.journey)?;
    let mut tx = s.journey.visit.app.db.begin().await?;
    let place = place(&s.journey, Purpose::Enrolment, Some(&s.account.id));
    match enrol::add(&mut tx, &s.journey.kit(), &party, &place, &s.account, form.fields.answer()).await? {
        Ok(added) => {
            let signed_in = proved::sign_in(&mut s.journey, tx, added.proof).await?;
            s.journey.renew()?;
            Ok(signed_in.dress(s.journey.visit.go(&link("/compte/securite/codes", &s.journey.t))))
        }
        Err(refused) => {
            tx.commit().await?;
            s.journey.visit.invalid(&enrolment_page(&s.journey, Some(refused.into())))
        }
    }
}

impl From<enrol::Refused> for AddPasskeyTrouble {
    fn from(refused: enrol::Refused) -> Self {
        match refused {
            enrol::Refused::Known => Self::Known,
            enrol::Refused::Challenge(_) | enrol::Refused::Answer(_) | enrol::Refused::TooMany => Self::Failed,
        }
    }
}
