//! One person of the file.

use super::Outcome;
use super::table::{COLUMNS, Row, Table};
use crate::account::Account;
use crate::account::lifecycle::Details;
use crate::base::{Email, Secret, phone};
use crate::cli::apply::declaration::{AccountEntry, Place};
use crate::crypto::legacy::Foreign;

/// A line that reads well.
pub struct Line {
    /// Line of the file.
    pub number: u64,
    /// What it declares.
    pub entry: AccountEntry,
}

impl Line {
    /// Reads a line. Otherwise everything that is wrong with it, with the address as written.
    pub fn read(table: &Table, row: &Row) -> Result<Self, (String, Vec<String>)> {
        let value = |column: &str| table.value(row, column);
        let address = value("login_email").unwrap_or_default().to_owned();
        let mut wrong: Vec<String> = table.misfit(row).into_iter().collect();
        let mut fault = |member: &str, why: &dyn std::fmt::Display| wrong.push(format!("{member}: {why}"));
        let login_email = Email::parse(&address).map_err(|e| fault("login_email", &e)).ok();
        let contact_email = value("contact_email").map(|t| Email::parse(t).map_err(|e| fault("contact_email", &e)).ok());
        let phone = value("phone").map(|t| {
            let number = phone::e164(t);
            if number.is_none() {
                fault("phone", &"not a telephone number");
            }
            number
        });
        let email_verified = value("email_verified").map(|t| {
            let said = yes_or_no(t);
            if said.is_none() {
                fault("email_verified", &"true or false");
            }
            said
        });
        let locale = value("locale").map(|t| t.parse().map_err(|e: crate::base::texts::UnknownLocale| fault("locale", &e)).ok());
        let password_hash = value("password_hash").map(|t| Foreign::parse(t).map_err(|e| fault("password_hash", &e)).ok());
        let Some(login_email) = login_email.filter(|_| wrong.is_empty()) else { return Err((address, wrong)) };
        let present = COLUMNS.iter().filter(|c| value(c).is_some()).map(|c| (*c).to_owned());
        let number = usize::try_from(row.number).unwrap_or(usize::MAX);
        let place = Place::on_line(format!("account {login_email}"), number, present);
        let text = |column: &str| value(column).map(str::to_owned);
        let entry = AccountEntry {
            place,
            login_email,
            password: None::<Secret>,
            // Whoever brings no password is offered one at the first sign-in.
            to_activate: Some(password_hash.is_none()),
            password_hash: password_hash.flatten(),
            state: None,
            email_verified: email_verified.flatten(),
            contact_email: contact_email.flatten(),
            given_name: text("given_name"),
            family_name: text("family_name"),
            phone: phone.flatten(),
            job_title: text("job_title"),
            locale: locale.flatten(),
        };
        Ok(Self { number: row.number, entry })
    }

    /// What is wrong with it as a new account.
    pub fn as_new(&self) -> Result<Outcome, Vec<String>> {
        let missing = |member: &str| (!self.entry.place.mentions(member)).then(|| format!("{member}: required for a new account"));
        let mut wrong: Vec<String> = ["given_name", "family_name"].into_iter().filter_map(missing).collect();
        if wrong.is_empty() {
            wrong = self.entry.over(Details::new(self.entry.login_email.clone())).problems();
        }
        if wrong.is_empty() { Ok(Outcome::Created) } else { Err(wrong) }
    }

    /// What would become of this account.
    pub fn against(&self, present: &Account) -> Result<Outcome, Vec<String>> {
        // Found by its login e-mail: it has one.
        let Some(before) = Details::of(present) else { return Ok(Outcome::Unchanged) };
        let after = self.entry.over(before.clone());
        let wrong = after.problems();
        let takes_hash = self.entry.password_hash.is_some() && present.awaits_password();
        match (wrong.is_empty(), after == before && !takes_hash) {
            (true, true) => Ok(Outcome::Unchanged),
            (true, false) => Ok(Outcome::Changed),
            (false, _) => Err(wrong),
        }
    }
}

/// As operators and spreadsheets write it.
fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "oui" | "vrai" => Some(true),
        "false" | "0" | "no" | "non" | "faux" => Some(false),
        _ => None,
    }
}
