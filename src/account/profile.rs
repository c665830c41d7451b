//! What people say of themselves: names, telephone, function (ux C-03, P-06).

use super::store;
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Ctx, phone};
use crate::db::{Result, Tx};
use crate::jobs::notice;

/// Longest name or function, in characters.
pub const MAX: usize = 100;

/// Checked values of an identity form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// *Prénom*.
    pub given_name: String,
    /// *Nom*.
    pub family_name: String,
    /// *Téléphone*, in E.164.
    pub phone: Option<String>,
    /// *Fonction*.
    pub job_title: Option<String>,
}

/// What is wrong with a typed identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No given name.
    GivenNameMissing,
    /// Not a name.
    GivenNameRefused,
    /// No family name.
    FamilyNameMissing,
    /// Not a name.
    FamilyNameRefused,
    /// Not a telephone number.
    Phone,
    /// Not a function.
    JobTitle,
}

impl Identity {
    /// Reads what was typed: outer and repeated spaces never matter. Otherwise all faults, in the order of the form.
    pub fn read(given_name: &str, family_name: &str, phone: &str, job_title: &str) -> std::result::Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut name = |typed: &str, missing: Fault, refused: Fault| {
            let name = tidy(typed);
            if name.is_empty() {
                faults.push(missing);
            } else if !is_name(&name) {
                faults.push(refused);
            }
            name
        };
        let given_name = name(given_name, Fault::GivenNameMissing, Fault::GivenNameRefused);
        let family_name = name(family_name, Fault::FamilyNameMissing, Fault::FamilyNameRefused);
        let (typed, job_title) = (tidy(phone), tidy(job_title));
        let phone = phone::e164(&typed);
        if phone.is_none() && !typed.is_empty() {
            faults.push(Fault::Phone);
        }
        if !is_text(&job_title) {
            faults.push(Fault::JobTitle);
        }
        let job_title = Some(job_title).filter(|j| !j.is_empty());
        if faults.is_empty() { Ok(Self { given_name, family_name, phone, job_title }) } else { Err(faults) }
    }
}

/// One space between words, none around.
fn tidy(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Latin letters with any accent, composed or not, and the signs found in names.
fn is_name(name: &str) -> bool {
    let latin = |c: char| c.is_alphabetic() && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let sign = |c: char| matches!(c, ' ' | '\'' | '’' | 'ʼ' | '-' | '‐' | '‑' | '.' | '\u{300}'..='\u{36f}');
    name.chars().count() <= MAX && name.chars().any(latin) && name.chars().all(|c| latin(c) || sign(c))
}

/// Any writing, without the invisible characters that change what others read: controls, directions, joiners, private use.
fn is_text(text: &str) -> bool {
    let hidden = |c: char| {
        let format =
            matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        c.is_control() || format || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
    };
    text.chars().count() <= MAX && !text.chars().any(hidden)
}

/// Writes an identity. Answers whether anything changed; nothing is recorded otherwise.
pub async fn change(tx: &mut Tx, ctx: &Ctx, account: &AccountId, identity: &Identity) -> Result<bool> {
    let changed = store::set_identity(tx, account, identity, ctx.now()).await? == 1;
    if changed {
        audit::append(tx, ctx, Event::new(Kind::ProfileChanged).account(account)).await?;
        notice::claims_changed(tx, ctx, account, None)?;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(given: &str, family: &str, phone: &str, job: &str) -> Vec<Fault> {
        Identity::read(given, family, phone, job).err().unwrap_or_default()
    }

    #[test]
    fn names_are_those_people_have() {
        for name in
            ["J.-P.", "Anne‑Marie", "O’Neil", "d'Ormesson", "Łukasz", "Đỗ", "Nguyễn", "Strauß", "Œuvrard", "E\u{301}lodie", "Ke\u{2bc}aki"]
        {
            assert_eq!(faults(name, name, "", ""), [], "{name}");
        }
        assert_eq!(Identity::read(" Le\u{a0} Goff\t", "X", "", "").unwrap().given_name, "Le Goff");
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let long = "a".repeat(MAX + 1);
        for name in
            ["a\0b", "a\u{202e}b", "a\u{200b}b", "<b>", "a@b.fr", "http://x", "=1+1", ".", "-", "’", "\u{301}", "×", "Иван", "42", &long]
        {
            assert_eq!(faults(name, "Durand", "", ""), [Fault::GivenNameRefused], "{name:?}");
            assert_eq!(faults("Camille", name, "", ""), [Fault::FamilyNameRefused], "{name:?}");
        }
        assert_eq!(faults(" ", "\u{a0}", "1", &long), [Fault::GivenNameMissing, Fault::FamilyNameMissing, Fault::Phone, Fault::JobTitle]);
        assert_eq!(faults("A", "B", "", "chef\u{7}"), [Fault::JobTitle]);
        assert_eq!(faults("A", "B", "", "Chargé·e d’études (R&D) n° 2"), []);
    }

    #[test]
    fn telephone_numbers_become_e164() {
        for (typed, stored) in [
            ("01 23 45 67 89", "+33123456789"),
            ("06.12.34.56.78", "+33612345678"),
            ("+33 (0)1-23-45-67-89", "+33123456789"),
            ("+33 6 12 34 56 78", "+33612345678"),
            ("0033612345678", "+33612345678"),
            ("0692 12 34 56", "+262692123456"),
            ("0590123456", "+590590123456"),
            ("+32 2 555 12 12", "+3225551212"),
            ("+1 (202) 555-0143", "+12025550143"),
        ] {
            assert_eq!(Identity::read("A", "B", typed, "").unwrap().phone.as_deref(), Some(stored), "{typed}");
        }
        for bad in [
            "12",
            "0123",
            "01 23 45 67 8",
            "01 23 45 67 89 0",
            "3939",
            "+0123456789",
            "+33 0123456789",
            "+331234",
            "+1234567890123456",
            "appelez-moi",
            "٠١٢٣٤٥٦٧٨٩",
            "00 12 34 56 78 90 12 34 56",
            "01+23456789",
            "0012",
        ] {
            assert_eq!(faults("A", "B", bad, ""), [Fault::Phone], "{bad}");
        }
        assert_eq!(Identity::read("A", "B", " ", "").unwrap().phone, None);
    }
}
