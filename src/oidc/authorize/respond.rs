//! Authorization responses, with `iss` (RFC 9207) and the request's `state`.

use url::Url;

use super::request::{ResponseMode, ReturnAddress};
use crate::crypto::Token;
use crate::oidc::error::OAuthError;

/// An answer ready to leave.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Leaving {
    /// A redirect to this address.
    Redirect(String),
    /// A form posted to this address.
    Form {
        /// Where.
        action: String,
        /// What.
        fields: Vec<(String, String)>,
    },
}

/// A code.
pub fn success(issuer: &str, to: &ReturnAddress, code: &Token) -> Leaving {
    answer(issuer, to, vec![("code", code.as_str())])
}

/// An error.
pub fn error(issuer: &str, to: &ReturnAddress, e: &OAuthError) -> Leaving {
    answer(issuer, to, vec![("error", e.code.as_str()), ("error_description", &e.description)])
}

fn answer<'a>(issuer: &'a str, to: &'a ReturnAddress, mut fields: Vec<(&'a str, &'a str)>) -> Leaving {
    if let Some(state) = &to.state {
        fields.push(("state", state));
    }
    fields.push(("iss", issuer));
    match (to.mode, Url::parse(&to.redirect_uri)) {
        (ResponseMode::Query, Ok(mut url)) => {
            url.query_pairs_mut().extend_pairs(&fields);
            Leaving::Redirect(url.into())
        }
        // Registered URIs parse; the form keeps the exact registered text.
        (ResponseMode::FormPost, _) | (ResponseMode::Query, Err(_)) => Leaving::Form {
            action: to.redirect_uri.clone(),
            fields: fields.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::error::Code;

    #[test]
    fn the_query_of_a_registered_uri_is_kept_and_state_survives_any_character() {
        let state = "a&b=c %\"<\\é+~";
        let to = ReturnAddress { redirect_uri: "https://rp.example/cb?a=1".into(), state: Some(state.into()), mode: ResponseMode::Query };
        let Leaving::Redirect(url) = error("https://sso.example", &to, &OAuthError::new(Code::AccessDenied, "no")) else { panic!() };
        let url = Url::parse(&url).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs[0], ("a".into(), "1".into()));
        assert!(pairs.contains(&("state".into(), state.into())));
        assert!(pairs.contains(&("iss".into(), "https://sso.example".into())));
    }
}
