//! Sessions at the hub: opened by one function from a [`Proof`], looked up by one function that also asks
//! whether session and account are alive.

use std::time::Duration;

use super::{Method, Proof, store};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, SessionId};
use crate::base::{Ctx, Timestamp};
use crate::config::SignIn;
use crate::crypto::{Token, TokenKind};
use crate::db::{Handle, Result, Tx};

/// A session row.
#[derive(Debug, Clone)]
pub struct Session {
    /// Public identifier, the `sid` claim.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// Opening.
    pub created_at: Timestamp,
    /// Last time the person proved who they are.
    pub auth_time: Timestamp,
    /// How they did.
    pub methods: Vec<Method>,
    /// Last use, to the minute.
    pub last_seen_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// Browser that opened it.
    pub user_agent: Option<String>,
    /// Address that opened it.
    pub address: Option<String>,
}

impl Session {
    /// The values of `amr`, space-separated as stored.
    pub fn amr(&self) -> String {
        self.methods.iter().map(|m| m.amr()).collect::<Vec<_>>().join(" ")
    }
}

/// A session that is alive, of an account that is alive. Only [`find_live`] and [`open`] make one.
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

/// How precisely `last_seen_at` is kept.
pub const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// Opens a session for what was proved: every sign-in ends here. `None` when the account is not alive.
/// A live session of the same account in this browser is proved anew instead of opening another.
pub async fn open(
    tx: &mut Tx,
    ctx: &Ctx,
    limits: &SignIn,
    proof: Proof,
    present: Option<&LiveSession>,
) -> Result<Option<(LiveSession, Option<Token>)>> {
    let Some(account) = crate::account::store::find(tx, proof.account()).await?.filter(Account::is_alive) else {
        return Ok(None);
    };
    let ctx = ctx.acting_as(crate::base::Actor::Account(account.id.clone()));
    if let Some(present) = present.filter(|p| p.account.id == account.id) {
        let mut session = present.session.clone();
        session.auth_time = proof.at();
        session.methods = vec![proof.method()];
        if store::reauthenticate(tx, &session, ctx.now()).await? == 1 {
            let event = Event::new(Kind::Reauthenticated).account(&account.id).session(&session.id);
            audit::append(tx, &ctx, event.with("amr", proof.method().amr())).await?;
            return Ok(Some((LiveSession { session, account }, None)));
        }
    }
    if let Some(other) = present {
        end(tx, &ctx, &other.session.id, &other.account.id, "replaced").await?;
    }
    let token = Token::new(TokenKind::Session, ctx.rng.as_ref());
    let now = ctx.now();
    let session = Session {
        id: SessionId::new(now, ctx.rng.as_ref()),
        account_id: account.id.clone(),
        created_at: now,
        auth_time: proof.at(),
        methods: vec![proof.method()],
        last_seen_at: now,
        expires_at: now.plus(limits.session_absolute),
        user_agent: ctx.user_agent.clone(),
        address: ctx.client_addr.map(|a| a.to_string()),
    };
    store::insert_session(tx, &session, &token.hash()).await?;
    let event = Event::new(Kind::SignedIn).account(&account.id).session(&session.id);
    audit::append(tx, &ctx, event.with("amr", proof.method().amr())).await?;
    Ok(Some((LiveSession { session, account }, Some(token))))
}

/// The live session behind a cookie, if session and account are alive now.
pub async fn find_live(h: &mut impl Handle, cookie: &str, now: Timestamp, limits: &SignIn) -> Result<Option<LiveSession>> {
    let Some(token) = Token::parse(TokenKind::Session, cookie) else { return Ok(None) };
    let Some((session, account)) = store::find_session(h, &token.hash(), now).await? else { return Ok(None) };
    let idle = now.since(session.last_seen_at) >= limits.session_idle;
    Ok((!idle && account.is_alive()).then_some(LiveSession { session, account }))
}

/// Ends a session and the grants that depend on it. Answers whether it was open.
pub async fn end(tx: &mut Tx, ctx: &Ctx, id: &SessionId, account: &AccountId, reason: &str) -> Result<bool> {
    let ended = store::end_session(tx, id, account, ctx.now()).await? == 1;
    if ended {
        audit::append(tx, ctx, Event::new(Kind::SignedOut).account(account).session(id).with("reason", reason)).await?;
    }
    Ok(ended)
}

/// Ends every session of an account but one.
pub async fn end_all(tx: &mut Tx, ctx: &Ctx, account: &AccountId, except: Option<&SessionId>, reason: &str) -> Result<usize> {
    let open = store::list_sessions(tx, account, ctx.now()).await?;
    let mut ended = 0;
    for session in open.iter().filter(|s| Some(&s.id) != except) {
        ended += usize::from(end(tx, ctx, &session.id, account, reason).await?);
    }
    Ok(ended)
}
