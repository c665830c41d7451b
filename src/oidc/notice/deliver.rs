//! One attempt to tell a client.

use serde::Deserialize;
use url::Url;

use super::{Notice, host, token};
use crate::account;
use crate::base::Ctx;
use crate::db::Result;
use crate::federation::discovery::Net;
use crate::federation::http::{Answer, Failure};
use crate::jobs::Verdict;
use crate::jobs::notice::Kind;
use crate::oidc::hub::Hub;

/// Signs a notice and sends it to its client; what became of it. Any answer 2xx is success (Back-Channel Logout §2.8, RFC 8935
/// §2.2); what fails is tried again, as a receiver that refuses today may be mended tomorrow.
pub async fn deliver(hub: &Hub<'_>, net: Net<'_>, ctx: &Ctx, notice: &Notice) -> Result<Verdict> {
    let dead = |why: &str| Ok(Verdict::Dead(why.to_owned()));
    let Some(client) = hub.clients.live(&notice.client_id) else { return dead("the client is disabled") };
    let Some(url) = client.metadata.told_at(notice.kind).and_then(|uri| Url::parse(uri).ok()) else {
        return dead("the client has no address for it any more");
    };
    let Some(account) = account::store::find(&mut net.db.read().await?, &notice.account).await? else {
        return dead("the account is gone");
    };
    client.freshen_keys(hub.outside, ctx.now()).await;
    let token = match token::make(hub, ctx, client, &account, notice) {
        Ok(token) => token,
        Err(e) => return Ok(Verdict::Retry(e.to_string())),
    };
    let answer = net
        .http
        .send(client.reach(net.trial), &url, |http, url| match notice.kind {
            Kind::SessionEnded | Kind::RightEnded => http.post(url).form(&[("logout_token", &token)]),
            Kind::ClaimsChanged | Kind::AccountDisabled | Kind::AccountEnabled => {
                http.post(url).header("content-type", "application/secevent+jwt").header("accept", "application/json").body(token)
            }
        })
        .await;
    Ok(match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Verdict::Done,
        Ok(answer) => Verdict::Retry(format!("{}: {}", host(&url), refusal(&answer))),
        Err(e @ Failure::OutOfReach(_)) => Verdict::Dead(e.to_string()),
        Err(e @ (Failure::Unreachable(_) | Failure::TooLarge | Failure::Redirect(_))) => Verdict::Retry(format!("{}: {e}", host(&url))),
    })
}

/// The error code of an answer (Back-Channel Logout §2.8: `error`; RFC 8935 §2.3: `err`).
#[derive(Default, Deserialize)]
struct Said {
    #[serde(alias = "err")]
    error: String,
}

fn refusal(answer: &Answer) -> String {
    let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code: String = said.error.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
    if code.is_empty() { format!("HTTP {}", answer.status) } else { format!("HTTP {} ({code})", answer.status) }
}
