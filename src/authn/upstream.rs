//! Which upstream providers are alive: sessions and grants that rest on one that is not are dead (DESIGN §2.1). And the e-mail
//! domains whose people sign in through them only.

use std::collections::HashSet;

use arc_swap::ArcSwap;

use crate::base::Email;

/// The providers that are enabled, as of the last reload.
#[derive(Debug, Default)]
pub struct Upstreams {
    alive: ArcSwap<HashSet<String>>,
    reserved: ArcSwap<HashSet<String>>,
}

impl Upstreams {
    /// Takes the place of what was known.
    pub fn replace(&self, alive: HashSet<String>, reserved: HashSet<String>) {
        self.alive.store(alive.into());
        self.reserved.store(reserved.into());
    }

    /// Whether what rests on this provider may be used. What rests on none may.
    pub fn sustain(&self, provider: Option<&str>) -> bool {
        provider.is_none_or(|id| self.alive.load().contains(id))
    }

    /// Whether people with this address sign in through a provider, and neither by a password nor by a code of ours.
    pub fn reserve(&self, email: &Email) -> bool {
        self.reserved.load().contains(&email.domain().to_ascii_lowercase())
    }
}
