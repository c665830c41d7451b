//! Accounts as operators handle them: created, changed, disabled, enabled. Every change leaves an event in the trail, in the
//! same transaction. A disabled account is dead everywhere by itself: each use asks [`Account::is_alive`].

use super::{Account, AccountKind, AccountState, store};
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::base::{Ctx, Email, Timestamp};
use crate::db::{self, Tx};
use crate::jobs::notice;

const LONGEST: usize = 100;

/// A change is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is wrong, each with the member it is about (`given_name: …`).
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The address signs in another account.
    #[error("an account signs in with {0} already")]
    Exists(Email),
    /// Somebody else changed the account at the same time.
    #[error("the account was changed meanwhile; try again")]
    Meanwhile,
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Result of a change of an account.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What an operator says of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Identifier of a professional.
    pub login_email: Email,
    /// Whether the operator vouches for it.
    pub login_email_verified: bool,
    /// Where notices go, when elsewhere.
    pub contact_email: Option<Email>,
    /// Whether the operator vouches for it.
    pub contact_email_verified: bool,
    /// *Prénom*.
    pub given_name: String,
    /// *Nom*.
    pub family_name: String,
    /// *Téléphone*.
    pub phone: Option<String>,
    /// *Fonction*.
    pub job_title: Option<String>,
    /// Language of mails.
    pub locale: Locale,
}

impl Details {
    /// An account that has only its login e-mail yet.
    pub fn new(login_email: Email) -> Self {
        Self {
            login_email,
            login_email_verified: false,
            contact_email: None,
            contact_email_verified: false,
            given_name: String::new(),
            family_name: String::new(),
            phone: None,
            job_title: None,
            locale: Locale::default(),
        }
    }

    /// Those of an account; `None` when it has no login e-mail, as individuals.
    pub fn of(account: &Account) -> Option<Self> {
        Some(Self {
            login_email: account.login_email.clone()?,
            login_email_verified: account.login_email_verified,
            contact_email: account.contact_email.clone(),
            contact_email_verified: account.contact_email_verified,
            given_name: account.given_name.clone(),
            family_name: account.family_name.clone(),
            phone: account.phone.clone(),
            job_title: account.job_title.clone(),
            locale: account.locale,
        })
    }

    /// Everything wrong with these details, each with the member it is about.
    pub fn problems(&self) -> Vec<String> {
        let texts = [
            ("given_name", Some(&self.given_name)),
            ("family_name", Some(&self.family_name)),
            ("phone", self.phone.as_ref()),
            ("job_title", self.job_title.as_ref()),
        ];
        let wrong = |(name, text): (&str, Option<&String>)| {
            let text = text?;
            let size = text.chars().count();
            let ok = (1..=LONGEST).contains(&size) && text.trim() == text && !text.chars().any(char::is_control);
            (!ok).then(|| format!("{name}: 1 to {LONGEST} characters, without spaces around or control characters"))
        };
        texts.into_iter().filter_map(wrong).collect()
    }
}

/// Makes an account of a professional. [`Error::Exists`] when the address is taken.
pub async fn create(tx: &mut Tx, ctx: &Ctx, d: Details) -> Result<Account> {
    valid(&d)?;
    let account = Account {
        login_email: Some(d.login_email.clone()),
        login_email_verified: d.login_email_verified,
        contact_email: d.contact_email,
        contact_email_verified: d.contact_email_verified,
        given_name: d.given_name,
        family_name: d.family_name,
        phone: d.phone,
        job_title: d.job_title,
        locale: d.locale,
        ..Account::new(ctx, AccountKind::Professional)
    };
    if store::find_by_login(tx, &d.login_email).await?.is_some() {
        return Err(Error::Exists(d.login_email));
    }
    store::insert(tx, &account).await.map_err(|e| taken(e, &d.login_email))?;
    audit::append(tx, ctx, Event::new(Kind::AccountCreated).account(&account.id).with("how", "operator")).await?;
    Ok(account)
}

/// Writes the details of an account, as loaded in this transaction. Answers the account as it stands.
pub async fn change(tx: &mut Tx, ctx: &Ctx, before: &Account, d: Details) -> Result<Account> {
    valid(&d)?;
    let addresses = before.login_email.as_ref() != Some(&d.login_email) || before.contact_email != d.contact_email;
    // Names that somebody vouches for are nobody else's to write.
    let names = match &before.civil {
        Some(_) => (before.given_name.clone(), before.family_name.clone()),
        None => (d.given_name, d.family_name),
    };
    let mut after = Account {
        login_email: Some(d.login_email.clone()),
        login_email_verified: d.login_email_verified,
        contact_email: d.contact_email,
        contact_email_verified: d.contact_email_verified,
        given_name: names.0,
        family_name: names.1,
        phone: d.phone,
        job_title: d.job_title,
        locale: d.locale,
        ..before.clone()
    };
    if after == *before {
        return Ok(after);
    }
    after.updated_at = later(ctx.now(), before.updated_at);
    if store::update(tx, &after, before.updated_at).await.map_err(|e| taken(e, &d.login_email))? == 0 {
        return Err(Error::Meanwhile);
    }
    let kind = if addresses { Kind::EmailChanged } else { Kind::ProfileChanged };
    audit::append(tx, ctx, Event::new(kind).account(&after.id)).await?;
    notice::claims_changed(tx, ctx, &after.id, None)?;
    Ok(after)
}

/// Disables or enables an account: from the next request on, everywhere. Answers whether that changed anything.
pub async fn set_state(tx: &mut Tx, ctx: &Ctx, account: &Account, state: AccountState) -> Result<bool> {
    let (from, kind) = match state {
        AccountState::Active => (AccountState::Disabled, Kind::AccountEnabled),
        AccountState::Disabled => (AccountState::Active, Kind::AccountDisabled),
    };
    let now = later(ctx.now(), account.updated_at);
    let moved = store::set_state(tx, &account.id, from, state, now).await? == 1;
    if moved {
        audit::append(tx, ctx, Event::new(kind).account(&account.id)).await?;
        notice::account_moved(tx, ctx, &account.id, state == AccountState::Active)?;
    }
    Ok(moved)
}

/// Sets the password of an account to this hash (PHC string), made before the transaction.
pub async fn set_password(tx: &mut Tx, ctx: &Ctx, id: &AccountId, hash: &str) -> Result<()> {
    if !store::set_password(tx, id, hash, ctx.now()).await? {
        return Err(Error::Invalid(vec!["password: an administrator has none; `guichet admin remove` comes first".to_owned()]));
    }
    audit::append(tx, ctx, Event::new(Kind::PasswordChanged).account(id).with("how", "operator")).await?;
    Ok(())
}

fn valid(d: &Details) -> Result<()> {
    let wrong = d.problems();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn taken(e: db::Error, email: &Email) -> Error {
    match e {
        db::Error::Conflict(_) => Error::Exists(email.clone()),
        other => other.into(),
    }
}

/// The instant of a change: it always moves forward, as it guards against lost updates.
fn later(now: Timestamp, before: Timestamp) -> Timestamp {
    now.max(Timestamp::from_millis(before.millis().saturating_add(1)))
}
