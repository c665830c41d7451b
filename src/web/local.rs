//! Paths of ours that a request asks to come back to.

use url::Url;

/// The path and query of `asked`, when it is a page of this origin and nothing else: no scheme, no authority, no
/// backslash, no control character. Answered in the normal form of the URL standard.
pub fn path(issuer: &Url, asked: &str) -> Option<String> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '\\';
    if !asked.starts_with('/') || asked.starts_with("//") || asked.len() > 8_000 || !asked.chars().all(plain) {
        return None;
    }
    let url = issuer.join(asked).ok()?;
    if url.origin() != issuer.origin() || url.path().starts_with("//") {
        return None;
    }
    Some(url.query().map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_come_back_to() {
        let issuer = Url::parse("https://sso.example.fr").unwrap();
        let read = |asked: &str| path(&issuer, asked);
        assert_eq!(read("/compte").as_deref(), Some("/compte"));
        assert_eq!(read("/a/../compte?x=1&y=é#f").as_deref(), Some("/compte?x=1&y=%C3%A9"));
        for bad in [
            "",
            "compte",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil",
            "/.//evil.example",
            "/a/..//evil.example",
            " /compte",
            &format!("/{}", "a".repeat(8_000)),
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
