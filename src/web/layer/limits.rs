//! Rate limits of this node, per address and class of route: cheap, first (DESIGN §8).

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config;
use crate::web::route::Class;

/// How many requests go by before somebody looks at how many buckets there are.
const LOOK_EVERY: usize = 1_024;

/// So many buckets of one kind are no burden.
const FEW: usize = 10_000;

/// One bucket for each key that came lately.
struct Buckets<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    requests: AtomicUsize,
    /// Beyond so many, those that are full again are forgotten.
    bound: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(per_minute: u32) -> Option<Arc<Self>> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        Some(Arc::new(Self { limiter: RateLimiter::keyed(quota), requests: AtomicUsize::new(0), bound: AtomicUsize::new(FEW) }))
    }

    /// Takes a place; otherwise how long to wait.
    fn take(&self, key: &K) -> Result<(), Duration> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % LOOK_EVERY == LOOK_EVERY - 1 {
            self.tidy();
        }
        self.limiter.check_key(key).map_err(|no| no.wait_time_from(DefaultClock::default().now()))
    }

    /// A flood of addresses must not stay in memory. Looking through all of them is worth it once they have doubled.
    fn tidy(&self) {
        if self.limiter.len() > self.bound.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            self.bound.store(FEW.max(2 * self.limiter.len()), Ordering::Relaxed);
        }
    }
}

type Limiter = Option<Arc<Buckets<IpAddr>>>;

/// Buckets of every class.
#[derive(Clone)]
pub struct Limits {
    pages: Limiter,
    credentials: Limiter,
    protocol: Limiter,
    clients: Option<Arc<Buckets<String>>>,
}

/// IPv6 is counted per /64: what one subscriber holds.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

impl Limits {
    /// From the configuration.
    pub fn new(config: &config::Limits) -> Self {
        let [pages, credentials, protocol] = [config.pages, config.credentials, config.protocol].map(Buckets::new);
        Self { pages, credentials, protocol, clients: Buckets::new(config.client) }
    }

    /// Takes a place of a client; otherwise how long it must wait. Only of one that has proved who it is: anybody can say its name.
    pub fn admit_client(&self, id: &str) -> Result<(), Duration> {
        self.clients.as_ref().map_or(Ok(()), |limiter| limiter.take(&id.to_owned()))
    }

    /// Takes a place; otherwise how long to wait. Reading a credential form counts as a page.
    pub fn admit(&self, class: Class, address: Option<IpAddr>, reading: bool) -> Result<(), Duration> {
        let limiter = match class {
            Class::Document => return Ok(()),
            Class::Credential if !reading => &self.credentials,
            Class::Page | Class::Credential => &self.pages,
            Class::Protocol => &self.protocol,
        };
        let (Some(limiter), Some(address)) = (limiter, address) else { return Ok(()) };
        limiter.take(&subscriber(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_under_normal_load_never_meet_the_limits_and_a_flood_does() {
        let (limits, address) = (Limits::new(&config::Limits::default()), Some("192.0.2.1".parse().unwrap()));
        let served = |n: usize| (0..n).filter(|_| limits.admit(Class::Protocol, address, false).is_ok()).count();
        assert_eq!(served(5_000), 5_000);
        assert!(served(5_000) < 2_000);
        assert!(limits.admit(Class::Protocol, Some("192.0.2.2".parse().unwrap()), false).is_ok(), "another address");
        let given = |id: &str| (0..1_000).filter(|_| limits.admit_client(id).is_ok()).count();
        assert!((600..700).contains(&given("a")) && (600..700).contains(&given("b")));
        let off = Limits::new(&config::Limits { protocol: 0, client: 0, ..config::Limits::default() });
        assert!((0..10_000).all(|_| off.admit(Class::Protocol, address, false).is_ok() && off.admit_client("a").is_ok()));
    }

    #[test]
    fn a_flood_of_addresses_does_not_stay_in_memory() {
        let buckets = Buckets::new(60_000).unwrap();
        for n in 0..300_000_u32 {
            assert!(buckets.take(&IpAddr::from(n.to_be_bytes())).is_ok());
        }
        let kept = buckets.limiter.len();
        assert!(kept < 100_000, "{kept}");
    }

    #[test]
    fn a_subscriber_of_ipv6_is_its_64_bits_and_classes_do_not_share() {
        let limits = Limits::new(&config::Limits { pages: 2, credentials: 1, ..config::Limits::default() });
        let (a, b): (IpAddr, IpAddr) = ("2001:db8::1".parse().unwrap(), "2001:db8::ffff:2".parse().unwrap());
        assert!(limits.admit(Class::Credential, Some(a), false).is_ok());
        assert!(limits.admit(Class::Credential, Some(b), false).is_err());
        assert!(limits.admit(Class::Page, Some(b), true).is_ok());
        assert!(limits.admit(Class::Credential, Some("2001:db8:0:1::1".parse().unwrap()), false).is_ok());
    }
}
