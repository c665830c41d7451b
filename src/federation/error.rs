//! What went wrong upstream, and what it means for the person (french-domain §1.11).

use super::http;

/// Causes that people are told apart, each with its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// 010004: the registry has somebody close, not the same.
    Close,
    /// 010006: the registry has several.
    Several,
    /// 010007: matched with the name in use only.
    UsageName,
    /// 010008: the registry has nobody.
    NotFound,
    /// 010009: the registry did not understand.
    Malformed,
    /// 010011 to 010013: the registry does not answer.
    Registry,
    /// 010015: told neutrally.
    Neutral,
    /// 0200xx but for the next: the account chosen there cannot be used now.
    Idp,
    /// 020021, 020022 and those like them: several tabs, an altered address, a window left open.
    Lost,
    /// 030030: the person gave up.
    Cancelled,
    /// 1000xx: the account chosen is not strong enough.
    Level,
    /// 100011: the person blocked that account in their preferences.
    Blocked,
    /// 180001: the person asked for their access to be closed.
    Deactivated,
    /// 600006: the account chosen lacks something.
    Incomplete,
    /// 600020: a mandate that does not cover this service.
    Mandate,
    /// The way we ask is refused: the operator's to repair.
    Ours,
    /// It does not answer, or says that it cannot.
    Unavailable,
    /// What it answered was refused: forged, replayed, late, or wrong in itself.
    Untrusted,
    /// Anything else.
    Other,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 19] = [
        Self::Close,
        Self::Several,
        Self::UsageName,
        Self::NotFound,
        Self::Malformed,
        Self::Registry,
        Self::Neutral,
        Self::Idp,
        Self::Lost,
        Self::Cancelled,
        Self::Level,
        Self::Blocked,
        Self::Deactivated,
        Self::Incomplete,
        Self::Mandate,
        Self::Ours,
        Self::Unavailable,
        Self::Untrusted,
        Self::Other,
    ];

    /// The name in the trail.
    pub fn name(self) -> &'static str {
        self.key().trim_start_matches("federation-")
    }

    /// Key of its words: a title and a text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Close => "federation-close",
            Self::Several => "federation-several",
            Self::UsageName => "federation-usage-name",
            Self::NotFound => "federation-not-found",
            Self::Malformed => "federation-malformed",
            Self::Registry => "federation-registry",
            Self::Neutral => "federation-neutral",
            Self::Idp => "federation-idp",
            Self::Lost => "federation-lost",
            Self::Cancelled => "federation-cancelled",
            Self::Level => "federation-level",
            Self::Blocked => "federation-blocked",
            Self::Deactivated => "federation-deactivated",
            Self::Incomplete => "federation-incomplete",
            Self::Mandate => "federation-mandate",
            Self::Ours => "federation-ours",
            Self::Unavailable => "federation-unavailable",
            Self::Untrusted => "federation-untrusted",
            Self::Other => "federation-other",
        }
    }

    /// What six digits mean.
    fn of_code(digits: &str) -> Option<Self> {
        let number: u32 = digits.parse().ok()?;
        Some(match number {
            10_004 => Self::Close,
            10_006 => Self::Several,
            10_007 => Self::UsageName,
            10_008 => Self::NotFound,
            10_009 => Self::Malformed,
            10_011..=10_013 => Self::Registry,
            10_015 => Self::Neutral,
            20_021 | 20_022 | 30_025 | 30_026 | 100_004 | 190_001..=190_013 | 420_001 | 420_002 | 470_001..=470_004 | 510_001 | 510_002 => {
                Self::Lost
            }
            20_017..=20_030 => Self::Idp,
            30_030 => Self::Cancelled,
            100_001 | 100_002 | 100_018 => Self::Level,
            100_011 => Self::Blocked,
            180_001 => Self::Deactivated,
            600_006 => Self::Incomplete,
            600_020 => Self::Mandate,
            30_007 | 30_027 | 30_028 | 30_032 | 100_009 | 100_013 | 100_019 | 330_001 | 330_002 => Self::Ours,
            _ => Self::Other,
        })
    }
}

/// Why a sign-in through an upstream provider did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it means for the person.
    pub cause: Cause,
    /// The code the provider quoted, as people read it to its support: `Y010008`.
    pub code: Option<String>,
    /// For the trail and integrators: never what was received.
    pub why: String,
}

impl Refusal {
    /// Something received that is not taken.
    pub fn untrusted(why: impl Into<String>) -> Self {
        Self { cause: Cause::Untrusted, code: None, why: why.into() }
    }

    /// The provider cannot be used now.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self { cause: Cause::Unavailable, code: None, why: why.into() }
    }

    /// Right in itself, and not taken here.
    pub fn other(why: impl Into<String>) -> Self {
        Self { cause: Cause::Other, code: None, why: why.into() }
    }

    /// An error answer (RFC 6749 §4.1.2.1), with its code when there is one somewhere in its words.
    pub fn answered(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        let code = [description, uri].into_iter().flatten().find_map(quoted);
        let digits = code.as_deref().and_then(|c| c.get(1..));
        let cause = digits.and_then(Cause::of_code).unwrap_or(match error {
            "access_denied" => Cause::Cancelled,
            "temporarily_unavailable" | "server_error" => Cause::Unavailable,
            "invalid_acr" | "unmet_authentication_requirements" => Cause::Level,
            "invalid_request"
            | "unauthorized_client"
            | "unsupported_response_type"
            | "invalid_scope"
            | "invalid_idp_hint"
            | "invalid_client" => Cause::Ours,
            _ => Cause::Other,
        });
        let word: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(60).collect();
        Self { cause, code, why: format!("error {word}") }
    }
}

impl From<http::Failure> for Refusal {
    fn from(e: http::Failure) -> Self {
        match e {
            http::Failure::OutOfReach(_) | http::Failure::TooLarge | http::Failure::Redirect(_) => Self::untrusted(e.to_string()),
            http::Failure::Unreachable(_) => Self::unavailable(e.to_string()),
        }
    }
}

/// The first code of FranceConnect in a text: a prefix and six digits, or `Y04` and five hexadecimal ones.
fn quoted(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_code(word)).map(str::to_owned)
}

/// Whether a word has the form of those codes.
pub fn is_code(word: &str) -> bool {
    let Some(rest) = word.strip_prefix(['Y', 'E']) else { return false };
    let digits = rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_digit());
    let wrapped = rest.len() == 7 && rest.starts_with("04") && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'));
    digits || wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ac_30_ac_31_each_code_has_its_cause() {
        for (code, cause) in [
            ("Y010004", Cause::Close),
            ("E010006", Cause::Several),
            ("Y010007", Cause::UsageName),
            ("Y010008", Cause::NotFound),
            ("E010009", Cause::Malformed),
            ("Y010012", Cause::Registry),
            ("Y010015", Cause::Neutral),
            ("Y020017", Cause::Idp),
            ("Y020021", Cause::Lost),
            ("E020022", Cause::Lost),
            ("Y020027", Cause::Idp),
            ("Y030007", Cause::Ours),
            ("Y030030", Cause::Cancelled),
            ("Y100001", Cause::Level),
            ("Y100011", Cause::Blocked),
            ("Y180001", Cause::Deactivated),
            ("Y190007", Cause::Lost),
            ("Y600006", Cause::Incomplete),
            ("Y600020", Cause::Mandate),
            ("Y999999", Cause::Other),
        ] {
            let refusal = Refusal::answered("access_denied", Some(&format!("something went wrong ({code})")), None);
            assert_eq!((refusal.cause, refusal.code.as_deref()), (cause, Some(code)), "{code}");
        }
        let uri = Refusal::answered("invalid_grant", None, Some("https://docs.example/erreurs?code=Y04C013C&id=1"));
        assert_eq!(uri.code.as_deref(), Some("Y04C013C"));
    }

    #[test]
    fn without_a_code_the_error_itself_says() {
        for (error, cause) in [
            ("access_denied", Cause::Cancelled),
            ("temporarily_unavailable", Cause::Unavailable),
            ("invalid_acr", Cause::Level),
            ("invalid_scope", Cause::Ours),
            ("<script>", Cause::Other),
        ] {
            let refusal = Refusal::answered(error, Some("User auth aborted"), None);
            assert_eq!((refusal.cause, refusal.code), (cause, None), "{error}");
            assert!(!refusal.why.contains('<'));
        }
    }
}
