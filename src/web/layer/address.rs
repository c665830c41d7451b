//! The person's address behind reverse proxies: the rightmost one that is not a proxy of ours (DESIGN §2.4).

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The client's address. `X-Forwarded-For` is read only when the peer itself is trusted, from the right, all of its
/// header lines together; the first hop that is not trusted is the client.
pub fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |ip: IpAddr| is_trusted(Some(ip), trusted);
    let mut client = peer?.to_canonical();
    let hops: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        if !is_proxy(client) {
            break;
        }
        let Some(ip) = parse_hop(hop) else { break };
        client = ip.to_canonical();
    }
    Some(client)
}

/// Whether a peer is a proxy of ours.
pub fn is_trusted(peer: Option<IpAddr>, trusted: &[IpNet]) -> bool {
    peer.is_some_and(|ip| trusted.iter().any(|net| net.contains(&ip.to_canonical())))
}

fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().filter_map(|t| t.parse().ok()).collect();
        client(Some(peer.parse().unwrap()), &headers, &trusted).unwrap().to_string()
    }

    #[test]
    fn forwarded_headers_are_believed_from_the_right_and_only_from_proxies() {
        let p = &["10.0.0.0/8"][..];
        assert_eq!(seen("203.0.113.9", &["1.1.1.1"], p), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 203.0.113.9"], p), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "203.0.113.9 , 10.0.0.2"], p), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["evil, 203.0.113.9"], p), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["garbage"], p), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], p), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["[2001:db8::1]:443"], p), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9:1234"], p), "203.0.113.9");
    }
}
