//! What people type to find an establishment, and the same as the indexes understand it.

use std::collections::{BTreeSet, HashMap};

use super::fold;
use crate::base::Siret;
use crate::base::siret::Siren;

/// Most words that are looked at; a name has no more that tell it apart.
const MOST: usize = 8;
/// Fewest letters of a name.
const FEWEST: usize = 3;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// One establishment; its check digit may be wrong, as some real ones are.
    Siret(Siret),
    /// The establishments of a unit.
    Siren(Siren),
    /// By name, perhaps at a place.
    Words(Words),
}

/// A search by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Folded words; the last one may be the beginning of one.
    pub words: Vec<String>,
    /// The same of a commune.
    pub commune: Vec<String>,
    /// A postcode, or how it begins.
    pub postcode: Option<String>,
}

/// Why nothing can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// Digits, and neither nine nor fourteen.
    #[error("a SIRET has 14 digits, a SIREN 9")]
    Digits,
    /// Fewer than three letters.
    #[error("fewer than three letters")]
    Short,
}

impl Query {
    /// Reads what was typed: fourteen digits are a SIRET, nine a SIREN, anything else a name; and a postcode or a commune, or
    /// nothing.
    pub fn parse(typed: &str, place: &str) -> Result<Self, Unclear> {
        if let Ok(siret) = Siret::unchecked(typed) {
            return Ok(Self::Siret(siret));
        }
        if let Ok(siren) = Siren::unchecked(typed) {
            return Ok(Self::Siren(siren));
        }
        let bare = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'));
        let digits = bare.clone().count();
        if digits > 5 && bare.clone().all(|c| c.is_ascii_digit()) {
            return Err(Unclear::Digits);
        }
        let mut words = fold::words(typed);
        if words.iter().map(|w| w.chars().count()).sum::<usize>() < FEWEST {
            return Err(Unclear::Short);
        }
        words.truncate(MOST);
        let mut commune = fold::words(place);
        commune.retain(|w| w != "cedex");
        commune.truncate(MOST);
        let is_postcode = |w: &String| (2..=5).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_digit());
        // « 75015 Paris »; the number of « Paris 15 » comes last.
        let postcode = commune.first().filter(|w| is_postcode(w)).cloned();
        if postcode.is_some() {
            commune.remove(0);
        }
        Ok(Self::Words(Words { words, commune, postcode }))
    }
}

/// Letters of a beginning from which [`Endings`] tell which words it may be of; shorter ones have an index of their own, or too
/// many.
pub(super) const LONG: usize = 6;

/// The words of the register that begin so, for beginnings that few words have.
pub(super) type Endings = HashMap<String, Vec<String>>;

/// A word of an index.
enum Term {
    Whole(String),
    Begins(String),
    OneOf(Vec<String>),
}

/// How close a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// A name is these words.
    Exact,
    /// A name begins with the first of them.
    Begins,
    /// They are all there.
    Terms,
}

/// One pass over an index. Beginnings of common words cost the most, as an index merges all it has under them before it gives
/// the first: whole words come before, and [`Endings`] spare long ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    /// Which matches.
    pub(super) tier: Tier,
    /// The last word, of a name and of a place, may be the beginning of one.
    pub(super) begun: bool,
}

impl Words {
    /// The phrase that names are compared with.
    pub(super) fn phrase(&self) -> String {
        self.words.join(" ")
    }

    /// One word, wherever it is.
    pub(super) fn alone(&self) -> bool {
        self.words.len() == 1 && self.commune.is_empty() && self.postcode.is_none()
    }

    /// The words that may be beginnings and are long.
    pub(super) fn begun(&self) -> impl Iterator<Item = &str> {
        [&self.words, &self.commune].into_iter().filter_map(|words| words.last()).filter(|w| w.chars().count() >= LONG).map(String::as_str)
    }

    fn terms(&self, Pass { tier, begun }: Pass, endings: &Endings) -> Vec<Term> {
        let of = |sign: &str, begun: bool, word: &str| match endings.get(word) {
            _ if !begun => Term::Whole(format!("{sign}{word}")),
            Some(words) => Term::OneOf(words.iter().map(|w| format!("{sign}{w}")).collect()),
            None => Term::Begins(format!("{sign}{word}")),
        };
        let last = self.words.len().saturating_sub(1);
        let all = || self.words.iter().enumerate();
        let mut terms: Vec<Term> = match tier {
            Tier::Exact => vec![Term::Whole(exact(&self.phrase()))],
            Tier::Begins => all().map(|(i, w)| of(if i == 0 { "^" } else { "" }, begun && i == last, w)).collect(),
            Tier::Terms => all().map(|(i, w)| of("", begun && i == last, w)).collect(),
        };
        let last = self.commune.len().saturating_sub(1);
        terms.extend(self.commune.iter().enumerate().map(|(i, w)| of("@", begun && i == last && w.len() > 2, w)));
        let postcode = |p: &String| if p.len() < 5 { Term::Begins(format!("@{p}")) } else { Term::Whole(format!("@{p}")) };
        terms.extend(self.postcode.iter().map(postcode));
        terms
    }

    /// For FTS5 of SQLite. Words hold letters and digits only, so nothing needs escaping.
    pub(super) fn sqlite(&self, pass: Pass, endings: &Endings) -> String {
        let one = |t: &Term| match t {
            Term::Whole(w) => format!("\"{w}\""),
            Term::Begins(w) => format!("\"{w}\" *"),
            Term::OneOf(words) => format!("(\"{}\")", words.join("\" OR \"")),
        };
        self.terms(pass, endings).iter().map(one).collect::<Vec<_>>().join(" AND ")
    }

    /// For `tsquery` of PostgreSQL.
    pub(super) fn postgres(&self, pass: Pass, endings: &Endings) -> String {
        let one = |t: &Term| match t {
            Term::Whole(w) => format!("'{w}'"),
            Term::Begins(w) => format!("'{w}':*"),
            Term::OneOf(words) => format!("('{}')", words.join("' | '")),
        };
        self.terms(pass, endings).iter().map(one).collect::<Vec<_>>().join(" & ")
    }
}

/// Those of the words [`indexed`] that beginnings may be of, without repeats.
pub(super) fn long<'a>(indexed: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let bare = |w: &&str| w.chars().count() >= LONG && !w.starts_with(['^', '=', '@']);
    indexed.flat_map(|words| words.split(' ')).filter(bare).collect()
}

/// The word that stands for a whole name.
fn exact(phrase: &str) -> String {
    format!("={:016x}", fold::mark(phrase))
}

/// The words an establishment is found by: those of its names, its commune and postcode; `^` before the first of a name, `=`
/// for a whole name, `@` before those of its place.
pub(super) fn indexed<'a>(names: impl Iterator<Item = &'a str>, commune: &str, postcode: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let words = fold::words(name);
        if let Some(first) = words.first() {
            out.push(format!("^{first}"));
            out.push(exact(&words.join(" ")));
        }
        out.extend(words);
    }
    if out.is_empty() {
        return String::new();
    }
    for place in fold::words(commune).into_iter().filter(|w| w != "cedex").chain((!postcode.is_empty()).then(|| postcode.to_owned())) {
        out.push(format!("@{place}"));
        out.push(place);
    }
    // PostgreSQL refuses longer words; nobody types them.
    out.retain(|w| w.len() <= 200);
    out.sort_unstable();
    out.dedup();
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str, place: &str) -> Words {
        match Query::parse(typed, place).unwrap() {
            Query::Words(words) => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_typed_decides_what_is_searched() {
        for siret in ["73282932000074", "732 829 320 00074", "732.829.320-00074", "88974287600009"] {
            assert!(matches!(Query::parse(siret, ""), Ok(Query::Siret(_))), "{siret}");
        }
        assert!(matches!(Query::parse("732\u{a0}829\u{a0}320", "Paris"), Ok(Query::Siren(_))));
        for digits in ["7328293", "7328293200007", "732829320000741"] {
            assert_eq!(Query::parse(digits, ""), Err(Unclear::Digits), "{digits}");
        }
        for short in ["", " ", "ab", "« »", "l'é", "\u{0}"] {
            assert_eq!(Query::parse(short, "Paris"), Err(Unclear::Short), "{short}");
        }
        assert_eq!(words("le 1234", "").words, ["1234"], "a shop may have a number for a name");
    }

    #[test]
    fn a_place_is_a_postcode_or_a_commune_or_both() {
        let at = |place: &str| {
            let w = words("durand", place);
            (w.postcode.unwrap_or_default(), w.commune.join(" "))
        };
        assert_eq!(at("75015"), ("75015".into(), String::new()));
        assert_eq!(at("75"), ("75".into(), String::new()));
        assert_eq!(at("75015 Paris"), ("75015".into(), "paris".into()));
        assert_eq!(at("Paris 15e"), (String::new(), "paris 15".into()));
        assert_eq!(at("St-Denis Cedex"), (String::new(), "saint denis".into()));
    }

    #[test]
    fn nothing_typed_is_an_operator_of_an_index() {
        let w = words("dur\" OR '*' & (nd) NEAR/2 ^x:*", "'; DROP");
        assert!(w.words.iter().chain(&w.commune).all(|w| w.chars().all(char::is_alphanumeric)), "{w:?}");
        let pass = |tier, begun| Pass { tier, begun };
        let none = Endings::new();
        assert_eq!(words("a & boulangerie dur", "").sqlite(pass(Tier::Terms, true), &none), "\"boulangerie\" AND \"dur\" *");
        assert_eq!(words("boulangerie dur", "Nev").sqlite(pass(Tier::Terms, false), &none), "\"boulangerie\" AND \"dur\" AND \"@nev\"");
        assert_eq!(words("boulangerie dur", "75").postgres(pass(Tier::Begins, true), &none), "'^boulangerie' & 'dur':* & '@75':*");
        let endings = Endings::from([("boulan".to_owned(), vec!["boulanger".to_owned(), "boulangerie".to_owned()])]);
        let begun = words("boulan", "Nevers");
        assert_eq!(begun.begun().collect::<Vec<_>>(), ["boulan", "nevers"]);
        assert_eq!(begun.sqlite(pass(Tier::Terms, true), &endings), "(\"boulanger\" OR \"boulangerie\") AND \"@nevers\" *");
        assert_eq!(begun.postgres(pass(Tier::Begins, true), &endings), "('^boulanger' | '^boulangerie') & '@nevers':*");
        assert_eq!(begun.sqlite(pass(Tier::Terms, false), &endings), "\"boulan\" AND \"@nevers\"", "a whole word is itself");
    }
}
