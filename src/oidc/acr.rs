//! Authentication context (OpenID Connect Core §2, `acr`): what a sign-in amounts to, in the words of each vocabulary.
//!
//! The whole mapping is the three tables below. ProConnect's follows ProConnect Identité (french-domain §3.3): the person
//! verified, or the link with the establishment approved, makes `eidas0`; both make `eidas1`; two factors add `-mfa`.
//! FranceConnect's levels are only ever relayed from FranceConnect (DESIGN §5).

use super::authorize::Request;
use super::client::Client;
use super::vocabulary::Vocabulary;
use crate::authn::{Method, Session};
use crate::base::{Aal, Eidas};

/// How many of the two other axes are assured: the person, and their link with the establishment they act for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Backing {
    /// Neither.
    #[default]
    Neither,
    /// One of them.
    One,
    /// Both.
    Both,
}

/// What stands behind a sign-in, beside the factors that were proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Assurance {
    /// Person and establishment.
    pub backing: Backing,
    /// What FranceConnect said of this very sign-in.
    pub eidas: Option<Eidas>,
}

impl Assurance {
    /// That of a session for a client. `verified`: a provider verified who the person is. `linked`: the person acts for an
    /// establishment that approved of it.
    pub fn of(client: &Client, verified: bool, linked: bool, session: &Session) -> Self {
        let vouched = verified || (linked && client.metadata.identity_vouched);
        let backing = match (vouched, linked) {
            (true, true) => Backing::Both,
            (true, false) | (false, true) => Backing::One,
            (false, false) => Backing::Neither,
        };
        Self { backing, eidas: session.eidas() }
    }
}

/// A level: its name, and the least it takes on each axis.
struct Level {
    name: &'static str,
    aal: Aal,
    backing: Backing,
    eidas: Option<Eidas>,
}

const fn factors(aal: Aal) -> Level {
    Level { name: aal.name(), aal, backing: Backing::Neither, eidas: None }
}

const fn relayed(eidas: Eidas) -> Level {
    Level { name: eidas.name(), aal: Aal::One, backing: Backing::Neither, eidas: Some(eidas) }
}

const fn backed(name: &'static str, backing: Backing, aal: Aal) -> Level {
    Level { name, aal, backing, eidas: None }
}

// Weakest first: where two are reached, the later one is told.
const STANDARD: &[Level] = &[factors(Aal::One), factors(Aal::Two), factors(Aal::PhishingResistant)];
const FRANCECONNECT: &[Level] = &[relayed(Eidas::One), relayed(Eidas::Two), relayed(Eidas::Three)];
const PROCONNECT: &[Level] = &[
    backed("eidas0", Backing::One, Aal::One),
    backed("eidas0-mfa", Backing::One, Aal::Two),
    backed("eidas1", Backing::Both, Aal::One),
    backed("eidas1-mfa", Backing::Both, Aal::Two),
];

const fn levels(vocabulary: Vocabulary) -> &'static [Level] {
    match vocabulary {
        Vocabulary::Standard => STANDARD,
        Vocabulary::Franceconnect => FRANCECONNECT,
        Vocabulary::Proconnect => PROCONNECT,
    }
}

impl Level {
    /// Whether more factors are enough to reach it.
    fn is_backed(&self, by: &Assurance) -> bool {
        by.backing >= self.backing && (self.eidas.is_none() || by.eidas >= self.eidas)
    }
}

/// Every value published, weakest first in each vocabulary.
pub fn supported() -> Vec<&'static str> {
    let mut all = Vec::new();
    for level in Vocabulary::ALL.into_iter().flat_map(levels) {
        if !all.contains(&level.name) {
            all.push(level.name);
        }
    }
    all
}

/// Whether a vocabulary has a level of this name.
pub fn is_known(vocabulary: Vocabulary, name: &str) -> bool {
    levels(vocabulary).iter().any(|l| l.name == name)
}

/// The values of which one must be reached (OpenID Connect Core §5.5.1.1). FranceConnect's clients say it by `acr_values`, of
/// which the lowest known one counts, the platform's own when none is (french-domain §1.5).
fn demanded(request: &Request) -> Option<Vec<&str>> {
    if let Some(essential) = request.claims.as_ref().and_then(|c| c.essential_acr()) {
        return Some(essential);
    }
    match request.vocabulary {
        Vocabulary::Standard | Vocabulary::Proconnect => None,
        Vocabulary::Franceconnect if request.acr_values.is_empty() => None,
        Vocabulary::Franceconnect => {
            let lowest = request.acr_values.iter().filter_map(|v| Eidas::parse(v)).min();
            Some(vec![lowest.unwrap_or(Eidas::One).name()])
        }
    }
}

/// What a request cannot do without, for this person now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Essential {
    /// Nothing, or this many factors.
    Factors(Aal),
    /// Something else than more factors: an identity to be verified, a link to be approved, a sign-in through FranceConnect.
    Beyond,
}

/// The weakest way to answer what is essential.
pub fn essential(request: &Request, by: &Assurance) -> Essential {
    let Some(values) = demanded(request) else { return Essential::Factors(Aal::One) };
    let within = levels(request.vocabulary).iter().filter(|l| values.contains(&l.name) && l.is_backed(by));
    within.map(|l| l.aal).min().map_or(Essential::Beyond, Essential::Factors)
}

/// Whether no value that is essential exists in the vocabulary of the client.
pub fn is_unsupported(request: &Request) -> bool {
    demanded(request).is_some_and(|values| !values.iter().any(|v| is_known(request.vocabulary, v)))
}

/// The strength wished for without being essential: that of the first of `acr_values` that more factors may reach.
pub fn wished(request: &Request, by: &Assurance) -> Option<Aal> {
    let level = |name: &String| levels(request.vocabulary).iter().find(|l| l.name == name);
    request.acr_values.iter().filter_map(level).find(|l| l.is_backed(by)).map(|l| l.aal)
}

/// The value told to the client: the highest of those asked for that was reached, or the highest reached; none when the vocabulary
/// has no word for so little.
pub fn told(request: &Request, reached: Aal, by: &Assurance) -> Option<&'static str> {
    let essential = request.claims.as_ref().and_then(|c| c.essential_acr()).unwrap_or_default();
    let asked = |name: &str| essential.contains(&name) || request.acr_values.iter().any(|v| v == name);
    let of = || levels(request.vocabulary).iter().filter(|l| reached >= l.aal && l.is_backed(by)).map(|l| l.name);
    of().rfind(|name| asked(name)).or_else(|| of().next_back())
}

/// The values of `amr` told to the client: RFC 8176's, or those of the federations (french-domain §1.6, §2.4).
pub fn methods(vocabulary: Vocabulary, session: &Session) -> String {
    if !vocabulary.is_federal() {
        return session.amr();
    }
    let mut values = Vec::new();
    for value in session.proofs.iter().filter_map(|p| federal(p.method)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if session.aal() > Aal::One {
        values.push("mfa");
    }
    values.join(" ")
}

const fn federal(method: Method) -> Option<&'static str> {
    match method {
        Method::Password => Some("pwd"),
        Method::EmailCode => Some("mail"),
        Method::Totp | Method::OtpCard | Method::RecoveryCode => Some("otp"),
        Method::DeviceKey | Method::SyncedKey => Some("pop"),
        Method::Eidas1 | Method::Eidas2 | Method::Eidas3 => Some("fc"),
        // Neither federation has a word for it, or what was done elsewhere is not told.
        Method::SmsCode | Method::Vouched | Method::VouchedTwice => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::claims::ClaimsRequest;

    fn request(vocabulary: Vocabulary, acr_values: &str, essential: &str) -> Request {
        let claims = (!essential.is_empty()).then(|| {
            let values: Vec<&str> = essential.split(' ').collect();
            ClaimsRequest::parse(&serde_json::json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string())
                .unwrap()
        });
        Request { vocabulary, claims, acr_values: acr_values.split_ascii_whitespace().map(str::to_owned).collect(), ..Request::sample() }
    }

    #[test]
    fn each_standing_has_one_name_in_each_vocabulary() {
        use Vocabulary::{Franceconnect, Proconnect, Standard};
        let (none, fc) = (None, Some(Eidas::Two));
        for (vocabulary, aal, backing, eidas, name) in [
            (Standard, Aal::One, Backing::Neither, none, Some("aal1")),
            (Standard, Aal::Two, Backing::Both, none, Some("aal2")),
            (Standard, Aal::PhishingResistant, Backing::Neither, fc, Some("aal3")),
            (Franceconnect, Aal::PhishingResistant, Backing::Both, none, None),
            (Franceconnect, Aal::One, Backing::Neither, Some(Eidas::One), Some("eidas1")),
            (Franceconnect, Aal::Two, Backing::Neither, fc, Some("eidas2")),
            (Franceconnect, Aal::Two, Backing::Neither, Some(Eidas::Three), Some("eidas3")),
            (Proconnect, Aal::One, Backing::Neither, none, None),
            (Proconnect, Aal::PhishingResistant, Backing::Neither, none, None),
            (Proconnect, Aal::One, Backing::One, none, Some("eidas0")),
            (Proconnect, Aal::Two, Backing::One, none, Some("eidas0-mfa")),
            (Proconnect, Aal::PhishingResistant, Backing::One, none, Some("eidas0-mfa")),
            (Proconnect, Aal::One, Backing::Both, none, Some("eidas1")),
            (Proconnect, Aal::Two, Backing::Both, none, Some("eidas1-mfa")),
            (Proconnect, Aal::PhishingResistant, Backing::Both, fc, Some("eidas1-mfa")),
        ] {
            let by = Assurance { backing, eidas };
            assert_eq!(told(&request(vocabulary, "", ""), aal, &by), name, "{vocabulary:?} {aal:?} {by:?}");
        }
    }

    #[test]
    fn what_was_asked_and_reached_is_told_before_what_was_reached() {
        let by = Assurance { backing: Backing::Both, eidas: None };
        assert_eq!(told(&request(Vocabulary::Proconnect, "eidas1", ""), Aal::Two, &by), Some("eidas1"));
        assert_eq!(told(&request(Vocabulary::Proconnect, "", "eidas1 eidas1-mfa"), Aal::Two, &by), Some("eidas1-mfa"));
        assert_eq!(
            told(&request(Vocabulary::Proconnect, "eidas2", ""), Aal::One, &by),
            Some("eidas1"),
            "what was not reached is never told"
        );
        assert_eq!(told(&request(Vocabulary::Standard, "aal3 aal1", ""), Aal::Two, &by), Some("aal1"));
    }

    #[test]
    fn what_is_essential_takes_factors_or_something_else() {
        use Essential::{Beyond, Factors};
        use Vocabulary::{Franceconnect, Proconnect, Standard};
        let (one, both) = (Assurance { backing: Backing::One, eidas: None }, Assurance { backing: Backing::Both, eidas: None });
        let fc = Assurance { backing: Backing::One, eidas: Some(Eidas::One) };
        for (vocabulary, acr_values, values, by, expected) in [
            (Standard, "aal3", "", one, Factors(Aal::One)),
            (Standard, "", "aal2 aal3", one, Factors(Aal::Two)),
            (Standard, "", "eidas1", both, Beyond),
            (Proconnect, "eidas1-mfa", "", one, Factors(Aal::One)),
            (Proconnect, "", "eidas1", one, Beyond),
            (Proconnect, "", "eidas1", both, Factors(Aal::One)),
            (Proconnect, "", "eidas1-mfa eidas0-mfa", one, Factors(Aal::Two)),
            (Proconnect, "", "eidas2 eidas3", both, Beyond),
            (Franceconnect, "eidas1", "", both, Beyond),
            (Franceconnect, "eidas1", "", fc, Factors(Aal::One)),
            (Franceconnect, "eidas2", "", fc, Beyond),
            (Franceconnect, "eidas3 eidas1", "", fc, Factors(Aal::One)),
            (Franceconnect, "unknown", "", one, Beyond),
            (Franceconnect, "", "", one, Factors(Aal::One)),
        ] {
            assert_eq!(essential(&request(vocabulary, acr_values, values), &by), expected, "{vocabulary:?} {acr_values} {values}");
        }
        assert!(is_unsupported(&request(Proconnect, "", "eidas2 https://proconnect.gouv.fr/assurance/certification-dirigeant")));
        assert!(!is_unsupported(&request(Proconnect, "", "eidas2 eidas1")) && !is_unsupported(&request(Proconnect, "eidas2", "")));
    }

    #[test]
    fn a_wish_that_factors_cannot_grant_is_passed_over() {
        let one = Assurance { backing: Backing::One, eidas: None };
        assert_eq!(wished(&request(Vocabulary::Proconnect, "eidas1-mfa eidas0-mfa", ""), &one), Some(Aal::Two));
        assert_eq!(wished(&request(Vocabulary::Proconnect, "eidas1-mfa", ""), &one), None);
        assert_eq!(wished(&request(Vocabulary::Standard, "unknown aal2", ""), &one), Some(Aal::Two));
    }
}
