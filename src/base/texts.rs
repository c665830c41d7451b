//! The words people read: French and English texts from `textes/{fr,en}/*.ftl`, embedded at build time.
//!
//! Nothing else in the code holds a sentence shown in a page or a mail. Keys are kebab-case and start with the
//! family their file is named after (`sign-in-…` in `sign_in.ftl`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::loader::{LanguageIdentifier, langid};
use serde::{Deserialize, Serialize};

mod embedded {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // in the macro's expansion; a test loads every file
    fluent_templates::static_loader! {
        pub(super) static LOADER = {
            locales: "./textes",
            fallback_language: "fr",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}

static FRENCH: LanguageIdentifier = langid!("fr");
static ENGLISH: LanguageIdentifier = langid!("en");

/// A language the pages and mails exist in. French comes first in every choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

/// The text is not the tag of a language we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown language, expected fr or en")]
pub struct UnknownLocale;

impl Locale {
    /// Every language, in order of preference.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The BCP 47 tag, as in `<html lang>` and the `locale` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Key of the language's own name.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Fr => "common-language-fr",
            Self::En => "common-language-en",
        }
    }

    /// The first language we have of those that a relying party asks for (`ui_locales`, OpenID Connect Core §3.1.2.1: space-separated
    /// tags). It holds for the journey of that request and no longer.
    #[must_use]
    pub fn asked(ui_locales: &str) -> Option<Self> {
        ui_locales.split_ascii_whitespace().find_map(Self::from_tag)
    }

    /// The language where no relying party asks for one: the person's own choice, kept in a cookie, wins over the browser's
    /// `Accept-Language` (RFC 9110 §12.5.4). Unknown or malformed values are skipped; French is the default.
    #[must_use]
    pub fn negotiate(accept_language: Option<&str>, cookie: Option<&str>) -> Self {
        cookie.and_then(Self::from_tag).or_else(|| accept_language.and_then(Self::from_accept_language)).unwrap_or_default()
    }

    /// `fr`, `fr-CA`, `EN_gb` …: only the primary subtag counts.
    fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| primary.eq_ignore_ascii_case(locale.as_str()))
    }

    fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',').take(20) {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().and_then(Self::from_tag) else { continue };
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(best_quality, _)| quality > best_quality) {
                best = Some((quality, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    const fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Fr => &FRENCH,
            Self::En => &ENGLISH,
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|locale| locale.as_str() == tag).ok_or(UnknownLocale)
    }
}

/// The texts in one language. A copyable handle: the texts themselves are static.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Texts(Locale);

impl Texts {
    /// The texts of `locale`.
    #[must_use]
    pub const fn new(locale: Locale) -> Self {
        Self(locale)
    }

    /// The language of these texts.
    #[must_use]
    pub const fn locale(self) -> Locale {
        self.0
    }

    /// The text of `key`. A key that does not exist gives `⟦key⟧`: visible, never an error page (a test
    /// holds every key used in the sources against the files).
    #[must_use]
    pub fn get(self, key: &str) -> String {
        self.lookup(key, None)
    }

    /// The text of `key` with its `{ $name }` places filled. Values are plain text; escaping is the page's work.
    #[must_use]
    pub fn with(self, key: &str, args: &[(&'static str, &str)]) -> String {
        self.lookup(key, Some(&arguments(args)))
    }

    /// Like [`Texts::with`], with `{ $n }` a number that chooses the plural form.
    #[must_use]
    pub fn count(self, key: &str, n: u64, args: &[(&'static str, &str)]) -> String {
        let mut map = arguments(args);
        map.insert(Cow::Borrowed("n"), FluentValue::from(n));
        self.lookup(key, Some(&map))
    }

    fn lookup(self, key: &str, args: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>) -> String {
        embedded::LOADER.lookup_single_language(self.0.identifier(), key, args).unwrap_or_else(|_| format!("⟦{key}⟧"))
    }
}

fn arguments<'a>(args: &[(&'static str, &'a str)]) -> HashMap<Cow<'static, str>, FluentValue<'a>> {
    args.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_wins_over_the_browser_and_a_language_we_lack_is_skipped() {
        let (negotiate, asked) = (Locale::negotiate, Locale::asked);
        assert_eq!((asked("en-GB fr"), asked("de fr-CA"), asked("de"), asked("")), (Some(Locale::En), Some(Locale::Fr), None, None));
        assert_eq!(negotiate(Some("fr"), Some("en")), Locale::En);
        assert_eq!(negotiate(Some("fr"), Some("en-1800000000000")), Locale::En, "with the instant of the choice");
        assert_eq!(negotiate(Some("de, en;q=0.5, fr;q=0.4"), None), Locale::En);
        assert_eq!(negotiate(Some("en;q=0, fr;q=0.1"), None), Locale::Fr, "q=0 refuses");
        assert_eq!(negotiate(Some("en;q=x,,;;"), Some("../../etc")), Locale::Fr, "noise");
        assert_eq!(negotiate(None, None), Locale::Fr);
    }

    #[test]
    fn texts_are_filled_counted_and_never_missing_silently() {
        let (fr, en) = (Texts::new(Locale::Fr), Texts::new(Locale::En));
        assert_eq!(en.with("common-back-to", &[("service", "<b>")]), "Back to <b>");
        assert_eq!(fr.count("common-errors", 1, &[]), "Une erreur empêche de continuer");
        assert_eq!(en.count("common-errors", 3, &[]), "There are 3 problems");
        assert_eq!(fr.get("no-such-key"), "⟦no-such-key⟧");
    }
}
