//! The service's pages.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use openidconnect::CsrfToken;
use serde::Deserialize;
use serde_json::Value;

use super::desk::pages::Overview;
use super::desk::{self, Desk, Viewer};
use super::oidc::{Hub, Tokens, Wish};
use super::session::{Session, Sessions};
use super::trouble::Trouble;
use super::{BACKCHANNEL_LOGOUT_PATH, CALLBACK_PATH, CLAIMS_NOTICE_PATH, LOGGED_OUT_PATH, RpConfig};
use crate::{clock, page};

pub(super) struct Rp {
    pub hub: Hub,
    pub sessions: Sessions,
    /// What people filed.
    pub desk: Desk,
    /// Our pages' policy: signing out answers a form with a redirect to the hub.
    pub csp: String,
}

type App = State<Arc<Rp>>;

pub(super) fn router(config: RpConfig) -> anyhow::Result<Router> {
    let issuer = url::Url::parse(&config.issuer)?.origin().ascii_serialization();
    let csp = page::CSP.replace("form-action 'self'", &format!("form-action 'self' {issuer}"));
    let sessions = Sessions::new(config.key);
    let filing = if config.desk { desk::pages::routes() } else { Router::new() };
    let rp = Arc::new(Rp { hub: Hub::new(config)?, sessions, desk: Desk::default(), csp });
    Ok(filing
        .route("/", get(home))
        .route("/login", get(login))
        .route(CALLBACK_PATH, get(callback))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .route(BACKCHANNEL_LOGOUT_PATH, post(backchannel_logout))
        .route(CLAIMS_NOTICE_PATH, post(claims_notice))
        .route(LOGGED_OUT_PATH, get(logged_out))
        .route("/style.css", get(page::style))
        .fallback(async |State(rp): App| rp.message(StatusCode::NOT_FOUND, "Page introuvable", NOT_FOUND, None))
        .with_state(rp))
}

const NOT_FOUND: &str = "Cette page n’existe pas, ou n’existe plus.";
const SIGNED_OUT: &str = "Vous êtes déconnecté de ce service et de votre identification.";
const ENDED: &str = "Votre session a pris fin sur votre identification\u{a0}: vous êtes déconnecté de ce service.";
const UNCHANGED: &str = "Rien n’a été changé\u{a0}: vous êtes connecté comme avant.";
const LEFT: &str = "Vous êtes déconnecté de ce service.";

#[derive(Template)]
#[template(path = "rp/welcome.html")]
struct Welcome<'a> {
    rp: &'a RpConfig,
    notice: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "rp/space.html")]
struct Space<'a> {
    rp: &'a RpConfig,
    notice: Option<&'static str>,
    name: Option<String>,
    auth_time: Option<String>,
    header: String,
    claims: String,
    userinfo: Result<String, Trouble>,
    overview: Option<Overview>,
    tokens: &'a Tokens,
}

#[derive(Template)]
#[template(path = "rp/message.html")]
struct Message<'a> {
    rp: &'a RpConfig,
    title: &'a str,
    text: &'a str,
    detail: Option<String>,
}

impl Rp {
    pub fn message(&self, status: StatusCode, title: &str, text: &str, detail: Option<String>) -> Response {
        page::render(status, &Message { rp: self.hub.config(), title, text, detail }, &self.csp)
    }

    pub fn trouble(&self, trouble: &Trouble) -> Response {
        tracing::info!(service = self.hub.config().key, ?trouble, "sign-in trouble");
        self.message(trouble.status(), trouble.title(), trouble.text(), trouble.detail())
    }

    /// Refuses a form sent by another origin. SameSite=Lax already keeps the cookie away from
    /// other sites; in `--ports` mode all parties are one site.
    pub fn own_form(&self, headers: &HeaderMap) -> Result<(), Trouble> {
        match headers.get(header::ORIGIN) {
            Some(origin) if origin.as_bytes() != self.hub.config().base_url.as_bytes() => Err(Trouble::ForeignForm),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the person is signed in, and is told that nothing changed.
    fn stays(&self, headers: &HeaderMap) -> bool {
        let told = |s: &mut Session| s.tokens.is_some().then(|| s.notice = Some(UNCHANGED)).is_some();
        self.sessions.id(headers).and_then(|id| self.sessions.with(&id, told)) == Some(true)
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.hub.config().now)()
    }

    /// What the hub says of the person at this instant, with renewed tokens when the old ones have had their time. When it
    /// says nothing of them any more, they are signed out here.
    pub async fn recheck(self: &Arc<Self>, id: &str, tokens: Tokens) -> Result<(Tokens, Value), Trouble> {
        let mut known = self.hub.userinfo(&tokens).await.map(|userinfo| (tokens.clone(), userinfo));
        if matches!(known, Err(Trouble::Refused { .. })) && tokens.can_refresh() {
            known = self.again(id, &tokens).await;
        }
        match known {
            Err(Trouble::Refused { .. }) => {
                self.sessions.close(id);
                Err(Trouble::Lost)
            }
            known => known,
        }
    }

    async fn again(self: &Arc<Self>, id: &str, stale: &Tokens) -> Result<(Tokens, Value), Trouble> {
        renew_once(self, id, None).await?;
        // Another page of this browser may be renewing them.
        for _ in 0..RENEWAL_WAITS {
            match self.sessions.with(id, |s| (s.refreshing, s.tokens.clone())) {
                Some((true, _)) => tokio::time::sleep(RENEWAL_WAIT).await,
                Some((false, Some(tokens))) if tokens.refreshed != stale.refreshed => {
                    let userinfo = self.hub.userinfo(&tokens).await?;
                    return Ok((tokens, userinfo));
                }
                Some((false, _)) | None => return Err(Trouble::Lost),
            }
        }
        Err(Trouble::Unreachable("the tokens are being renewed".into()))
    }
}

/// How often, and how long, one page waits for another that renews the tokens.
const RENEWAL_WAITS: u32 = 200;
const RENEWAL_WAIT: Duration = Duration::from_millis(50);

/// Welcome page, or the person's space when signed in.
async fn home(State(rp): App, headers: HeaderMap) -> Response {
    let id = rp.sessions.id(&headers).unwrap_or_default();
    let (notice, tokens) = rp.sessions.with(&id, |s| (s.notice.take(), s.tokens.clone())).unwrap_or_default();
    let Some(mut tokens) = tokens else {
        return page::render(StatusCode::OK, &Welcome { rp: rp.hub.config(), notice }, &rp.csp);
    };
    let desk = rp.hub.config().desk;
    let userinfo = match desk {
        false => rp.hub.userinfo(&tokens).await,
        true => match rp.recheck(&id, tokens.clone()).await {
            Err(lost @ Trouble::Lost) => return rp.trouble(&lost),
            known => known.map(|(renewed, userinfo)| {
                tokens = renewed;
                userinfo
            }),
        },
    };
    let (header, claims) = tokens.decoded();
    let space = Space {
        rp: rp.hub.config(),
        notice,
        name: userinfo.as_ref().ok().and_then(display_name),
        overview: userinfo.as_ref().ok().filter(|_| desk).map(|told| Overview::of(&rp.desk, Viewer::from_userinfo(told))),
        auth_time: tokens.auth_time().map(clock::for_people),
        header: pretty(header.as_ref()),
        claims: pretty(claims.as_ref()),
        userinfo: userinfo.map(|value| pretty(Some(&value))),
        tokens: &tokens,
    };
    page::render(StatusCode::OK, &space, &rp.csp)
}

fn pretty(value: Option<&Value>) -> String {
    value.and_then(|v| serde_json::to_string_pretty(v).ok()).unwrap_or_default()
}

/// What to call the person: their name, else their address.
pub(super) fn display_name(userinfo: &Value) -> Option<String> {
    ["name", "given_name", "email"].iter().find_map(|claim| userinfo.get(claim)?.as_str()).map(str::to_owned)
}

#[derive(Deserialize)]
struct LoginQuery {
    #[serde(default)]
    prompt: Option<String>,
}

/// Leaves for the hub. `?prompt=login` demands a new authentication, `select_establishment` the choice of the establishment.
async fn login(State(rp): App, headers: HeaderMap, Query(query): Query<LoginQuery>) -> Response {
    let (url, pending) = match rp.hub.begin(Wish::of(query.prompt.as_deref())).await {
        Ok(begun) => begun,
        Err(trouble) => return rp.trouble(&trouble),
    };
    let (id, cookie) = match rp.sessions.id(&headers) {
        Some(id) => (id, None),
        None => {
            let (id, cookie) = rp.sessions.open(Session::default());
            (id, Some(cookie))
        }
    };
    rp.sessions.with(&id, |s| s.begin(pending));
    redirect(url.as_str(), cookie)
}

#[derive(Deserialize)]
struct Callback {
    state: String,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

/// Comes back from the hub.
async fn callback(State(rp): App, headers: HeaderMap, query: Result<Query<Callback>, QueryRejection>) -> Response {
    let arrived = match query {
        Ok(Query(callback)) => arrive(&rp, &headers, callback).await,
        Err(_) => Err(Trouble::Malformed),
    };
    match arrived {
        Ok(cookie) => redirect("/", Some(cookie)),
        // Whoever was signed in and gave up something more remains so.
        Err(Trouble::Refused { error, .. }) if error == "access_denied" && rp.stays(&headers) => redirect("/", None),
        Err(trouble) => rp.trouble(&trouble),
    }
}

/// Checks state and issuer, exchanges the code, and opens a session under a new id.
async fn arrive(rp: &Rp, headers: &HeaderMap, callback: Callback) -> Result<String, Trouble> {
    let id = rp.sessions.id(headers).ok_or(Trouble::UnknownAttempt)?;
    let pending = rp.sessions.with(&id, |s| s.take_pending(&callback.state)).flatten().ok_or(Trouble::UnknownAttempt)?;
    rp.hub.check_issuer(callback.iss.as_deref()).await?;
    let code = match (callback.code, callback.error) {
        (Some(code), None) => code,
        (_, Some(error)) => {
            return Err(Trouble::Refused { error, description: callback.error_description });
        }
        (None, None) => return Err(Trouble::Malformed),
    };
    let tokens = rp.hub.finish(pending, code).await?;
    rp.sessions.close(&id);
    let (_, cookie) = rp.sessions.open(Session { tokens: Some(tokens), ..Session::default() });
    Ok(cookie)
}

/// Exchanges the refresh token. A refused one ends the session here too.
async fn refresh(State(rp): App, headers: HeaderMap) -> Response {
    if let Err(trouble) = rp.own_form(&headers) {
        return rp.trouble(&trouble);
    }
    let Some(id) = rp.sessions.id(&headers) else {
        return redirect("/", None);
    };
    match renew_once(&rp, &id, Some("Vos jetons ont été renouvelés.")).await {
        Ok(()) => redirect("/", None),
        Err(trouble) => rp.trouble(&trouble),
    }
}

/// Renews the tokens, unless another request of this browser is doing so; says `notice` on the next page.
async fn renew_once(rp: &Arc<Rp>, id: &str, notice: Option<&'static str>) -> Result<(), Trouble> {
    let take = |s: &mut Session| match s.refreshing {
        true => None,
        false => s.tokens.clone().inspect(|_| s.refreshing = true),
    };
    let Some(tokens) = rp.sessions.with(id, take).flatten() else {
        return Ok(());
    };
    // On its own task: a browser that goes away must not lose the rotated token.
    let work = tokio::spawn({
        let (rp, id) = (rp.clone(), id.to_owned());
        async move { renew(&rp, &id, tokens, notice).await }
    });
    work.await.unwrap_or_else(|error| Err(Trouble::Unreachable(error.to_string())))
}

async fn renew(rp: &Rp, id: &str, tokens: Tokens, notice: Option<&'static str>) -> Result<(), Trouble> {
    let renewed = rp.hub.refresh(tokens).await;
    if matches!(renewed, Err(Trouble::Refused { .. } | Trouble::Untrusted(_))) {
        rp.sessions.close(id);
    }
    rp.sessions.with(id, |s| {
        s.refreshing = false;
        // Ended meanwhile, it stays so.
        if let (Ok(tokens), Some(_)) = (&renewed, &s.tokens) {
            s.tokens = Some(tokens.clone());
            s.notice = notice.or(s.notice);
        }
    });
    renewed.map(drop)
}

/// Signs out of this service, then of the hub.
async fn logout(State(rp): App, headers: HeaderMap) -> Response {
    if let Err(trouble) = rp.own_form(&headers) {
        return rp.trouble(&trouble);
    }
    let tokens = rp.sessions.id(&headers).and_then(|id| rp.sessions.close(&id)).and_then(|s| s.tokens);
    let Some(tokens) = tokens else {
        return redirect("/", None);
    };
    let state = CsrfToken::new_random().into_secret();
    let url = match rp.hub.logout_url(&tokens, state.clone()).await {
        Ok(Some(url)) => url.to_string(),
        Ok(None) | Err(_) => LOGGED_OUT_PATH.to_owned(),
    };
    let (_, cookie) = rp.sessions.open(Session { logout_state: Some(state), ..Session::default() });
    redirect(&url, Some(cookie))
}

#[derive(Deserialize)]
struct Notice {
    logout_token: String,
}

/// The hub says that a session ended (OpenID Connect Back-Channel Logout §2.5): it ends here too.
async fn backchannel_logout(State(rp): App, form: Result<Form<Notice>, FormRejection>) -> Response {
    let ended = match form {
        Ok(Form(notice)) => rp.hub.ended(&notice.logout_token).await,
        Err(_) => Err(Trouble::Malformed),
    };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    match ended {
        Ok(ended) => {
            rp.sessions.end(|tokens| ended.concerns(tokens), ENDED);
            (StatusCode::OK, no_store).into_response()
        }
        Err(trouble) => {
            tracing::info!(service = rp.hub.config().key, ?trouble, "logout token refused");
            (StatusCode::BAD_REQUEST, no_store, Json(serde_json::json!({ "error": "invalid_request" }))).into_response()
        }
    }
}

/// The hub says that somebody's rights changed (RFC 8935 §2.2). Every page asks the hub what they are now: there is nothing to
/// keep, and so nothing to verify.
async fn claims_notice() -> StatusCode {
    StatusCode::ACCEPTED
}

#[derive(Deserialize)]
struct LoggedOut {
    #[serde(default)]
    state: Option<String>,
}

/// Back from signing out: says whether the hub confirmed it.
async fn logged_out(State(rp): App, headers: HeaderMap, Query(query): Query<LoggedOut>) -> Response {
    let id = rp.sessions.id(&headers);
    let expected = id.as_ref().and_then(|id| rp.sessions.with(id, |s| s.logout_state.take()).flatten());
    let notice = match expected {
        Some(expected) if query.state.as_ref() == Some(&expected) => SIGNED_OUT,
        _ if id.as_ref().is_some_and(|id| rp.sessions.with(id, |s| s.tokens.is_some()) == Some(true)) => {
            return redirect("/", None);
        }
        _ => LEFT,
    };
    page::render(StatusCode::OK, &Welcome { rp: rp.hub.config(), notice: Some(notice) }, &rp.csp)
}

/// 303, with a new session cookie when given.
pub(super) fn redirect(to: &str, cookie: Option<String>) -> Response {
    let mut headers: Vec<(HeaderName, String)> = vec![(header::CACHE_CONTROL, "no-store".into())];
    headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    (AppendHeaders(headers), Redirect::to(to)).into_response()
}
