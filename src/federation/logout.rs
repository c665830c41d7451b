//! Signing out of a provider: a redirect of the browser with the original id_token (french-domain §1.9), and the way back.

use serde::{Deserialize, Serialize};
use url::Url;

use super::discovery::Net;
use super::metadata::SignOut;
use super::{Provider, sign_in};
use crate::authn::factor::Kit;
use crate::authn::proof::Voucher;
use crate::base::encode::b64u;
use crate::base::{Timestamp, rng};
use crate::crypto::{Keys, same, sha256};

const CONTEXT: &str = "upstream sign-out";

/// Signing out there.
#[derive(Debug)]
pub struct Exit {
    /// What people call the provider.
    pub name: String,
    /// Its address with the request in it.
    pub url: String,
    /// The browser is led there without being asked.
    pub always: bool,
    /// What is kept in the browser until it comes back.
    pub sealed: String,
}

/// What was kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Leaving {
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "b")]
    browser: String,
    #[serde(rename = "l")]
    left_at: Timestamp,
    /// Where the person goes on afterwards: registered by a service, or a path of ours.
    #[serde(rename = "r")]
    pub return_to: Option<String>,
}

/// How to sign out of what a session rested on; `None` when its provider offers no way. Nobody waits for the network here.
pub async fn exit(
    net: Net<'_>,
    kit: &Kit<'_>,
    hub: &str,
    provider: &Provider,
    voucher: &Voucher,
    browser: &str,
    return_to: Option<String>,
) -> Option<Exit> {
    let known = net.at_hand(provider, kit.ctx.now()).await?;
    let mut url: Url = known.discovery.end_session_endpoint.clone()?;
    let id_token = sign_in::id_token(kit, voucher)?;
    let state = b64u(rng::bytes::<32>(kit.ctx.rng.as_ref()));
    url.query_pairs_mut()
        .append_pair("id_token_hint", &id_token)
        .append_pair("post_logout_redirect_uri", &provider.sign_out_uri(hub))
        .append_pair("state", &state);
    let (state, browser) = (sha256(state.as_bytes()), sha256(browser.as_bytes()));
    let leaving = Leaving { state, browser, left_at: kit.ctx.now(), return_to };
    let sealed = kit.keys.browser.seal(CONTEXT, &serde_json::to_vec(&leaving).ok()?).ok()?;
    let always = provider.metadata.sign_out == SignOut::Always;
    Some(Exit { name: provider.label().to_owned(), url: url.into(), always, sealed })
}

impl Leaving {
    /// Opens what was kept, for the `state` that came back to this browser within the hour.
    pub fn open(sealed: &str, state: &str, browser: &str, keys: &Keys, now: Timestamp) -> Option<Self> {
        let text = keys.browser.open(CONTEXT, sealed).ok()?;
        let leaving: Self = serde_json::from_slice(&text).ok()?;
        let ours = same(&leaving.state, &sha256(state.as_bytes())) && same(&leaving.browser, &sha256(browser.as_bytes()));
        (ours && now.since(leaving.left_at).as_secs() < 3_600).then_some(leaving)
    }
}
