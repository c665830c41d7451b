//! « Appareils connectés » (ux P-14).

use std::collections::HashMap;
use std::time::Duration;

use axum::response::Response;
use serde::Deserialize;

use crate::authn::{Session, session, store, trusted_browser};
use crate::base::device::describe;
use crate::base::id::SessionId;
use crate::db::{self, Handle};
use crate::jobs::{self, Job};
use crate::mail::message::{MailMessage, Origin, SecurityEvent};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::view::account::{SessionLine, SessionsPage};
use crate::web::view::{Notice, format};

const HERE: &str = "/compte/sessions";

/// What the forms hold: one session, or all the others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    session: String,
    autres: String,
}

/// Open sessions of a person that still answer, the current one first.
pub async fn live_sessions(h: &mut impl Handle, person: &Person) -> db::Result<Vec<Session>> {
    let (now, idle) = (person.visit.ctx.now(), person.visit.app.config.sign_in.session_idle);
    let mut sessions = store::list_sessions(h, &person.session.account().id, now).await?;
    let current = &person.session.session().id;
    sessions.retain(|s| &s.id == current || now.since(s.last_seen_at) < idle);
    sessions.sort_by_key(|s| &s.id != current);
    Ok(sessions)
}

/// `GET /compte/sessions`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let mut read = visit.app.db.read().await?;
    let sessions = live_sessions(&mut read, &person).await?;
    let used = store::clients_of_account(&mut read, &person.session.account().id, visit.ctx.now()).await?;
    drop(read);
    let clients = visit.app.clients();
    let mut services: HashMap<String, Vec<String>> = HashMap::new();
    for (session, client) in used {
        if let Some(client) = clients.any(&client) {
            services.entry(session).or_default().push(client.metadata.client_name.clone());
        }
    }
    let page = visit.page();
    let line = |s: Session| SessionLine {
        device: s.user_agent.as_deref().and_then(describe).unwrap_or_default(),
        since: format::date_time(page.t, s.created_at.millis()),
        last_used: format::date_time(page.t, s.last_seen_at.millis()),
        services: services.remove(s.id.as_str()).unwrap_or_default(),
        current: s.id == person.session.session().id,
        id: s.id.as_str().to_owned(),
    };
    let sessions = sessions.into_iter().map(line).collect();
    visit.ok(&SessionsPage { page, sessions })
}

/// `POST /compte/sessions`
pub async fn close(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    if fields.autres == "1" {
        close_others(&person).await?;
        return Ok(person.visit.go_with(HERE, &Notice::OtherSessionsClosed));
    }
    let Some(id) = SessionId::parse(&fields.session) else { return Ok(person.visit.go(HERE)) };
    if id == person.session.session().id {
        return Ok(person.visit.go("/deconnexion"));
    }
    let mut tx = person.visit.app.db.begin().await?;
    let ended = session::end(&mut tx, &person.visit.ctx, &id, &person.session.account().id, "closed").await?;
    tx.commit().await?;
    // The session of another, or one that had ended: the list as it is says enough.
    Ok(if ended { person.visit.go_with(HERE, &Notice::SessionClosed) } else { person.visit.go(HERE) })
}

/// Ends every session of a person but this one and the access of services without them, and tells them by mail.
pub async fn close_others(person: &Person) -> Result<(), Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let mut tx = visit.app.db.begin().await?;
    let ended = session::end_all(&mut tx, &visit.ctx, &account.id, Some(&person.session.session().id), "closed").await?;
    trusted_browser::distrust_all(&mut tx, &super::kit(person), &account.id).await?;
    if ended > 0
        && let Some(to) = account.notice_email()
    {
        let message = MailMessage::SecurityNotice { event: SecurityEvent::SessionsClosed, origin: Origin::of(&visit.ctx, None) };
        let job = Job::Mail { to: to.as_str().to_owned(), locale: account.locale, message };
        jobs::enqueue(&mut tx, &visit.ctx, &visit.app.keys.rest, &job, Duration::ZERO).await?;
    }
    tx.commit().await?;
    Ok(())
}
