//! Signing in through an upstream provider: leaving for it, and coming back.

pub mod contact;
pub mod rapprochement;
pub mod sortie;

use std::time::Duration;

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::compte::{identite, verifier};
use super::{perdu, proved};
use crate::account::AccountKind;
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::store;
use crate::crypto::{Algorithm, sha256};
use crate::db;
use crate::federation::answer::{Answer, Given};
use crate::federation::identity::Vouched;
use crate::federation::provider::Provider;
use crate::federation::request::{self, Departure, Lost, Pending, Secrets, Trip};
use crate::federation::sign_in::{self, Person, Settled};
use crate::federation::tokens::Exchange;
use crate::federation::verify::{self, Errand};
use crate::federation::{Cause, Refusal, professional};
use crate::web::cookie;
use crate::web::error::{Failure, PageFailure};
use crate::web::extract::{Journey, Params, ProtectedForm, Visit};
use crate::web::oidc::{flow, logout};
use crate::web::route::{Access, Class, Route};
use crate::web::view::error::{ErrorCode, Upstream, Way};
use crate::web::view::federation::{DepartPage, UpstreamButton};
use crate::web::view::{Notice, link};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/connexion/avec", methods: &["POST"], access: Access::Journey, class: Class::Credential, handler: || post(start) },
    Route {
        path: "/connexion/retour/{provider}",
        methods: &["GET"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(come_back),
    },
    Route { path: sortie::PATH, methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(sortie::come_back) },
    Route {
        path: contact::PATH,
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(contact::show).post(contact::submit),
    },
    Route {
        path: "/connexion/finaliser/code",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(contact::show_code).post(contact::submit_code),
    },
    Route {
        path: "/connexion/finaliser/code/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(contact::back).post(contact::again),
    },
    Route {
        path: rapprochement::PATH,
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(rapprochement::show).post(rapprochement::submit),
    },
    Route {
        path: "/connexion/rapprochement/code",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(rapprochement::show_code).post(rapprochement::submit_code),
    },
    Route {
        path: "/connexion/rapprochement/code/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(rapprochement::back).post(rapprochement::again),
    },
];

/// Requests a browser may have on their way at a time: one for each tab.
const AT_ONCE: usize = 4;
/// What fits in a cookie with its name and attributes.
const PIECE: usize = 3_600;

/// The providers offered to people of a kind.
pub fn buttons(app: &App, people: AccountKind) -> Vec<UpstreamButton> {
    app.providers().for_people(people).map(|p| button(p)).collect()
}

/// The button of a provider.
pub fn button(provider: &Provider) -> UpstreamButton {
    UpstreamButton { id: provider.id.clone(), name: provider.label().to_owned() }
}

/// The button that was pressed.
#[derive(Debug, Deserialize)]
struct Pressed {
    /// Identifier of a provider.
    fournisseur: String,
}

/// The button of S-02: makes the request, and leaves through a page.
async fn start(headers: HeaderMap, form: ProtectedForm<Pressed>) -> Result<Response, Failure> {
    let id = form.fields.fournisseur;
    let journey = Journey::enter(form.visit)?;
    let app = journey.visit.app.clone();
    let provider = app.providers().live(&id).cloned().ok_or_else(|| Failure::page(ErrorCode::A904, Way::Retry(journey.restart())))?;
    go_to(&journey, &headers, &provider).await
}

/// Sends somebody to a provider, to sign in.
pub async fn go_to(journey: &Journey, headers: &HeaderMap, provider: &Provider) -> Result<Response, Failure> {
    depart(journey, headers, provider, None).await
}

/// Leaves for a provider; what is kept says what for.
pub async fn depart(journey: &Journey, headers: &HeaderMap, provider: &Provider, errand: Option<Errand>) -> Result<Response, Failure> {
    let (app, ctx) = (&journey.visit.app, &journey.visit.ctx);
    let departure = async {
        let known = app.net().known(provider, ctx.now()).await?;
        let siret_hint = flow::pending(&journey.visit, &journey.interaction).ok().flatten().and_then(|(_, request)| request.siret_hint);
        let trip = Trip { interaction: journey.interaction.clone(), errand: errand.clone(), siret_hint };
        request::depart(ctx, &app.keys, &app.issuer, provider, &known, trip)
    };
    match departure.await {
        Ok(departure) => leave(journey, headers, provider, &departure),
        Err(refusal) => {
            tracing::warn!(provider = provider.id, why = refusal.why, "no departure");
            Err(failure(journey, provider, &refusal, errand.as_ref()))
        }
    }
}

fn leave(journey: &Journey, headers: &HeaderMap, provider: &Provider, departure: &Departure) -> Result<Response, Failure> {
    let visit = &journey.visit;
    let view = DepartPage { page: journey.page(), name: provider.label().to_owned(), url: departure.url.clone() };
    let mut response = visit.html(StatusCode::OK, &view)?;
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={}", departure.url)) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    for name in crowded(visit, headers) {
        if let Some(gone) = cookie::clear(&format!("{}{name}", cookie::UPSTREAM)) {
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
    }
    let life = Some(visit.app.config.sign_in.interaction);
    let (first, rest) = departure.sealed.split_at(PIECE.min(departure.sealed.len()));
    for (piece, name) in [(first, departure.slot.clone()), (rest, second(&departure.slot))] {
        let value = Some(piece).filter(|p| !p.is_empty()).and_then(|p| cookie::set(&format!("{}{name}", cookie::UPSTREAM), p, life));
        if let Some(value) = value {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    Ok(response)
}

fn second(slot: &str) -> String {
    format!("{slot}-2")
}

/// What was kept under a name.
fn kept(headers: &HeaderMap, slot: &str) -> Option<String> {
    let first = cookie::get(headers, &format!("{}{slot}", cookie::UPSTREAM))?;
    let rest = cookie::get(headers, &format!("{}{}", cookie::UPSTREAM, second(slot))).unwrap_or_default();
    Some(format!("{first}{rest}"))
}

/// Names of the requests that make room for another, the oldest and those that are not ours any more.
fn crowded(visit: &Visit, headers: &HeaderMap) -> Vec<String> {
    let slots = cookie::beginning(headers, cookie::UPSTREAM).map(|(name, _)| name).filter(|name| !name.ends_with("-2"));
    let age = |slot: &str| Pending::age(&kept(headers, slot)?, &visit.app.keys);
    let mut slots: Vec<_> = slots.map(|slot| (age(slot), slot.to_owned())).collect();
    slots.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    slots.into_iter().skip(AT_ONCE - 1).flat_map(|(_, slot)| [second(&slot), slot]).collect()
}

/// The way back. Whatever does not fit ends on a page that leads on, and in the trail; nothing is made or touched.
async fn come_back(Path(id): Path<String>, visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let app = visit.app.clone();
    let Ok(params) = Params::parse(query.unwrap_or_default().as_bytes()) else { return stray(&visit, &id, "malformed").await };
    let Some(state) = params.get("state") else { return stray(&visit, &id, "no state").await };
    let Some(sealed) = kept(&headers, &request::slot(state)) else { return stray(&visit, &id, "unknown state").await };
    let cookie = visit.browser.cookie.clone();
    let pending = match Pending::open(&sealed, state, &cookie, &app.keys, visit.ctx.now(), &app.config.sign_in) {
        Ok(pending) => pending,
        Err(Lost::Unknown) => return stray(&visit, &id, "state of another browser").await,
        Err(Lost::Expired(interaction)) => {
            let journey = Journey::resume(visit, *interaction)?;
            record(&journey.visit, &id, &Refusal::untrusted("expired")).await?;
            let (way, service) = (Some(Way::Resume(journey.restart())), journey.service());
            return Err(Failure::Page(Box::new(PageFailure { code: ErrorCode::A201, way, service, technical: None, upstream: None })));
        }
    };
    let (secrets, wanted, errand) = (pending.secrets, pending.provider, pending.errand);
    let journey = Journey::resume(visit, pending.interaction)?;
    let Some(provider) = app.providers().any(&wanted).cloned() else { return stray(&journey.visit, &id, "provider gone").await };
    let answer =
        if wanted == id { Answer::read(&params, &provider) } else { Answer::Refused(Refusal::untrusted("callback of another provider")) };
    match answer {
        Answer::Code(given) => taken(Arrival { journey, provider, secrets, given }, state, errand).await,
        Answer::Refused(refusal) => refuse(&journey, &provider, &refusal, errand.as_ref()).await,
    }
}

/// Somebody back with a code, under a state of ours that was just spent.
pub struct Arrival {
    /// The journey.
    pub journey: Journey,
    /// The provider.
    pub provider: std::sync::Arc<Provider>,
    secrets: Secrets,
    given: Given,
}

impl Arrival {
    /// Who it is: redeems the code.
    async fn person(&self) -> Result<Person, Refusal> {
        vouched(&self.journey, &self.provider, &self.given, &self.secrets).await
    }

    /// The same, where only FranceConnect's word counts.
    pub async fn vouched(&self) -> Result<Vouched, Refusal> {
        match self.person().await? {
            Person::Individual(vouched) => Ok(vouched),
            Person::Professional(_) => Err(Refusal::untrusted("not a provider of civil identities")),
        }
    }

    /// Records a refusal and shows what it means.
    pub async fn refuse(&self, refusal: &Refusal, errand: Option<&Errand>) -> Result<Response, Failure> {
        refuse(&self.journey, &self.provider, refusal, errand).await
    }

    /// Leaves the provider at once, which only served to verify somebody, to come back to a path of ours with a notice.
    pub async fn sign_out(&self, vouched: &Vouched, back: &str, notice: &Notice) -> Result<Response, Failure> {
        let (visit, provider) = (&self.journey.visit, &self.provider);
        let (app, cookie) = (&visit.app, &visit.browser.cookie);
        let exit = verify::exit(app.net(), &self.journey.kit(), &app.issuer, provider, vouched, cookie, back).await?;
        let response = match &exit {
            Some(exit) => logout::kept(Redirect::to(&exit.url).into_response(), exit),
            None => visit.go(back),
        };
        Ok(visit.with_notice(response, notice))
    }
}

/// A code under a state of ours: spent first, then redeemed, then settled.
async fn taken(mut arrival: Arrival, state: &str, errand: Option<Errand>) -> Result<Response, Failure> {
    let app = arrival.journey.visit.app.clone();
    let until = arrival.journey.visit.ctx.now().plus(app.config.sign_in.interaction).plus(Duration::from_secs(60));
    let mut tx = app.db.begin().await?;
    let first = store::spend(&mut tx, &format!("upstream/{}", sha256(state.as_bytes())), until).await? == 1;
    tx.commit().await?;
    if !first {
        // Reload or back button of somebody who is signed in by now: on they go. Anybody else is refused.
        if errand.is_none()
            && let Some(onward) = arrival.journey.onward().await?
        {
            return Ok(onward);
        }
        return arrival.refuse(&Refusal { cause: Cause::Lost, code: None, why: "replayed".into() }, errand.as_ref()).await;
    }
    match errand {
        Some(Errand::Verify(account, session)) => verifier::come_back(arrival, account, session).await,
        Some(Errand::Recover(account)) => perdu::come_back(arrival, account).await,
        None => match arrival.person().await {
            Ok(person) => settle(arrival.journey, &arrival.provider, person).await,
            Err(refusal) => arrival.refuse(&refusal, None).await,
        },
    }
}

/// Everything that calls the provider, outside any transaction.
async fn vouched(journey: &Journey, provider: &Provider, given: &Given, secrets: &Secrets) -> Result<Person, Refusal> {
    if !provider.enabled {
        return Err(Refusal::unavailable("provider disabled"));
    }
    let (app, ctx) = (&journey.visit.app, &journey.visit.ctx);
    let known = app.net().known(provider, ctx.now()).await?;
    given.is_from(provider, &known)?;
    let keyring = app.keyring();
    let signing = keyring.signing(Algorithm::ES256).map(AsRef::as_ref);
    let exchange = Exchange { ctx, net: app.net(), provider, hub: &app.issuer, signing, decryption: keyring.decryption() };
    exchange.redeem(known, &given.code, secrets).await
}

async fn settle(mut journey: Journey, provider: &Provider, person: Person) -> Result<Response, Failure> {
    let app = journey.visit.app.clone();
    journey.interaction.offered = person.email().cloned();
    // Twice: a second tab of the same person may have been first.
    for _ in 0..2 {
        let mut tx = app.db.begin().await?;
        let (kit, id, providers) = (journey.kit(), &journey.interaction.id, app.providers());
        let settled = match &person {
            Person::Individual(vouched) => sign_in::settle(&mut tx, &kit, provider, vouched, id).await,
            Person::Professional(agent) => professional::settle(&mut tx, &kit, &providers, provider, agent, id).await,
        };
        match settled {
            Ok(Ok(Settled::Proved(proof))) => return proved::go_on(journey, tx, proof).await,
            Ok(Ok(Settled::Asked)) => {
                tx.commit().await?;
                return journey.go(rapprochement::PATH);
            }
            Ok(Err(refusal)) => {
                tx.rollback().await?;
                return refuse(&journey, provider, &refusal, None).await;
            }
            Err(db::Error::Conflict(_)) => tx.rollback().await?,
            Err(e) => return Err(e.into()),
        }
    }
    refuse(&journey, provider, &Refusal::unavailable("linked meanwhile"), None).await
}

/// Records a refusal and shows what it means.
async fn refuse(journey: &Journey, provider: &Provider, refusal: &Refusal, errand: Option<&Errand>) -> Result<Response, Failure> {
    record(&journey.visit, &provider.id, refusal).await?;
    Err(failure(journey, provider, refusal, errand))
}

fn failure(journey: &Journey, provider: &Provider, refusal: &Refusal, errand: Option<&Errand>) -> Failure {
    let upstream = Upstream { name: provider.label().to_owned(), cause: refusal.cause, code: refusal.code.clone() };
    let way = Some(match errand {
        Some(Errand::Verify(..)) => Way::Retry(identite::HERE.to_owned()),
        Some(Errand::Recover(_)) => Way::Resume(journey.link(perdu::HERE)),
        None => Way::Resume(journey.restart()),
    });
    let service = journey.service();
    Failure::Page(Box::new(PageFailure { code: upstream.error(), way, service, technical: None, upstream: Some(upstream) }))
}

/// An answer that no request of this browser awaits: nothing tells which service it was for.
async fn stray(visit: &Visit, provider: &str, why: &str) -> Result<Response, Failure> {
    record(visit, provider, &Refusal { cause: Cause::Lost, code: None, why: why.to_owned() }).await?;
    Err(Failure::page(ErrorCode::A203, Way::Resume(link("/connexion", ""))))
}

/// Puts a refusal in the trail.
pub async fn record(visit: &Visit, provider: &str, refusal: &Refusal) -> Result<(), Failure> {
    let known = visit.app.providers().any(provider).is_some();
    let event = Event::new(Kind::UpstreamRefused).with("provider", if known { provider } else { "unknown" });
    let event = event.with("cause", refusal.cause.name()).with("why", refusal.why.as_str());
    let event = match &refusal.code {
        Some(code) => event.with("code", code.as_str()),
        None => event,
    };
    tracing::info!(request_id = visit.ctx.request_id.as_str(), provider, why = refusal.why, code = ?refusal.code, "upstream refused");
    let mut tx = visit.app.db.begin().await?;
    audit::append(&mut tx, &visit.ctx, event).await?;
    tx.commit().await?;
    Ok(())
}
