//! What a simulator remembers, in memory and bounded: browsers' sessions, journeys under way, codes, tokens.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::idp::Idp;
use super::params::Request;
use super::persona::Persona;
use super::pro::{ProJourney, ProRecognised};

/// Sessions, codes and tokens kept of each; the oldest makes room.
const KEPT: usize = 5_000;
/// Journeys kept in one browser.
const JOURNEYS: usize = 20;

/// Everything.
#[derive(Default)]
pub(super) struct State {
    pub sessions: HashMap<String, Session>,
    pub codes: HashMap<String, Code>,
    pub access: HashMap<String, Access>,
    /// ProConnect only.
    pub refresh: HashMap<String, Access>,
    /// `jti` of client assertions, which serve once.
    pub assertions: HashSet<String>,
}

/// One browser.
#[derive(Default)]
pub(super) struct Session {
    /// When it ends, in Unix milliseconds.
    pub ends: i64,
    /// Proof that a form was ours.
    pub csrf: String,
    /// The latest last.
    pub journeys: Vec<Journey>,
    /// The person already recognised, for other services.
    pub sso: Option<Recognised>,
    /// Clients whose connection was told by mail in this session.
    pub told: HashSet<String>,
    /// ProConnect's journeys, and who is recognised there.
    pub pro: Vec<ProJourney>,
    /// See `pro`.
    pub recognised: Option<ProRecognised>,
    /// The identity provider to sign out of.
    pub idp: Option<String>,
    /// The sign-out under way: `state` expected from the identity provider, and where the browser goes then.
    pub leaving: Option<(String, String)>,
}

/// A person recognised by an identity provider.
#[derive(Clone)]
pub(super) struct Recognised {
    pub idp: &'static Idp,
    pub persona: &'static Persona,
    pub acr: String,
    /// When, in Unix seconds.
    pub at: i64,
    /// Perimeters of the mandate, through Aidants Connect.
    pub rep_scope: Option<Vec<String>>,
}

/// An authorization under way.
#[derive(Clone)]
pub(super) struct Journey {
    pub uid: String,
    pub request: Request,
    /// Scopes granted.
    pub scopes: Vec<String>,
    /// The level to reach.
    pub acr: String,
    /// The client asked for `amr`.
    pub amr: bool,
    pub suspicious: bool,
    pub ends: i64,
    pub step: Step,
}

/// How far it went.
#[derive(Clone)]
pub(super) enum Step {
    /// Choosing an identity provider.
    Choosing,
    /// At an identity provider.
    AtIdp { idp: &'static Idp, state: String, answer: Option<IdpAnswer> },
    /// Recognised: the page before return is next.
    Recognised(Recognised),
}

/// What the identity provider has to say, against this code.
#[derive(Clone)]
pub(super) struct IdpAnswer {
    pub code: String,
    pub persona: &'static Persona,
    /// How it misbehaves.
    pub how: String,
    pub rep_scope: Option<Vec<String>>,
}

/// What was granted.
#[derive(Clone)]
pub(super) struct Grant {
    pub client_id: String,
    pub redirect_uri: String,
    pub nonce: Option<String>,
    /// PKCE, S256 (ProConnect only).
    pub challenge: Option<String>,
    pub scopes: Vec<String>,
    pub sub: String,
    pub acr: String,
    pub amr: Option<Vec<&'static str>>,
    pub auth_time: i64,
    /// Claims of user information.
    pub claims: Map<String, Value>,
}

/// An authorization code.
pub(super) struct Code {
    pub grant: Arc<Grant>,
    pub ends: i64,
    /// The access token it was exchanged for.
    pub used: Option<String>,
}

/// An access token.
pub(super) struct Access {
    pub grant: Arc<Grant>,
    pub ends: i64,
}

impl State {
    /// The live session of that id.
    pub fn session(&mut self, id: &str, now: i64) -> Option<&mut Session> {
        self.sessions.get_mut(id).filter(|s| s.ends > now)
    }

    pub fn open(&mut self, id: String, session: Session) {
        make_room(&mut self.sessions, |s| s.ends);
        self.sessions.insert(id, session);
    }

    pub fn keep_code(&mut self, code: String, kept: Code) {
        make_room(&mut self.codes, |c| c.ends);
        self.codes.insert(code, kept);
    }

    pub fn keep_refresh(&mut self, token: String, kept: Access) {
        make_room(&mut self.refresh, |r| r.ends);
        self.refresh.insert(token, kept);
    }

    pub fn keep_access(&mut self, token: String, kept: Access) {
        make_room(&mut self.access, |a| a.ends);
        self.access.insert(token, kept);
    }
}

/// Forgets what ends first, when there is too much.
fn make_room<T>(map: &mut HashMap<String, T>, ends: impl Fn(&T) -> i64) {
    if map.len() >= KEPT {
        let oldest = map.iter().min_by_key(|(_, kept)| ends(kept)).map(|(key, _)| key.clone());
        oldest.map(|key| map.remove(&key));
    }
}

impl Session {
    pub fn begin(&mut self, journey: Journey) {
        if self.journeys.len() >= JOURNEYS {
            self.journeys.remove(0);
        }
        self.journeys.push(journey);
    }

    pub fn journey(&mut self, uid: &str, now: i64) -> Option<&mut Journey> {
        self.journeys.iter_mut().find(|j| j.uid == uid && j.ends > now)
    }
}
