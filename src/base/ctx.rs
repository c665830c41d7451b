//! What every decision may look at besides its arguments.

use std::net::IpAddr;
use std::sync::Arc;

use super::id::{AccountId, RequestId};
use super::texts::Locale;
use super::{Clock, Rng, Timestamp};

/// On whose behalf something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is known yet.
    Anonymous,
    /// A person, by a live session.
    Account(AccountId),
    /// A client that authenticated itself.
    Client(String),
    /// The operator, at the command line.
    Operator,
    /// The hub itself: scheduled work.
    System,
}

impl Actor {
    /// The form kept in the audit trail; identifiers are pseudonymous.
    pub fn audit_form(&self) -> String {
        match self {
            Actor::Anonymous => "anonymous".into(),
            Actor::Account(id) => id.to_string(),
            Actor::Client(id) => format!("client:{id}"),
            Actor::Operator => "operator".into(),
            Actor::System => "system".into(),
        }
    }
}

/// The circumstances of one request or job: clock, randomness, who asks, from where, in which language.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The clock; prefer [`Ctx::now`].
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Identifier of the request, printed in logs, audit rows and error pages.
    pub request_id: RequestId,
    /// Address of the person's machine, after trusted proxies.
    pub client_addr: Option<IpAddr>,
    /// `User-Agent`, cut to 300 characters.
    pub user_agent: Option<String>,
    /// Who acts.
    pub actor: Actor,
    /// Language of what is shown.
    pub locale: Locale,
}

impl Ctx {
    /// A context without a person: the command line, the worker.
    pub fn internal(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, actor: Actor) -> Self {
        let request_id = RequestId::new(clock.now(), rng.as_ref());
        Self { clock, rng, request_id, client_addr: None, user_agent: None, actor, locale: Locale::Fr }
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same circumstances, acting as `actor`.
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}
