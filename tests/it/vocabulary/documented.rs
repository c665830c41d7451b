//! Clients as the documents declare them: the tests and the people who read them use the same lines.

use crate::support::TestApp;
use crate::support::rp::{Auth, Rp};

pub const SECRET: &str = "a secret that only these tests know";

/// Declares the client of a document, with a secret in place of its file.
pub async fn declare(app: &TestApp, document: &str, more: &str) {
    let block = document.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<String> = block
        .lines()
        .map(|line| if line.starts_with("client_secret_file") { format!("client_secret = \"{SECRET}\"") } else { line.to_owned() })
        .filter(|line| {
            let member = line.split(" = ").next().unwrap();
            !more.lines().any(|m| m.starts_with(&format!("{member} = ")))
        })
        .collect();
    app.apply(&format!("{}\n{more}", lines.join("\n"))).await;
}

pub const FRANCECONNECT: &str = include_str!("../../../docs/services-franceconnect.md");
pub const PROCONNECT: &str = include_str!("../../../docs/services-proconnect.md");
pub const PROVIDER: &str = include_str!("../../../docs/proconnect.md");

/// The service of agents of the document.
pub const AGENTS: Rp = Rp {
    id: "agents",
    secret: SECRET,
    redirect_uri: "https://agents.example.fr/oidc-callback",
    scope: "openid given_name usual_name email uid siret",
    auth: Auth::Post,
    pkce: false,
};

/// ProConnect itself, as a client.
pub const HUB: Rp = Rp {
    id: "proconnect",
    secret: SECRET,
    redirect_uri: "https://auth.agentconnect.gouv.fr/api/v2/oidc-callback",
    scope: "openid uid given_name usual_name email siret phone",
    auth: Auth::Post,
    pkce: false,
};

/// The service of individuals of the document.
pub const DEMARCHES: Rp = Rp {
    id: "demarches",
    secret: SECRET,
    redirect_uri: "https://demarches.example.fr/callback",
    scope: "openid given_name family_name birthdate gender birthplace birthcountry",
    auth: Auth::Post,
    pkce: false,
};

/// 32 characters and more, as both federations ask.
pub const STATE: &str = "8wZQ1m2Yx0Ck3Vb5Nn7Jd9Lf1Hs3Gp5R";
pub const NONCE: &str = "q7Rk2Wm4Xz6Bv8Ct0Dy2Fu4Gi6Ho8Jp0";
