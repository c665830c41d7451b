//! From the choice of an identity provider to the return to the service (§1.8).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use url::Url;

use super::errors::{Back, Refusal, known};
use super::idp::{self, AIDANTS_CONNECT, IDPS, Idp, OWN_KEYS, PERIMETERS};
use super::params::Pairs;
use super::persona::{self, Account, PERSONAS, Persona};
use super::state::{Code, Grant, IdpAnswer, Journey, Recognised, Step};
use super::{App, CODE_MS, Client, Fault, Platform, Sim, alert, cookie, lock, redirect, scopes};

/// A journey, with what its page needs of the session.
struct Seen {
    session: String,
    csrf: String,
    journey: Journey,
    client: Client,
}

impl Seen {
    fn back(&self) -> Back {
        Back::of(&self.client, &self.journey.request)
    }

    fn refusal(&self, code: &'static str) -> Refusal {
        Refusal::new(code).back(self.back())
    }
}

impl Sim {
    /// The journey of that id in this browser's session, which each visit prolongs.
    fn seen(&self, headers: &HeaderMap, find: impl Fn(&Journey) -> bool) -> Result<Seen, Refusal> {
        let id = cookie(headers, &self.cookie_name()).ok_or_else(|| Refusal::new("190001"))?;
        let (life, slides) = self.platform.session();
        let now = self.ms();
        let mut state = self.state();
        let session = state.session(&id, now).ok_or_else(|| Refusal::new("190001"))?;
        if slides {
            session.ends = now + life;
        }
        let journey = session.journeys.iter_mut().rev().find(|j| j.ends > now && find(j)).ok_or_else(|| Refusal::new("030025"))?;
        if slides {
            journey.ends = now + life;
        }
        let (journey, csrf) = (journey.clone(), session.csrf.clone());
        drop(state);
        let client = self.client(&journey.request.client_id).ok_or_else(|| Refusal::new("030027"))?;
        Ok(Seen { session: id, csrf, journey, client })
    }

    fn step(&self, seen: &Seen, step: Step) {
        let now = self.ms();
        if let Some(journey) = self.state().session(&seen.session, now).and_then(|s| s.journey(&seen.journey.uid, now)) {
            journey.step = step;
        }
    }

    /// Forms come from our own pages, with the session's token (470001).
    fn own(&self, headers: &HeaderMap, seen: &Seen, pairs: &Pairs) -> Result<(), Refusal> {
        match !self.foreign(headers) && pairs.get("csrfToken") == Some(&seen.csrf) {
            true => Ok(()),
            false => Err(seen.refusal("470001")),
        }
    }

    /// Whether people of this journey may choose that provider.
    fn offers(&self, idp: &Idp, seen: &Seen) -> bool {
        let strong = !seen.journey.suspicious || idp.levels.iter().any(|level| *level >= "eidas2");
        strong && idp.level_for(&seen.journey.acr).is_some() && !lock(&self.control).has_cut(idp)
    }
}

/// An entry of the list.
struct Offer {
    idp: &'static Idp,
    open: bool,
}

#[derive(Template)]
#[template(path = "sim/choose.html")]
struct ChoosePage<'a> {
    platform: &'static str,
    service: &'a str,
    uid: &'a str,
    csrf: &'a str,
    offers: Vec<Offer>,
    aidants: Option<Offer>,
    suspicious: bool,
}

/// The list of identity providers.
pub(super) async fn choose(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let shown = || {
        let seen = sim.seen(&headers, |j| j.uid == uid)?;
        let offer = |idp: &'static Idp| Offer { idp, open: sim.offers(idp, &seen) };
        let here = |idp: &&Idp| idp.serves(sim.platform) && seen.client.takes(idp.uid);
        let offers = IDPS.iter().filter(here).filter(|i| i.uid != AIDANTS_CONNECT).map(offer).collect();
        let aidants = idp::find(AIDANTS_CONNECT).filter(here).filter(|_| sim.platform == Platform::FranceConnect).map(offer);
        sim.step(&seen, Step::Choosing);
        let page = ChoosePage {
            platform: sim.platform.name(),
            service: &seen.client.name,
            uid: &uid,
            csrf: &seen.csrf,
            offers,
            aidants,
            suspicious: seen.journey.suspicious,
        };
        Ok(sim.page(StatusCode::OK, &page))
    };
    sim.answer(shown())
}

/// Leaves for the chosen identity provider.
pub(super) async fn leave(State(sim): App, headers: HeaderMap, pairs: Pairs) -> Response {
    let left = || {
        let seen = sim.seen(&headers, |j| pairs.get("uid") == Some(&j.uid))?;
        sim.own(&headers, &seen, &pairs)?;
        let idp = pairs.get("providerUid").and_then(idp::find).ok_or_else(|| seen.refusal("020019"))?;
        check_idp(&sim, &seen, idp)?;
        Ok(go(&sim, &seen, idp))
    };
    sim.answer(left())
}

/// Whether the provider may be used now, for this service.
fn check_idp(sim: &Sim, seen: &Seen, idp: &Idp) -> Result<(), Refusal> {
    let control = lock(&sim.control);
    if control.has_cut(idp) {
        return Err(seen.refusal("020017"));
    }
    if control.has_barred(idp) || !seen.client.takes(idp.uid) {
        return Err(seen.refusal("020023"));
    }
    Ok(())
}

/// The authorization request that FranceConnect sends to an identity provider (§1.15).
fn go(sim: &Sim, seen: &Seen, idp: &'static Idp) -> Response {
    let state = sim.random();
    let Ok(mut url) = Url::parse(&format!("{}/fi/{}/authorize", sim.base_url, idp.uid)) else { return sim.refuse(&seen.refusal("020019")) };
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("scope", "openid profile email preferred_username birthplace birthcountry")
        .append_pair("acr_values", idp.level_for(&seen.journey.acr).unwrap_or(&seen.journey.acr))
        .append_pair("prompt", "login")
        .append_pair("redirect_uri", &format!("{}/oidc-callback", sim.issuer))
        .append_pair("state", &state)
        .append_pair("nonce", &sim.random());
    if idp.uid == AIDANTS_CONNECT {
        let claims = json!({ "id_token": { "rep_scope": { "essential": true, "values": seen.client.rep_scope } } });
        url.query_pairs_mut().append_pair("claims", &claims.to_string());
    }
    sim.step(seen, Step::AtIdp { idp, state, answer: None });
    redirect(url.as_str(), &[])
}

/// How an identity provider may misbehave: value and words.
const ANSWERS: [(&str, &str); 13] = [
    ("", "Réponse normale"),
    ("sans-state", "Retour sans «\u{a0}state\u{a0}»"),
    ("autre-state", "Retour avec un autre «\u{a0}state\u{a0}»"),
    ("sans-code", "Retour sans code"),
    ("erreur", "Erreur du fournisseur d’identité"),
    ("jeton-refuse", "Appel du jeton en échec"),
    ("jeton-invalide", "Jeton d’identité invalide"),
    ("userinfo-refuse", "Appel de l’identité en échec"),
    ("sans-sub", "Identité sans «\u{a0}sub\u{a0}»"),
    ("niveau-bas", "Niveau trop bas"),
    ("niveau-absent", "Niveau absent"),
    ("niveau-inconnu", "Niveau inconnu"),
    ("niveau-interdit", "Niveau interdit à ce fournisseur"),
];

#[derive(Template)]
#[template(path = "sim/idp.html")]
struct IdpPage<'a> {
    idp: &'static Idp,
    asked: &'a str,
    state: &'a str,
    personas: &'static [Persona],
    answers: &'static [(&'static str, &'static str)],
    aidants: bool,
    abandon: String,
}

/// An identity provider's page: who is it?
pub(super) async fn idp_page(State(sim): App, headers: HeaderMap, Path(uid): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Pairs::parse(&query.unwrap_or_default());
    let shown = || {
        let seen = sim.seen(&headers, |j| matches!(&j.step, Step::AtIdp { state, .. } if query.get("state") == Some(state)))?;
        let idp = idp::find(&uid).ok_or_else(|| seen.refusal("020019"))?;
        let page = IdpPage {
            idp,
            asked: query.get("acr_values").unwrap_or_default(),
            state: query.get("state").unwrap_or_default(),
            personas: &PERSONAS,
            answers: &ANSWERS,
            aidants: idp.uid == AIDANTS_CONNECT,
            abandon: format!("{}/interaction/{}/abandon", sim.issuer, seen.journey.uid),
        };
        Ok(sim.page(StatusCode::OK, &page))
    };
    sim.answer(shown())
}

/// The person said who they are: back to FranceConnect, as told.
pub(super) async fn idp_answer(State(sim): App, headers: HeaderMap, Path(uid): Path<String>, pairs: Pairs) -> Response {
    let answered = || {
        let seen = sim.seen(&headers, |j| matches!(&j.step, Step::AtIdp { state, .. } if pairs.get("state") == Some(state)))?;
        let idp = idp::find(&uid).ok_or_else(|| seen.refusal("020019"))?;
        let Some(persona) = pairs.get("persona").and_then(persona::find) else { return Err(seen.refusal("020025")) };
        if sim.foreign(&headers) {
            return Err(seen.refusal("470001"));
        }
        let rep_scope = match (idp.uid == AIDANTS_CONNECT, pairs.get("rep_scope")) {
            (true, Some("franceconnect")) => Some(PERIMETERS.into_iter().take(3).map(str::to_owned).collect()),
            (true, Some("aidants-connect")) => Some(OWN_KEYS.map(str::to_owned).to_vec()),
            _ => None,
        };
        let how = pairs.get("reponse").unwrap_or_default().to_owned();
        let code = sim.random();
        let given = pairs.get("state").unwrap_or_default();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        match how.as_str() {
            "sans-code" => {}
            "erreur" => drop(query.append_pair("error", "server_error")),
            _ => drop(query.append_pair("code", &code)),
        }
        match how.as_str() {
            "sans-state" => {}
            "autre-state" => drop(query.append_pair("state", "un-autre-etat")),
            _ => drop(query.append_pair("state", given)),
        }
        sim.step(&seen, Step::AtIdp { idp, state: given.to_owned(), answer: Some(IdpAnswer { code, persona, how, rep_scope }) });
        Ok(redirect(&format!("{}/oidc-callback?{}", sim.issuer, query.finish()), &[]))
    };
    sim.answer(answered())
}

/// Back from the identity provider: its answer is checked, then the person's identity.
pub(super) async fn back(State(sim): App, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = Pairs::parse(&query.unwrap_or_default());
    let verified = || {
        let latest = sim.seen(&headers, |_| true)?;
        let Some(state) = query.get("state") else { return Err(latest.refusal("020021")) };
        let seen = sim
            .seen(&headers, |j| matches!(&j.step, Step::AtIdp { state: expected, .. } if expected == state))
            .map_err(|_| latest.refusal("020022"))?;
        let Step::AtIdp { idp, answer, .. } = &seen.journey.step else { return Err(seen.refusal("020022")) };
        let Some(code) = query.get("code") else { return Err(seen.refusal("020025")) };
        check_idp(&sim, &seen, idp)?;
        let Some(answer) = answer.as_ref().filter(|a| a.code == code) else { return Err(seen.refusal("020026")) };
        let recognised = recognise(&sim, &seen, idp, answer)?;
        sim.step(&seen, Step::Recognised(recognised));
        Ok(redirect(&format!("{}/interaction/{}/consent", sim.issuer, seen.journey.uid), &[]))
    };
    sim.answer(verified())
}

/// The level and the identity that the provider answered with, checked against the civil registry.
fn recognise(sim: &Sim, seen: &Seen, idp: &'static Idp, answer: &IdpAnswer) -> Result<Recognised, Refusal> {
    let refused = |code| Err(seen.refusal(code));
    match answer.how.as_str() {
        "jeton-refuse" => return refused("020026"),
        "jeton-invalide" => return refused("020030"),
        "userinfo-refuse" => return refused("020027"),
        "sans-sub" => return refused("020029"),
        "niveau-absent" | "niveau-inconnu" => return refused("100002"),
        "niveau-interdit" => return refused("100018"),
        "niveau-bas" => return refused("100001"),
        _ => {}
    }
    let Some(acr) = idp.level_for(&seen.journey.acr) else { return refused("100001") };
    let faults = answer.persona.given.faults();
    if !faults.is_empty() {
        return Err(seen.refusal("600006").because(faults.join(", ")));
    }
    let registered = answer.persona.registered().map_err(|code| seen.refusal(code))?;
    let known = Recognised { idp, persona: answer.persona, acr: acr.to_owned(), at: sim.ms() / 1_000, rep_scope: answer.rep_scope.clone() };
    check_person(seen, &known)?;
    tracing::debug!(persona = answer.persona.id, at = answer.persona.at_idp(), hash = registered.family_name, "recognised");
    Ok(known)
}

/// What is checked again when the session answers: blocked account, blocked provider, perimeters of the mandate.
fn check_person(seen: &Seen, known: &Recognised) -> Result<(), Refusal> {
    let mandated = known.rep_scope.as_ref().is_some_and(|r| r.iter().any(|p| seen.client.rep_scope.contains(p)));
    if known.idp.uid == AIDANTS_CONNECT && !seen.client.rep_scope.is_empty() && !mandated {
        return Err(seen.refusal("600020"));
    }
    match known.persona.account {
        Account::Deactivated => Err(seen.refusal("180001")),
        Account::Blocks(idps) if idps.contains(&known.idp.uid) => Err(seen.refusal("100011")),
        Account::Open | Account::Blocks(_) => Ok(()),
    }
}

/// Where a session or an `idp_hint` answers in place of the choice.
pub(super) async fn verify(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let verified = || {
        let seen = sim.seen(&headers, |j| j.uid == uid)?;
        match &seen.journey.step {
            Step::Recognised(known) => {
                check_idp(&sim, &seen, known.idp)?;
                check_person(&seen, known)?;
                Ok(redirect(&format!("{}/interaction/{uid}/consent", sim.issuer), &[]))
            }
            Step::AtIdp { idp, .. } => {
                check_idp(&sim, &seen, idp)?;
                Ok(go(&sim, &seen, idp))
            }
            Step::Choosing => Err(seen.refusal("100004")),
        }
    };
    sim.answer(verified())
}

#[derive(Template)]
#[template(path = "sim/consent.html")]
struct ConsentPage<'a> {
    platform: &'static str,
    service: &'a str,
    uid: &'a str,
    csrf: &'a str,
    idp: &'static str,
    title: &'static str,
    given: Vec<&'static str>,
    consent: bool,
    forgotten: bool,
}

/// The page before return: information, or consent for some private services.
pub(super) async fn consent(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let shown = || {
        let seen = sim.seen(&headers, |j| j.uid == uid)?;
        let Step::Recognised(known) = &seen.journey.step else { return Err(seen.refusal("100004")) };
        let automatic = seen.journey.request.prompt == ["login"] && seen.client.allowed_prompts.iter().any(|p| p == "login");
        match automatic {
            true => finish(&sim, &headers, &seen, known),
            false => Ok(consent_page(&sim, &seen, known, false)),
        }
    };
    sim.answer(shown())
}

fn consent_page(sim: &Sim, seen: &Seen, known: &Recognised, forgotten: bool) -> Response {
    let page = ConsentPage {
        platform: sim.platform.name(),
        service: &seen.client.name,
        uid: &seen.journey.uid,
        csrf: &seen.csrf,
        idp: known.idp.name,
        title: known.persona.title,
        given: scopes::words(sim.platform, &seen.journey.scopes),
        consent: seen.client.wants_consent(),
        forgotten,
    };
    sim.page(if forgotten { StatusCode::BAD_REQUEST } else { StatusCode::OK }, &page)
}

/// The person goes on to the service.
pub(super) async fn login(State(sim): App, headers: HeaderMap, pairs: Pairs) -> Response {
    let left = || {
        let seen = sim.seen(&headers, |j| pairs.get("uid") == Some(&j.uid))?;
        sim.own(&headers, &seen, &pairs)?;
        let Step::Recognised(known) = &seen.journey.step else { return Err(seen.refusal("100004")) };
        if seen.client.wants_consent() && pairs.get("consent").is_none() {
            return Ok(consent_page(&sim, &seen, known, true));
        }
        finish(&sim, &headers, &seen, known)
    };
    sim.answer(left())
}

/// Mints the code, tells the person by mail, and returns to the service. The journey ends here.
fn finish(sim: &Arc<Sim>, headers: &HeaderMap, seen: &Seen, known: &Recognised) -> Result<Response, Refusal> {
    let device = alert::device(sim, headers, known, seen.journey.suspicious)?;
    let grant = grant(sim, seen, known)?;
    let code = sim.random();
    let now = sim.ms();
    let tell = {
        let mut state = sim.state();
        let Some(session) = state.session(&seen.session, now) else { return Err(seen.refusal("190001")) };
        session.journeys.retain(|j| j.uid != seen.journey.uid);
        session.sso = Some(known.clone());
        session.idp = known.idp.signs_out.then(|| known.idp.uid.to_owned());
        let told = !session.told.insert(seen.client.client_id.clone());
        state.keep_code(code.clone(), Code { grant: Arc::new(grant), ends: now + CODE_MS, used: None });
        seen.journey.suspicious || !(told || device.trusted)
    };
    if tell {
        alert::send(sim, &seen.client.name, known);
    }
    let parameters: &[_] = if sim.with_fault(Fault::NoCode) { &[] } else { &[("code", code.as_str())] };
    Ok(redirect(&sim.callback(&seen.back(), parameters), &[device.cookie]))
}

/// What the client will get for the code.
fn grant(sim: &Sim, seen: &Seen, known: &Recognised) -> Result<Grant, Refusal> {
    let (given, registered) = (known.persona.given, known.persona.registered().map_err(|code| seen.refusal(code))?);
    let mut all = match sim.platform {
        Platform::FranceConnect | Platform::ProConnect => registered.pivot(""),
        Platform::FranceConnectPlus => {
            let mut both = given.pivot("");
            both.extend(registered.pivot("rnipp_"));
            // The provider's own value goes through when the person was born abroad.
            both.insert("birthplace".into(), json!(given.birthplace));
            both
        }
    };
    let optional = [("email", given.email), ("preferred_username", given.preferred_username)];
    all.extend(optional.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), json!(v))));
    all.insert("idp_birthdate".into(), json!(given.birthdate));
    all.insert("idp_id".into(), json!(known.idp.uid));
    let mut claims = scopes::claims(sim.platform, &seen.journey.scopes, &all);
    if seen.journey.scopes.iter().any(|s| s == "amr") {
        claims.insert("amr".into(), json!(known.idp.amr));
    }
    super::control::spoil(sim, &mut claims);
    let request = &seen.journey.request;
    Ok(Grant {
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        nonce: Some(request.nonce.clone()),
        challenge: None,
        scopes: seen.journey.scopes.clone(),
        sub: registered.subject(&seen.client.entity_id, &sim.sub_secret),
        acr: known.acr.clone(),
        amr: seen.journey.amr.then(|| known.idp.amr.to_vec()),
        auth_time: known.at,
        claims,
    })
}

/// The person gives up: the service learns it (030030).
pub(super) async fn abandon(State(sim): App, headers: HeaderMap, Path(uid): Path<String>) -> Response {
    let left = || {
        let seen = sim.seen(&headers, |j| j.uid == uid)?;
        let found = known("030030").ok_or_else(|| seen.refusal("030025"))?;
        let now = sim.ms();
        if let Some(session) = sim.state().session(&seen.session, now) {
            session.journeys.retain(|j| j.uid != uid);
        }
        Ok(redirect(&sim.error_url(&seen.back(), found), &[]))
    };
    sim.answer(left())
}
