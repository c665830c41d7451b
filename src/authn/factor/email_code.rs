//! Codes sent by e-mail (ux 3.2, 3.3): six digits, bound to one journey of one browser, the last three sent all good.
//!
//! A row stands for an address, a purpose and a journey, whether or not there is an account: strangers and members
//! cost the same work and see the same pages. Only keyed hashes of codes are stored.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Kit, store};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{self, Counter, Limited};
use crate::authn::{Method, Proof};
use crate::base::id::AccountId;
use crate::base::phone::Mobile;
use crate::base::rng::decimal_code;
use crate::base::{Email, Timestamp};
use crate::crypto::{MacKey, same};
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{Address, Code, MailMessage, OfficialClaim, Origin};
use crate::sms::SmsMessage;

/// How many of the last codes sent are accepted.
const LIVE: usize = 3;
/// How long what a code proved may be used by the next steps of a registration or reset.
const PROVED_FOR: Duration = Duration::from_secs(1_800);

/// What a code is for. Codes of one purpose are nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// S-03.
    SignIn,
    /// C-02.
    Creation,
    /// S-23.
    Reset,
    /// P-06, the new sign-in address.
    LoginEmail,
    /// P-06, the new contact address.
    ContactEmail,
    /// S-22, the half that goes by mail.
    FirstSignIn,
    /// S-22, the half that goes by SMS.
    FirstSignInSms,
    /// S-17, the first address of an individual.
    FirstContact,
    /// S-18, the account an identity may belong to.
    Link,
    /// C-07, the official address of an establishment.
    Official,
}

impl Purpose {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Creation => "creation",
            Self::Reset => "reset",
            Self::LoginEmail => "login_email",
            Self::ContactEmail => "contact_email",
            Self::FirstSignIn => "first_sign_in",
            Self::FirstSignInSms => "first_sign_in_sms",
            Self::FirstContact => "first_contact",
            Self::Link => "link",
            Self::Official => "official",
        }
    }

    /// Whether a code proves nothing when it was not sent to an account.
    const fn needs_account(self) -> bool {
        match self {
            Self::SignIn
            | Self::Reset
            | Self::LoginEmail
            | Self::ContactEmail
            | Self::FirstSignIn
            | Self::FirstSignInSms
            | Self::FirstContact
            | Self::Link
            | Self::Official => true,
            Self::Creation => false,
        }
    }
}

/// Which code is asked for: whose, what for, in which journey.
#[derive(Debug, Clone, Copy)]
pub struct Challenge<'a> {
    /// What for.
    pub purpose: Purpose,
    /// Where it is sent.
    pub email: &'a Email,
    /// The journey, bound to a browser: an interaction, or a session.
    pub journey: &'a str,
}

impl Challenge<'_> {
    fn id(&self, key: &MacKey) -> String {
        key.tag(&["email_code", self.purpose.name(), &self.email.key(), self.journey])
    }
}

/// A code that was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SentCode {
    /// Keyed hash.
    #[serde(rename = "m")]
    mac: String,
    /// Expiry.
    #[serde(rename = "u")]
    until: Timestamp,
}

/// The codes of a journey, as stored.
#[derive(Debug, Clone)]
pub struct Row {
    /// The account they were sent to.
    pub account: Option<AccountId>,
    /// The last ones sent, oldest first.
    pub codes: Vec<SentCode>,
    /// Tries made against them.
    pub attempts: i64,
    /// How many were ever sent in this journey.
    pub sent: i64,
    /// When the last one was.
    pub last_sent_at: Timestamp,
    /// When the last one expires, or the trace of a proof goes.
    pub expires_at: Timestamp,
    /// A code was given back right.
    pub consumed: bool,
}

impl Row {
    /// Time before another code may be sent: 30 s after the first, then 60 s, then 120 s.
    fn wait(&self, now: Timestamp) -> Duration {
        let delay = Duration::from_secs(match self.sent {
            ..=1 => 30,
            2 => 60,
            3.. => 120,
        });
        if self.consumed { Duration::ZERO } else { delay.saturating_sub(now.since(self.last_sent_at)) }
    }

    /// Whether a code of this set may still be tried.
    fn open(&self, now: Timestamp, allowed: i64) -> bool {
        !self.consumed && self.expires_at > now && self.attempts < allowed
    }
}

/// What goes out.
#[derive(Debug, Clone)]
pub enum Letter {
    /// A mail that holds the code.
    Code {
        /// Whose account it will prove; none when it is to be created.
        account: Option<AccountId>,
        /// The mail.
        mail: fn(Code, Origin) -> MailMessage,
    },
    /// A mail that holds the code, to the official address of an establishment.
    Official {
        /// Whose place it will prove.
        account: AccountId,
        /// Who asks, and for which establishment.
        claim: Box<OfficialClaim>,
    },
    /// A short message that holds the code, to a mobile.
    Text {
        /// Whose account it will prove.
        account: AccountId,
        /// The mobile.
        to: Mobile,
        /// The message.
        message: fn(Code) -> SmsMessage,
    },
    /// No code will be right; at most this mail tells the truth to the person who reads it.
    Instead(Option<MailMessage>),
}

/// What became of a request for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It is on its way.
    Sent,
    /// One was sent a moment ago; the next after so long.
    TooEarly(Duration),
    /// Too many for this address.
    Limited(Limited),
}

/// The letter for somebody who wants to sign in, to register or to reset a password: M01, M03 or M06, or the mail
/// that says why there is no code. Addresses with and without an account cost the same queries.
pub async fn letter(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, service: Option<&str>) -> Result<Letter> {
    let account = crate::account::store::find_by_login(tx, challenge.email).await?;
    let alive = account.as_ref().is_some_and(Account::is_alive);
    let account = account.map(|a| a.id);
    let mail: fn(Code, Origin) -> MailMessage = match challenge.purpose {
        Purpose::SignIn => |code, origin| MailMessage::SignInCode { code, origin },
        Purpose::Reset => |code, origin| MailMessage::ResetCode { code, origin },
        Purpose::Creation if account.is_some() => {
            return Ok(Letter::Instead(Some(MailMessage::AccountExists { origin: kit.origin(service) })));
        }
        Purpose::Creation => |code, origin| MailMessage::ConfirmAddress { code, origin },
        Purpose::LoginEmail
        | Purpose::ContactEmail
        | Purpose::FirstSignIn
        | Purpose::FirstSignInSms
        | Purpose::FirstContact
        | Purpose::Link
        | Purpose::Official => return Ok(Letter::Instead(None)),
    };
    if challenge.purpose == Purpose::Creation || alive {
        return Ok(Letter::Code { account, mail });
    }
    let first = throttle::take(tx, kit.ctx, Counter::UnknownPerDay, &kit.subject(challenge.email), 1).await?.is_ok();
    Ok(Letter::Instead(first.then(|| MailMessage::NoAccount { origin: kit.origin(service) })))
}

/// The letter that proves a new address of `account`: M08. Whoever signs in with that address already is told instead (M04).
pub async fn letter_of_change(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, account: &AccountId) -> Result<Letter> {
    let mail: fn(Code, Origin) -> MailMessage = match challenge.purpose {
        Purpose::LoginEmail if crate::account::store::find_by_login(tx, challenge.email).await?.is_some() => {
            return Ok(Letter::Instead(Some(MailMessage::AccountExists { origin: kit.origin(None) })));
        }
        Purpose::LoginEmail => |code, origin| MailMessage::ConfirmNewAddress { code, address: Address::Login, origin },
        Purpose::ContactEmail | Purpose::FirstContact => {
            |code, origin| MailMessage::ConfirmNewAddress { code, address: Address::Contact, origin }
        }
        Purpose::Link => |code, origin| MailMessage::LinkCode { code, origin },
        Purpose::SignIn | Purpose::Creation | Purpose::Reset | Purpose::FirstSignIn | Purpose::FirstSignInSms | Purpose::Official => {
            return Ok(Letter::Instead(None));
        }
    };
    Ok(Letter::Code { account: Some(account.clone()), mail })
}

/// Sends a code, unless one was just sent or the address has received too many.
pub async fn send(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, letter: Letter, service: Option<&str>) -> Result<Sending> {
    let (now, id) = (kit.ctx.now(), challenge.id(&kit.keys.code));
    let present = store::find_code(tx, &id).await?;
    let wait = present.as_ref().map_or(Duration::ZERO, |row| row.wait(now));
    if !wait.is_zero() {
        return Ok(Sending::TooEarly(wait));
    }
    if let Err(limited) = take_place(tx, kit, challenge).await? {
        return Ok(Sending::Limited(limited));
    }
    let until = now.plus(kit.config.sign_in.email_code);
    let digits = decimal_code(kit.ctx.rng.as_ref(), 6);
    let code = Code { digits: digits.clone(), validity_minutes: minutes(kit.config.sign_in.email_code) };
    let by_mail = |message| Job::Mail { to: challenge.email.as_str().to_owned(), locale: kit.ctx.locale, message };
    let (account, job) = match letter {
        Letter::Code { account, mail } => (Some(account), Some(by_mail(mail(code, kit.origin(service))))),
        Letter::Official { account, claim } => {
            let message = MailMessage::OfficialCode { code, claim, origin: kit.origin(None) };
            let (to, locale) = (challenge.email.as_str().to_owned(), kit.config.brand.locale);
            (Some(Some(account)), Some(Job::Mail { to, locale, message }))
        }
        Letter::Text { account, to, message } => {
            let job = Job::Sms { to: to.as_str().to_owned(), locale: kit.ctx.locale, message: message(code) };
            (Some(Some(account)), Some(job))
        }
        Letter::Instead(mail) => (None, mail.map(by_mail)),
    };
    // What nobody received is hashed under another name: nothing that is typed can match it.
    let name = if account.is_some() { "code" } else { "mute" };
    let code = SentCode { mac: kit.keys.code.tag(&[name, &id, &digits]), until };
    let sent = present.as_ref().map_or(0, |row| row.sent) + 1;
    let open = present.filter(|row| row.open(now, kit.config.sign_in.email_code_attempts));
    let mut codes = open.as_ref().map(|row| row.codes.clone()).unwrap_or_default();
    codes.push(code);
    codes.drain(..codes.len().saturating_sub(LIVE));
    let row = Row { account: account.flatten(), codes, attempts: 0, sent, last_sent_at: now, expires_at: until, consumed: false };
    let written = match open {
        Some(_) => store::add_code(tx, &id, &row).await?,
        None => store::start_codes(tx, &id, challenge.purpose, &row).await?,
    };
    if written == 0 {
        return Ok(Sending::TooEarly(row.wait(now)));
    }
    record(tx, kit, challenge, row.account.as_ref(), job).await?;
    Ok(Sending::Sent)
}

async fn record(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, account: Option<&AccountId>, job: Option<Job>) -> Result<()> {
    let mut event = Event::new(Kind::CodeSent).with("purpose", challenge.purpose.name());
    if let Some(account) = account {
        event = event.account(account);
    }
    audit::append(tx, kit.ctx, event).await?;
    if let Some(job) = job {
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(())
}

/// Counts a code sent to this address, for whatever purpose and journey.
async fn take_place(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>) -> Result<Result<(), Limited>> {
    if challenge.purpose == Purpose::FirstSignInSms {
        // The mail that goes with it was counted; the worker counts what a number receives.
        return Ok(Ok(()));
    }
    let (limits, subject) = (&kit.config.limits, kit.subject(challenge.email));
    for (counter, limit) in [(Counter::CodesPerHour, limits.codes_per_hour), (Counter::CodesPerDay, limits.codes_per_day)] {
        if let Err(limited) = throttle::take(tx, kit.ctx, counter, &subject, limit).await? {
            let event = Event::new(Kind::Throttled).with("what", "codes").with("purpose", challenge.purpose.name());
            audit::append(tx, kit.ctx, event).await?;
            return Ok(Err(limited));
        }
    }
    Ok(Ok(()))
}

/// Where the codes of a journey stand, for the page that asks for one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Time before another may be sent.
    pub resend_in: Duration,
    /// How many were sent.
    pub sent: i64,
}

/// See [`Standing`].
pub async fn standing(h: &mut impl Handle, kit: &Kit<'_>, challenge: &Challenge<'_>) -> Result<Standing> {
    let row = store::find_code(h, &challenge.id(&kit.keys.code)).await?;
    Ok(row.map_or_else(Standing::default, |row| Standing { resend_in: row.wait(kit.ctx.now()), sent: row.sent }))
}

/// Six digits, as typed: « 123 456 », « code : 123456 », full-width digits, any spaces.
#[derive(Debug, Clone)]
pub struct Digits(String);

impl Digits {
    /// All the digits when there are six, or the only run of six; `None` otherwise.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 400 {
            return None;
        }
        let text: String = typed.chars().map(plain_digit).collect();
        let all: String = text.chars().filter(char::is_ascii_digit).collect();
        if all.len() == 6 {
            return Some(Self(all));
        }
        let mut runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6);
        match (runs.next(), runs.next()) {
            (Some(run), None) => Some(Self(run.to_owned())),
            _ => None,
        }
    }
}

/// Full-width digits (U+FF10 to U+FF19) as typed by some keyboards.
fn plain_digit(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => u8::try_from(u32::from(c) - 0xff10).map_or(c, |d| char::from(b'0' + d)),
        other => other,
    }
}

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// No tries left; another code may be asked for after so long.
    Exhausted {
        /// Time to wait.
        again_in: Duration,
    },
    /// No code is live here.
    Expired,
    /// A code of this journey was given right before.
    Used,
}

/// Proof that a code sent to an address came back, now, in the journey that asked for it.
#[derive(Debug)]
pub struct Proved {
    purpose: Purpose,
    account: Option<AccountId>,
    at: Timestamp,
}

impl Proved {
    /// The account the code was sent to.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Whether the code was asked for this.
    pub fn is_for(&self, purpose: Purpose) -> bool {
        self.purpose == purpose
    }

    /// What opens a session; only for codes asked for to sign in.
    pub fn into_proof(self) -> Option<Proof> {
        match self.purpose {
            Purpose::SignIn => self.account.map(|account| Proof::new(account, Method::EmailCode, self.at)),
            Purpose::Creation
            | Purpose::Reset
            | Purpose::LoginEmail
            | Purpose::ContactEmail
            | Purpose::FirstSignIn
            | Purpose::FirstSignInSms
            | Purpose::FirstContact
            | Purpose::Link
            | Purpose::Official => None,
        }
    }
}

/// Tries a code: counted first, compared with every live one, then spent by one guarded update. Commit whatever the outcome.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, typed: &Digits) -> Result<Result<Proved, Refused>> {
    let (now, id, allowed) = (kit.ctx.now(), challenge.id(&kit.keys.code), kit.config.sign_in.email_code_attempts);
    let Some(attempt) = store::try_code(tx, &id, now, allowed).await? else {
        let row = store::find_code(tx, &id).await?;
        let (refused, account) = why_not(row, now);
        return refuse(tx, kit, challenge, account.as_ref(), refused).await.map(Err);
    };
    let expected = kit.keys.code.tag(&["code", &id, &typed.0]);
    // Every code is compared, so that time does not tell which one matched.
    let matches = attempt.codes.iter().filter(|code| same(&code.mac, &expected) && code.until > now).count();
    let known = attempt.account.is_some() || !challenge.purpose.needs_account();
    if matches == 0 || !known {
        let left = u32::try_from(allowed - attempt.attempts).unwrap_or(0);
        return refuse(tx, kit, challenge, attempt.account.as_ref(), Refused::Wrong { left }).await.map(Err);
    }
    if !store::consume_code(tx, &id, now, now.plus(PROVED_FOR)).await? {
        return refuse(tx, kit, challenge, attempt.account.as_ref(), Refused::Used).await.map(Err);
    }
    if let (Purpose::SignIn | Purpose::Reset, Some(account)) = (challenge.purpose, &attempt.account) {
        crate::account::store::verify_login(tx, account, challenge.email, now).await?;
    }
    Ok(Ok(Proved { purpose: challenge.purpose, account: attempt.account, at: now }))
}

/// Tries two codes that go together: each counted, both compared whatever the first says, both spent or neither. Answers the
/// account they were sent to. Commit whatever the outcome.
pub(in crate::authn) async fn verify_both(
    tx: &mut Tx,
    kit: &Kit<'_>,
    pair: [(&Challenge<'_>, &Digits); 2],
) -> Result<Result<AccountId, Refused>> {
    let (now, allowed) = (kit.ctx.now(), kit.config.sign_in.email_code_attempts);
    let [(first, _), _] = pair;
    let mut found: [Option<AccountId>; 2] = [None, None];
    let mut owner = None;
    let mut left = allowed;
    for ((challenge, typed), found) in pair.into_iter().zip(&mut found) {
        let id = challenge.id(&kit.keys.code);
        let Some(attempt) = store::try_code(tx, &id, now, allowed).await? else {
            let (refused, account) = why_not(store::find_code(tx, &id).await?, now);
            return refuse(tx, kit, challenge, account.as_ref(), refused).await.map(Err);
        };
        let expected = kit.keys.code.tag(&["code", &id, &typed.0]);
        let matches = attempt.codes.iter().filter(|code| same(&code.mac, &expected) && code.until > now).count();
        owner = owner.or_else(|| attempt.account.clone());
        *found = attempt.account.filter(|_| matches > 0);
        left = left.min(allowed - attempt.attempts);
    }
    let [Some(account), Some(other)] = found else {
        let refused = Refused::Wrong { left: u32::try_from(left).unwrap_or(0) };
        return refuse(tx, kit, first, owner.as_ref(), refused).await.map(Err);
    };
    for (challenge, _) in pair {
        if account != other || !store::consume_code(tx, &challenge.id(&kit.keys.code), now, now.plus(PROVED_FOR)).await? {
            return refuse(tx, kit, challenge, Some(&account), Refused::Used).await.map(Err);
        }
    }
    Ok(Ok(account))
}

fn why_not(row: Option<Row>, now: Timestamp) -> (Refused, Option<AccountId>) {
    match row {
        Some(row) if row.consumed => (Refused::Used, row.account),
        Some(row) if row.expires_at > now => (Refused::Exhausted { again_in: row.wait(now) }, row.account),
        Some(row) => (Refused::Expired, row.account),
        None => (Refused::Expired, None),
    }
}

async fn refuse(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>, account: Option<&AccountId>, refused: Refused) -> Result<Refused> {
    let why = match refused {
        Refused::Wrong { .. } => "wrong",
        Refused::Exhausted { .. } => "exhausted",
        Refused::Expired => "expired",
        Refused::Used => "used",
    };
    let mut event = Event::new(Kind::SignInRefused).with("factor", "email_code").with("purpose", challenge.purpose.name()).with("why", why);
    if let Some(account) = account {
        event = event.account(account);
    }
    audit::append(tx, kit.ctx, event).await?;
    Ok(refused)
}

/// Whether a code of this journey was given right, less than half an hour ago.
pub async fn stands(h: &mut impl Handle, kit: &Kit<'_>, challenge: &Challenge<'_>) -> Result<bool> {
    store::stands(h, &challenge.id(&kit.keys.code), kit.ctx.now()).await
}

/// Uses what a code of this journey proved, once: one caller wins.
pub(in crate::authn) async fn redeem(tx: &mut Tx, kit: &Kit<'_>, challenge: &Challenge<'_>) -> Result<Option<Proved>> {
    let now = kit.ctx.now();
    let redeemed = store::redeem(tx, &challenge.id(&kit.keys.code), now).await?;
    Ok(redeemed.map(|account| Proved { purpose: challenge.purpose, account, at: now }))
}

/// Whole minutes, at least one.
pub fn minutes(d: Duration) -> u32 {
    u32::try_from(d.as_secs().div_ceil(60)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_pasted() {
        let read = |typed: &str| Digits::parse(typed).map(|d| d.0);
        for good in [
            "123456",
            " 123 456 ",
            "123\u{a0}456",
            "code : 123456",
            "Votre code : 123 456.",
            "１２３４５６",
            "1-2-3-4-5-6",
            "123456 (15 min)",
        ] {
            assert_eq!(read(good).as_deref(), Some("123456"), "{good}");
        }
        for bad in ["", "12345", "1234567", "abcdef", "123456 654321", "²²²²²²", &"1 ".repeat(300)] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read("000042").as_deref(), Some("000042"));
    }

    #[test]
    fn resending_waits_longer_each_time() {
        let at = Timestamp::from_secs(1_000);
        let row = |sent| Row { account: None, codes: vec![], attempts: 0, sent, last_sent_at: at, expires_at: at, consumed: false };
        assert_eq!([1, 2, 3, 9].map(|sent| row(sent).wait(at).as_secs()), [30, 60, 120, 120]);
        assert_eq!(row(1).wait(Timestamp::from_secs(1_030)), Duration::ZERO);
    }
}
