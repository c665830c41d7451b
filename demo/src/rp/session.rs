//! Who is signed in to this service: a bounded map in memory, keyed by a random cookie.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use openidconnect::CsrfToken;

use super::oidc::{Pending, Tokens};

/// Browsers remembered; the least recently opened session goes first.
const MAX_SESSIONS: usize = 1000;
/// Sign-ins begun and not finished in one browser (several tabs).
const MAX_PENDING: usize = 5;

/// What this service remembers of one browser.
#[derive(Default)]
pub(super) struct Session {
    pub pending: Vec<Pending>,
    pub tokens: Option<Tokens>,
    /// A refresh is under way: a double click must not send the refresh token twice.
    pub refreshing: bool,
    /// `state` sent with the sign-out, to recognise the way back.
    pub logout_state: Option<String>,
    /// Said once on the next page.
    pub notice: Option<&'static str>,
}

impl Session {
    /// Remembers a sign-in that leaves for the hub; the oldest is forgotten beyond a few.
    pub fn begin(&mut self, pending: Pending) {
        if self.pending.len() >= MAX_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(pending);
    }

    /// Takes the sign-in `state` belongs to: it serves once.
    pub fn take_pending(&mut self, state: &str) -> Option<Pending> {
        let at = self.pending.iter().position(|p| p.is_for(state))?;
        Some(self.pending.remove(at))
    }
}

/// All sessions of one service.
pub(super) struct Sessions {
    cookie: String,
    map: Mutex<Map>,
}

#[derive(Default)]
struct Map {
    sessions: HashMap<String, (u64, Session)>,
    opened: u64,
}

impl Sessions {
    /// `key` prefixes the cookie: in `--ports` mode every party shares the host `localhost`, and
    /// browsers do not separate cookies by port.
    pub fn new(key: &str) -> Self {
        Self { cookie: format!("{key}_session"), map: Mutex::default() }
    }

    /// The live session id this request carries.
    pub fn id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.cookie).then_some(value))?;
        self.lock().sessions.contains_key(id).then(|| id.to_owned())
    }

    /// Opens a session and returns its id and `Set-Cookie` value.
    pub fn open(&self, session: Session) -> (String, String) {
        let id = CsrfToken::new_random_len(32).into_secret();
        let mut map = self.lock();
        if map.sessions.len() >= MAX_SESSIONS {
            let oldest = map.sessions.iter().min_by_key(|(_, (seq, _))| *seq).map(|(id, _)| id.clone());
            oldest.map(|id| map.sessions.remove(&id));
        }
        map.opened += 1;
        let seq = map.opened;
        map.sessions.insert(id.clone(), (seq, session));
        let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", self.cookie);
        (id, cookie)
    }

    /// Works on the session, if it still exists.
    pub fn with<T>(&self, id: &str, work: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.lock().sessions.get_mut(id).map(|(_, session)| work(session))
    }

    /// Signs out every session whose tokens are concerned; its person is told on the next page.
    pub fn end(&self, concerned: impl Fn(&Tokens) -> bool, notice: &'static str) {
        for (_, session) in self.lock().sessions.values_mut() {
            if session.tokens.as_ref().is_some_and(&concerned) {
                (session.tokens, session.notice) = (None, Some(notice));
            }
        }
    }

    /// Ends a session and hands over what it held.
    pub fn close(&self, id: &str) -> Option<Session> {
        self.lock().sessions.remove(id).map(|(_, session)| session)
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn carrying(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("other=1; {pair}").parse().unwrap());
        headers
    }

    #[test]
    fn a_session_is_found_by_its_own_cookie_only_and_dies_when_closed() {
        let (dossier, mandat) = (Sessions::new("dossier"), Sessions::new("mandat"));
        let (id, cookie) = dossier.open(Session::default());
        assert_eq!(dossier.id(&carrying(&cookie)), Some(id.clone()));
        assert_eq!(mandat.id(&carrying(&cookie)), None);
        assert!(dossier.close(&id).is_some());
        assert_eq!(dossier.id(&carrying(&cookie)), None);
    }

    #[test]
    fn the_oldest_session_makes_room_when_there_are_too_many() {
        let sessions = Sessions::new("dossier");
        let (first, _) = sessions.open(Session::default());
        let (second, _) = sessions.open(Session::default());
        for _ in 2..=MAX_SESSIONS {
            sessions.open(Session::default());
        }
        assert!(sessions.with(&first, |_| ()).is_none());
        assert!(sessions.with(&second, |_| ()).is_some());
    }
}
