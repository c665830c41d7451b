//! One person in ten thousand establishments beside one in a single one, among a million accounts and as many memberships.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::http::{Connection, request};
use crate::hub::Hub;
use crate::load::median;
use crate::postgres::Cluster;
use crate::site::{Client, Person, Site, authorize};
use crate::upstream::Upstream;

/// Establishments of the person who has many.
pub const PLACES: usize = 10_000;
/// What the person in many may take, to what the person in one takes (DESIGN §9).
pub const AT_MOST: f64 = 2.0;
/// Times each thing is done, in turns.
const TIMES: usize = 60;

const ONE: &str = "une@boulangerie.example";
const MANY: &str = "toutes@boulangerie.example";

/// One thing that was done by both: medians in milliseconds.
pub struct Line {
    /// What.
    pub name: &'static str,
    /// By the person of one establishment.
    pub one: f64,
    /// By the person of many.
    pub many: f64,
}

/// What was measured on a store.
pub struct Crowd {
    /// Accounts, and memberships.
    pub accounts: usize,
    /// How long the generator took.
    pub loaded_in: Duration,
    /// Thing by thing.
    pub lines: Vec<Line>,
}

/// The fourteen digits of the `n`th establishment, its check digit right.
fn siret(n: usize) -> String {
    let body = format!("9{n:012}");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    let check = (0..10).find(|c| (sum + c).is_multiple_of(10)).unwrap_or(0);
    format!("{body}{check}")
}

/// What `guichet apply` puts in place: the two people, the service they act at.
fn declaration() -> String {
    let mut out = crate::site::declaration(0);
    out += r#"
[[service]]
id = "aides"
name = "Dépôt des aides"
audience = "professionals"
access = "open"
"#;
    out += &crate::site::service("acting", "jwt", "openid profile email offline_access establishment habilitations", "service = \"aides\"");
    for email in [ONE, MANY] {
        out += &crate::site::account(email);
    }
    out
}

/// The crowd in SQL that both engines know. A million accounts are not declared one by one.
fn statements(accounts: usize) -> String {
    let mut out = String::from("BEGIN;\nCREATE TABLE bench_place (n BIGINT PRIMARY KEY, siret TEXT NOT NULL);\n");
    for n in 0..PLACES {
        let _ = writeln!(out, "INSERT INTO bench_place VALUES ({n}, '{}');", siret(n));
    }
    let people = format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {accounts})");
    let id = "'acc_000000000000000000000000' || CAST(10000000 + i AS TEXT)";
    let email = "'personne' || CAST(i AS TEXT) || '@essai.example'";
    let _ = write!(
        out,
        "INSERT INTO establishment (siret, name, name_folded, created_at, updated_at)
 SELECT siret, 'Boulangerie ' || CAST(n AS TEXT), 'boulangerie ' || CAST(n AS TEXT), 1, 1 FROM bench_place;
INSERT INTO account (id, kind, state, login_email, login_email_key, login_email_verified, contact_email_verified, given_name, family_name,
 name_folded, locale, created_at, updated_at)
 {people} SELECT {id}, kind, state, {email}, {email}, login_email_verified, contact_email_verified, given_name, family_name, name_folded,
 locale, 1, 1
 FROM n, account WHERE login_email_key = '{ONE}';
INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at)
 {people} SELECT {id}, siret, 'contact', FALSE, 'active', 1, 1 FROM n JOIN bench_place ON bench_place.n = i % {PLACES};
INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at)
 SELECT id, siret, 'contact', FALSE, 'active', 1, 1 FROM account, bench_place WHERE login_email_key = '{MANY}';
INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at)
 SELECT id, siret, 'contact', FALSE, 'active', 1, 1 FROM account, bench_place WHERE login_email_key = '{ONE}' AND n = 1;
DROP TABLE bench_place;
COMMIT;
ANALYZE;
"
    );
    out
}

fn load(folder: &Path, cluster: Option<&Cluster>, accounts: usize) -> Result<()> {
    let mut command = match cluster {
        Some(cluster) => cluster.client("guichet"),
        None => Command::new("sqlite3"),
    };
    if cluster.is_none() {
        command.arg("-bail").arg(folder.join("data/guichet.db"));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("sqlite3 or psql")?;
    child.stdin.take().context("a pipe")?.write_all(statements(accounts).as_bytes())?;
    if !child.wait()?.success() {
        bail!("the crowd was not loaded");
    }
    Ok(())
}

/// Loads the crowd in a hub of its own, and measures.
pub async fn measure(binary: &Path, folder: &Path, cluster: Option<&Cluster>, accounts: usize) -> Result<Crowd> {
    fs::create_dir_all(folder)?;
    let hub = Hub::new(binary, folder, cluster.map(Cluster::url).as_deref())?;
    // The first start makes the keys.
    drop(hub.start().await?);
    hub.declare(&declaration())?;
    let start = Instant::now();
    load(folder, cluster, accounts)?;
    let loaded_in = start.elapsed();
    let running = hub.start().await?;
    let site = Site::open(running.address, 0, Rc::new(Upstream::start()?)).await?;
    let client = Client::named("acting");
    let mut both = Vec::new();
    for (email, place) in [(ONE, siret(1)), (MANY, siret(PLACES / 2))] {
        both.push(Walker::new(&site, &client, email, &place).await?);
    }
    let mut took: Vec<Vec<[f64; THINGS.len()]>> = vec![Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (walker, took) in both.iter_mut().zip(&mut took) {
            took.push(walker.round().await?);
        }
    }
    let of = |who: usize, what: usize| median(took.get(who).into_iter().flatten().filter_map(|round| round.get(what).copied()));
    let lines = THINGS.iter().enumerate().map(|(what, name)| Line { name, one: of(0, what), many: of(1, what) });
    Ok(Crowd { accounts, loaded_in, lines: lines.collect() })
}

/// What is done, in this order.
const THINGS: [&str; 7] = [
    "signing in by password, to the code for a service",
    "a code for a service, with a live session",
    "refresh",
    "userinfo",
    "the first page of the API's list",
    "« Mes établissements »",
    "a service asks which: the code to the person in one, a page to the other",
];

/// One of the two people at work.
struct Walker<'a> {
    site: &'a Site,
    client: &'a Client,
    person: Person,
    connection: Connection,
    buffer: Vec<u8>,
    /// Authorization for the establishment they act for.
    path: String,
    /// The same, where the person is asked which.
    choice: String,
}

impl<'a> Walker<'a> {
    async fn new(site: &'a Site, client: &'a Client, email: &str, siret: &str) -> Result<Self> {
        let person = site.sign_in(email).await.with_context(|| format!("signing in {email}"))?;
        let asked = authorize(client, "openid profile email offline_access establishment habilitations");
        let path = format!("{asked}&siret_hint={siret}");
        let choice = format!("{asked}&prompt=select_establishment");
        Ok(Self { site, client, person, connection: Connection::open(site.address).await?, buffer: Vec::new(), path, choice })
    }

    /// Everything once: milliseconds of each.
    async fn round(&mut self) -> Result<[f64; THINGS.len()]> {
        let mut clock = Clock(Instant::now());
        self.connection.send(&self.person.login).await?.expect(303)?;
        self.site.flow(&mut self.connection, &mut self.buffer, self.client, &self.person, &self.path).await?;
        let signing_in = clock.lap();
        let tokens = self.site.flow(&mut self.connection, &mut self.buffer, self.client, &self.person, &self.path).await?;
        let code = clock.lap();
        let refresh = tokens.refresh.context("no refresh token")?;
        let body = crate::http::form(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        request(&mut self.buffer, "POST", "/oauth/token", &self.client.basic, &body);
        self.connection.send(&self.buffer).await?.expect(200)?;
        let refreshed = clock.lap();
        let bearer = format!("authorization: Bearer {}\r\n", tokens.access);
        request(&mut self.buffer, "GET", "/oauth/userinfo", &bearer, "");
        let answer = self.connection.send(&self.buffer).await?.expect(200)?;
        if !answer.text().contains("\"establishment\"") {
            bail!("userinfo holds no establishment: {}", answer.text());
        }
        let userinfo = clock.lap();
        request(&mut self.buffer, "GET", "/api/v1/me/establishments", &bearer, "");
        self.connection.send(&self.buffer).await?.expect(200)?;
        let list = clock.lap();
        self.site.page("/etablissements", &self.person).await?;
        let page = clock.lap();
        self.site.page(&self.choice, &self.person).await?;
        Ok([signing_in, code, refreshed, userinfo, list, page, clock.lap()])
    }
}

struct Clock(Instant);

impl Clock {
    /// Milliseconds since the last time.
    fn lap(&mut self) -> f64 {
        let took = self.0.elapsed();
        self.0 = Instant::now();
        took.as_secs_f64() * 1000.0
    }
}
