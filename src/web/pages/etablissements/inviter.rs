//! Inviting people (G-06), and answering an invitation (M23).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, refused, role_key, wrong};
use super::droits::{self, chosen, given, roles};
use crate::account;
use crate::authn::throttle::{self, Counter};
use crate::base::id::InvitationId;
use crate::base::{Email, Siret};
use crate::org::invitation::{self, Fault, Invitation, Line, NotAccepted, Offer};
use crate::org::people::Refused;
use crate::org::request::Desk;
use crate::org::{Role, newcomer, register, rights};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::code::Nothing;
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::{InvitationLine, InvitationPage, InvitePage, Invited, Preview};
use crate::web::view::{Errors, Notice, format};

/// Invitations that a manager sends in a day.
const PER_DAY: i64 = 200;

/// What the forms hold. `etape`: `apercu`, `modifier`, `envoyer` or `annuler`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    etape: String,
    adresses: String,
    role: String,
    /// `service:profil`, any number of them.
    droit: Vec<String>,
    invitation: String,
}

async fn page(leading: &Leading, typed: &Fields, preview: Option<Preview>, errors: Errors) -> Result<InvitePage, Failure> {
    let (visit, t) = (&leading.person.visit, leading.person.visit.page().t);
    let catalogue = visit.app.services();
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let waiting = invitation::store::of_siret(&mut read, leading.siret(), visit.ctx.now()).await?;
    drop(read);
    let line = |i: Invitation| InvitationLine {
        id: i.id.to_string(),
        role: role_key(i.role),
        until: format::date(t, i.expires_at.millis()),
        rights: i.rights.map(|r| chosen(&catalogue, &r)).unwrap_or_default(),
        email: i.email.to_string(),
    };
    Ok(InvitePage {
        page: visit.page(),
        head,
        adresses: typed.adresses.clone(),
        role: typed.role.clone(),
        roles: roles(t, if typed.role.is_empty() { "contact" } else { &typed.role }),
        services: given(&catalogue, &droits::ticked(&typed.droit)),
        preview,
        waiting: waiting.into_iter().map(line).collect(),
        errors,
    })
}

/// `GET /etablissements/{siret}/inviter`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    // What newcomers receive stands ticked.
    let usual = newcomer::of(&mut leading.person.visit.app.db.read().await?, leading.siret()).await?;
    let typed = Fields { droit: rights::names(&usual).collect(), ..Fields::default() };
    let page = page(&leading, &typed, None, Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// The addresses to invite and those left out, or what is wrong with the form.
async fn read(leading: &Leading, typed: &Fields) -> Result<Result<(Role, Vec<Line>), Errors>, Failure> {
    let Some(role) = Role::parse(&typed.role) else { return Ok(Err(wrong("role", PlaceProblem::RoleMissing))) };
    let mut h = leading.person.visit.app.db.read().await?;
    if let Some(closed) = register::closing(&mut h, leading.siret()).await? {
        return Ok(Err(wrong("adresses", PlaceProblem::Closed(closed.successor.as_ref().map(Siret::grouped)))));
    }
    let lines = invitation::read(&mut h, leading.siret(), &typed.adresses, leading.person.visit.ctx.now()).await?;
    Ok(match lines.len() {
        0 => Err(wrong("adresses", PlaceProblem::NoAddress)),
        n if n > invitation::MOST => {
            Err(wrong("adresses", PlaceProblem::TooManyAddresses(u32::try_from(invitation::MOST).unwrap_or(u32::MAX))))
        }
        _ => Ok((role, lines)),
    })
}

fn preview(role: Role, rights: Vec<(String, String)>, lines: &[Line]) -> Preview {
    let why = |fault: Fault| match fault {
        Fault::Malformed => "org-fault-malformed",
        Fault::Twice => "org-fault-twice",
        Fault::Member => "org-fault-member",
    };
    Preview {
        good: lines.iter().filter_map(|(_, read)| read.as_ref().ok()).map(ToString::to_string).collect(),
        bad: lines.iter().filter_map(|(line, read)| read.as_ref().err().map(|f| (line.clone(), why(*f)))).collect(),
        role_key: role_key(role),
        rights,
    }
}

/// `POST /etablissements/{siret}/inviter`
pub async fn act(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    if fields.etape == "annuler" {
        return cancel(&leading, &fields.invitation).await;
    }
    if fields.etape == "modifier" {
        return visit.ok(&page(&leading, &fields, None, Errors::none()).await?);
    }
    let (role, lines) = match read(&leading, &fields).await? {
        Ok(read) => read,
        Err(errors) => return visit.invalid(&page(&leading, &fields, None, errors).await?),
    };
    let rights = droits::ticked(&fields.droit);
    let named = chosen(&visit.app.services(), &rights);
    let good: Vec<Email> = lines.iter().filter_map(|(_, read)| read.clone().ok()).collect();
    match fields.etape.as_str() {
        _ if good.is_empty() => {
            let (seen, errors) = (preview(role, named, &lines), wrong("adresses", PlaceProblem::NobodyToInvite));
            visit.invalid(&page(&leading, &fields, Some(seen), errors).await?)
        }
        "envoyer" => send(&leading, &fields, &good, &Offer { role, rights: &rights }).await,
        // Nothing is sent before it was seen.
        _ => visit.ok(&page(&leading, &fields, Some(preview(role, named, &lines)), Errors::none()).await?),
    }
}

async fn send(leading: &Leading, typed: &Fields, to: &[Email], offer: &Offer<'_>) -> Result<Response, Failure> {
    let (visit, kit, who) = (&leading.person.visit, kit(&leading.person), leading.account());
    let services = visit.app.services();
    let mut tx = visit.app.db.begin().await?;
    for _ in to {
        if throttle::take(&mut tx, &visit.ctx, Counter::Invitations, who.id.as_str(), PER_DAY).await?.is_err() {
            tx.rollback().await?;
            return visit.invalid(&page(leading, typed, None, wrong("adresses", PlaceProblem::TooManyInvitations)).await?);
        }
    }
    let sent = invitation::send(&mut tx, Desk { kit: &kit, services: &services }, who, leading.siret(), to, offer).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match sent {
        Ok(()) => {
            let notice = PlaceNotice::Invited(u32::try_from(to.len()).unwrap_or(u32::MAX));
            Ok(visit.go_with(&format!("{}/inviter", leading.base()), &Notice::Place(notice)))
        }
        Err(rights::Refused::Place(Refused::NotManager | Refused::NotMember | Refused::LastManager | Refused::OthersEnd)) => Err(nothing()),
        Err(rights::Refused::Unknown | rights::Refused::Own | rights::Refused::Lacks { .. } | rights::Refused::Barred { .. }) => {
            Err(refused(&leading.person, leading.siret(), "no_such_right").await)
        }
    }
}

async fn cancel(leading: &Leading, id: &str) -> Result<Response, Failure> {
    let (visit, kit) = (&leading.person.visit, kit(&leading.person));
    let id = InvitationId::parse(id).ok_or_else(nothing)?;
    let mut tx = visit.app.db.begin().await?;
    let done = invitation::cancel(&mut tx, &kit, &leading.account().id, leading.siret(), &id).await?;
    tx.commit().await?;
    let here = format!("{}/inviter", leading.base());
    match done {
        Ok(true) => Ok(visit.go_with(&here, &Notice::Place(PlaceNotice::InvitationCancelled))),
        Ok(false) => Ok(visit.go(&here)),
        Err(Refused::NotManager | Refused::NotMember | Refused::LastManager | Refused::OthersEnd) => Err(nothing()),
    }
}

fn answer_page(person: &Person, invited: Invited) -> InvitationPage {
    InvitationPage { page: person.visit.page(), action: person.visit.path.clone(), invited }
}

/// The page for whoever cannot use it.
fn refusal(person: &Person, why: NotAccepted) -> Result<Response, Failure> {
    let own = person.session.account().login_email.as_ref().map(ToString::to_string).unwrap_or_default();
    let (status, invited) = match why {
        NotAccepted::Foreign => (StatusCode::FORBIDDEN, Invited::Foreign(own)),
        NotAccepted::Unknown => (StatusCode::NOT_FOUND, Invited::Over),
        NotAccepted::Closed => (StatusCode::GONE, Invited::Closed),
    };
    person.visit.html(status, &answer_page(person, invited))
}

/// `GET /invitation?jeton=`: shows, never accepts.
pub async fn show_invitation(person: Person) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let secret = visit.query("jeton").unwrap_or_default();
    let mut read = visit.app.db.read().await?;
    let found = invitation::look(&mut read, account, &secret, visit.ctx.now()).await?.map(|(invitation, _)| invitation);
    let by = match &found {
        Ok(i) => account::store::find(&mut read, &i.invited_by).await?.map(|a| a.full_name()).unwrap_or_default(),
        Err(_) => String::new(),
    };
    drop(read);
    let invitation = match found {
        Ok(invitation) => invitation,
        Err(why) => {
            let mut tx = visit.app.db.begin().await?;
            invitation::refuse(&mut tx, &kit(&person), &account.id, why).await?;
            tx.commit().await?;
            return refusal(&person, why);
        }
    };
    let t = visit.page().t;
    let invited = Invited::Open {
        establishment: invitation.establishment.name,
        siret: invitation.establishment.siret.grouped(),
        role: role_key(invitation.role),
        rights: chosen(&visit.app.services(), &invitation.rights.unwrap_or_default()),
        until: format::date(t, invitation.expires_at.millis()),
        by,
    };
    visit.ok(&answer_page(&person, invited))
}

/// `POST /invitation?jeton=`
pub async fn accept(PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let secret = visit.query("jeton").unwrap_or_default();
    let mut tx = visit.app.db.begin().await?;
    let accepted =
        invitation::accept(&mut tx, Desk { kit: &kit(&person), services: &person.visit.app.services() }, account, &secret).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match accepted {
        Ok(i) => Ok(visit.go_with("/etablissements", &Notice::Place(PlaceNotice::Joined(i.establishment.name)))),
        Err(why) => refusal(&person, why),
    }
}
