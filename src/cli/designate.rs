//! `guichet account designate`.

use super::account::view;
use super::args::Designate;
use super::out::{Failure, Out};
use crate::account::lifecycle::{self, Details};
use crate::account::{Account, store};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::authn::first_sign_in;
use crate::base::phone::Mobile;
use crate::base::texts::{Locale, Texts};
use crate::base::{Actor, Email, Siret, dates};
use crate::db::Tx;
use crate::org::{self, Membership, Proof, Role};

/// Makes the account a manager of an establishment that is known, who lends its cards.
async fn manager_of(tx: &mut Tx, kit: &Kit<'_>, account: &Account, text: &str) -> Result<(), Failure> {
    let siret = Siret::parse(text).map_err(|e| Failure::Usage(format!("--siret {text}: {e}")))?;
    let Some(establishment) = org::find(tx, &siret).await? else {
        return Err(Failure::NotFound(format!("no establishment {siret}\n  → declare it with [[establishment]], see `guichet apply`")));
    };
    let place = Membership::new(account.id.clone(), establishment, Role::Manager, Proof::Operator);
    let membership = Membership { factors_manage: true, ..place };
    org::put_membership(tx, kit, &membership).await?;
    Ok(())
}

/// Takes back a designation that did not serve.
async fn withdraw(out: Out, app: &App, email: &Email) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let Some(account) = store::find_by_login(&mut tx, email).await? else {
        return Err(Failure::NotFound(format!("no account {email}")));
    };
    let withdrawn = first_sign_in::withdraw(&mut tx, &kit, &account).await?;
    tx.commit().await?;
    let said = if withdrawn { "is no longer designated" } else { "was not designated, or came already" };
    out.changed(withdrawn, view(&account), format_args!("{email} {said}"));
    Ok(())
}

/// Designates the person of this address; makes their account when there is none.
pub async fn run(out: Out, app: &App, args: Designate) -> Result<(), Failure> {
    let email = Email::parse(&args.login_email).map_err(|e| Failure::Usage(format!("{}: {e}", args.login_email)))?;
    let Some(mobile) = &args.mobile else { return withdraw(out, app, &email).await };
    let mobile = Mobile::parse(mobile).map_err(|e| Failure::Usage(format!("--mobile {mobile}: {e}")))?;
    if app.config.sms.url.is_none() {
        return Err(Failure::Refused("no gateway carries SMS: see [sms]".into()));
    }
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let account = match store::find_by_login(&mut tx, &email).await? {
        Some(account) => account,
        None => {
            let (Some(given_name), Some(family_name)) = (args.given_name, args.family_name) else {
                return Err(Failure::NotFound(format!("no account {email}\n  → --given-name and --family-name make it")));
            };
            lifecycle::create(&mut tx, &ctx, Details { given_name, family_name, ..Details::new(email.clone()) }).await?
        }
    };
    if account.security.strong() {
        return Err(Failure::Refused(format!("{email} has a means of connection already: nothing is left to begin")));
    }
    if let Some(text) = &args.siret {
        manager_of(&mut tx, &kit, &account, text).await?;
    }
    let until = first_sign_in::designate(&mut tx, &kit, &account, &mobile).await?;
    tx.commit().await?;
    let mut view = view(&account);
    view.insert("valid_until".to_owned(), until.to_string().into());
    let until = dates::date(Texts::new(Locale::En), until.millis());
    out.changed(true, view, format_args!("{email} is designated, and told by mail; valid until {until}"));
    Ok(())
}
