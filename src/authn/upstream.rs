//! Which upstream providers are alive: sessions and grants that rest on one that is not are dead (DESIGN §2.1).

use std::collections::HashSet;

use arc_swap::ArcSwap;

/// The providers that are enabled, as of the last reload.
#[derive(Debug, Default)]
pub struct Upstreams(ArcSwap<HashSet<String>>);

impl Upstreams {
    /// Takes the place of what was known.
    pub fn replace(&self, alive: HashSet<String>) {
        self.0.store(alive.into());
    }

    /// Whether what rests on this provider may be used. What rests on none may.
    pub fn sustain(&self, provider: Option<&str>) -> bool {
        provider.is_none_or(|id| self.0.load().contains(id))
    }
}
