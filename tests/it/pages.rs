//! Every page, in every language, from sample data: well formed, accessible as far as a program can tell, escaped, small.
//!
//! `GUICHET_SAMPLES=FOLDER cargo nextest run sample_pages_can_be_written` writes them out, to be looked at in a browser.

mod html;
pub mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use guichet::base::texts::{Locale, Texts};
use html::{Html, Tag};
use samples::{Sample, samples};

fn plain(text: &str) -> String {
    text.to_owned()
}

fn each(check: impl Fn(Locale, &Sample, &Html)) {
    for locale in Locale::ALL {
        for sample in samples(locale, &plain) {
            let html = Html::read(&sample.html).unwrap_or_else(|fault| panic!("{} [{locale}]: {fault}", sample.name));
            check(locale, &sample, &html);
        }
    }
}

#[test]
fn every_page_says_its_language_and_has_one_heading_and_a_full_title() {
    each(|locale, sample, html| {
        let name = sample.name;
        assert_eq!(html.all("html").next().and_then(|tag| tag.get("lang")), Some(locale.as_str()), "{name}");
        assert_eq!(html.all("h1").count(), 1, "{name}: h1");
        assert!(html.text_of("h1").is_some(), "{name}: empty h1");
        let title = html.text_of("title").unwrap();
        assert!(title.contains(" – ") && title.ends_with("Portail des aides"), "{name}: {title}");
        let error = Texts::new(locale).get("common-title-error");
        let in_error = html.tags.iter().any(|tag| tag.get("aria-invalid").is_some());
        assert_eq!(title.starts_with(&error), in_error, "{name}: {title}");
        let ranks: Vec<u8> = html.tags.iter().filter_map(|tag| rank(&tag.name)).collect();
        let in_order = ranks.windows(2).all(|pair| pair[1] <= pair[0] + 1);
        assert!(in_order || in_error, "{name}: heading levels {ranks:?}");
    });
}

fn rank(name: &str) -> Option<u8> {
    name.strip_prefix('h')?.parse().ok()
}

#[test]
fn no_page_leaves_a_placeholder_or_a_missing_text() {
    each(|_, sample, html| {
        for mark in ["⟦", "{{", "{%", "{ $", "Some(", "%s"] {
            let shown = html.texts.iter().find(|(_, text)| text.contains(mark));
            assert!(shown.is_none(), "{}: {mark} in {shown:?}", sample.name);
            let waiting = |key: &str| key == "data-waiting" && mark == "%s";
            let value = html.tags.iter().flat_map(|tag| &tag.attributes).find(|(key, value)| value.contains(mark) && !waiting(key));
            assert!(value.is_none(), "{}: {mark} in {value:?}", sample.name);
        }
    });
}

#[test]
fn no_page_holds_a_script_or_a_style_inline() {
    each(|_, sample, html| {
        let name = sample.name;
        assert_eq!(html.all("style").count(), 0, "{name}");
        for tag in &html.tags {
            for (key, value) in &tag.attributes {
                assert!(key != "style" && !key.starts_with("on"), "{name}: {key}");
                assert!(!value.trim_start().to_ascii_lowercase().starts_with("javascript:"), "{name}: {value}");
            }
        }
        for script in html.all("script") {
            assert!(script.get("src").is_some_and(|src| src.starts_with("/statique/")), "{name}: {script:?}");
        }
        for link in html.all("link") {
            assert!(link.get("href").is_some_and(|href| href.starts_with("/statique/")), "{name}: {link:?}");
        }
    });
}

#[test]
fn every_field_has_a_label_and_every_reference_a_target() {
    each(|_, sample, html| {
        let name = sample.name;
        let mut ids = BTreeSet::new();
        for id in html.tags.iter().filter_map(|tag| tag.get("id")) {
            assert!(ids.insert(id), "{name}: id {id} twice");
        }
        let labels: Vec<&str> = html.all("label").filter_map(|label| label.get("for")).collect();
        for input in html.all("input").chain(html.all("select")).filter(|input| input.get("type") != Some("hidden")) {
            assert!(input.get("id").is_some_and(|id| labels.contains(&id)), "{name}: no label for {input:?}");
        }
        for tag in &html.tags {
            let described = ["aria-describedby", "aria-labelledby", "for"].into_iter().filter_map(|key| tag.get(key));
            let anchors = tag.get("href").and_then(|href| href.strip_prefix('#')).into_iter();
            for id in described.chain(anchors) {
                assert!(ids.contains(id), "{name}: nothing has the id {id}");
            }
        }
        for image in html.all("img") {
            assert!(image.get("alt").is_some(), "{name}: {image:?}");
        }
        for table in html.all("th") {
            assert!(table.get("scope").is_some(), "{name}: th without scope");
        }
    });
}

/// WCAG 1.3.5 and the fields' stable names.
const AUTOCOMPLETE: &[(&str, &[&str])] = &[
    ("courriel_contact", &["email"]),
    ("courriel", &["email", "username", "username webauthn"]),
    ("code", &["one-time-code"]),
    ("code_sms", &["one-time-code"]),
    ("mot_de_passe", &["current-password"]),
    ("nouveau_mot_de_passe", &["new-password"]),
    ("prenom", &["given-name"]),
    ("nom", &["family-name"]),
    ("nom_moyen", &["off"]),
    ("code_secours", &["off"]),
    ("code_suivant", &["off"]),
    ("telephone", &["tel"]),
    ("fonction", &["organization-title"]),
    ("numero_serie", &["off"]),
    ("remplacer_par", &["off"]),
    ("nom_cle", &["off"]),
    ("lieu", &["postal-code"]),
    ("fin_jour", &["off"]),
    ("fin_mois", &["off"]),
    ("fin_annee", &["off"]),
];

#[test]
fn fields_tell_browsers_and_password_managers_what_they_are() {
    let table: BTreeMap<&str, &[&str]> = AUTOCOMPLETE.iter().copied().collect();
    each(|_, sample, html| {
        let typed = |input: &&Tag| matches!(input.get("type"), Some("text" | "email" | "password" | "tel"));
        for input in html.all("input").filter(typed) {
            let field = input.get("name").unwrap();
            let allowed = table.get(field).unwrap_or_else(|| panic!("{}: field {field}", sample.name));
            assert!(allowed.contains(&input.get("autocomplete").unwrap_or_default()), "{}: {input:?}", sample.name);
        }
    });
}

#[test]
fn forms_that_change_something_are_posts_with_the_token() {
    each(|_, sample, html| {
        let name = sample.name;
        let forms = html.all("form").count();
        let tokens =
            html.all("input").filter(|input| input.get("name") == Some("jeton") && input.get("value") == Some("jeton-du-formulaire"));
        let without = html.all("form").filter(|form| {
            let action = form.get("action").unwrap();
            action == "/langue" || action.starts_with("https://") || form.get("method") == Some("get")
        });
        assert_eq!(tokens.count(), forms - without.count(), "{name}");
        // What only narrows a list is in the address.
        let looks = ["/services", "/connexion/etablissement", "/etablissements"];
        let may = |form: &Tag| form.get("method") == Some("post") || looks.iter().any(|path| form.get("action").unwrap().starts_with(path));
        assert!(html.all("form").all(may), "{name}");
        let service = html.all("p").any(|p| p.get("class") == Some("leave"));
        assert!(!service || html.all("nav").count() == 1, "{name}: navigation during a sign-in for a service");
    });
}

#[test]
fn without_scripts_there_is_always_something_to_do() {
    each(|_, sample, html| {
        let action = |tag: &&Tag| tag.inside.iter().any(|name| name == "main") && (tag.name == "form" || tag.get("href").is_some());
        assert!(html.tags.iter().any(|tag| action(&tag)), "{}", sample.name);
        for link in html.all("a").filter(|link| link.get("target").is_some()) {
            let title = link.get("title").unwrap_or_default();
            assert!(title.contains("nouvelle fenêtre") || title.contains("new window"), "{}: {link:?}", sample.name);
        }
    });
}

#[test]
fn the_same_words_never_lead_to_two_places() {
    each(|_, sample, html| {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let source = sample.html.split("<main").nth(1).unwrap();
        for piece in source.split("<a ").skip(1) {
            let href = piece.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
            let body = piece.split_once('>').unwrap().1.split("</a>").next().unwrap();
            let words: String = body.split('<').map(|part| part.rsplit('>').next().unwrap()).collect();
            let before = seen.insert(words.clone(), href.clone());
            assert!(before.as_ref().is_none_or(|before| *before == href), "{}: {words} → {before:?}, {href}", sample.name);
        }
        assert!(!html.tags.is_empty());
    });
}

#[test]
fn french_pages_follow_french_typography() {
    each(|locale, sample, html| {
        for (_, text) in html.texts.iter().filter(|(_, text)| locale == Locale::Fr && !text.contains("code_challenge")) {
            if let Some(fault) = super::texts::french_fault(text) {
                panic!("{}: {fault} in « {text} »", sample.name);
            }
        }
    });
}

#[test]
fn hostile_values_stay_text() {
    let hostile = |_: &str| "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u{E000}&".to_owned();
    for locale in Locale::ALL {
        for sample in samples(locale, &hostile) {
            let html = Html::read(&sample.html).unwrap_or_else(|fault| panic!("{}: {fault}", sample.name));
            assert!(html.all("script").all(|script| script.get("src").is_some()), "{}", sample.name);
            assert!(html.all("img").all(|image| image.get("onerror").is_none()), "{}", sample.name);
            assert!(html.texts.iter().any(|(_, text)| text.contains("<script>alert(1)</script>")), "{}: not shown", sample.name);
        }
    }
}

fn gzip(raw: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn the_sign_in_page_weighs_at_most_15_kilobytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let read = |name: &str| fs::read(root.join(name)).unwrap();
    assert!(read("guichet.css").len() <= 30 * 1024 && gzip(&read("guichet.css")) <= 7 * 1024);
    assert!(read("connexion.js").len() <= 7 * 1024 && gzip(&read("connexion.js")) <= 3 * 1024);
    let assets: usize = ["guichet.css", "connexion.js", "icone.svg"].into_iter().map(|name| gzip(&read(name))).sum();
    for sample in samples(Locale::Fr, &plain).iter().filter(|sample| sample.name.starts_with("connexion")) {
        let weight = assets + gzip(sample.html.as_bytes());
        assert!(weight <= 12 * 1024, "{}: {weight} bytes, headers not counted", sample.name);
    }
}

#[test]
fn sample_pages_can_be_written() {
    let Ok(folder) = std::env::var("GUICHET_SAMPLES") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for locale in Locale::ALL {
        let folder = Path::new(&folder).join(locale.as_str());
        fs::create_dir_all(&folder).unwrap();
        for sample in samples(locale, &plain) {
            let mut html = sample.html;
            for asset in ["guichet.css", "espace.css", "connexion.js", "form_post.js", "icone.svg"] {
                html = html.replace(guichet::web::assets::asset_url(asset), asset);
                fs::copy(root.join("assets").join(asset), folder.join(asset)).unwrap();
            }
            fs::write(folder.join(format!("{}.html", sample.name)), html).unwrap();
        }
    }
}
