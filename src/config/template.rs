//! The commented configuration file that `guichet init` writes.

/// Every key with its meaning and default; a test holds it against [`super::Config`].
pub const TEMPLATE: &str = include_str!("template.toml");

/// The template with this issuer filled in.
pub fn with_issuer(issuer: &str) -> String {
    let line = TEMPLATE.lines().find(|l| l.starts_with("#issuer = ")).unwrap_or_default();
    TEMPLATE.replacen(line, &format!("issuer = {}", toml::Value::from(issuer)), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::document::Document;
    use crate::config::shape::{self, Shape};
    use crate::config::{Config, load};

    fn is_key(line: &str) -> bool {
        line.strip_prefix('#').is_some_and(|l| {
            l.starts_with("[[") || l.split_once(" = ").is_some_and(|(k, _)| k.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        })
    }

    /// The template with its keys written out: all of them, or only those that have a default.
    fn written_out(examples: bool) -> String {
        let mut out = Vec::new();
        let mut example = false;
        for line in TEMPLATE.lines() {
            example = line.starts_with("# Unset:") || example && !line.trim().is_empty();
            let shown = is_key(line) && (examples || !example);
            out.push(if shown { line.trim_start_matches('#') } else { line });
        }
        out.join("\n")
    }

    fn keys(path: &[&str], out: &mut Vec<String>) {
        match shape::of::<Config>(path).unwrap() {
            Shape::Table(keys_here) => {
                for key in keys_here {
                    keys(&[path, &[key]].concat(), out);
                }
            }
            Shape::List if matches!(shape::of::<Config>(&[path, &["0"]].concat()), Some(Shape::Table(_))) => {
                keys(&[path, &["0"]].concat(), out);
            }
            _ => out.push(crate::config::document::dotted(&path.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())),
        }
    }

    #[test]
    fn every_key_appears_in_the_template() {
        let text = written_out(true);
        let doc = Document::parse(&text, shape::of::<Config>).unwrap();
        assert!(doc.unknown.is_empty(), "{:?}", doc.unknown);
        let mut expected = Vec::new();
        keys(&[], &mut expected);
        assert!(expected.len() > 40);
        let missing: Vec<&String> = expected.iter().filter(|k| !doc.lines.contains_key(*k)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn what_the_template_calls_a_default_is_the_default() {
        let shown: Config = toml::from_str(&written_out(false)).unwrap();
        assert_eq!(format!("{shown:#?}"), format!("{:#?}", Config::default()));
    }

    #[test]
    fn the_template_as_written_is_a_valid_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guichet.toml");
        std::fs::write(&file, TEMPLATE).unwrap();
        assert!(load(Some(&file), []).is_ok());
        std::fs::write(&file, with_issuer("https://sso.example.fr")).unwrap();
        assert_eq!(load(Some(&file), []).unwrap().server.issuer.as_str(), "https://sso.example.fr/");
    }
}
