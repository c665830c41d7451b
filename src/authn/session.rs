//! Sessions at the hub: opened by one function from a [`Proof`], looked up by one function that also asks
//! whether session and account are alive.

use std::time::Duration;

use super::policy::{self, Missing};
use super::upstream::Upstreams;
use super::{Method, Proof, proof, store};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, SessionId};
use crate::base::{Aal, Ctx, Eidas, Timestamp};
use crate::config::{Policy, SignIn};
use crate::crypto::{Token, TokenKind};
use crate::db::{Handle, Result, Tx};

/// One thing proved in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// How.
    pub method: Method,
    /// When, last.
    pub at: Timestamp,
}

/// A session row.
#[derive(Debug, Clone)]
pub struct Session {
    /// Identifier; the `sid` claims are made from it, one for each service.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// Opening.
    pub created_at: Timestamp,
    /// Last time the person proved who they are.
    pub auth_time: Timestamp,
    /// What they proved in it, in order; each method once.
    pub proofs: Vec<Proven>,
    /// Last use, to the minute.
    pub last_seen_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// Browser that opened it.
    pub user_agent: Option<String>,
    /// Address that opened it.
    pub address: Option<String>,
    /// The browser was trusted: no code by mail had to follow the password.
    pub spared: bool,
    /// The upstream provider it rests on.
    pub provider: Option<String>,
}

impl Session {
    /// The values of `amr` (RFC 8176), space-separated: what was used, and `mfa` when it amounts to two factors.
    pub fn amr(&self) -> String {
        let mut values = Vec::new();
        for value in self.proofs.iter().flat_map(|p| p.method.amr()) {
            if !values.contains(value) {
                values.push(*value);
            }
        }
        if self.aal() > Aal::One {
            values.push("mfa");
        }
        values.join(" ")
    }

    /// What was proved in it amounts to.
    pub fn aal(&self) -> Aal {
        proof::level(self.proofs.iter().map(|p| p.method))
    }

    /// The highest level FranceConnect vouched for in it.
    pub fn eidas(&self) -> Option<Eidas> {
        self.proofs.iter().filter_map(|p| p.method.eidas()).max()
    }

    /// The same session, as if nothing had been proved up to an instant.
    pub fn since(&self, from: Timestamp) -> Self {
        let mut session = self.clone();
        session.proofs.retain(|p| p.at > from);
        session
    }

    /// What was proved after an instant amounts to.
    pub fn aal_since(&self, from: Timestamp) -> Aal {
        proof::level(self.proofs.iter().filter(|p| p.at > from).map(|p| p.method))
    }

    /// Whether the person proved anew who they are after an instant: a second factor alone does not say who.
    pub fn proved_since(&self, from: Timestamp) -> bool {
        self.proofs.iter().any(|p| p.at > from && p.method.is_first())
    }

    /// Opened by a password that nothing followed, in a browser that is not trusted.
    pub fn password_alone(&self) -> bool {
        !self.spared && self.proofs.iter().all(|p| p.method == Method::Password)
    }

    /// Adds a proof, or its latest time.
    fn add(&mut self, proof: &Proof) {
        self.proofs.retain(|p| p.method != proof.method());
        self.proofs.push(Proven { method: proof.method(), at: proof.at() });
        // A second factor alone does not say who.
        if proof.method().is_first() {
            self.auth_time = proof.at();
        }
        if let Some(voucher) = proof.voucher() {
            self.provider = Some(voucher.provider.clone());
        }
    }
}

/// A session that is alive, of an account that is alive, and as strong as the account demands. Only [`find`] and [`open`]
/// make one.
#[derive(Debug, Clone)]
pub struct LiveSession {
    session: Session,
    account: Account,
}

impl LiveSession {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its account.
    pub fn account(&self) -> &Account {
        &self.account
    }
}

/// A session that is alive but not yet as strong as its account demands: it opens the pages that complete it, nothing else.
#[derive(Debug, Clone)]
pub struct PartialSession {
    session: Session,
    account: Account,
    missing: Missing,
}

impl PartialSession {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What it lacks.
    pub fn missing(&self) -> Missing {
        self.missing
    }
}

/// A session that was found, or just opened.
#[derive(Debug, Clone)]
pub enum Found {
    /// Complete.
    Live(LiveSession),
    /// Something is missing.
    Partial(PartialSession),
}

impl Found {
    fn new(session: Session, account: Account, rules: Rules<'_>, now: Timestamp) -> Self {
        match policy::missing(&session, &account, rules, now) {
            None => Self::Live(LiveSession { session, account }),
            Some(missing) => Self::Partial(PartialSession { session, account, missing }),
        }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        match self {
            Self::Live(live) => &live.session,
            Self::Partial(partial) => &partial.session,
        }
    }

    /// Its account.
    pub fn account(&self) -> &Account {
        match self {
            Self::Live(live) => &live.account,
            Self::Partial(partial) => &partial.account,
        }
    }
}

/// What the operator set about sessions.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Periods.
    pub limits: &'a SignIn,
    /// Demands.
    pub policy: &'a Policy,
    /// Upstream providers that are alive.
    pub upstreams: &'a Upstreams,
}

/// How precisely `last_seen_at` is kept.
pub const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// Takes what was proved: every sign-in ends here. A session of the same account in this browser is strengthened, or proved
/// anew, under a new secret; otherwise one is opened, which a second factor alone cannot do. `None` when the account is not
/// alive, when its domain belongs to a provider alone, or when there is no session left to strengthen. `spared`: the browser is trusted.
pub async fn open(
    tx: &mut Tx,
    ctx: &Ctx,
    rules: Rules<'_>,
    proof: Proof,
    present: Option<&Found>,
    spared: bool,
) -> Result<Option<(Found, Token)>> {
    let Some(account) = crate::account::store::find(tx, proof.account()).await?.filter(Account::is_alive) else {
        return Ok(None);
    };
    let ctx = &ctx.acting_as(crate::base::Actor::Account(account.id.clone()));
    if proof.method().gives_way() && account.login_email.as_ref().is_some_and(|email| rules.upstreams.reserve(email)) {
        return Ok(None);
    }
    let token = Token::new(TokenKind::Session, ctx.rng.as_ref());
    let account = in_time(tx, ctx, rules, account).await?;
    if let Some(own) = present.filter(|p| p.account().id == account.id)
        && let Some(session) = strengthen(tx, ctx, rules, own.session(), &account, &proof, &token).await?
    {
        return Ok(Some((Found::new(session, account, rules, ctx.now()), token)));
    }
    if !proof.method().is_first() {
        return Ok(None);
    }
    if let Some(other) = present {
        end(tx, ctx, &other.session().id, &other.account().id, "replaced").await?;
    }
    let now = ctx.now();
    let mut session = Session {
        id: SessionId::new(now, ctx.rng.as_ref()),
        account_id: account.id.clone(),
        created_at: now,
        auth_time: now,
        proofs: Vec::new(),
        last_seen_at: now,
        expires_at: now,
        user_agent: ctx.user_agent.clone(),
        address: ctx.client_addr.map(|a| a.to_string()),
        spared,
        provider: None,
    };
    session.add(&proof);
    session.expires_at = end_of(&session, &account, rules, now);
    store::insert_session(tx, &session, &token.hash()).await?;
    if let Some(voucher) = proof.voucher() {
        store::put_upstream(tx, &session, voucher).await?;
    }
    let event = Event::new(Kind::SignedIn).account(&account.id).session(&session.id);
    audit::append(tx, ctx, event.with("by", proof.method().name()).with("aal", session.aal().number())).await?;
    Ok(Some((Found::new(session, account, rules, now), token)))
}

/// Begins the time left to set up a second factor, at the first sign-in that one is demanded of.
async fn in_time(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, mut account: Account) -> Result<Account> {
    let begun = !policy::is_to_begin(&account, rules);
    let demanded = begun && policy::of_account(&account, rules.policy).aal > Aal::One;
    if demanded && account.security.enrol_by.is_none() && !account.security.strong() {
        let end = ctx.now().plus(rules.policy.grace);
        crate::account::store::start_grace(tx, &account.id, end).await?;
        account.security.enrol_by = Some(end);
    }
    Ok(account)
}

/// A session that lacks something lives as long as a pending sign-in.
fn end_of(session: &Session, account: &Account, rules: Rules<'_>, now: Timestamp) -> Timestamp {
    match policy::missing(session, account, rules, now) {
        Some(_) => now.plus(rules.limits.interaction),
        None => session.created_at.plus(rules.limits.session_absolute),
    }
}

async fn strengthen(
    tx: &mut Tx,
    ctx: &Ctx,
    rules: Rules<'_>,
    present: &Session,
    account: &Account,
    proof: &Proof,
    token: &Token,
) -> Result<Option<Session>> {
    let mut session = present.clone();
    // What was vouched for at a lower level before says nothing any more.
    if proof.method().is_vouched() {
        session.proofs.retain(|p| !p.method.is_vouched());
    }
    session.add(proof);
    session.last_seen_at = ctx.now();
    session.expires_at = end_of(&session, account, rules, ctx.now());
    if store::prove(tx, &session, &present.proofs, &token.hash()).await? == 0 {
        return Ok(None);
    }
    if let Some(voucher) = proof.voucher() {
        store::put_upstream(tx, &session, voucher).await?;
    }
    let kind = if proof.method().is_first() { Kind::Reauthenticated } else { Kind::Strengthened };
    let event = Event::new(kind).account(&account.id).session(&session.id);
    audit::append(tx, ctx, event.with("by", proof.method().name()).with("aal", session.aal().number())).await?;
    Ok(Some(session))
}

/// The session behind a cookie, if session and account are alive now.
pub async fn find(h: &mut impl Handle, cookie: &str, now: Timestamp, rules: Rules<'_>) -> Result<Option<Found>> {
    let Some(token) = Token::parse(TokenKind::Session, cookie) else { return Ok(None) };
    let Some((session, account)) = store::find_session(h, &token.hash(), now).await? else { return Ok(None) };
    let idle = now.since(session.last_seen_at) >= rules.limits.session_idle;
    let sustained = rules.upstreams.sustain(session.provider.as_deref());
    Ok((!idle && sustained && account.is_alive()).then(|| Found::new(session, account, rules, now)))
}

/// Ends a session and the grants that depend on it; the services opened in it are told. Every session that ends before its time
/// ends here. Answers whether it was open.
pub async fn end(tx: &mut Tx, ctx: &Ctx, id: &SessionId, account: &AccountId, reason: &str) -> Result<bool> {
    let ended = store::end_session(tx, id, account, ctx.now()).await? == 1;
    if ended {
        store::tell_clients(tx, id, account, ctx.now())?;
        audit::append(tx, ctx, Event::new(Kind::SignedOut).account(account).session(id).with("reason", reason)).await?;
    }
    Ok(ended)
}

/// Ends every session of an account but one, and whatever was granted in the others, however long ago, for use without the person
/// (`offline_access`). This is the answer to a theft, or to the fear of one: who held a session may have let a service of theirs in
/// for months, and nothing else would put it out. Whatever closes an account to others passes here; the end of one session, by
/// [`end`], leaves such grants alone.
pub async fn end_all(tx: &mut Tx, ctx: &Ctx, account: &AccountId, except: Option<&SessionId>, reason: &str) -> Result<usize> {
    let mut ended = 0;
    // Sessions are listed by the page.
    loop {
        // Those whose time is over by our clock too: another node's may be behind.
        let open = store::list_sessions(tx, account, Timestamp::from_millis(0)).await?;
        let mut more = 0;
        for session in open.iter().filter(|s| Some(&s.id) != except) {
            more += usize::from(end(tx, ctx, &session.id, account, reason).await?);
        }
        if more == 0 {
            break;
        }
        ended += more;
    }
    let revoked = store::revoke_offline(tx, account, except, ctx.now()).await?;
    if revoked > 0 {
        let event = Event::new(Kind::TokenRevoked).account(account).with("token", "offline");
        audit::append(tx, ctx, event.with("grants", revoked).with("reason", reason)).await?;
    }
    Ok(ended)
}
