//! From one gate of a sign-in to the next (DESIGN §5): every step ends here.

use std::borrow::Cow;
use std::sync::Arc;

use axum::response::Response;

use super::consent::told;
use super::relay::{self, Ending};
use crate::account::{Account, AccountKind};
use crate::authn::interaction::Interaction;
use crate::authn::policy::{self, Asker, Demand, Missing};
use crate::authn::store as authn;
use crate::authn::{LiveSession, PartialSession, Session};
use crate::base::Aal;
use crate::db::Tx;
use crate::oidc::acr::{self, Assurance, Essential};
use crate::oidc::authorize::issue::Given;
use crate::oidc::authorize::respond::{self, Leaving};
use crate::oidc::authorize::{Decision, Prompt, Request, Standing, Strength, decide, issue};
use crate::oidc::client::{Client, Consent};
use crate::oidc::vocabulary::Vocabulary;
use crate::oidc::{claims, consent, store};
use crate::org::acting::{self, Place};
use crate::org::service::Service;
use crate::org::{self, Link};
use crate::web::error::Failure;
use crate::web::extract::Visit;
use crate::web::pages::amont::contact;
use crate::web::pages::{activation, cle_proposee};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::link;

/// Where the journey goes now that `session` is live: the first gate that is not satisfied (re-authentication, choice of
/// account, terms, consent), or the end: back to the service through the relay page, or to the portal.
pub async fn next(visit: &Visit, session: &LiveSession, interaction: &Interaction) -> Result<Response, Failure> {
    continue_with(visit, session, interaction, None).await
}

/// The same, just after the person consented to `said`, scopes.
pub async fn after_consent(visit: &Visit, session: &LiveSession, interaction: &Interaction, said: &str) -> Result<Response, Failure> {
    continue_with(visit, session, interaction, Some(said)).await
}

async fn continue_with(visit: &Visit, session: &LiveSession, interaction: &Interaction, said: Option<&str>) -> Result<Response, Failure> {
    let t = interaction.seal(&visit.app.keys).map_err(|e| Failure::Internal(e.to_string()))?;
    let Some((client, request)) = pending(visit, interaction)? else {
        return Ok(match portal_gate(visit, session, interaction) {
            None | Some(Decision::Terms) if activation::is_due(visit, session) => visit.go(&link(activation::PATH, &t)),
            None | Some(Decision::Terms) if session.account().awaits_contact() => visit.go(&link(contact::PATH, &t)),
            Some(decision) => visit.go(&link(gate(&decision, Some(session), interaction), &t)),
            None if cle_proposee::is_due(visit, session, interaction).await? => visit.go(&link(cle_proposee::PATH, &t)),
            None => visit.go(interaction.back.as_deref().unwrap_or("/accueil")),
        });
    };
    match judge(visit, Some(session), &client, &request, Some(interaction), said).await? {
        // S-20, once all that is demanded was proved.
        Decision::Terms | Decision::Establishment | Decision::Access | Decision::Consent | Decision::Issue
            if activation::is_due(visit, session) =>
        {
            Ok(visit.go(&link(activation::PATH, &t)))
        }
        // S-17, likewise.
        Decision::Terms | Decision::Establishment | Decision::Access | Decision::Consent | Decision::Issue
            if session.account().awaits_contact() =>
        {
            Ok(visit.go(&link(contact::PATH, &t)))
        }
        // Back from the service to a page of this journey: the service has forgotten the request by now.
        Decision::Issue if store::is_journey_over(&mut visit.app.db.read().await?, interaction.id.as_str()).await? => {
            Err(relay::finished(visit, &client.id))
        }
        Decision::Issue if cle_proposee::is_due(visit, session, interaction).await? => Ok(visit.go(&link(cle_proposee::PATH, &t))),
        Decision::Issue => {
            let told = told(visit, session, &client, &request, interaction).await?;
            let (tx, leaving) = give_code(visit, session, &client, &request, Some(interaction), said).await?;
            relay::leave(visit, tx, session, interaction, &client, &leaving, Ending::SignedIn(told)).await
        }
        Decision::Refuse(error) => {
            let leaving = respond::error(&visit.app.issuer, &(&request).into(), &error);
            relay::leave(visit, visit.app.db.begin().await?, session, interaction, &client, &leaving, Ending::Refused).await
        }
        decision => Ok(visit.go(&link(gate(&decision, Some(session), interaction), &t))),
    }
}

/// Gates of a sign-in to the portal itself.
fn portal_gate(visit: &Visit, session: &LiveSession, interaction: &Interaction) -> Option<Decision> {
    if !interaction.satisfied_by(session) {
        return Some(Decision::SignIn { fresh: interaction.fresh, select: interaction.select });
    }
    let strength = strength(visit, session, None, Some(interaction));
    if let Some(gate) = strength.gate(strength.demand.aal) {
        return Some(gate);
    }
    if strength.suggest {
        return Some(Decision::Enrol);
    }
    (!terms_accepted(visit, session.account())).then_some(Decision::Terms)
}

/// Whether the terms in force were accepted, or none are.
pub fn terms_accepted(visit: &Visit, account: &Account) -> bool {
    let wanted = visit.app.config.sign_in.terms_version.as_ref();
    wanted.is_none() || wanted == account.terms_version.as_ref()
}

/// The client and request of a journey; `None` for one to the portal.
pub fn pending(visit: &Visit, interaction: &Interaction) -> Result<Option<(Arc<Client>, Request)>, Failure> {
    let Some(value) = &interaction.request else { return Ok(None) };
    let request: Request = serde_json::from_value(value.clone()).map_err(|e| Failure::Internal(format!("sealed request: {e}")))?;
    // The client may have been closed or changed since the journey began.
    match visit.app.clients().live(&request.client_id) {
        Some(client) if client.allows_redirect(&request.redirect_uri) => Ok(Some((client.clone(), request))),
        Some(_) | None => Err(Failure::page(ErrorCode::A104, Way::Services)),
    }
}

/// Name of the service a journey leads to.
pub fn service_name(visit: &Visit, interaction: &Interaction) -> Option<String> {
    pending(visit, interaction).ok().flatten().map(|(client, _)| client.metadata.client_name.clone())
}

/// What a person allows a client to receive, as scopes: what they said in this very journey, or what is remembered.
async fn granted(visit: &Visit, live: &LiveSession, client: &Client, said: Option<&str>) -> Result<Option<String>, Failure> {
    match (said, client.metadata.consent) {
        (Some(said), Consent::None | Consent::Once | Consent::Always) => Ok(Some(said.to_owned())),
        (None, Consent::Once) => Ok(consent::store::find_consent(&mut visit.app.db.read().await?, &live.account().id, &client.id).await?),
        (None, Consent::None | Consent::Always) => Ok(None),
    }
}

/// Applies [`decide`] to what is known now; `said` is what the person consented to in this very journey.
pub async fn judge(
    visit: &Visit,
    session: Option<&LiveSession>,
    client: &Client,
    request: &Request,
    interaction: Option<&Interaction>,
    said: Option<&str>,
) -> Result<Decision, Failure> {
    let consented_now = said.is_some();
    let (mut consented, mut sub, mut terms, mut strength) = (false, String::new(), true, Strength::NONE);
    let (mut assurance, mut taken, mut place) = (Assurance::default(), true, Place::Nowhere);
    if let Some(live) = session {
        let granted = self::granted(visit, live, client, said).await?;
        // Whoever is to be asked is asked for everything.
        let asks = request.prompts(Prompt::Consent) && !consented_now;
        let wanted = match granted.as_deref() {
            Some(granted) if !asks => issue::allowed(client, granted, request),
            Some(_) | None => Cow::Borrowed(request),
        };
        place = self::place(visit, live, client, &wanted, interaction).await?;
        assurance = self::assurance(visit, live, client, &place);
        taken = client.takes(live.account());
        consented = consented_now || issue::covered(client, granted.as_deref(), &wanted);
        sub = claims::subject(&visit.app.keys.subject, client, live.account());
        terms = terms_accepted(visit, live.account());
        strength = self::strength(visit, live, Some((client, request)), interaction);
        strength.demand = strength.demand.or(of_service(visit, client, &place));
    }
    let session = session.map(|s| (s, sub.as_str()));
    let standing =
        Standing { session, strength, assurance, taken, terms, place: &place, consented, interaction, consented_now, now: visit.ctx.now() };
    Ok(decide(request, &standing))
}

/// What stands behind a session for a client, beside factors.
pub fn assurance(visit: &Visit, live: &LiveSession, client: &Client, place: &Place) -> Assurance {
    let linked = match client.metadata.claims_vocabulary {
        Vocabulary::Standard | Vocabulary::Franceconnect => false,
        Vocabulary::Proconnect => place.standing().is_some_and(|s| s.membership.link >= Link::Approved),
    };
    Assurance::of(client, live.account().is_verified(visit.ctx.now()), linked, live.session())
}

/// The service of the catalogue that a client belongs to.
pub fn service_of(visit: &Visit, client: &Client) -> Option<Arc<Service>> {
    client.metadata.service.as_deref().and_then(|id| visit.app.services().any(id).cloned())
}

/// For which establishment a person acts at a client: asked only where the client is told, or its service depends on it.
pub async fn place(
    visit: &Visit,
    live: &LiveSession,
    client: &Client,
    request: &Request,
    interaction: Option<&Interaction>,
) -> Result<Place, Failure> {
    let (account, now) = (live.account(), visit.ctx.now());
    let service = service_of(visit, client);
    // One that is not in the catalogue is closed.
    let closed = client.metadata.service.is_some() && service.is_none();
    if closed || service.as_ref().is_some_and(|s| !s.enabled || !s.metadata.audience.includes(account.kind)) {
        return Ok(Place::Refused);
    }
    let depends = service.as_ref().is_some_and(|s| s.on_request() || s.metadata.minimum_link > Link::Declared);
    let told = claims::concerns_establishment(client, &request.scope, request.claims.as_ref())
        || client.metadata.claims_vocabulary == Vocabulary::Proconnect;
    match account.kind {
        AccountKind::Individual => return Ok(Place::Nowhere),
        AccountKind::Professional if !depends && !told => return Ok(Place::Nowhere),
        AccountKind::Professional => {}
    }
    let mut read = visit.app.db.read().await?;
    let kept = authn::place_at(&mut read, &live.session().id, &client.id).await?;
    let kept = kept.as_deref().map(store::siret).transpose()?;
    let remembered = org::store::choice(&mut read, &account.id, &client.id).await?;
    let question = acting::Question {
        service: service.as_deref(),
        chosen: interaction.and_then(|i| i.establishment.as_ref()),
        select: request.prompts(Prompt::SelectEstablishment),
        hint: request.siret_hint.as_ref(),
        kept: kept.as_ref(),
        remembered: remembered.as_ref(),
    };
    Ok(acting::find(&mut read, &account.id, &question, now).await?)
}

/// What the service, and the profiles a person holds in it, demand of the sign-in.
fn of_service(visit: &Visit, client: &Client, place: &Place) -> Demand {
    let held = place.standing().and_then(|s| s.rights.as_ref()).map_or(&[][..], |h| &h.profiles);
    let aal = service_of(visit, client).map(|s| s.demand(held)).unwrap_or_default();
    Demand { aal, by: Asker::Service }
}

/// What of a session counts in a journey, and is told: `max_age` binds every factor, not only the one that says who. Within a journey
/// it is reckoned from its start, as it was when the session was found recent enough: time spent on our pages puts nobody out.
fn counting<'a>(visit: &Visit, live: &'a LiveSession, request: Option<&Request>, interaction: Option<&Interaction>) -> Cow<'a, Session> {
    let began = interaction.map_or_else(|| visit.ctx.now(), |i| i.started_at);
    let anew = interaction.filter(|i| i.fresh).map(|i| i.started_at);
    match anew.max(request.and_then(|r| r.counts_from(began))) {
        Some(from) => Cow::Owned(live.session().since(from)),
        None => Cow::Borrowed(live.session()),
    }
}

/// How strong a session is for a journey, and what is demanded of it; `pending`: by whom it is asked.
pub fn strength(visit: &Visit, live: &LiveSession, pending: Option<(&Client, &Request)>, interaction: Option<&Interaction>) -> Strength {
    let (account, rules) = (live.account(), &visit.app.config.policy);
    let now = visit.ctx.now();
    let mut demand = policy::in_force(account, rules, now);
    if let Some((client, _)) = pending {
        demand = demand.or(client.demand());
    }
    if let Some(aal) = interaction.and_then(|i| i.level) {
        demand = demand.or(Demand { aal, by: Asker::Action });
    }
    let soon = policy::of_account(account, rules).aal > Aal::One && policy::in_grace(account, now);
    let put_off = interaction.is_none_or(|i| i.later);
    Strength {
        level: counting(visit, live, pending.map(|(_, request)| request), interaction).aal(),
        demand,
        reach: account.security.reach(),
        suggest: soon && !put_off,
    }
}

/// What this journey demands that the session has not proved yet.
pub async fn owed(visit: &Visit, live: &LiveSession, interaction: &Interaction) -> Result<Option<Demand>, Failure> {
    let pending = pending(visit, interaction)?;
    let strength = strength(visit, live, pending.as_ref().map(|(client, request)| (client.as_ref(), request)), Some(interaction));
    let mut demand = strength.demand;
    if let Some((client, request)) = &pending {
        let place = place(visit, live, client, request, Some(interaction)).await?;
        demand = demand.or(of_service(visit, client, &place));
        let assurance = assurance(visit, live, client, &place);
        let wished = acr::wished(request, &assurance).filter(|w| *w <= strength.reach).unwrap_or_default();
        let aal = match acr::essential(request, &assurance) {
            Essential::Factors(aal) => aal.max(wished),
            Essential::Beyond => wished,
        };
        demand = demand.or(Demand { aal, by: Asker::Service });
    }
    Ok((strength.level < demand.aal).then_some(demand))
}

/// The page that completes a session.
pub fn completion(partial: &PartialSession) -> &'static str {
    match partial.missing() {
        Missing::EmailCode => "/connexion/code",
        Missing::FirstSignIn => "/premiere-connexion",
        Missing::Factor(_) if partial.account().security.is_to_verify(partial.session().aal()) => "/connexion/verification",
        Missing::Factor(_) => "/connexion/renforcement",
    }
}

/// Path of the gate for a decision.
pub fn gate(decision: &Decision, session: Option<&LiveSession>, interaction: &Interaction) -> &'static str {
    match decision {
        Decision::Register => "/creation",
        Decision::SecondFactor => "/connexion/verification",
        Decision::Enrol => "/connexion/renforcement",
        Decision::Terms => "/connexion/conditions",
        Decision::Establishment => "/connexion/etablissement",
        Decision::Access => "/connexion/acces",
        Decision::Consent => "/connexion/autorisation",
        Decision::SignIn { .. } | Decision::Refuse(_) | Decision::Issue => match session {
            Some(_) if interaction.select => "/connexion/compte",
            Some(_) if interaction.fresh => "/connexion/confirmer",
            Some(_) | None => "/connexion",
        },
    }
}

/// Gives a code for what the person allowed, in a transaction that the caller commits, and the answer with it.
pub async fn give_code(
    visit: &Visit,
    session: &LiveSession,
    client: &Client,
    request: &Request,
    interaction: Option<&Interaction>,
    said: Option<&str>,
) -> Result<(Tx, Leaving), Failure> {
    let granted = if client.optional_scopes().is_empty() { None } else { granted(visit, session, client, said).await? };
    let allowed = issue::allowed(client, granted.as_deref().unwrap_or_default(), request);
    let request: &Request = &allowed;
    let place = place(visit, session, client, request, interaction).await?;
    let assurance = assurance(visit, session, client, &place);
    let counting = counting(visit, session, Some(request), interaction);
    let given = Given { assurance: &assurance, proved: &counting, place: place.standing() };
    let mut tx = visit.app.db.begin().await?;
    let code = issue::issue(&mut tx, &visit.ctx, &visit.app.hub(), client, session, request, &given).await?;
    Ok((tx, respond::success(&visit.app.issuer, &request.into(), &code)))
}
