//! Services, those who decide for them, habilitations and attestations put in place.

use serde_json::{Map, Value, json};

use super::ApplyError;
use super::declaration::{ApproverEntry, AttestationEntry, HabilitationEntry, Place, ServiceEntry};
use super::establishment::{Values, changed, report};
use super::report::Entry;
use crate::account::{Account, store as accounts};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::base::{Ctx, Email, Timestamp};
use crate::db::Tx;
use crate::org::habilitation::{self, Grant, Habilitation, State};
use crate::org::service::{self, Metadata, NamedApprover, Service};

fn members(metadata: &Metadata, enabled: bool) -> Map<String, Value> {
    let mut map = match serde_json::to_value(metadata) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    map.insert("enabled".into(), enabled.into());
    map
}

/// Creates or changes a service.
pub async fn write_service(tx: &mut Tx, ctx: &Ctx, entry: &ServiceEntry) -> Result<Entry, ApplyError> {
    let present = service::store::find(tx, &entry.id).await?;
    service::put(tx, ctx, &entry.id, &entry.metadata, entry.enabled).await?;
    let enabled = entry.enabled.or(present.as_ref().map(|p| p.enabled)).unwrap_or(true);
    let old = present.as_ref().map(|p: &Service| members(&p.metadata, p.enabled));
    let new = members(&entry.metadata, enabled);
    let names = new.keys().chain(old.iter().flat_map(Map::keys).filter(|k| !new.contains_key(*k)));
    let change = |name: &String| {
        let (before, after) = (old.as_ref().and_then(|o| o.get(name)), new.get(name));
        (before != after).then(|| super::Change::new(name, before.cloned(), after.cloned()))
    };
    let changes = names.filter_map(change).collect();
    Ok(report("service", entry.id.clone(), entry.place.line, present.is_some(), changes))
}

async fn person(tx: &mut Tx, place: &Place, email: &Email) -> Result<Account, ApplyError> {
    let found = accounts::find_by_login(tx, email).await?;
    found.ok_or_else(|| ApplyError::Refused(vec![place.fault("login_email: no account signs in with it")]))
}

async fn known(tx: &mut Tx, place: &Place, id: &str) -> Result<Service, ApplyError> {
    let found = service::store::find(tx, id).await?;
    found.ok_or_else(|| ApplyError::Refused(vec![place.fault("service: no such service; declare it with [[service]]")]))
}

/// Names somebody who decides for a service, or names them no more.
pub async fn write_approver(tx: &mut Tx, ctx: &Ctx, entry: &ApproverEntry) -> Result<Entry, ApplyError> {
    let account = person(tx, &entry.place, &entry.login_email).await?;
    let service = known(tx, &entry.place, &entry.service).await?;
    let approver = NamedApprover { account: account.id, scope: entry.scope.clone() };
    let id = format!("{} {} {}", entry.login_email, entry.service, entry.scope).trim().to_owned();
    if entry.named {
        let new = service::put_approver(tx, ctx, &service.id, &approver).await?;
        return Ok(report("approver", id, entry.place.line, !new, Vec::new()));
    }
    let gone = service::remove_approver(tx, ctx, &service.id, &approver).await?;
    let changes = if gone { vec![super::Change::new("named", Some(true.into()), Some(false.into()))] } else { Vec::new() };
    Ok(report("approver", id, entry.place.line, true, changes))
}

/// Grants, changes or withdraws a habilitation.
pub async fn write_habilitation(tx: &mut Tx, kit: &Kit<'_>, entry: &HabilitationEntry) -> Result<Entry, ApplyError> {
    let account = person(tx, &entry.place, &entry.login_email).await?;
    let service = known(tx, &entry.place, &entry.service).await?;
    if let Some(unknown) = entry.profiles.iter().find(|p| service.profile(p).is_none()) {
        return Err(ApplyError::Refused(vec![entry.place.fault(&format!("profiles: {} has no {unknown:?}", service.id))]));
    }
    let here = crate::org::membership(tx, &account.id, &entry.siret, kit.ctx.now()).await?;
    if here.is_none() {
        return Err(ApplyError::Refused(vec![entry.place.fault("siret: the person has no [[membership]] there")]));
    }
    let mut all = habilitation::of_person(tx, &account.id, &entry.siret).await?.into_iter();
    let present = all.find(|h| h.service == service.id && h.state != State::Revoked);
    let (id, siret, profiles, expires_at) = (account.id.clone(), entry.siret.clone(), entry.profiles.clone(), entry.expires_at);
    let same = |h: &Habilitation| h.state == State::Suspended && h.profiles == profiles && h.expires_at == expires_at;
    if present.as_ref().is_some_and(same) {
        // Declaring the same again gives nothing back to whom it was suspended for.
    } else if profiles.is_empty() {
        habilitation::set_state(tx, kit, &account.id, &entry.siret, &service.id, State::Revoked).await?;
    } else {
        let by = "operator".to_owned();
        let grant = Grant { account: id, siret, service: service.id.clone(), profiles: profiles.clone(), expires_at, by };
        habilitation::grant(tx, kit, &grant).await?;
    }
    let values = |profiles: &[String], end: Option<Timestamp>| -> Values {
        vec![("profiles", json!(profiles)), ("expires_on", json!(end.map(|at| at.to_string())))]
    };
    let old = present.as_ref().map(|h: &Habilitation| values(&h.profiles, h.expires_at));
    let changes = changed(old, values(&profiles, expires_at));
    let id = format!("{} {} {}", entry.login_email, entry.siret, entry.service);
    Ok(report("habilitation", id, entry.place.line, present.is_some(), changes))
}

/// Records what a person holds whatever their establishment.
pub async fn write_attestation(tx: &mut Tx, ctx: &Ctx, entry: &AttestationEntry) -> Result<Entry, ApplyError> {
    let account = person(tx, &entry.place, &entry.login_email).await?;
    let a = &entry.attestation;
    let present = habilitation::store::attestations(tx, &account.id).await?.into_iter().find(|p| p.kind == a.kind);
    if habilitation::store::put_attestation(tx, &account.id, a, ctx.now()).await? > 0 {
        audit::append(tx, ctx, Event::new(Kind::AttestationChanged).account(&account.id).with("kind", a.kind.as_str())).await?;
    }
    let values = |a: &habilitation::store::Attestation| -> Values {
        let day = |at: Timestamp| at.to_string();
        vec![("obtained_on", json!(day(a.obtained_at))), ("expires_on", json!(a.expires_at.map(day))), ("evidence", json!(a.evidence))]
    };
    let changes = changed(present.as_ref().map(values), values(a));
    Ok(report("attestation", format!("{} {}", entry.login_email, a.kind), entry.place.line, present.is_some(), changes))
}
