//! What is done over and over on one connection.

use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use crate::card;
use crate::http::{Connection, form, request};
use crate::site::{Person, Site};

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Ceiling E.
    Empty,
    /// Ceiling S.
    Sign,
    /// The discovery document.
    Discovery,
    /// The JWK set.
    Jwks,
    /// `client_credentials`, ES256 JWT.
    ClientCredentials,
    /// Userinfo with an opaque token.
    UserinfoOpaque,
    /// Userinfo with a JWT.
    UserinfoJwt,
    /// Introspection of an opaque token.
    Introspection,
    /// Rotation of a refresh token.
    Refresh,
    /// Authorization with a live session, then the code for an ES256 id_token.
    CodeFlow,
    /// The password form, to an open session.
    PasswordLogin,
    /// The same, then a code of a physical card, to the code for a service that asks for two factors.
    CardLogin,
    /// An individual from the button to the answer to the callback of FranceConnect; its own time is in it.
    Federated,
}

impl Work {
    /// What the hub is asked, in the order of the report.
    pub const HUB: [Self; 10] = [
        Self::Discovery,
        Self::Jwks,
        Self::ClientCredentials,
        Self::UserinfoOpaque,
        Self::UserinfoJwt,
        Self::Introspection,
        Self::Refresh,
        Self::CodeFlow,
        Self::PasswordLogin,
        Self::CardLogin,
    ];

    /// Name in the report and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "ceiling E: empty handler",
            Self::Sign => "ceiling S: form and ES256 token",
            Self::Discovery => "discovery",
            Self::Jwks => "JWKS",
            Self::ClientCredentials => "client_credentials, ES256 JWT",
            Self::UserinfoOpaque => "userinfo, opaque token",
            Self::UserinfoJwt => "userinfo, JWT",
            Self::Introspection => "introspection, opaque token",
            Self::Refresh => "refresh with rotation",
            Self::CodeFlow => "code + PKCE flow",
            Self::PasswordLogin => "password login",
            Self::CardLogin => "password login, then a card",
            Self::Federated => "FranceConnect",
        }
    }
}

/// One connection and what it does.
pub struct Worker {
    work: Work,
    connection: Connection,
    site: Rc<Site>,
    person: Person,
    /// The request, when it is the same every time.
    fixed: Vec<u8>,
    buffer: Vec<u8>,
    refresh_token: String,
    /// Which worker it is.
    index: usize,
    /// `Cookie` header line of a browser without a session.
    cookies: String,
}

impl Worker {
    /// Connects and prepares: tokens are obtained here, outside any measure. `index` chooses the person.
    pub async fn new(work: Work, site: &Rc<Site>, ceiling: SocketAddr, index: usize) -> Result<Self> {
        let address = if matches!(work, Work::Empty | Work::Sign) { ceiling } else { site.address };
        let person = site.people.get(index % site.people.len().max(1)).cloned().unwrap_or_default();
        let connection = Connection::open(address).await?;
        let (fixed, buffer, refresh_token) = (Vec::new(), Vec::new(), String::new());
        let mut worker = Self { work, connection, site: site.clone(), person, fixed, buffer, refresh_token, index, cookies: String::new() };
        worker.prepare().await.with_context(|| format!("preparing {}", work.name()))?;
        Ok(worker)
    }

    async fn prepare(&mut self) -> Result<()> {
        let site = self.site.clone();
        let grant = form(&[("grant_type", "client_credentials"), ("scope", "people:read")]);
        match self.work {
            Work::Empty => request(&mut self.fixed, "GET", "/empty", "", ""),
            Work::Sign => {
                let (id, secret) = ("machine", "machine-secret-for-bench-only-0001");
                let grant =
                    form(&[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", "people:read")]);
                request(&mut self.fixed, "POST", "/sign", "", &grant);
            }
            Work::Discovery => request(&mut self.fixed, "GET", "/.well-known/openid-configuration", "", ""),
            Work::Jwks => request(&mut self.fixed, "GET", "/oauth/jwks", "", ""),
            Work::ClientCredentials => request(&mut self.fixed, "POST", "/oauth/token", &site.machine, &grant),
            Work::UserinfoJwt | Work::UserinfoOpaque => {
                let client = if self.work == Work::UserinfoJwt { &site.service } else { &site.opaque };
                let tokens = site.code_flow(&mut self.connection, &mut self.buffer, client, &self.person, "openid profile email").await?;
                let bearer = format!("authorization: Bearer {}\r\n", tokens.access);
                request(&mut self.fixed, "GET", "/oauth/userinfo", &bearer, "");
            }
            Work::Introspection => {
                let tokens =
                    site.code_flow(&mut self.connection, &mut self.buffer, &site.opaque, &self.person, "openid profile email").await?;
                request(&mut self.fixed, "POST", "/oauth/introspect", &site.opaque.basic, &form(&[("token", &tokens.access)]));
            }
            Work::Refresh => {
                let scope = "openid profile email offline_access";
                let tokens = site.code_flow(&mut self.connection, &mut self.buffer, &site.service, &self.person, scope).await?;
                self.refresh_token = tokens.refresh.context("no refresh token")?;
            }
            Work::CodeFlow | Work::CardLogin => {}
            Work::Federated => {
                (self.cookies, self.fixed) = site.at_the_button().await?;
                self.operate().await?;
            }
            Work::PasswordLogin => self.fixed = self.person.login.clone(),
        }
        Ok(())
    }

    /// Does it once; an answer that is not the expected one is an error.
    pub async fn operate(&mut self) -> Result<()> {
        match self.work {
            Work::Refresh => self.refresh().await,
            Work::CodeFlow => {
                let (site, person) = (&self.site, &self.person);
                site.code_flow(&mut self.connection, &mut self.buffer, &site.service, person, "openid profile email").await.map(drop)
            }
            Work::PasswordLogin => {
                let answer = self.connection.send(&self.fixed).await?.expect(303)?;
                if !answer.headers("set-cookie").any(|c| c.starts_with("__Host-session=")) {
                    bail!("signing in opened no session");
                }
                Ok(())
            }
            Work::CardLogin => self.card_login().await,
            Work::Federated => self.come_through().await,
            Work::Introspection => {
                let answer = self.connection.send(&self.fixed).await?.expect(200)?;
                if !answer.body.starts_with(b"{\"active\":true") {
                    bail!("not active: {}", answer.text());
                }
                Ok(())
            }
            _ => self.connection.send(&self.fixed).await?.expect(200).map(drop),
        }
    }

    async fn card_login(&mut self) -> Result<()> {
        let answer = self.connection.send(&self.person.login_for_two).await?.expect(303)?;
        let to = answer.header("location").context("no location")?.to_owned();
        let session = answer.headers("set-cookie").find(|c| c.starts_with("__Host-session=")).context("no session")?;
        let session = session.split(';').next().unwrap_or_default().to_owned();
        let query = to.strip_prefix("/connexion/verification?").with_context(|| format!("no second factor asked for: {to}"))?;
        let press = self.person.presses.get();
        self.person.presses.set(press + 1);
        let (cookies, jeton) = &self.person.browser;
        let body = form(&[("jeton", jeton), ("code", &card::code(self.person.card, press))]);
        let headers = format!("cookie: {cookies}; {session}\r\n");
        request(&mut self.buffer, "POST", &format!("/connexion/verification/carte?{query}"), &headers, &body);
        let answer = self.connection.send(&self.buffer).await?.expect(303)?;
        match answer.header("location") {
            Some(to) if to.starts_with("/connexion/suite/") => Ok(()),
            other => bail!("the card led to {other:?}"),
        }
    }

    async fn come_through(&mut self) -> Result<()> {
        let answer = self.connection.send(&self.fixed).await?.expect(200)?;
        let to = answer.header("refresh").and_then(|r| r.split_once("url=")).context("no way to FranceConnect")?.1.to_owned();
        // What was asked travels sealed in cookies of its own.
        let pending: Vec<&str> = answer.headers("set-cookie").filter_map(|c| c.split(';').next()).filter(|c| !c.ends_with('=')).collect();
        let cookies = format!("{}; {}\r\n", self.cookies.trim_end(), pending.join("; "));
        request(&mut self.buffer, "GET", &self.site.upstream.back(&to, self.index)?, &cookies, "");
        let answer = self.connection.send(&self.buffer).await?.expect(303)?;
        if !answer.headers("set-cookie").any(|c| c.starts_with("__Host-session=")) {
            bail!("coming through FranceConnect opened no session");
        }
        Ok(())
    }

    async fn refresh(&mut self) -> Result<()> {
        let body = form(&[("grant_type", "refresh_token"), ("refresh_token", &self.refresh_token)]);
        request(&mut self.buffer, "POST", "/oauth/token", &self.site.service.basic, &body);
        let answer = self.connection.send(&self.buffer).await?.expect(200)?;
        self.refresh_token = answer.json("refresh_token")?;
        Ok(())
    }
}
