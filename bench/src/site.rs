//! What the generator knows of the hub under load: clients, people and their sessions; and how it signs in without a browser.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::http::{Connection, Response, form, request};
use crate::upstream::{self, Upstream};

/// Everybody's password: fictitious people of a data folder that lives as long as the run.
pub const PASSWORD: &str = "quatorze tartines bleues 2026";
const VERIFIER: &str = "bench-bench-bench-bench-bench-bench-bench-bench-0";
const REDIRECT: &str = "https://service.example.fr/cb";

/// The establishment everybody belongs to, fictitious.
pub const SIRET: &str = "73282932000074";

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    id: &'static str,
    /// Its `Authorization` header line.
    pub basic: String,
}

/// A person, signed in once.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// `Cookie` header line of the live session.
    cookie: String,
    /// The posting of the password form, whole, in a browser without a session.
    pub login: Vec<u8>,
    /// The same, on the way to a service that asks for two factors.
    pub login_for_two: Vec<u8>,
    /// Cookies of that browser, and the token of its forms.
    pub browser: (String, String),
    /// Which card.
    pub card: usize,
    /// How often it was pressed.
    pub presses: Rc<Cell<u64>>,
}

/// Tokens of a code flow.
#[derive(Debug)]
pub struct Tokens {
    /// Access token.
    pub access: String,
    /// Refresh token.
    pub refresh: Option<String>,
}

/// The hub under load.
#[derive(Debug)]
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    /// Machine client: header line.
    pub machine: String,
    /// Service with JWT access tokens.
    pub service: Client,
    /// Service with opaque access tokens.
    pub opaque: Client,
    /// People, each with a session.
    pub people: Vec<Person>,
    /// Where individuals come from.
    pub upstream: Rc<Upstream>,
}

/// Clients and accounts, for `guichet apply`.
pub fn declaration(people: usize) -> String {
    use std::fmt::Write;
    let mut out = String::from(
        r#"
[[client]]
client_id = "machine"
client_name = "Machine"
client_secret = "machine-secret-for-bench-only-0001"
grant_types = ["client_credentials"]
scope = "people:read"
"#,
    );
    for (id, tokens) in [("service", "jwt"), ("opaque", "opaque")] {
        out += &service(id, tokens, "openid profile email offline_access", "");
    }
    for n in 0..people {
        out += &account(&email(n));
        let _ = write!(out, "\n[[membership]]\nlogin_email = \"{}\"\nsiret = \"{SIRET}\"\nrole = \"contact\"\n", email(n));
    }
    let _ = write!(out, "\n[[establishment]]\nsiret = \"{SIRET}\"\nname = \"Boulangerie\"\n");
    out
}

/// A client that people sign in to; `more` are further lines of its declaration.
pub fn service(id: &str, tokens: &str, scope: &str, more: &str) -> String {
    format!(
        r#"
[[client]]
client_id = "{id}"
client_name = "Service ({tokens})"
client_secret = "{id}-secret-for-bench-only-000001"
redirect_uris = ["{REDIRECT}"]
grant_types = ["authorization_code", "refresh_token"]
scope = "{scope}"
id_token_signed_response_alg = "ES256"
access_token_format = "{tokens}"
consent = "none"
{more}
"#
    )
}

/// Somebody who may sign in by password.
pub fn account(email: &str) -> String {
    format!(
        r#"
[[account]]
login_email = "{email}"
given_name = "Camille"
family_name = "Durand"
password = "{PASSWORD}"
email_verified = true
"#
    )
}

/// Somebody's address.
pub fn email(n: usize) -> String {
    format!("camille{n}@boulangerie.example")
}

fn basic(id: &str, secret: &str) -> String {
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
}

impl Client {
    /// The client of this identifier, as [`service`] declares it.
    pub fn named(id: &'static str) -> Self {
        Self { id, basic: basic(id, &format!("{id}-secret-for-bench-only-000001")) }
    }
}

impl Site {
    /// Signs everybody in.
    pub async fn open(address: SocketAddr, people: usize, upstream: Rc<Upstream>) -> Result<Self> {
        let machine = basic("machine", "machine-secret-for-bench-only-0001");
        let mut site =
            Self { address, machine, service: Client::named("service"), opaque: Client::named("opaque"), people: Vec::new(), upstream };
        for n in 0..people {
            let mut person = site.sign_in(&email(n)).await.with_context(|| format!("signing in {}", email(n)))?;
            // The link used the code of the first press.
            (person.card, person.presses) = (n, Rc::new(Cell::new(1)));
            site.people.push(person);
        }
        Ok(site)
    }

    /// Authorization with the person's session, then the code for tokens.
    pub async fn code_flow(
        &self,
        c: &mut Connection,
        buffer: &mut Vec<u8>,
        client: &Client,
        person: &Person,
        scope: &str,
    ) -> Result<Tokens> {
        self.flow(c, buffer, client, person, &authorize(client, scope)).await
    }

    /// The same, asked for as `path` says.
    pub async fn flow(&self, c: &mut Connection, buffer: &mut Vec<u8>, client: &Client, person: &Person, path: &str) -> Result<Tokens> {
        request(buffer, "GET", path, &person.cookie, "");
        let answer = c.send(buffer).await?.expect(303)?;
        let location = answer.header("location").context("no location")?;
        let code = parameter(location, "code").with_context(|| format!("no code in {location}"))?;
        let exchange =
            form(&[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]);
        request(buffer, "POST", "/oauth/token", &client.basic, &exchange);
        let answer = c.send(buffer).await?.expect(200)?;
        let tokens: serde_json::Value = serde_json::from_slice(answer.body)?;
        let text = |name: &str| tokens.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        // ES256: {"alg":"ES256" in base64url.
        if !text("id_token").is_some_and(|t| t.starts_with("eyJhbGciOiJFUzI1NiIs")) {
            bail!("no ES256 id_token in {tokens}");
        }
        Ok(Tokens { access: text("access_token").context("no access token")?, refresh: text("refresh_token") })
    }

    /// A browser without a session on S-02: its cookies, and the posting of the button of FranceConnect.
    pub async fn at_the_button(&self) -> Result<(String, Vec<u8>)> {
        let mut browser = Browser { connection: Connection::open(self.address).await?, cookies: Vec::new() };
        let page = browser.follow(&authorize(&self.service, "openid profile email")).await?;
        let t = parameter(&page.url, "t").context("no journey")?;
        let button = Page { url: format!("/connexion/avec?{}", form(&[("t", &t)])), jeton: page.jeton };
        Ok((browser.cookie_line(), browser.posting(&button, &[("fournisseur", upstream::ID)])))
    }

    /// Opens a page with the person's session, through redirects, as far as the service.
    pub async fn page(&self, path: &str, person: &Person) -> Result<()> {
        let line = person.cookie.trim_end().strip_prefix("cookie: ").unwrap_or_default();
        let cookies = line.split("; ").filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let mut browser = Browser { connection: Connection::open(self.address).await?, cookies };
        browser.follow(path).await.map(drop)
    }

    /// From the service to an open session, by the pages' own forms.
    pub async fn sign_in(&self, email: &str) -> Result<Person> {
        let mut browser = Browser { connection: Connection::open(self.address).await?, cookies: Vec::new() };
        let first = browser.follow(&authorize(&self.service, "openid profile email")).await?;
        let identified = browser.submit(&first, &[("courriel", email)]).await?;
        let means = browser.follow(&identified).await?;
        let t = parameter(&means.url, "t").context("no journey")?;
        let password = browser.follow(&format!("/connexion/mot-de-passe?{}", form(&[("t", &t)]))).await?;
        let login = browser.posting(&password, &[("mot_de_passe", PASSWORD)]);
        let next = browser.submit(&password, &[("mot_de_passe", PASSWORD)]).await?;
        // The relay page would close the journey, and the same form is posted again by the measures.
        if !next.starts_with("/connexion/suite/") {
            bail!("the journey did not end on the relay page but on {next}");
        }
        let cookie = browser.cookie_line();
        browser.cookies.retain(|(name, _)| name != "__Host-session");
        let first = browser.follow(&format!("{}&acr_values=aal2", authorize(&self.service, "openid profile email"))).await?;
        let identified = browser.submit(&first, &[("courriel", email)]).await?;
        let t = parameter(&identified, "t").context("no journey")?;
        let password = browser.follow(&format!("/connexion/mot-de-passe?{}", form(&[("t", &t)]))).await?;
        let login_for_two = browser.posting(&password, &[("mot_de_passe", PASSWORD)]);
        let pairs: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let browser = (pairs.join("; "), password.jeton);
        Ok(Person { cookie, login, login_for_two, browser, ..Person::default() })
    }
}

/// The way to a service's authorization.
pub fn authorize(client: &Client, scope: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    let query = form(&[
        ("response_type", "code"),
        ("client_id", client.id),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    format!("/oauth/authorize?{query}")
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

struct Browser {
    connection: Connection,
    cookies: Vec<(String, String)>,
}

struct Page {
    url: String,
    /// The anti-forgery token of its forms.
    jeton: String,
}

impl Browser {
    fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if pairs.is_empty() { String::new() } else { format!("cookie: {}\r\n", pairs.join("; ")) }
    }

    async fn send(&mut self, method: &str, url: &str, body: &str) -> Result<Response<'_>> {
        let mut bytes = Vec::new();
        request(&mut bytes, method, url, &self.cookie_line(), body);
        let answer = self.connection.send(&bytes).await?;
        for set in answer.headers("set-cookie") {
            let pair = set.split(';').next().and_then(|p| p.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.retain(|(n, _)| n != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(answer)
    }

    /// Opens a page, through redirects of the hub's own.
    async fn follow(&mut self, url: &str) -> Result<Page> {
        let mut url = url.to_owned();
        for _ in 0..8 {
            let answer = self.send("GET", &url, "").await?;
            if answer.status == 303 {
                url = answer.header("location").context("no location")?.to_owned();
                if url.starts_with(REDIRECT) {
                    return Ok(Page { url, jeton: String::new() });
                }
                continue;
            }
            let answer = answer.expect(200).with_context(|| url.clone())?;
            let jeton = hidden(&answer.text(), "jeton").unwrap_or_default();
            return Ok(Page { url, jeton });
        }
        bail!("too many redirects at {url}")
    }

    /// Posts the form of a page to the page itself; answers where it leads.
    async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Result<String> {
        let body = body(page, fields);
        let answer = self.send("POST", &page.url, &body).await?.expect(303).with_context(|| format!("posting to {}", page.url))?;
        Ok(answer.header("location").context("no location")?.to_owned())
    }

    /// The bytes of the same.
    fn posting(&self, page: &Page, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        request(&mut bytes, "POST", &page.url, &self.cookie_line(), &body(page, fields));
        bytes
    }
}

fn body(page: &Page, fields: &[(&str, &str)]) -> String {
    let mut all = vec![("jeton", page.jeton.as_str())];
    all.extend(fields);
    form(&all)
}

/// The value of a hidden field; attribute order is that of our own templates.
fn hidden(html: &str, name: &str) -> Option<String> {
    let at = html.find(&format!("name=\"{name}\""))?;
    let rest = html.get(at..)?;
    let value = rest.split_once("value=\"")?.1.split_once('"')?.0;
    Some(value.to_owned())
}
