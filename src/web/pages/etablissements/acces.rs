//! Who may do what in the pages of an establishment. Whoever may not is told that there is nothing here, as for an
//! establishment that does not exist; the attempt is audited.

use axum::response::Response;

use crate::account::{self, Account};
use crate::authn::card::link::Handler;
use crate::authn::card::{self, Card, Serial};
use crate::base::id::{AccountId, AskId};
use crate::base::{Siret, Timestamp};
use crate::db::Handle;
use crate::org::people::{self, Manager};
use crate::org::request::decide::Decider;
use crate::org::request::{self, Request};
use crate::org::{self, Membership, Role};
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::pages::compte::kit;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::etablissement::{Head, PlaceProblem};
use crate::web::view::etablissement_people::DayFields;
use crate::web::view::{Errors, Problem, format};

/// The answer to whoever may not.
pub fn nothing() -> Failure {
    Failure::page(ErrorCode::A904, Way::Home)
}

/// The same, after noting that this person tried.
pub async fn refused(person: &Person, siret: &Siret, why: &str) -> Failure {
    let noted = async {
        let mut tx = person.visit.app.db.begin().await?;
        people::refuse(&mut tx, &kit(person), &person.session.account().id, siret, why).await?;
        tx.commit().await
    };
    match noted.await {
        Ok(()) => nothing(),
        Err(e) => e.into(),
    }
}

/// The SIRET of an address. Some real ones fail the check of the others.
pub fn siret(text: &str) -> Result<Siret, Failure> {
    Siret::unchecked(text).map_err(|_| nothing())
}

/// Somebody who may manage the cards of an establishment, now. Only [`Managing::of`] makes one.
pub struct Managing {
    pub person: Person,
    pub membership: Membership,
    name: String,
}

impl Managing {
    /// Checks it.
    pub async fn of(person: Person, text: &str) -> Result<Self, Failure> {
        let siret = siret(text)?;
        let (app, account) = (&person.visit.app, person.session.account());
        let entitled =
            org::may_manage_factors(&mut app.db.read().await?, &app.config.policy, &account.id, &siret, person.visit.ctx.now()).await?;
        let name = account.full_name();
        match entitled {
            Some(membership) => Ok(Self { person, membership, name }),
            None => Err(refused(&person, &siret, "no_factors_manage").await),
        }
    }

    pub fn siret(&self) -> &Siret {
        &self.membership.establishment.siret
    }

    /// Path of the list of cards.
    pub fn base(&self) -> String {
        format!("/etablissements/{}/cartes", self.siret())
    }

    /// The right to handle cards, within this establishment alone.
    pub fn handler(&self) -> Handler<'_> {
        Handler { name: Some(&self.name), within: Some(self.siret()) }
    }

    /// A card of this establishment; those of others do not exist here.
    pub async fn card(&self, h: &mut impl Handle, serial: &str) -> Result<Card, Failure> {
        let serial = Serial::parse(serial).ok_or_else(nothing)?;
        let card = card::find(h, &serial).await?;
        card.filter(|c| c.siret.as_ref() == Some(self.siret())).ok_or_else(nothing)
    }

    /// Who holds a card of the establishment, also when they no longer belong to it.
    pub async fn holder(&self, h: &mut impl Handle, card: &Card) -> Result<Account, Failure> {
        let holder = card.account.as_ref().ok_or_else(nothing)?;
        account::store::find(h, holder).await?.ok_or_else(nothing)
    }

    /// Leads to a confirmation of identity, then to `back`, unless it is recent.
    pub fn unless_recent(&self, back: &str) -> Option<Result<Response, Failure>> {
        (!self.person.is_recent()).then(|| self.person.confirm_identity(back))
    }
}

/// Somebody who manages an establishment, now. Only [`Leading::of`] makes one.
pub struct Leading {
    pub person: Person,
    pub manager: Manager,
}

impl Leading {
    /// Checks it.
    pub async fn of(person: Person, text: &str) -> Result<Self, Failure> {
        let siret = siret(text)?;
        let (visit, account) = (&person.visit, person.session.account());
        let found = Manager::of(&mut visit.app.db.read().await?, &account.id, &siret, visit.ctx.now()).await?;
        match found {
            Some(manager) => Ok(Self { person, manager }),
            None => Err(refused(&person, &siret, "not_manager").await),
        }
    }

    pub fn siret(&self) -> &Siret {
        &self.manager.establishment().siret
    }

    /// Path of the pages of the establishment.
    pub fn base(&self) -> String {
        format!("/etablissements/{}", self.siret())
    }

    pub fn account(&self) -> &Account {
        self.person.session.account()
    }

    /// What its pages have in common.
    pub async fn head(&self, h: &mut impl Handle) -> Result<Head, Failure> {
        let (establishment, policy) = (self.manager.establishment(), &self.person.visit.app.config.policy);
        Ok(Head {
            name: establishment.name.clone(),
            siret: establishment.siret.grouped(),
            base: self.base(),
            waiting: u64::try_from(request::store::count(h, self.siret()).await?).unwrap_or(0),
            cards: self.manager.membership().manages_factors(policy),
        })
    }

    /// A person of this establishment, in any state; those of others do not exist here.
    pub async fn member(&self, id: &str) -> Result<(Membership, Account), Failure> {
        let id = AccountId::parse(id).ok_or_else(nothing)?;
        let mut read = self.person.visit.app.db.read().await?;
        let (place, account) = (org::store::membership(&mut read, &id, self.siret()).await?, account::store::find(&mut read, &id).await?);
        drop(read);
        match (place, account) {
            (Some(place), Some(account)) => Ok((place, account)),
            (None, _) | (_, None) => Err(refused(&self.person, self.siret(), "not_member").await),
        }
    }

    /// A request of this establishment that the person may decide on.
    pub async fn request(&self, id: &str) -> Result<Request, Failure> {
        let id = AskId::parse(id).ok_or_else(nothing)?;
        let visit = &self.person.visit;
        let mut read = visit.app.db.read().await?;
        let found = request::store::find(&mut read, &id).await?.filter(|r| r.establishment.siret == *self.siret());
        let decider = match &found {
            Some(r) => Decider::of(&mut read, &visit.app.services(), &self.account().id, r, visit.ctx.now()).await?,
            None => None,
        };
        drop(read);
        match (found, decider) {
            (Some(request), Some(_)) => Ok(request),
            (None, _) | (_, None) => Err(refused(&self.person, self.siret(), "not_decider").await),
        }
    }
}

/// Key of a role.
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Manager => "org-role-manager",
        Role::Contact => "org-role-contact",
    }
}

/// A day in three fields, as typed.
pub struct Day<'a>([&'a str; 3]);

impl<'a> Day<'a> {
    /// Day, month and year.
    pub fn typed(day: &'a str, month: &'a str, year: &'a str) -> Self {
        Self([day, month, year])
    }

    /// Its end; `None` for nothing typed.
    pub fn end(&self, now: Timestamp) -> Result<Option<Timestamp>, PlaceProblem> {
        let [day, month, year] = self.0;
        if self.0.iter().all(|f| f.trim().is_empty()) {
            return Ok(None);
        }
        let end = Timestamp::from_millis(format::end_of_day(day, month, year).ok_or(PlaceProblem::DateWrong)?);
        if end <= now { Err(PlaceProblem::DatePast) } else { Ok(Some(end)) }
    }

    /// As the page shows it again.
    pub fn fields(&self) -> DayFields {
        let [day, month, year] = self.0.map(str::to_owned);
        DayFields { day, month, year }
    }
}

/// One thing wrong.
pub fn wrong(field: &'static str, problem: PlaceProblem) -> Errors {
    Errors::one(field, Problem::Place(problem))
}
