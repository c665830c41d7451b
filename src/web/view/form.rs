//! Form errors as types, and the emphasis used in sentences.

use crate::base::texts::Texts;

/// What is wrong with a field. Each has one sentence, shown beside the field and in the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No address was typed.
    EmailMissing,
    /// Not the shape of an address.
    EmailMalformed,
    /// The new address is the present one.
    EmailUnchanged,
    /// It signs in to another account; said only to somebody who proved that it is theirs.
    EmailTaken,
    /// Fewer or more than six digits.
    CodeMissing,
    /// Wrong code; so many tries are left.
    CodeWrong(u32),
    /// The code expired and another one was just sent.
    CodeExpired,
    /// No tries left; a new code may be asked for in so many minutes.
    CodeTooManyTries(u32),
    /// The code was asked for in another browser.
    CodeOtherBrowser,
    /// Too many codes were asked for; the next in so many minutes.
    TooManyCodes(u32),
    /// No password was typed.
    PasswordMissing,
    /// Unknown address or wrong password: the same answer for both.
    PasswordWrong,
    /// Wrong present password, asked of someone already signed in.
    CurrentPasswordWrong,
    /// Password sign-in is suspended for this account until this time (« 10 h 42 »).
    PasswordLocked(String),
    /// Fewer than so many characters.
    PasswordTooShort(u32),
    /// Longer than what is accepted.
    PasswordTooLong,
    /// On the list of divulged passwords.
    PasswordDivulged,
    /// Too easy to guess.
    PasswordGuessable,
    /// Contains the address or the name.
    PasswordPersonal,
    /// No given name.
    GivenNameMissing,
    /// No family name.
    FamilyNameMissing,
    /// A name that cannot be kept: too long, or control characters.
    NameRefused,
    /// Not a phone number.
    PhoneMalformed,
    /// No mobile number was typed.
    MobileMissing,
    /// Not a number that can receive SMS.
    MobileMalformed,
    /// A landline.
    Landline,
    /// S-22: not six digits, of the code that came by mail.
    MailCodeMissing,
    /// S-22: not six digits, of the code that came by SMS.
    SmsCodeMissing,
    /// S-22: the codes, or what they were asked with, open nothing.
    FirstSignInRefused,
    /// A function that cannot be kept.
    FunctionRefused,
    /// No means of sign-in was chosen.
    MeansMissing,
    /// The terms were not accepted.
    TermsNotAccepted,
    /// Wrong code of an application.
    ApplicationCodeWrong,
    /// A code that was accepted before.
    CodeReplayed,
    /// Wrong recovery code.
    RecoveryWrong,
    /// Not the shape of a recovery code.
    RecoveryMalformed,
    /// Too many tries of this means; until this time (« 10 h 42 »).
    FactorSuspended(String),
    /// This application is registered already.
    ApplicationEnrolled,
    /// No more applications.
    TooManyApplications,
    /// A name that cannot be kept.
    MeansName,
    /// The codes were not kept.
    CodesNotKept,
    /// Something is wrong with a card.
    Card(super::cards::CardProblem),
    /// Something is wrong about an establishment, a request or rights.
    Org(super::org::OrgProblem),
    /// Something is wrong in the manager's area.
    Place(super::etablissement::PlaceProblem),
}

impl Problem {
    /// The sentence, which says what to do.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::EmailMissing => t.get("errors-email-missing"),
            Self::EmailMalformed => t.get("errors-email-malformed"),
            Self::EmailUnchanged => t.get("errors-email-unchanged"),
            Self::EmailTaken => t.get("errors-email-taken"),
            Self::CodeMissing => t.get("errors-code-missing"),
            Self::CodeWrong(left) => t.count("errors-code-wrong", u64::from(*left), &[]),
            Self::CodeExpired => t.get("errors-code-expired"),
            Self::CodeTooManyTries(minutes) => t.count("errors-code-too-many-tries", u64::from(*minutes), &[]),
            Self::CodeOtherBrowser => t.get("errors-code-other-browser"),
            Self::TooManyCodes(minutes) => t.count("errors-too-many-codes", u64::from(*minutes), &[]),
            Self::PasswordMissing => t.get("errors-password-missing"),
            Self::PasswordWrong => t.get("errors-password-wrong"),
            Self::CurrentPasswordWrong => t.get("errors-current-password-wrong"),
            Self::PasswordLocked(until) => t.with("errors-password-locked", &[("time", until)]),
            Self::PasswordTooShort(least) => t.count("errors-password-too-short", u64::from(*least), &[]),
            Self::PasswordTooLong => t.get("errors-password-too-long"),
            Self::PasswordDivulged => t.get("errors-password-divulged"),
            Self::PasswordGuessable => t.get("errors-password-guessable"),
            Self::PasswordPersonal => t.get("errors-password-personal"),
            Self::GivenNameMissing => t.get("errors-given-name-missing"),
            Self::FamilyNameMissing => t.get("errors-family-name-missing"),
            Self::NameRefused => t.get("errors-name-refused"),
            Self::PhoneMalformed => t.get("errors-phone-malformed"),
            Self::MobileMissing => t.get("errors-mobile-missing"),
            Self::MobileMalformed => t.get("errors-mobile-malformed"),
            Self::Landline => t.get("errors-landline"),
            Self::MailCodeMissing => t.get("errors-code-mail-missing"),
            Self::SmsCodeMissing => t.get("errors-code-sms-missing"),
            Self::FirstSignInRefused => t.get("errors-first-sign-in"),
            Self::FunctionRefused => t.get("errors-function-refused"),
            Self::MeansMissing => t.get("errors-means-missing"),
            Self::TermsNotAccepted => t.get("errors-terms-not-accepted"),
            Self::ApplicationCodeWrong => t.get("factor-error-application"),
            Self::CodeReplayed => t.get("factor-error-replayed"),
            Self::RecoveryWrong => t.get("factor-error-recovery"),
            Self::RecoveryMalformed => t.get("factor-error-recovery-malformed"),
            Self::FactorSuspended(time) => t.with("factor-error-suspended", &[("time", time)]),
            Self::ApplicationEnrolled => t.get("factor-error-enrolled"),
            Self::TooManyApplications => t.get("factor-error-too-many"),
            Self::MeansName => t.get("factor-error-name"),
            Self::CodesNotKept => t.get("factor-error-keep"),
            Self::Card(problem) => problem.text(t),
            Self::Org(problem) => problem.text(t),
            Self::Place(problem) => problem.text(t),
        }
    }
}

/// A problem and the `name` of the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The `name`, also the `id`, of the field.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

/// The problems of a form, in the order of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// No problem.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One problem.
    #[must_use]
    pub fn one(field: &'static str, problem: Problem) -> Self {
        Self(vec![FieldError { field, problem }])
    }

    /// Adds a problem.
    pub fn push(&mut self, field: &'static str, problem: Problem) {
        self.0.push(FieldError { field, problem });
    }

    /// Whether the form is free of problems.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    /// The first problem of this field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&Problem> {
        self.0.iter().find(|error| error.field == field).map(|error| &error.problem)
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }
}

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// The text of `key` as HTML: everything escaped, the arguments inside `<strong>`. The arguments are marked
/// with private-use characters (removed from the values first) so that the sentence can be escaped as a whole.
pub(super) fn emphasise(t: Texts, key: &str, args: &[(&'static str, &str)]) -> String {
    let marked: Vec<(&'static str, String)> =
        args.iter().map(|(name, value)| (*name, format!("{OPEN}{}{CLOSE}", value.replace([OPEN, CLOSE], "")))).collect();
    let marked: Vec<(&'static str, &str)> = marked.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut html = String::new();
    for c in t.with(key, &marked).chars() {
        match c {
            OPEN => html.push_str("<strong>"),
            CLOSE => html.push_str("</strong>"),
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A sentence with a capital letter in front (a text may begin with « ce service »).
pub(super) fn capitalise(sentence: String) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(chars).collect(),
        _ => sentence,
    }
}
