//! A relying party by hand, so that each step can go wrong on purpose.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Answer, Browser, Page, TestApp, encode};

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered client as the tests drive it.
#[derive(Debug, Clone, Copy)]
pub struct Rp {
    pub id: &'static str,
    pub secret: &'static str,
    pub redirect_uri: &'static str,
    pub scope: &'static str,
    pub auth: Auth,
    pub pkce: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    Basic,
    Post,
    Public,
}

pub const DOSSIER: Rp = Rp {
    id: "dossier",
    secret: "dossier-secret-for-tests-only-0001",
    redirect_uri: "https://dossier.example.fr/cb",
    scope: "openid profile email",
    auth: Auth::Basic,
    pkce: true,
};

pub const MANDAT: Rp = Rp {
    id: "mandat",
    secret: "mandat-secret-for-tests-only-00001",
    redirect_uri: "https://mandat.example.fr/cb",
    scope: "openid profile email offline_access",
    auth: Auth::Post,
    pkce: true,
};

pub const LEGACY: Rp = Rp {
    id: "legacy",
    secret: "legacy-secret-for-tests-only-00001",
    redirect_uri: "https://legacy.example.fr/cb?a=1",
    scope: "openid profile email",
    auth: Auth::Basic,
    pkce: false,
};

pub const MOBILE: Rp = Rp {
    id: "mobile",
    secret: "",
    redirect_uri: "http://127.0.0.1:49152/cb",
    scope: "openid profile offline_access",
    auth: Auth::Public,
    pkce: true,
};

pub const API: Rp =
    Rp { id: "api", secret: "api-secret-for-tests-only-00000001", redirect_uri: "", scope: "people:read", auth: Auth::Basic, pkce: false };

impl Rp {
    /// Path of an authorization request; `extra` replaces or adds, an empty value removes.
    pub fn authorize(&self, extra: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("client_id", self.id),
            ("redirect_uri", self.redirect_uri),
            ("response_type", "code"),
            ("scope", self.scope),
            ("state", "état-&=\"<1"),
            ("nonce", "n-0S6_WzA2Mj"),
        ];
        if self.pkce {
            fields.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
        }
        for (name, value) in extra {
            fields.retain(|(n, _)| n != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        format!("/oauth/authorize?{}", encode(&fields))
    }

    /// `Authorization` header.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }

    /// POST to a back-channel endpoint, authenticated as registered.
    pub async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        let header = self.basic();
        match self.auth {
            Auth::Basic => app.post(path, &fields, &[("authorization", &header)]).await,
            Auth::Post => {
                fields.extend([("client_id", self.id), ("client_secret", self.secret)]);
                app.post(path, &fields, &[]).await
            }
            Auth::Public => {
                fields.push(("client_id", self.id));
                app.post(path, &fields, &[]).await
            }
        }
    }

    /// Redeems a code.
    pub async fn redeem(&self, app: &TestApp, code: &str) -> Answer {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.redirect_uri)];
        if self.pkce {
            fields.push(("code_verifier", VERIFIER));
        }
        self.post(app, "/oauth/token", &fields).await
    }

    /// Refreshes.
    pub async fn refresh(&self, app: &TestApp, token: &str) -> Answer {
        self.post(app, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Introspects a token.
    pub async fn introspect(&self, app: &TestApp, token: &str) -> Value {
        self.post(app, "/oauth/introspect", &[("token", token)]).await.json()
    }

    /// Signs Camille in with a code sent by mail and gives consent when asked; the page that leaves for the service.
    pub async fn sign_in(&self, browser: &mut Browser, extra: &[(&str, &str)]) -> Page {
        let page = browser.get(&self.authorize(extra)).await;
        let page = browser.sign_in_with_code(&page, "camille@boulangerie.example").await;
        self.consent(browser, page).await
    }

    /// Consents if the page asks for it.
    pub async fn consent(&self, browser: &mut Browser, page: Page) -> Page {
        if page.path.starts_with("/connexion/autorisation") { browser.submit(&page, &[("decision", "autoriser")]).await } else { page }
    }

    /// A code by signing in.
    pub async fn code(&self, browser: &mut Browser, extra: &[(&str, &str)]) -> String {
        let page = self.sign_in(browser, extra).await;
        page.left_with("code").unwrap_or_else(|| panic!("no code: {} {:?} {}", page.path, page.left_for, page.body))
    }

    /// Tokens by signing in.
    pub async fn tokens(&self, browser: &mut Browser, extra: &[(&str, &str)]) -> Value {
        let code = self.code(browser, extra).await;
        let app = browser.app().clone();
        let answer = self.redeem(&app, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

/// Claims of a JWT, unverified.
pub fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

/// Header of a JWT.
pub fn header(jwt: &str) -> Value {
    part(jwt, 0)
}

fn part(jwt: &str, n: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').nth(n).unwrap()).unwrap()).unwrap()
}

/// Userinfo with a bearer header.
pub async fn userinfo(app: &TestApp, token: &str) -> Answer {
    let request = axum::http::Request::get("/oauth/userinfo").header("authorization", format!("Bearer {token}"));
    Answer::of(app.send(request.body(axum::body::Body::empty()).unwrap()).await).await
}
