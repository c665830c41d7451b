//! Accounts and passwords in the database.

use super::email_change::Change;
use super::profile::Identity;
use super::{Account, AccountKind, AccountState, Means, Security};
use crate::base::id::{AccountId, EmailChangeId};
use crate::base::{Aal, Email, Timestamp, fold};
use crate::db::{Error, Handle, Result, Tx};
use crate::mail::message::Address;
use crate::sql;

/// What is read of an account `a`: the columns of [`AccountRow`].
macro_rules! account_columns {
    () => {
        "a.id, a.kind, a.state, a.login_email, a.login_email_verified, a.contact_email, a.contact_email_verified, a.given_name, \
         a.family_name, a.phone, a.job_title, a.locale, a.terms_version, a.created_at, a.updated_at, \
         a.required_aal, a.two_step, a.administrator, a.enrol_by, a.to_activate, a.civil, \
         EXISTS (SELECT 1 FROM membership m WHERE m.account_id = a.id AND m.role = 'manager' AND m.state = 'active') AS manager, \
         (SELECT CAST(MAX(CASE WHEN f.kind = 'totp' THEN 1 ELSE 0 END) \
         + MAX(CASE WHEN f.kind <> 'passkey' THEN 0 WHEN f.suspended_at IS NULL THEN 20 ELSE 10 END) AS BIGINT) \
         FROM factor f WHERE f.account_id = a.id) AS factors, \
         (SELECT CAST(MAX(CASE WHEN o.locked_at IS NULL THEN 2 ELSE 1 END) AS BIGINT) FROM otp_card o \
         WHERE o.account_id = a.id AND o.state = 'validated') AS cards, \
         EXISTS (SELECT 1 FROM designation d WHERE d.account_id = a.id AND d.consumed_at IS NULL) AS designated"
    };
}
pub(crate) use account_columns;

const FIND: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = $1");
const FIND_BY_LOGIN: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.login_email_key = $1");
const LIST: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id > $1 ORDER BY a.id LIMIT $2");
const LIST_ADMINISTRATORS: &str =
    concat!("SELECT ", account_columns!(), " FROM account a WHERE a.administrator = TRUE ORDER BY a.id LIMIT $1");
const INSERT: &str = "INSERT INTO account (id, kind, state, login_email, login_email_key, login_email_verified, contact_email, \
     contact_email_verified, given_name, family_name, phone, job_title, locale, terms_version, created_at, updated_at, name_folded) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const UPDATE: &str = "UPDATE account SET login_email = $2, login_email_key = $3, login_email_verified = $4, contact_email = $5, \
     contact_email_verified = $6, given_name = $7, family_name = $8, phone = $9, job_title = $10, locale = $11, terms_version = $12, \
     updated_at = $13, name_folded = $15 WHERE id = $1 AND updated_at = $14";
const SET_STATE: &str = "UPDATE account SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2";
const FIND_PASSWORD: &str = "SELECT hash FROM account_password WHERE account_id = $1";
// Round and round: the first one follows the last.
const FIND_DECOY: &str = "SELECT COALESCE( \
     (SELECT hash FROM account_password WHERE substr(account_id, 25) >= $1 ORDER BY substr(account_id, 25) LIMIT 1), \
     (SELECT hash FROM account_password ORDER BY substr(account_id, 25) LIMIT 1))";
// Administrators have none, whoever asks.
const SET_PASSWORD: &str = "INSERT INTO account_password (account_id, hash, changed_at) \
     SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM account WHERE id = $1 AND administrator = FALSE \
     ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at";
const KEEP_PASSWORD: &str = "UPDATE account_password SET hash = $3 WHERE account_id = $1 AND hash = $2";
const ACCEPT_TERMS: &str = "UPDATE account SET terms_version = $2, terms_accepted_at = $3 WHERE id = $1";
const VERIFY_LOGIN: &str = "UPDATE account SET login_email_verified = TRUE, updated_at = $3 \
     WHERE id = $1 AND login_email_key = $2 AND login_email_verified = FALSE";
const REMOVE_PASSWORD: &str = "DELETE FROM account_password WHERE account_id = $1";
const SET_REQUIRED_AAL: &str = "UPDATE account SET required_aal = $2 WHERE id = $1 AND required_aal <> $2";
const SET_TWO_STEP: &str = "UPDATE account SET two_step = $2 WHERE id = $1 AND two_step <> $2";
const SET_ADMINISTRATOR: &str = "UPDATE account SET administrator = $2 WHERE id = $1 AND administrator <> $2";
const START_GRACE: &str = "UPDATE account SET enrol_by = $2 WHERE id = $1 AND enrol_by IS NULL";
const END_GRACE: &str = "UPDATE account SET enrol_by = $2 WHERE id = $1 AND (enrol_by IS NULL OR enrol_by > $2)";
// Changes nothing: whoever removes a means waits for whoever removes another.
const HOLD_MEANS: &str = "UPDATE account SET enrol_by = enrol_by WHERE id = $1";
const COUNT_MEANS: &str = "SELECT (SELECT COUNT(*) FROM factor f WHERE f.account_id = $1 AND f.kind = 'totp'), \
     (SELECT COUNT(*) FROM factor f WHERE f.account_id = $1 AND f.kind = 'passkey' AND f.suspended_at IS NULL), \
     (SELECT COUNT(*) FROM otp_card o WHERE o.account_id = $1 AND o.state = 'validated' AND o.locked_at IS NULL)";
const SET_TO_ACTIVATE: &str = "UPDATE account SET to_activate = $2 WHERE id = $1 AND to_activate <> $2";

const PASSWORD_CHANGED_AT: &str = "SELECT changed_at FROM account_password WHERE account_id = $1";
// Names that somebody vouches for are nobody else's to write.
const SET_IDENTITY: &str = "UPDATE account SET given_name = CASE WHEN civil IS NULL THEN $2 ELSE given_name END, \
     family_name = CASE WHEN civil IS NULL THEN $3 ELSE family_name END, \
     name_folded = CASE WHEN civil IS NULL THEN $7 ELSE name_folded END, phone = $4, job_title = $5, \
     updated_at = CASE WHEN updated_at < $6 THEN $6 ELSE updated_at + 1 END \
     WHERE id = $1 AND (given_name <> $2 OR family_name <> $3 OR COALESCE(phone, '') <> COALESCE($4, '') \
     OR COALESCE(job_title, '') <> COALESCE($5, '') OR (civil IS NULL AND name_folded <> $7))";
const UNFOLDED: &str = "SELECT id, family_name, given_name FROM account WHERE name_folded = '' AND id > $1 ORDER BY id LIMIT $2";
const FOLD: &str = "UPDATE account SET name_folded = $4 WHERE id = $1 AND family_name = $2 AND given_name = $3 AND name_folded = ''";
const CHANGE_LOGIN: &str = "UPDATE account SET login_email = $3, login_email_key = $4, login_email_verified = TRUE, \
     updated_at = CASE WHEN updated_at < $5 THEN $5 ELSE updated_at + 1 END \
     WHERE id = $1 AND login_email = $2 AND state = 'active'";
const CHANGE_CONTACT: &str = "UPDATE account SET contact_email = $3, contact_email_verified = TRUE, \
     updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END \
     WHERE id = $1 AND COALESCE(contact_email, '') = $2 AND state = 'active'";
const RESTORE_LOGIN: &str = "UPDATE account SET login_email = $2, login_email_key = $3, login_email_verified = TRUE, \
     updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END \
     WHERE id = $1 AND state = 'active'";
const RESTORE_CONTACT: &str = "UPDATE account SET contact_email = $2, contact_email_verified = $3, \
     updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END \
     WHERE id = $1 AND state = 'active'";
const INSERT_CHANGE: &str = "INSERT INTO email_change (id, account_id, which, old_email, new_email, undo_hash, undo_until, applied_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND_CHANGE: &str = "SELECT account_id, which, old_email, applied_at FROM email_change \
     WHERE undo_hash = $1 AND undone_at IS NULL AND undo_until > $2";
const TAKE_CHANGE: &str = "UPDATE email_change SET undone_at = $2 WHERE undo_hash = $1 AND undone_at IS NULL AND undo_until > $2 \
     RETURNING account_id, which, old_email, applied_at";
const VOID_CHANGES: &str = "UPDATE email_change SET undone_at = $4 \
     WHERE account_id = $1 AND which = $2 AND applied_at >= $3 AND undone_at IS NULL";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    FIND,
    FIND_BY_LOGIN,
    LIST,
    LIST_ADMINISTRATORS,
    INSERT,
    UPDATE,
    SET_STATE,
    FIND_PASSWORD,
    FIND_DECOY,
    SET_PASSWORD,
    REMOVE_PASSWORD,
    SET_REQUIRED_AAL,
    SET_TWO_STEP,
    SET_ADMINISTRATOR,
    START_GRACE,
    END_GRACE,
    HOLD_MEANS,
    COUNT_MEANS,
    SET_TO_ACTIVATE,
    KEEP_PASSWORD,
    ACCEPT_TERMS,
    VERIFY_LOGIN,
    PASSWORD_CHANGED_AT,
    SET_IDENTITY,
    UNFOLDED,
    FOLD,
    CHANGE_LOGIN,
    CHANGE_CONTACT,
    RESTORE_LOGIN,
    RESTORE_CONTACT,
    INSERT_CHANGE,
    FIND_CHANGE,
    TAKE_CHANGE,
    VOID_CHANGES,
];

/// A row of `account`, also embedded in joins of higher contexts.
#[derive(sqlx::FromRow)]
pub struct AccountRow {
    id: String,
    kind: String,
    state: String,
    login_email: Option<String>,
    login_email_verified: bool,
    contact_email: Option<String>,
    contact_email_verified: bool,
    given_name: String,
    family_name: String,
    phone: Option<String>,
    job_title: Option<String>,
    locale: String,
    terms_version: Option<String>,
    created_at: i64,
    updated_at: i64,
    required_aal: i64,
    two_step: bool,
    administrator: bool,
    enrol_by: Option<i64>,
    to_activate: bool,
    civil: Option<String>,
    manager: bool,
    /// An application: 1. Passkeys: 10, or 20 when one is not suspended.
    factors: Option<i64>,
    /// A validated card: 1, or 2 when it is not locked.
    cards: Option<i64>,
    designated: bool,
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(r: AccountRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("account.{column} of {}", r.id));
        let email = |text: &Option<String>, column: &str| match text {
            Some(t) => Email::parse(t).map(Some).map_err(|_| wrong(column)),
            None => Ok(None),
        };
        let (factors, cards) = (r.factors.unwrap_or_default(), r.cards.unwrap_or_default());
        let application = factors % 10 > 0;
        Ok(Self {
            kind: AccountKind::parse(&r.kind).ok_or_else(|| wrong("kind"))?,
            state: AccountState::parse(&r.state).ok_or_else(|| wrong("state"))?,
            login_email: email(&r.login_email, "login_email")?,
            login_email_verified: r.login_email_verified,
            contact_email: email(&r.contact_email, "contact_email")?,
            contact_email_verified: r.contact_email_verified,
            locale: r.locale.parse().map_err(|_| wrong("locale"))?,
            created_at: Timestamp::from_millis(r.created_at),
            updated_at: Timestamp::from_millis(r.updated_at),
            security: Security {
                required: Aal::from_number(r.required_aal).ok_or_else(|| wrong("required_aal"))?,
                two_step: r.two_step,
                administrator: r.administrator,
                enrol_by: r.enrol_by.map(Timestamp::from_millis),
                to_activate: r.to_activate,
                manager: r.manager,
                passkey: factors >= 10,
                otp: application || cards > 0,
                live_passkey: factors >= 20,
                live_otp: application || cards > 1,
                designated: r.designated,
            },
            civil: match &r.civil {
                Some(text) => Some(serde_json::from_str(text).map_err(|_| wrong("civil"))?),
                None => None,
            },
            id: AccountId::from_store(r.id),
            given_name: r.given_name,
            family_name: r.family_name,
            phone: r.phone,
            job_title: r.job_title,
            terms_version: r.terms_version,
        })
    }
}

/// The account of this identifier.
pub async fn find(h: &mut impl Handle, id: &AccountId) -> Result<Option<Account>> {
    sql!(h, FIND, id.as_str(); AccountRow; optional)?.map(Account::try_from).transpose()
}

/// The account that signs in with this address.
pub async fn find_by_login(h: &mut impl Handle, email: &Email) -> Result<Option<Account>> {
    sql!(h, FIND_BY_LOGIN, email.key(); AccountRow; optional)?.map(Account::try_from).transpose()
}

/// A page of accounts after an identifier (empty for the first), in order of creation.
pub async fn list(h: &mut impl Handle, after: &str, limit: i64) -> Result<Vec<Account>> {
    sql!(h, LIST, after, limit; AccountRow; all)?.into_iter().map(Account::try_from).collect()
}

/// Those who run the hub, in order of creation.
pub async fn list_administrators(h: &mut impl Handle, limit: i64) -> Result<Vec<Account>> {
    sql!(h, LIST_ADMINISTRATORS, limit; AccountRow; all)?.into_iter().map(Account::try_from).collect()
}

/// Adds an account. [`Error::Conflict`] when its login e-mail is taken.
pub async fn insert(tx: &mut Tx, a: &Account) -> Result<()> {
    let (login, key) = (a.login_email.as_ref().map(Email::as_str), a.login_email.as_ref().map(Email::key));
    let contact = a.contact_email.as_ref().map(Email::as_str);
    sql!(
        tx, INSERT, a.id.as_str(), a.kind.name(), a.state.name(), login, key.as_deref(), a.login_email_verified, contact,
        a.contact_email_verified, &a.given_name, &a.family_name, a.phone.as_deref(), a.job_title.as_deref(), a.locale.as_str(),
        a.terms_version.as_deref(), a.created_at.millis(), a.updated_at.millis(), fold::person(&a.family_name, &a.given_name); exec
    )?;
    Ok(())
}

/// Writes everything but identifier, kind, state and creation, unless it has changed since `before`; 0 then.
/// [`Error::Conflict`] when the login e-mail is another's.
pub async fn update(tx: &mut Tx, a: &Account, before: Timestamp) -> Result<u64> {
    let (login, key) = (a.login_email.as_ref().map(Email::as_str), a.login_email.as_ref().map(Email::key));
    let contact = a.contact_email.as_ref().map(Email::as_str);
    sql!(
        tx, UPDATE, a.id.as_str(), login, key.as_deref(), a.login_email_verified, contact, a.contact_email_verified,
        &a.given_name, &a.family_name, a.phone.as_deref(), a.job_title.as_deref(), a.locale.as_str(), a.terms_version.as_deref(),
        a.updated_at.millis(), before.millis(), fold::person(&a.family_name, &a.given_name); exec
    )
}

/// Moves an account from one state to another; 0 when it was not in the first.
pub async fn set_state(tx: &mut Tx, id: &AccountId, from: AccountState, to: AccountState, now: Timestamp) -> Result<u64> {
    sql!(tx, SET_STATE, id.as_str(), from.name(), to.name(), now.millis(); exec)
}

/// The password hash (PHC string), if the account has one.
pub async fn find_password(h: &mut impl Handle, id: &AccountId) -> Result<Option<String>> {
    Ok(sql!(h, FIND_PASSWORD, id.as_str(); (String,); optional)?.map(|(h,)| h))
}

/// Somebody's password hash, as likely of each kind as there are hashes of that kind: always the same one for a `point`, which
/// is random hexadecimal. `None` where nobody has a password.
pub async fn find_decoy(h: &mut impl Handle, point: &str) -> Result<Option<String>> {
    Ok(sql!(h, FIND_DECOY, point; (Option<String>,); optional)?.and_then(|(h,)| h))
}

/// Sets or replaces the password hash: nothing is left to activate. False, and nothing is written, for administrators: they
/// have none.
#[must_use = "administrators have no password"]
pub async fn set_password(tx: &mut Tx, id: &AccountId, hash: &str, now: Timestamp) -> Result<bool> {
    if sql!(tx, SET_PASSWORD, id.as_str(), hash, now.millis(); exec)? == 0 {
        return Ok(false);
    }
    set_to_activate(tx, id, false).await?;
    Ok(true)
}

/// Replaces the hash of a password that did not change (another cost); 0 when the stored hash is no longer `old`.
pub async fn keep_password(tx: &mut Tx, id: &AccountId, old: &str, kept: &str) -> Result<u64> {
    sql!(tx, KEEP_PASSWORD, id.as_str(), old, kept; exec)
}

/// Records that the sign-in address was proved, if it is still this one and was not.
pub async fn verify_login(tx: &mut Tx, id: &AccountId, email: &Email, now: Timestamp) -> Result<u64> {
    sql!(tx, VERIFY_LOGIN, id.as_str(), email.key(), now.millis(); exec)
}

/// Records that a version of the terms was accepted.
pub async fn accept_terms(tx: &mut Tx, id: &AccountId, version: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, ACCEPT_TERMS, id.as_str(), version, now.millis(); exec)
}

/// Removes the password; 0 when there was none.
pub async fn remove_password(tx: &mut Tx, id: &AccountId) -> Result<u64> {
    sql!(tx, REMOVE_PASSWORD, id.as_str(); exec)
}

/// Sets what is asked of this person; 0 when nothing changes.
pub async fn set_required(tx: &mut Tx, id: &AccountId, required: Aal) -> Result<u64> {
    sql!(tx, SET_REQUIRED_AAL, id.as_str(), required.number(); exec)
}

/// Sets whether a code by mail follows the password; 0 when nothing changes.
pub async fn set_two_step(tx: &mut Tx, id: &AccountId, on: bool) -> Result<u64> {
    sql!(tx, SET_TWO_STEP, id.as_str(), on; exec)
}

/// Sets whether the account runs the hub; 0 when nothing changes.
pub async fn set_administrator(tx: &mut Tx, id: &AccountId, on: bool) -> Result<u64> {
    sql!(tx, SET_ADMINISTRATOR, id.as_str(), on; exec)
}

/// Begins the time left to set up a second factor, unless it has begun; 0 then.
pub async fn start_grace(tx: &mut Tx, id: &AccountId, until: Timestamp) -> Result<u64> {
    sql!(tx, START_GRACE, id.as_str(), until.millis(); exec)
}

/// Ends the time left to set up a second factor, begun or not: it is for those who never had one. 0 when it was over.
pub async fn end_grace(tx: &mut Tx, id: &AccountId, now: Timestamp) -> Result<u64> {
    sql!(tx, END_GRACE, id.as_str(), now.millis(); exec)
}

/// Until the transaction ends, nobody else removes a means of connection of this account after counting those that are left.
pub async fn hold_means(tx: &mut Tx, id: &AccountId) -> Result<u64> {
    sql!(tx, HOLD_MEANS, id.as_str(); exec)
}

/// The strong means of an account that work now.
pub async fn count_means(h: &mut impl Handle, id: &AccountId) -> Result<Means> {
    let (applications, passkeys, cards) = sql!(h, COUNT_MEANS, id.as_str(); (i64, i64, i64); one)?;
    Ok(Means { applications, passkeys, cards })
}

/// Sets whether S-20 is still to be shown; 0 when nothing changes.
pub async fn set_to_activate(tx: &mut Tx, id: &AccountId, on: bool) -> Result<u64> {
    sql!(tx, SET_TO_ACTIVATE, id.as_str(), on; exec)
}

/// When the password was last set, if the account has one.
pub async fn password_changed_at(h: &mut impl Handle, id: &AccountId) -> Result<Option<Timestamp>> {
    Ok(sql!(h, PASSWORD_CHANGED_AT, id.as_str(); (i64,); optional)?.map(|(at,)| Timestamp::from_millis(at)))
}

/// Writes an identity; 0 when it is the present one.
pub async fn set_identity(tx: &mut Tx, id: &AccountId, i: &Identity, now: Timestamp) -> Result<u64> {
    sql!(
        tx, SET_IDENTITY, id.as_str(), &i.given_name, &i.family_name, i.phone.as_deref(), i.job_title.as_deref(), now.millis(),
        fold::person(&i.family_name, &i.given_name); exec
    )
}

/// Folds names that an older version wrote: a part of those after an account. Answers the last one, when there may be more.
pub async fn fold_names(tx: &mut Tx, after: &str, limit: usize) -> Result<Option<String>> {
    let mut rows = sql!(tx, UNFOLDED, after, i64::try_from(limit).unwrap_or(i64::MAX); (String, String, String); all)?;
    for (id, family_name, given_name) in &rows {
        let folded = fold::person(family_name, given_name);
        if !folded.is_empty() {
            sql!(tx, FOLD, id.as_str(), family_name.as_str(), given_name.as_str(), folded; later)?;
        }
    }
    Ok(if rows.len() < limit { None } else { rows.pop().map(|(id, ..)| id) })
}

/// Replaces one address of an account, now proved, provided that it still is the one of `seen`; 0 otherwise.
/// [`Error::Conflict`] when the login e-mail is another's.
pub async fn change_email(tx: &mut Tx, seen: &Account, which: Address, new: &Email, now: Timestamp) -> Result<u64> {
    let present = |e: &Option<Email>| e.as_ref().map_or_else(String::new, |e| e.as_str().to_owned());
    match which {
        Address::Login => {
            sql!(tx, CHANGE_LOGIN, seen.id.as_str(), present(&seen.login_email), new.as_str(), new.key(), now.millis(); exec)
        }
        Address::Contact => sql!(tx, CHANGE_CONTACT, seen.id.as_str(), present(&seen.contact_email), new.as_str(), now.millis(); exec),
    }
}

/// Gives an address back, whatever the present one. [`Error::Conflict`] when the login e-mail is now another's.
pub async fn restore_login(tx: &mut Tx, id: &AccountId, old: &Email, now: Timestamp) -> Result<u64> {
    sql!(tx, RESTORE_LOGIN, id.as_str(), old.as_str(), old.key(), now.millis(); exec)
}

/// Gives a contact address back; none when notices went to the login e-mail.
pub async fn restore_contact(tx: &mut Tx, id: &AccountId, old: Option<&Email>, now: Timestamp) -> Result<u64> {
    sql!(tx, RESTORE_CONTACT, id.as_str(), old.map(Email::as_str), old.is_some(), now.millis(); exec)
}

/// Records an applied change of address and the hash of its undo link.
pub async fn insert_change(
    tx: &mut Tx,
    id: &EmailChangeId,
    change: &Change,
    new: &Email,
    undo_hash: &str,
    undo_until: Timestamp,
) -> Result<()> {
    sql!(
        tx, INSERT_CHANGE, id.as_str(), change.account.as_str(), change.which.name(), change.old.as_str(), new.as_str(), undo_hash,
        undo_until.millis(), change.applied_at.millis(); exec
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    account_id: String,
    which: String,
    old_email: String,
    applied_at: i64,
}

impl TryFrom<ChangeRow> for Change {
    type Error = Error;

    fn try_from(r: ChangeRow) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("email_change.{column} of {}", r.account_id));
        Ok(Self {
            which: Address::parse(&r.which).ok_or_else(|| wrong("which"))?,
            old: Email::parse(&r.old_email).map_err(|_| wrong("old_email"))?,
            applied_at: Timestamp::from_millis(r.applied_at),
            account: AccountId::from_store(r.account_id),
        })
    }
}

/// The change that this undo link can still take back.
pub async fn find_change(h: &mut impl Handle, undo_hash: &str, now: Timestamp) -> Result<Option<Change>> {
    sql!(h, FIND_CHANGE, undo_hash, now.millis(); ChangeRow; optional)?.map(Change::try_from).transpose()
}

/// Spends an undo link: one caller gets the change.
pub async fn take_change(tx: &mut Tx, undo_hash: &str, now: Timestamp) -> Result<Option<Change>> {
    sql!(tx, TAKE_CHANGE, undo_hash, now.millis(); ChangeRow; optional)?.map(Change::try_from).transpose()
}

/// Spends the undo links of the changes made since `change`: they would bring back what was just undone.
pub async fn void_changes_since(tx: &mut Tx, change: &Change, now: Timestamp) -> Result<u64> {
    sql!(tx, VOID_CHANGES, change.account.as_str(), change.which.name(), change.applied_at.millis(), now.millis(); exec)
}

/// What the worker removes.
pub const PURGES: &[crate::db::Purge] = &[crate::db::Purge {
    table: "email_change",
    keep: std::time::Duration::from_secs(365 * 86_400),
    statements: &["DELETE FROM email_change WHERE id IN (SELECT id FROM email_change WHERE applied_at <= $1 LIMIT $2)"],
}];
