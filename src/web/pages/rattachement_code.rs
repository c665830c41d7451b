//! The code to the official address of an establishment (C-07): sent on request, given back here.

use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use super::catalogue::PER_DAY;
use super::code::{self, Nothing, seconds};
use super::compte::kit;
use super::etablissements::acces::nothing;
use super::rattachement::{professional, target};
use crate::authn::factor::email_code::{Digits, Refused, Sending, minutes};
use crate::authn::official::{self, Asked};
use crate::authn::throttle::{self, Counter};
use crate::base::texts::Texts;
use crate::base::{Email, Timestamp};
use crate::org::request::{self, Desk, Filed};
use crate::org::{self, Establishment, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::org::OrgNotice;
use crate::web::view::requests::{FoundLine, OfficialCodePage};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/etablissements/{siret}/rejoindre/code",
        methods: &["GET", "POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(show).post(confirm),
    },
    Route {
        path: "/etablissements/{siret}/rejoindre/code/envoyer",
        methods: &["POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || post(send),
    },
];

/// An establishment that has an official address, and the person who wants to prove that they work there.
struct Proving {
    person: Person,
    establishment: Establishment,
    line: FoundLine,
    email: Email,
}

impl Proving {
    async fn of(person: Person, siret: &str) -> Result<Self, Failure> {
        professional(&person)?;
        let (establishment, line) = target(&person, siret).await?;
        let email = org::official::address(&mut person.visit.app.db.read().await?, &establishment.siret).await?;
        let email = email.ok_or_else(nothing)?;
        Ok(Self { person, establishment, line, email })
    }

    fn asked(&self) -> Asked<'_> {
        Asked { who: &self.person.session, establishment: &self.establishment, email: &self.email }
    }

    /// Path of the page that asks to join.
    fn back(&self) -> String {
        format!("/etablissements/{}/rejoindre", self.establishment.siret)
    }

    fn until(&self, at: Timestamp) -> u32 {
        minutes(at.since(self.person.visit.ctx.now()))
    }

    async fn page(self, errors: Errors) -> Result<(Person, OfficialCodePage), Failure> {
        let app = &self.person.visit.app;
        let standing = official::standing(&mut app.db.read().await?, &kit(&self.person), &self.asked()).await?;
        let view = OfficialCodePage {
            page: self.person.visit.page(),
            official: self.email.masked(),
            validity_minutes: minutes(app.config.sign_in.email_code),
            resend_in: seconds(standing.resend_in),
            line: self.line,
            errors,
        };
        Ok((self.person, view))
    }

    /// Sends a code; each also counts among the requests of the person, so that nobody writes to every establishment.
    async fn send(&self) -> Result<Option<Sending>, Failure> {
        let (visit, kit) = (&self.person.visit, kit(&self.person));
        let mut tx = visit.app.db.begin().await?;
        let who = self.person.session.account().id.as_str();
        let sent = match throttle::take(&mut tx, &visit.ctx, Counter::Requests, who, PER_DAY).await? {
            Ok(_) => Some(official::send(&mut tx, &kit, &self.asked()).await?),
            Err(_) => None,
        };
        tx.commit().await?;
        visit.app.wake_worker();
        Ok(sent)
    }
}

/// `GET /etablissements/{siret}/rejoindre/code`
async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let proving = Proving::of(person, &siret).await?;
    let visit = &proving.person.visit;
    let standing = official::standing(&mut visit.app.db.read().await?, &kit(&proving.person), &proving.asked()).await?;
    if standing.sent == 0 {
        return Ok(visit.go(&proving.back()));
    }
    let (person, view) = proving.page(Errors::none()).await?;
    person.visit.ok(&view)
}

/// `POST /etablissements/{siret}/rejoindre/code/envoyer`
async fn send(Path(siret): Path<String>, PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    let proving = Proving::of(person, &siret).await?;
    let (visit, here) = (&proving.person.visit, format!("{}/code", proving.back()));
    let notice = match proving.send().await? {
        Some(Sending::Sent) => Notice::CodeSent(format::time(Texts::new(visit.ctx.locale), visit.ctx.now().millis())),
        Some(Sending::TooEarly(wait)) => Notice::CodeTooEarly(seconds(wait)),
        Some(Sending::Limited(limited)) => return Ok(visit.go_with(&proving.back(), &Notice::TooManyCodes(proving.until(limited.until)))),
        None => return Ok(visit.go_with(&proving.back(), &Notice::Org(OrgNotice::TooMany))),
    };
    Ok(visit.go_with(&here, &notice))
}

/// `POST /etablissements/{siret}/rejoindre/code`
async fn confirm(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<code::Fields>) -> Result<Response, Failure> {
    let proving = Proving::of(person, &siret).await?;
    let problem = match Digits::parse(&fields.code) {
        None => Problem::CodeMissing,
        Some(digits) => match spend(&proving, &digits).await? {
            Ok(response) => return Ok(response),
            Err(refused) => refusal(&proving, refused).await?,
        },
    };
    let (person, view) = proving.page(Errors::one("code", problem)).await?;
    person.visit.invalid(&view)
}

/// The words for a code that is not taken. An expired one is followed by another, if one was ever asked for here.
async fn refusal(proving: &Proving, refused: Refused) -> Result<Problem, Failure> {
    Ok(match refused {
        Refused::Wrong { left } => Problem::CodeWrong(left),
        Refused::Exhausted { again_in } => Problem::CodeTooManyTries(minutes(again_in)),
        Refused::Used => Problem::Org(crate::web::view::org::OrgProblem::CodeUsed),
        Refused::Expired => match proving.send().await? {
            Some(Sending::Sent | Sending::TooEarly(_)) => Problem::CodeExpired,
            Some(Sending::Limited(limited)) => Problem::TooManyCodes(proving.until(limited.until)),
            None => Problem::Org(crate::web::view::org::OrgProblem::TooMany),
        },
    })
}

/// Spends a right code with what it opens: the place is proved, the first person of an establishment manages it, the others may ask.
async fn spend(proving: &Proving, digits: &Digits) -> Result<Result<Response, Refused>, Failure> {
    let (visit, kit, account) = (&proving.person.visit, kit(&proving.person), proving.person.session.account());
    let (services, siret) = (visit.app.services(), &proving.establishment.siret);
    let mut tx = visit.app.db.begin().await?;
    let proved = official::verify(&mut tx, &kit, &proving.asked(), digits).await?;
    let granted = match proved {
        Ok(false) if !org::store::is_peopled(&mut tx, siret).await? => {
            let desk = Desk { kit: &kit, services: &services };
            let filed = request::join(&mut tx, desk, account, &proving.establishment, Role::Manager, None).await?;
            matches!(filed, Filed::Granted)
        }
        Ok(_) | Err(_) => false,
    };
    tx.commit().await?;
    visit.app.wake_worker();
    Ok(match proved {
        Err(refused) => Err(refused),
        Ok(_) if granted => Ok(visit.go_with("/etablissements", &Notice::Org(OrgNotice::Joined))),
        Ok(true) => Ok(visit.go_with("/etablissements", &Notice::Org(OrgNotice::LinkProved))),
        Ok(false) => Ok(visit.go_with(&proving.back(), &Notice::Org(OrgNotice::LinkShown))),
    })
}
