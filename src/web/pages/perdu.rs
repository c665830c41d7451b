//! S-11: « Je n’ai plus accès à mes moyens de connexion », and the link that stops what it began.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::amont::{self, Arrival};
use super::verification::Verifying;
use crate::authn::factor::Kit;
use crate::authn::lost::{self, CANCEL_PATH};
use crate::base::Email;
use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::federation::verify::{self, Errand};
use crate::federation::{Cause, Provider, Refusal};
use crate::org;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::second_factor::{LostPage, StopPage};
use crate::web::view::{Notice, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: HERE, methods: &["GET", "POST"], access: Access::Journey, class: Class::Credential, handler: || get(show).post(submit) },
    Route {
        path: CANCEL_PATH,
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(show_stop).post(stop),
    },
];

/// Where the page is.
pub const HERE: &str = "/connexion/verification/perdu";

async fn show(journey: Journey) -> Result<Response, Failure> {
    let verifying = match Verifying::of(journey).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (visit, account) = (&verifying.journey.visit, &verifying.account);
    let open = lost::open(&mut visit.app.db.read().await?, &account.id, visit.ctx.now()).await?;
    let page = verifying.journey.page();
    let date = |at: crate::base::Timestamp| format::date_time(page.t, at.millis());
    let open = open.map(|r| (date(r.created_at), r.ready_at.map(date)));
    let managers = !managers(&verifying).await?.is_empty();
    let card = crate::authn::card::of_account(&mut visit.app.db.read().await?, &account.id).await?.is_some();
    let identity = identity(&verifying).await?.map(|p| p.label().to_owned());
    visit.ok(&LostPage { t: verifying.journey.t.clone(), card, managers, identity, open, page })
}

/// Where the identity that was verified on the account can be proved again.
async fn identity(verifying: &Verifying) -> Result<Option<Arc<Provider>>, Failure> {
    let app = &verifying.journey.visit.app;
    Ok(verify::route(&mut app.db.read().await?, &app.providers(), &verifying.account.id).await?)
}

/// Where the managers of the person's establishments are told, themselves excepted.
async fn managers(verifying: &Verifying) -> Result<Vec<(Email, Locale)>, Failure> {
    let (mut read, now) = (verifying.journey.visit.app.db.read().await?, verifying.journey.visit.ctx.now());
    let mut all: Vec<(Email, Locale)> = Vec::new();
    for membership in org::memberships(&mut read, &verifying.account.id, now).await? {
        for manager in org::managers_of(&mut read, &membership.establishment.siret, now).await? {
            let other = manager.account != verifying.account.id;
            let email = manager.notice_email.filter(|_| other).and_then(|e| Email::parse(&e).ok());
            all.extend(email.filter(|e| all.iter().all(|(told, _)| told != e)).map(|e| (e, manager.locale)));
        }
    }
    Ok(all)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    annuler: String,
    identite: String,
}

async fn submit(headers: HeaderMap, form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut verifying = match Verifying::of(Journey::open(form.visit)?).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.fields.identite == "1" {
        return match identity(&verifying).await? {
            Some(provider) => {
                let errand = Errand::Recover(verifying.account.id);
                amont::depart(&verifying.journey, &headers, &provider, Some(errand)).await
            }
            None => verifying.journey.go(HERE),
        };
    }
    let managers = managers(&verifying).await?;
    let mut tx = verifying.journey.visit.app.db.begin().await?;
    let notice = match form.fields.annuler == "1" {
        true => lost::cancel(&mut tx, &verifying.journey.kit(), &verifying.account, "person").await?.then_some(Notice::LostCancelled),
        false => lost::ask(&mut tx, &verifying.journey.kit(), &verifying.account, &managers).await?.map(|_| Notice::LostAsked),
    };
    tx.commit().await?;
    let response = verifying.journey.go(HERE)?;
    Ok(match notice {
        Some(notice) => verifying.journey.visit.with_notice(response, &notice),
        None => response,
    })
}

/// Back from where the identity was proved again: the same journey, the same account, the very person who was verified.
pub async fn come_back(mut arrival: Arrival, account: AccountId) -> Result<Response, Failure> {
    let errand = Errand::Recover(account.clone());
    let verifying = match Verifying::of(arrival.journey.clone()).await? {
        Ok(verifying) if verifying.account.id == account => verifying,
        Ok(_) | Err(_) => {
            let refusal = Refusal { cause: Cause::Lost, code: None, why: "recovery in another session".into() };
            return arrival.refuse(&refusal, Some(&errand)).await;
        }
    };
    let vouched = match arrival.vouched().await {
        Ok(vouched) => vouched,
        Err(refusal) => return arrival.refuse(&refusal, Some(&errand)).await,
    };
    let visit = &verifying.journey.visit;
    let mut tx = visit.app.db.begin().await?;
    let notice = match verify::is_person_of(&mut tx, &arrival.provider, &vouched, &account).await? {
        true => lost::ask_proved(&mut tx, &verifying.journey.kit(), &verifying.account).await?.map(|_| Notice::LostProved),
        false => Some(Notice::LostNotProved),
    };
    tx.commit().await?;
    if notice == Some(Notice::LostNotProved) {
        amont::record(visit, &arrival.provider.id, &verify::Denied::SomebodyElse.refusal()).await?;
    }
    arrival.journey.renew()?;
    let back = arrival.journey.link(HERE);
    arrival.sign_out(&vouched, &back, &notice.unwrap_or(Notice::LostProved)).await
}

fn kit(visit: &Visit) -> Kit<'_> {
    Kit { ctx: &visit.ctx, keys: &visit.app.keys, config: &visit.app.config }
}

fn page(visit: &Visit, id: String, tag: String, open: bool, stopped: bool) -> StopPage {
    StopPage { page: visit.page(), demande: id, jeton_arret: tag, open, stopped }
}

/// The link of a mail: a page, because mail gateways follow links.
async fn show_stop(visit: Visit) -> Result<Response, Failure> {
    let (id, tag) = (visit.query("demande").unwrap_or_default(), visit.query("jeton").unwrap_or_default());
    let open = lost::linked(&mut visit.app.db.read().await?, &kit(&visit), &id, &tag).await?.is_some();
    visit.ok(&page(&visit, id, tag, open, false))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stop {
    demande: String,
    jeton_arret: String,
}

async fn stop(form: ProtectedForm<Stop>) -> Result<Response, Failure> {
    let (visit, Stop { demande, jeton_arret }) = (form.visit, form.fields);
    let mut tx = visit.app.db.begin().await?;
    let stopped = match lost::linked(&mut tx, &kit(&visit), &demande, &jeton_arret).await? {
        Some(account) => lost::cancel(&mut tx, &kit(&visit), &account, "link").await?,
        None => false,
    };
    tx.commit().await?;
    visit.ok(&page(&visit, demande, jeton_arret, false, stopped))
}
