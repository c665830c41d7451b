//! Names as they are looked for and sorted: small letters without accents. Databases do not agree on the case of `É`, and SQLite
//! knows that of ASCII letters alone: stores keep what is written here beside the name.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The characters of a text: letters small and without accents, ligatures undone, anything else as it stands.
pub fn letters(text: &str) -> impl Iterator<Item = char> {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    bare.flat_map(|c| {
        let (first, second) = match c {
            'œ' => ('o', Some('e')),
            'æ' => ('a', Some('e')),
            'ß' => ('s', Some('s')),
            'ø' => ('o', None),
            'ł' => ('l', None),
            c => (c, None),
        };
        std::iter::once(first).chain(second)
    })
}

/// A name, or a part of one: runs of letters and digits, one space between them. Apostrophes and full stops go without a space:
/// `D’ORMESSON Anne-Élise` → `dormesson anne elise`, `S.N.C.F.` → `sncf`.
///
/// No word is left out and none is read as another, unlike in searches of the register: people type the beginning of a name, and
/// `st` finds Stéphane.
pub fn name(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in letters(text) {
        match c {
            '\'' | '’' | '‘' | 'ʼ' | '`' | '.' => {}
            c if c.is_alphanumeric() => out.push(c),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The names of a person, as they are sorted. Two spaces stand between: all of the Martins come before the Martin-Duponts.
pub fn person(family_name: &str, given_name: &str) -> String {
    format!("{}  {}", name(family_name), name(given_name)).trim().to_owned()
}

/// The pattern, for `LIKE`, of folded names that hold these words in this order: letters, digits and `%` between them, so that nothing
/// needs escaping. Of everything when nothing is typed; of nothing when what is typed has no letter.
pub fn pattern(typed: &str) -> String {
    let words: String = name(typed).chars().take(80).map(|c| if c == ' ' { '%' } else { c }).collect();
    if words.is_empty() && !typed.trim().is_empty() { words } else { format!("%{words}%") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_case_accents_and_signs() {
        for (text, folded) in [
            ("Élodie", "elodie"),
            ("E\u{301}lodie", "elodie"),
            ("D’ORMESSON", "dormesson"),
            ("d'Ormesson", "dormesson"),
            (" Anne-Élise\u{a0} ", "anne elise"),
            ("ÉCOLE DES TROIS CHÊNES", "ecole des trois chenes"),
            ("S.N.C.F. (Réseau)", "sncf reseau"),
            ("Œuvray & ﬁls", "oeuvray fils"),
            ("Strauß Łódź Ångström", "strauss lodz angstrom"),
            ("Nguyễn", "nguyen"),
            ("=SOMME(A1)", "somme a1"),
            ("100 %_\\", "100"),
            ("« ! »", ""),
            ("", ""),
        ] {
            assert_eq!(name(text), folded, "{text}");
        }
    }

    #[test]
    fn people_are_sorted_by_family_name_then_given_name() {
        let mut all = [person("Martin-Dupont", "Alice"), person("Martin", "Zoé"), person("Écuyer", "Élodie"), person("Fabre", "Luc")];
        all.sort();
        assert_eq!(all, ["ecuyer  elodie", "fabre  luc", "martin  zoe", "martin dupont  alice"]);
        assert_eq!((person("", "Zoé"), person("Zoé", ""), person("", "")), ("zoe".to_owned(), "zoe".to_owned(), String::new()));
    }

    #[test]
    fn a_pattern_has_the_words_and_nothing_to_escape() {
        for (typed, expected) in
            [("", "%%"), ("  ", "%%"), ("Élo", "%elo%"), ("ecuyer  Élo", "%ecuyer%elo%"), ("100%_\\", "%100%"), ("%", ""), ("@", "")]
        {
            assert_eq!(pattern(typed), expected, "{typed}");
        }
    }
}
