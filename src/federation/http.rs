//! Calls to upstream providers: no redirect is followed, answers are bounded in time and size, and addresses of internal
//! networks are out of reach unless the operator says otherwise.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use url::Url;

use super::metadata;

/// A call lasts no longer: a code of FranceConnect is good for thirty seconds, its access token for sixty.
const WITHIN: Duration = Duration::from_secs(8);
/// Largest answer read, in bytes.
pub const LARGEST: usize = 128 * 1024;

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Plain http is accepted.
    pub plain: bool,
    /// Internal addresses are accepted.
    pub internal: bool,
}

impl Reach {
    /// Whether an address may be called; names are looked at again once they are resolved.
    pub fn allows(self, url: &Url) -> bool {
        let scheme = url.scheme() == "https" || (self.plain && url.scheme() == "http");
        scheme && url.username().is_empty() && url.password().is_none() && (self.internal || !metadata::is_internal(url.host()))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address may not be called.
    #[error("address out of reach: {0}")]
    OutOfReach(String),
    /// No answer in time, or none at all.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The answer is larger than any good one.
    #[error("answer too large")]
    TooLarge,
    /// It sends elsewhere.
    #[error("a redirect ({0})")]
    Redirect(u16),
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type, lower case, without parameters.
    pub media_type: String,
    /// Seconds to wait before asking again (RFC 9110 §10.2.3), when they are said so.
    pub retry_after: Option<u64>,
    /// Body.
    pub body: Vec<u8>,
}

/// The clients, made at the first call: reading the machine's certificates takes a while.
#[derive(Debug, Default)]
pub struct Http {
    guarded: OnceLock<Client>,
    open: OnceLock<Client>,
}

impl Http {
    /// Sends a request that `build` makes.
    pub async fn send(&self, reach: Reach, url: &Url, build: impl FnOnce(&Client, Url) -> RequestBuilder) -> Result<Answer, Failure> {
        if !reach.allows(url) {
            return Err(Failure::OutOfReach(url.host_str().unwrap_or_default().to_owned()));
        }
        let said = |e: reqwest::Error| Failure::Unreachable(innermost(&e.without_url()));
        let mut answer = build(self.client(reach)?, url.clone()).send().await.map_err(said)?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(Failure::Redirect(status.as_u16()));
        }
        let media_type = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(said)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: status.as_u16(), media_type, retry_after, body })
    }

    fn client(&self, reach: Reach) -> Result<&Client, Failure> {
        let cell = if reach.internal { &self.open } else { &self.guarded };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .timeout(WITHIN)
            .connect_timeout(WITHIN.min(Duration::from_secs(4)))
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent("guichet");
        builder = match reach.internal {
            true => builder.dns_resolver(Arc::new(Open)),
            false => builder.dns_resolver(Arc::new(Guarded)),
        };
        let made = builder.build().map_err(|e| Failure::Unreachable(e.to_string()))?;
        Ok(cell.get_or_init(|| made))
    }
}

/// Resolves names to public addresses only; the connection goes to what was judged.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = all.filter(|address| !is_internal(address.ip())).collect();
            if public.is_empty() {
                return Err("resolves to internal addresses only".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Resolves any name; `localhost` and what is under it is this machine, whatever DNS says (RFC 6761 §6.3).
struct Open;

impl Resolve for Open {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().trim_end_matches('.').to_ascii_lowercase();
            if name == "localhost" || name.ends_with(".localhost") {
                return Ok(Box::new(std::iter::once((Ipv4Addr::LOCALHOST, 0_u16).into())) as Addrs);
            }
            Ok(Box::new(tokio::net::lookup_host((name, 0)).await?.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Whether the host of an address is internal as it is written.
pub fn is_internal_host(url: &Url) -> bool {
    metadata::is_internal(url.host())
}

/// Whether an address is of this machine, of a private network, or of nobody (RFC 6890).
pub fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => v6(ip),
    }
}

fn v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || matches!((a, b, c), (0, _, _) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (240..=255, _, _))
}

fn v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let [first, second, ..] = s;
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        v4(Ipv4Addr::new(a, b, c, d))
    };
    // Addresses that stand for one of version 4: mapped, translated (RFC 6052), 6to4.
    let stands_for = match s {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        // Translated inside a network (RFC 8215).
        [0x64, 0xff9b, 1, ..] => true,
        [0x2002, high, low, ..] => inner(high, low),
        _ => false,
    };
    stands_for
        || ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || (first & 0xfe00) == 0xfc00
        || (first & 0xffc0) == 0xfe80
        // Site-local addresses of old (RFC 3879).
        || (first & 0xffc0) == 0xfec0
        || (first, second) == (0x2001, 0xdb8)
}

fn innermost(e: &dyn std::error::Error) -> String {
    let mut inner = e;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string().chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_out_of_reach_however_they_are_written() {
        let reach = Reach { plain: false, internal: false };
        for bad in [
            "https://127.0.0.1/jwks",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://[64:ff9b:1::a00:1]/",
            "https://[fec0::1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://fc.localhost/",
            "http://fc.example.fr/",
            "https://user@fc.example.fr/",
            "ftp://fc.example.fr/",
        ] {
            assert!(!reach.allows(&Url::parse(bad).unwrap()), "{bad}");
        }
        for good in ["https://oidc.franceconnect.gouv.fr/api/v2", "https://8.8.8.8/", "https://[2a01:e0a::1]/"] {
            assert!(reach.allows(&Url::parse(good).unwrap()), "{good}");
        }
        assert!(Reach { plain: true, internal: true }.allows(&Url::parse("http://127.0.0.1:1/").unwrap()));
    }

    #[tokio::test]
    async fn names_under_localhost_are_this_machine_where_internal_addresses_are_allowed() {
        for name in ["localhost", "fc.localhost", "FC.LOCALHOST."] {
            let found: Vec<_> = Open.resolve(name.parse().unwrap()).await.unwrap().map(|a| a.ip()).collect();
            assert_eq!(found, [IpAddr::V4(Ipv4Addr::LOCALHOST)], "{name}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_not_called() {
        let http = Http::default();
        let name: Name = "localhost".parse().unwrap();
        assert!(Guarded.resolve(name).await.is_err());
        let url = Url::parse("https://127.0.0.1:1/").unwrap();
        let refused = http.send(Reach { plain: false, internal: false }, &url, |c, u| c.get(u)).await;
        assert_eq!(refused.err(), Some(Failure::OutOfReach("127.0.0.1".into())));
    }
}
