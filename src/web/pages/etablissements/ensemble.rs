//! Deactivating several people at once (G-02, G-07): chosen in the list, named on a page, for one reason.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, wrong};
use super::droits::MOTIFS;
use crate::account::Account;
use crate::authn::trusted_browser;
use crate::org::people::{self, Change, Refused};
use crate::org::{Membership, MembershipState};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::DeactivateManyPage;
use crate::web::view::{Errors, Notice};

/// People chosen at once.
const MOST: usize = 50;

/// The people named, each of this establishment and active; never whoever asks. An id from elsewhere refuses everything.
pub(super) async fn chosen(leading: &Leading, ids: &[String]) -> Result<Vec<(Membership, Account)>, Failure> {
    let mut people = Vec::new();
    for id in ids.iter().take(MOST) {
        let (place, account) = leading.member(id).await?;
        let other = account.id != leading.account().id && !people.iter().any(|(_, known): &(Membership, Account)| known.id == account.id);
        if other && place.state == MembershipState::Active {
            people.push((place, account));
        }
    }
    Ok(people)
}

async fn page(leading: &Leading, people: &[(Membership, Account)], typed: &str, errors: Errors) -> Result<DeactivateManyPage, Failure> {
    let (visit, t) = (&leading.person.visit, leading.person.visit.page().t);
    let tick = |(value, _, key): &(&str, &str, &str)| Tick {
        value: (*value).to_owned(),
        label: t.get(key),
        hint: String::new(),
        chosen: *value == typed,
    };
    Ok(DeactivateManyPage {
        page: visit.page(),
        head: leading.head(&mut visit.app.db.read().await?).await?,
        people: people.iter().map(|(_, account)| named(account)).collect(),
        motifs: MOTIFS.iter().map(tick).collect(),
        errors,
    })
}

/// Identifier, name and address of somebody, for the page that names those chosen.
pub(super) fn named(account: &Account) -> (String, String, String) {
    let email = account.login_email.as_ref().map(ToString::to_string).unwrap_or_default();
    (account.id.to_string(), account.full_name(), email)
}

/// Back to the list: nobody was chosen.
pub(super) fn none(leading: &Leading) -> Response {
    leading.person.visit.go_with(&format!("{}/intervenants", leading.base()), &Notice::Place(PlaceNotice::NobodyChosen))
}

/// The ids that the address names, `personne=&personne=`.
pub(super) fn asked(leading: &Leading) -> Vec<String> {
    let query = leading.person.visit.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "personne").map(|(_, id)| id.into_owned()).collect()
}

/// `GET /etablissements/{siret}/desactiver?personne=&personne=`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let people = chosen(&leading, &asked(&leading)).await?;
    if people.is_empty() {
        return Ok(none(&leading));
    }
    let page = page(&leading, &people, "", Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: Vec<String>,
    motif: String,
}

/// `POST /etablissements/{siret}/desactiver`: all of them, or nobody.
pub async fn deactivate(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let people = chosen(&leading, &fields.personne).await?;
    if people.is_empty() {
        return Ok(none(&leading));
    }
    let (visit, kit) = (&leading.person.visit, kit(&leading.person));
    let Some((_, reason, _)) = MOTIFS.iter().find(|(value, ..)| *value == fields.motif) else {
        return visit.invalid(&page(&leading, &people, "", wrong("motif", PlaceProblem::MotifMissing)).await?);
    };
    let mut tx = visit.app.db.begin().await?;
    for (place, account) in &people {
        let change = Change { role: place.role, state: MembershipState::Disabled, expires_at: None, reason: Some(reason) };
        match people::change(&mut tx, &kit, &leading.account().id, leading.siret(), &account.id, &change).await? {
            Ok(true) => {
                trusted_browser::distrust_all(&mut tx, &kit, &account.id).await?;
            }
            Ok(false) => {}
            Err(refused @ (Refused::LastManager | Refused::OthersEnd)) => {
                tx.rollback().await?;
                let problem = if refused == Refused::OthersEnd { PlaceProblem::OthersEnd } else { PlaceProblem::LastManager };
                return visit.invalid(&page(&leading, &people, &fields.motif, wrong("motif", problem)).await?);
            }
            Err(Refused::NotManager | Refused::NotMember) => {
                tx.commit().await?;
                return Err(nothing());
            }
        }
    }
    tx.commit().await?;
    visit.app.wake_worker();
    let notice = PlaceNotice::DeactivatedMany(u32::try_from(people.len()).unwrap_or(u32::MAX));
    Ok(visit.go_with(&format!("{}/intervenants", leading.base()), &Notice::Place(notice)))
}
