//! The summary of « Mon compte » (ux P-06).

use axum::response::Response;

use super::sessions::live_sessions;
use crate::account::store;
use crate::base::Email;
use crate::base::phone;
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::view::account::AccountPage;
use crate::web::view::format;

/// `GET /compte`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let mut read = visit.app.db.read().await?;
    let sessions = live_sessions(&mut read, &person).await?;
    let password = store::password_changed_at(&mut read, &account.id).await?;
    drop(read);
    let page = visit.page();
    let address = |e: Option<&Email>| e.map(|e| e.as_str().to_owned()).unwrap_or_default();
    visit.ok(&AccountPage {
        prenom: account.given_name.clone(),
        nom: account.family_name.clone(),
        login_email: address(account.login_email.as_ref()),
        contact_email: address(account.notice_email()),
        telephone: account.phone.as_deref().map(phone::display),
        fonction: account.job_title.clone(),
        password_since: password.map(|at| format::date(page.t, at.millis())),
        level: account.security.reach().number(),
        sessions: u32::try_from(sessions.len()).unwrap_or(u32::MAX),
        last_sign_in: Some(format::date_time(page.t, person.session.session().auth_time.millis())),
        page,
    })
}
