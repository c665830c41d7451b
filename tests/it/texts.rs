//! The texts: the same keys in both languages, every key used exists and every key that exists is used, typography.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const FAMILIES: [&str; 19] = [
    "org",
    "common",
    "sign-in",
    "sign-out",
    "creation",
    "account",
    "errors",
    "mail",
    "sms",
    "static",
    "cards",
    "factor",
    "application",
    "register",
    "recovery",
    "security",
    "browsers",
    "lost",
    "federation",
];

/// Keys made by the code from a part: a text of each of these endings belongs to the key without it.
const ENDINGS: [&str; 7] = ["subject", "intro", "text", "ignore", "title", "link", "hint"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extensions));
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Messages of a language: key → text, in the files' own words.
fn messages(language: &str) -> BTreeMap<String, String> {
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    for file in files(&root().join("textes").join(language), &["ftl"]) {
        let mut key = String::new();
        for line in fs::read_to_string(&file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(' ') {
                messages.get_mut(&key).unwrap().push_str(&format!("\n{}", line.trim()));
            } else if let Some((name, text)) = line.split_once(" =") {
                key = name.to_owned();
                let before = messages.insert(key.clone(), text.trim_start_matches(' ').to_owned());
                assert!(before.is_none(), "{key} twice in {language}");
            } else {
                assert!(line.is_empty(), "{}: {line}", file.display());
            }
        }
    }
    messages
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_places_to_fill() {
    let (fr, en) = (messages("fr"), messages("en"));
    assert_eq!(fr.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
    assert!(fr.len() > 300, "the files were read");
    let places = |text: &str| text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned()).collect::<BTreeSet<_>>();
    for (key, text) in &fr {
        assert_eq!(places(text), places(&en[key]), "{key}");
        assert!(FAMILIES.iter().any(|family| key.starts_with(&format!("{family}-"))), "{key} belongs to no family");
    }
}

/// String literals of the sources that have the shape of a key, and whether they stand in a call that reads a text.
fn literals() -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    let sources = files(&root().join("templates"), &["html", "txt"]).into_iter().chain(files(&root().join("src"), &["rs"]));
    for file in sources {
        let source = fs::read_to_string(&file).unwrap();
        for family in FAMILIES {
            let mark = format!("\"{family}-");
            for (at, _) in source.match_indices(&mark) {
                let literal = source[at + 1..].split('"').next().unwrap();
                let read = [".get(", ".with(", ".count(", ".strong("].iter().any(|call| source[..at].trim_end().ends_with(call));
                let shape = literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-{}".contains(c));
                if shape {
                    *found.entry(literal.to_owned()).or_default() |= read;
                }
            }
        }
    }
    found
}

#[test]
fn every_key_that_the_sources_read_exists() {
    let (fr, literals) = (messages("fr"), literals());
    let read: Vec<&String> = literals.iter().filter(|(_, read)| **read).map(|(key, _)| key).collect();
    assert!(read.len() > 150, "the sources were read");
    let missing: Vec<_> = read.into_iter().filter(|key| !fr.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_key_that_exists_is_used() {
    let literals = literals();
    let made = |key: &str| {
        let ending = ENDINGS.iter().find_map(|ending| key.strip_suffix(&format!("-{ending}")));
        ending.is_some_and(|stem| literals.contains_key(stem) || stem.starts_with("errors-a")) || key.starts_with("common-month-")
    };
    let unused: Vec<_> = messages("fr").into_keys().filter(|key| !literals.contains_key(key) && !made(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// What is wrong with a French text: a plain space where the line must not break, none at all, straight quotes, « cliquez ici ».
pub fn french_fault(text: &str) -> Option<String> {
    let nbsp = |c: char| c == '\u{a0}' || c == '\u{202f}';
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map_or('\u{a0}', |i| chars[i]);
        let after = chars.get(at + 1).copied();
        let fault = match c {
            '?' | '!' | '»' => !nbsp(before) && !"?!".contains(before),
            ':' | ';' => !nbsp(before) && after.is_none_or(char::is_whitespace),
            '«' => !after.is_some_and(nbsp),
            '\'' | '"' => true,
            _ => false,
        };
        if fault {
            return Some(format!("{c} after {before:?}"));
        }
    }
    let lower = text.to_lowercase();
    ["cliquez ici", "cliquer ici", "..."].into_iter().find(|bad| lower.contains(bad)).map(str::to_owned)
}

fn without_syntax(text: &str) -> String {
    text.replace("{\"\u{a0}\"}", "\u{a0}").replace("->", "")
}

#[test]
fn french_texts_follow_french_typography() {
    for (key, text) in messages("fr") {
        assert_eq!(french_fault(&without_syntax(&text)), None, "{key}: {text}");
    }
}

#[test]
fn english_texts_follow_english_typography() {
    for (key, text) in messages("en") {
        let lower = text.to_lowercase();
        let faults = ["'", "\"", "«", "\u{202f}", " ?", " !", " :", " ;", "click here", "..."];
        let found: Vec<_> = faults.iter().filter(|fault| lower.contains(**fault)).collect();
        assert!(found.is_empty(), "{key}: {found:?} in {text}");
    }
}

#[test]
fn the_typography_check_sees_faults() {
    for bad in ["Pourquoi ?", "Pourquoi?", "Ici :", "« x\u{a0}»", "l'eau", "Cliquez ici", "Attendez..."] {
        assert!(french_fault(bad).is_some(), "{bad}");
    }
    for good in ["Pourquoi\u{a0}?", "«\u{a0}x\u{a0}»", "https://a.example/?x=1".trim_end_matches("?x=1"), "10:42"] {
        assert_eq!(french_fault(good), None);
    }
}
