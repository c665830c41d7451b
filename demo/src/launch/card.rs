//! Cards one can press: what a person would hold in their hand. They follow the demonstration's clock, drift on demand,
//! and show the level of their battery after a long press.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guichet::app::App;
use guichet::authn::card::import::{self, Entry};
use guichet::authn::card::link::{self, Handler};
use guichet::authn::card::{self, Moves, Serial};
use guichet::authn::factor::Kit;
use guichet::base::clock::{Clock, ManualClock};
use guichet::base::rng::{self, Rng};
use guichet::base::{Actor, Email, Siret};
use guichet::crypto::oath::{Hash, Token, step_at};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::page;

/// The establishment of `seed.toml` that lends the cards.
const SIRET: &str = "73282932000074";
/// Who holds the first card from the start.
const HOLDER: &str = "claude@boulangerie.example";
/// What a long press shows.
const BATTERY: &str = "BAT99";
/// Furthest a card drifts, in steps.
const FURTHEST: i64 = 1_000;

/// One card.
struct Device {
    serial: &'static str,
    moves: Moves,
    token: Token,
    state: Mutex<Shown>,
}

/// What a card remembers, and shows.
#[derive(Default, Clone)]
struct Shown {
    display: Option<String>,
    presses: u64,
    drift: i64,
}

/// All of them.
pub(super) struct Cards {
    devices: BTreeMap<&'static str, Device>,
    clock: Arc<ManualClock>,
    origin: String,
}

impl Cards {
    /// A card with a clock and one that counts presses, with seeds of this run.
    pub fn make(rng: &dyn Rng, clock: Arc<ManualClock>, origin: String) -> Arc<Self> {
        let device = |serial, moves| {
            let token = Token { secret: rng::bytes::<20>(rng).to_vec().into(), hash: Hash::Sha1, digits: 6 };
            (serial, Device { serial, moves, token, state: Mutex::default() })
        };
        let devices =
            [device("DEMO0001", Moves::Time { step: 60 }), device("DEMO0002", Moves::Event), device("DEMO0003", Moves::Time { step: 30 })];
        Arc::new(Self { devices: devices.into_iter().collect(), clock, origin })
    }

    /// Puts the cards in the hub's stock, sends them to the establishment, and lends the first one.
    pub async fn stock(&self, app: &App) -> anyhow::Result<()> {
        let ctx = app.ctx(Actor::Operator);
        let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
        let siret = Siret::parse(SIRET)?;
        let entries: Vec<Entry> = self.devices.values().filter_map(Device::entry).collect();
        let mut tx = app.db.begin().await?;
        import::import(&mut tx, &kit, &entries).await?.map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        for entry in &entries {
            link::send(&mut tx, &kit, &entry.serial, &siret).await??;
        }
        let holder = guichet::account::store::find_by_login(&mut tx, &Email::parse(HOLDER)?).await?;
        if let (Some(holder), Some(first)) = (holder, self.devices.values().next()) {
            let serial = Serial::parse(first.serial).ok_or_else(|| anyhow::anyhow!("serial"))?;
            let card = link::link(&mut tx, &kit, &serial, &holder, &Handler::OPERATOR).await??;
            // Confirmed with a code of a minute ago, so that the one shown now still serves.
            let moving = first.moving(&self.clock, &Shown { drift: -1, ..Shown::default() });
            let confirmed = card::confirm(&mut tx, &kit, &card, &first.token.code(moving)).await?;
            confirmed.map_err(|e| anyhow::anyhow!("{e:?}"))?;
        }
        Ok(tx.commit().await?)
    }

    fn views(&self) -> Vec<View> {
        self.devices.values().map(Device::view).collect()
    }

    /// Presses the button; what the card then shows.
    fn press(&self, serial: &str, long: bool) -> Option<String> {
        let device = self.devices.get(serial)?;
        let mut state = device.state.lock().unwrap_or_else(PoisonError::into_inner);
        let display = if long { BATTERY.to_owned() } else { device.token.code(device.moving(&self.clock, &state)) };
        if !long && device.moves == Moves::Event {
            state.presses += 1;
        }
        state.display = Some(display.clone());
        Some(display)
    }

    /// Lets the card's clock run ahead, or its button be pressed unseen, by so many steps.
    fn drift(&self, serial: &str, steps: i64) -> Option<()> {
        let device = self.devices.get(serial)?;
        let mut state = device.state.lock().unwrap_or_else(PoisonError::into_inner);
        match device.moves {
            Moves::Event => state.presses += u64::try_from(steps).unwrap_or(0).min(FURTHEST.unsigned_abs()),
            Moves::Time { .. } => state.drift = state.drift.saturating_add(steps).clamp(-FURTHEST, FURTHEST),
        }
        state.display = None;
        Some(())
    }

    /// Whether a request comes from another origin's page.
    fn foreign(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != self.origin.as_bytes())
    }
}

impl Device {
    fn entry(&self) -> Option<Entry> {
        let (moves, hash, digits, secret) = (self.moves, self.token.hash, self.token.digits, self.token.secret.clone());
        Some(Entry { line: 0, serial: Serial::parse(self.serial)?, moves, hash, digits, counter: 0, drift: 0, secret, expires: None })
    }

    fn moving(&self, clock: &ManualClock, state: &Shown) -> u64 {
        match self.moves {
            Moves::Event => state.presses,
            Moves::Time { step } => step_at(clock.now(), step).saturating_add_signed(state.drift),
        }
    }

    fn view(&self) -> View {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let step = self.moves.step();
        View { serial: self.serial, kind: self.moves.name(), step, display: state.display, presses: state.presses, drift: state.drift }
    }
}

/// A card as it is seen.
#[derive(Serialize)]
struct View {
    serial: &'static str,
    kind: &'static str,
    step: u64,
    display: Option<String>,
    presses: u64,
    drift: i64,
}

impl View {
    fn shown(&self) -> &str {
        self.display.as_deref().unwrap_or("– – –")
    }
}

#[derive(Template)]
#[template(path = "launch/card.html")]
struct CardPage {
    cards: Vec<View>,
    issuer: String,
    siret: &'static str,
}

type Shared = State<Arc<Cards>>;

/// Routes of the `carte` host.
pub(super) fn router(cards: Arc<Cards>, issuer: String) -> Router {
    Router::new()
        .route("/", get(move |cards: Shared| show(cards, issuer)))
        .route("/{serial}/bouton", post(press_form))
        .route("/{serial}/derive", post(drift_form))
        .route("/api/cards", get(async |State(cards): Shared| Json(cards.views())))
        .route("/api/cards/{serial}/press", post(press))
        .route("/api/cards/{serial}/drift", post(drift))
        .route("/style.css", get(page::style))
        .with_state(cards)
}

async fn show(State(cards): Shared, issuer: String) -> Response {
    page::render(StatusCode::OK, &CardPage { cards: cards.views(), issuer, siret: SIRET }, page::CSP)
}

/// How a button is pressed.
#[derive(Deserialize)]
struct Press {
    #[serde(default)]
    long: String,
}

impl Press {
    fn is_long(&self) -> bool {
        matches!(self.long.as_str(), "1" | "true" | "oui")
    }
}

/// How far a card strays.
#[derive(Deserialize)]
struct Drift {
    steps: i64,
}

async fn press_form(State(cards): Shared, Path(serial): Path<String>, headers: HeaderMap, Form(press): Form<Press>) -> Response {
    match (cards.foreign(&headers), cards.press(&serial, press.is_long())) {
        (true, _) => StatusCode::FORBIDDEN.into_response(),
        (false, Some(_)) => Redirect::to("/").into_response(),
        (false, None) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn drift_form(State(cards): Shared, Path(serial): Path<String>, headers: HeaderMap, Form(drift): Form<Drift>) -> Response {
    match (cards.foreign(&headers), cards.drift(&serial, drift.steps)) {
        (true, _) => StatusCode::FORBIDDEN.into_response(),
        (false, Some(())) => Redirect::to("/").into_response(),
        (false, None) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn press(State(cards): Shared, Path(serial): Path<String>, headers: HeaderMap, Query(press): Query<Press>) -> Response {
    if cards.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    answer(cards.press(&serial, press.is_long()).map(|display| json!({ "serial": serial, "display": display })))
}

async fn drift(State(cards): Shared, Path(serial): Path<String>, headers: HeaderMap, Query(drift): Query<Drift>) -> Response {
    if cards.foreign(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    answer(cards.drift(&serial, drift.steps).map(|()| json!({ "serial": serial })))
}

fn answer(found: Option<Value>) -> Response {
    match found {
        Some(value) => Json(value).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
