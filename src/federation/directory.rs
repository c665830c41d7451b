//! The live directory of establishments, the *API Recherche d'entreprises* (french-domain §7.2): asked for what the register does
//! not hold. What it says is kept in the register, so that an outage leaves what was seen before; nothing else waits for it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use url::Url;

use super::http::{Http, Reach};
use crate::base::{Ctx, Siret, Timestamp};
use crate::config::Register;
use crate::db::{self, Db};
use crate::org::register::stock::{self, Establishment, Unit, clean};
use crate::org::register::{self, Page, Query, Record, Source};

/// Requests a second that one address may send.
const PER_SECOND: u32 = 7;
/// Longest pause that an answer can impose.
const LONGEST_PAUSE: u64 = 300;
/// After a failure nobody is made to wait for the next one.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Questions remembered.
const REMEMBERED: usize = 10_000;
/// Units asked for, of which each has as many establishments at most, so that the answer stays small.
const PER_PAGE: &str = "10";
const PER_UNIT: &str = "10";

/// What this node remembers of the directory.
#[derive(Debug)]
pub struct Directory {
    bucket: DefaultDirectRateLimiter,
    paused_until: AtomicI64,
    asked: Mutex<HashMap<String, Timestamp>>,
}

impl Default for Directory {
    fn default() -> Self {
        let bucket = RateLimiter::direct(Quota::per_second(NonZeroU32::new(PER_SECOND).unwrap_or(NonZeroU32::MIN)));
        Self { bucket, paused_until: AtomicI64::new(0), asked: Mutex::default() }
    }
}

/// Nothing is known, and the directory cannot be asked now (A503).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory.
    #[error("the directory of establishments is unavailable: {0}")]
    Unavailable(String),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What lookups rest on.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// The HTTP clients.
    pub http: &'a Http,
    /// The register.
    pub db: &'a Db,
    /// What this node remembers.
    pub directory: &'a Directory,
    /// What the operator set.
    pub config: &'a Register,
    /// Plain http and internal addresses are accepted: a rehearsal or a demonstration.
    pub trial: bool,
}

impl Live<'_> {
    /// An establishment: from the register, or from the directory when it is not there or was read there too long ago. An old
    /// answer serves while the directory is down.
    pub async fn find(&self, ctx: &Ctx, siret: &Siret) -> Result<Option<Record>, Error> {
        let known = register::find(&mut self.db.read().await?, siret).await?;
        let fresh = known.as_ref().is_some_and(|r| self.is_fresh(ctx, r));
        if fresh || self.config.live_url.is_none() {
            return Ok(known);
        }
        match self.ask(ctx, siret.as_str(), None).await {
            Ok(()) => Ok(register::find(&mut self.db.read().await?, siret).await?),
            Err(Error::Unavailable(why)) if known.is_some() => {
                tracing::warn!(why, "directory of establishments unavailable: the register answers");
                Ok(known)
            }
            Err(e) => Err(e),
        }
    }

    /// The same as [`register::search`], with the directory asked first when the register finds nothing of its own.
    pub async fn search(&self, ctx: &Ctx, query: &Query, page: usize) -> Result<Page, Error> {
        let known = register::search(&mut self.db.read().await?, query, page).await?;
        let own = known.found.iter().any(|f| self.is_fresh(ctx, f) && f.source == Source::Stock);
        if own || page > 0 || self.config.live_url.is_none() {
            return Ok(known);
        }
        let (q, postcode) = match query {
            Query::Siret(siret) => (siret.as_str().to_owned(), None),
            Query::Siren(siren) => (siren.as_str().to_owned(), None),
            Query::Words(w) => {
                ([w.words.as_slice(), w.commune.as_slice()].concat().join(" "), w.postcode.as_deref().filter(|p| p.len() == 5))
            }
        };
        match self.ask(ctx, &q, postcode).await {
            Ok(()) => Ok(register::search(&mut self.db.read().await?, query, page).await?),
            Err(Error::Unavailable(why)) if known.total > 0 => {
                tracing::warn!(why, "directory of establishments unavailable: the register answers");
                Ok(known)
            }
            Err(e) => Err(e),
        }
    }

    fn is_fresh(&self, ctx: &Ctx, record: &Record) -> bool {
        match record.source {
            Source::Stock => true,
            Source::Live => ctx.now().since(record.fetched_at) < self.config.live_fresh,
        }
    }

    /// Asks the directory, unless it just was, and keeps what it says.
    async fn ask(&self, ctx: &Ctx, q: &str, postcode: Option<&str>) -> Result<(), Error> {
        let key = format!("{q} {}", postcode.unwrap_or_default());
        if self.was_asked(ctx, &key) {
            return Ok(());
        }
        let results = self.fetch(ctx, q, postcode).await?;
        let mut tx = self.db.begin().await?;
        for result in results {
            if let Some((unit, establishments)) = result.read() {
                stock::put_live(&mut tx, &unit, &establishments, ctx.now()).await?;
            }
        }
        tx.commit().await?;
        self.remember(ctx, key);
        Ok(())
    }

    fn was_asked(&self, ctx: &Ctx, key: &str) -> bool {
        let asked = self.directory.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(key).is_some_and(|at| ctx.now().since(*at) < self.config.live_fresh)
    }

    fn remember(&self, ctx: &Ctx, key: String) {
        let mut asked = self.directory.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= REMEMBERED {
            asked.clear();
        }
        asked.insert(key, ctx.now());
    }

    fn pause(&self, ctx: &Ctx, by: Duration) {
        self.directory.paused_until.fetch_max(ctx.now().plus(by).millis(), Ordering::Relaxed);
    }

    async fn fetch(&self, ctx: &Ctx, q: &str, postcode: Option<&str>) -> Result<Vec<Company>, Error> {
        let unavailable = |why: &str| Error::Unavailable(why.to_owned());
        let Some(url) = &self.config.live_url else { return Err(unavailable("not configured")) };
        if ctx.now().millis() < self.directory.paused_until.load(Ordering::Relaxed) {
            return Err(unavailable("it asked us to wait, or failed just before"));
        }
        if self.directory.bucket.check().is_err() {
            return Err(unavailable("asked as often as it allows"));
        }
        // What was not sent must not make others wait longer.
        self.send(ctx, &address(url, q, postcode)).await.inspect_err(|_| self.pause(ctx, AFTER_FAILURE))
    }

    async fn send(&self, ctx: &Ctx, url: &Url) -> Result<Vec<Company>, Error> {
        let reach = Reach { plain: self.trial, internal: self.trial };
        let asked = self.http.send(reach, url, |client, url| client.get(url).timeout(self.config.live_timeout));
        let answer = asked.await.map_err(|e| Error::Unavailable(e.to_string()))?;
        if answer.status == 429 {
            self.pause(ctx, Duration::from_secs(answer.retry_after.unwrap_or(1).clamp(1, LONGEST_PAUSE)));
        }
        if answer.status != 200 {
            return Err(Error::Unavailable(format!("status {}", answer.status)));
        }
        let read: Companies =
            serde_json::from_slice(&answer.body).map_err(|_| Error::Unavailable("an answer that is not understood".to_owned()))?;
        Ok(read.results)
    }
}

fn address(url: &Url, q: &str, postcode: Option<&str>) -> Url {
    let mut url = url.clone();
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("q", q).append_pair("page", "1").append_pair("per_page", PER_PAGE);
        query.append_pair("minimal", "true").append_pair("include", "siege,matching_etablissements");
        query.append_pair("limite_matching_etablissements", PER_UNIT);
        if let Some(postcode) = postcode {
            query.append_pair("code_postal", postcode);
        }
    }
    url
}

#[derive(Deserialize)]
struct Companies {
    results: Vec<Company>,
}

/// A unit as the directory says it: what is not there is nothing.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Company {
    siren: String,
    nom_complet: Option<String>,
    nom_raison_sociale: Option<String>,
    sigle: Option<String>,
    nature_juridique: Option<String>,
    activite_principale: Option<String>,
    tranche_effectif_salarie: Option<String>,
    etat_administratif: Option<String>,
    statut_diffusion: Option<String>,
    siege: Option<Place>,
    matching_etablissements: Vec<Place>,
}

/// An establishment as the directory says it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    siret: String,
    est_siege: bool,
    etat_administratif: Option<String>,
    statut_diffusion_etablissement: Option<String>,
    date_fermeture: Option<String>,
    liste_enseignes: Option<Vec<String>>,
    nom_commercial: Option<String>,
    adresse: Option<String>,
    code_postal: Option<String>,
    libelle_commune: Option<String>,
    commune: Option<String>,
    activite_principale: Option<String>,
}

fn text(value: Option<&String>) -> String {
    value.map(|v| clean(v)).unwrap_or_default()
}

impl Company {
    /// The rows it makes; `None` when it names no unit.
    fn read(&self) -> Option<(Unit, Vec<Establishment>)> {
        let named = self.siren.len() == 9 && self.siren.bytes().all(|b| b.is_ascii_digit());
        let person = self.nature_juridique.as_deref() == Some("1000");
        let partial = self.statut_diffusion.as_deref().is_some_and(|s| s != "O");
        let name = self.nom_raison_sociale.as_ref().filter(|n| !n.trim().is_empty()).or(self.nom_complet.as_ref());
        let unit = Unit {
            siren: self.siren.clone(),
            name: if partial && person { String::new() } else { text(name) },
            usual_name: String::new(),
            acronym: text(self.sigle.as_ref()),
            legal_category: text(self.nature_juridique.as_ref()),
            activity: text(self.activite_principale.as_ref()),
            staff_band: text(self.tranche_effectif_salarie.as_ref()),
            association: String::new(),
            state: if self.etat_administratif.as_deref() == Some("C") { "C" } else { "A" }.to_owned(),
            diffusion: if partial { "P" } else { "O" }.to_owned(),
        };
        // The head office may be said twice: the last one counts, and they say the same.
        let all = self.matching_etablissements.iter().chain(self.siege.iter());
        named.then(|| (unit, all.filter(|p| p.siret.starts_with(&self.siren)).filter_map(Place::read).collect()))
    }
}

impl Place {
    fn read(&self) -> Option<Establishment> {
        let open = match self.etat_administratif.as_deref()? {
            "A" => true,
            "F" => false,
            _ => return None,
        };
        let siret = Siret::unchecked(&self.siret).ok()?;
        let partial = self.statut_diffusion_etablissement.as_deref().is_some_and(|s| s != "O");
        let (postcode, commune) = (text(self.code_postal.as_ref()), text(self.libelle_commune.as_ref()));
        let address = text(self.adresse.as_ref());
        let street = address.strip_suffix(&format!("{postcode} {commune}")).map_or(address.as_str(), str::trim).to_owned();
        let signs: Vec<String> = self.liste_enseignes.iter().flatten().map(|s| clean(s)).take(3).collect();
        let closed_on = self.date_fermeture.as_deref().and_then(|d| d.parse::<jiff::civil::Date>().ok()).map(|d| d.to_string());
        Some(Establishment {
            siret: siret.as_str().to_owned(),
            head: self.est_siege,
            state: if open { "A" } else { "F" }.to_owned(),
            diffusion: if partial { "P" } else { "O" }.to_owned(),
            closed_on: closed_on.filter(|_| !open),
            sign: signs.join(" / "),
            own_name: text(self.nom_commercial.as_ref()),
            complement: String::new(),
            street: if partial { String::new() } else { street },
            postcode,
            commune,
            commune_code: text(self.commune.as_ref()),
            activity: text(self.activite_principale.as_ref()),
        })
    }
}
