//! Under `--json`, a command that changes something says what it came to, as one object.

use super::*;

const CAMILLE: &str = "camille@boulangerie.example";
const BAKERY: &str = "73282932000074";

const PLACES: &str = r#"
[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"

[[service]]
id = "aides"
name = "Dépôt des aides"
access = "request"
audience = "professionals"
profiles = [{ id = "lecteur", name = "Lecteur" }]
"#;

#[test]
fn every_change_is_told_as_one_object() {
    let folder = Folder::in_place();
    folder.write("places.toml", PLACES).ok(&["apply", "places.toml"]);
    let stock =
        "serial_number,seed\nGADT0001,3132333435363738393031323334353637383930\nGADT0002,3132333435363738393031323334353637383931\n";
    folder.write("cards.csv", stock).ok(&["card", "import", "cards.csv"]);
    let kid = folder.ok(&["key", "list", "--json"]).json()[0]["kid"].as_str().unwrap().to_owned();
    // What is typed, whether it changes anything, and one member of the object.
    let steps: &[(&[&str], bool, &str, Value)] = &[
        (&["client", "disable", "dossier"], true, "enabled", false.into()),
        (&["client", "disable", "dossier"], false, "enabled", false.into()),
        (&["client", "enable", "dossier"], true, "enabled", true.into()),
        (&["account", "disable", CAMILLE], true, "state", "disabled".into()),
        (&["account", "disable", CAMILLE], false, "state", "disabled".into()),
        (&["account", "enable", CAMILLE], true, "state", "active".into()),
        (&["account", "demand", CAMILLE, "aal2"], true, "required", "aal2".into()),
        (&["account", "demand", CAMILLE, "aal2"], false, "login_email", CAMILLE.into()),
        (&["service", "disable", "aides"], true, "enabled", false.into()),
        (&["service", "disable", "aides"], false, "id", "aides".into()),
        (&["service", "enable", "aides"], true, "enabled", true.into()),
        (&["service", "approver", "add", "aides", CAMILLE], true, "decides", true.into()),
        (&["service", "approver", "add", "aides", CAMILLE], false, "login_email", CAMILLE.into()),
        (&["service", "approver", "remove", "aides", CAMILLE], true, "decides", false.into()),
        (&["membership", "add", CAMILLE, BAKERY], true, "role", "contact".into()),
        (&["membership", "add", CAMILLE, BAKERY], false, "siret", BAKERY.into()),
        (&["membership", "role", CAMILLE, BAKERY, "manager"], true, "role", "manager".into()),
        (&["membership", "role", CAMILLE, BAKERY, "manager"], false, "role", "manager".into()),
        (&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "lecteur"], true, "state", "active".into()),
        (&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "lecteur"], false, "service", "aides".into()),
        (&["habilitation", "suspend", CAMILLE, BAKERY, "aides"], true, "state", "suspended".into()),
        (&["habilitation", "restore", CAMILLE, BAKERY, "aides"], true, "state", "active".into()),
        (&["attestation", "put", CAMILLE, "pix", "--obtained-on", "2026-01-15"], true, "kind", "pix".into()),
        (&["attestation", "put", CAMILLE, "pix", "--obtained-on", "2026-01-15"], false, "login_email", CAMILLE.into()),
        (&["membership", "disable", CAMILLE, BAKERY, "--force"], true, "state", "disabled".into()),
        (&["card", "send", BAKERY, "GADT0001"], true, "siret", BAKERY.into()),
        (&["card", "set-state", "GADT0002", "lost"], true, "state", "lost".into()),
        (&["card", "set-state", "GADT0002", "lost"], false, "serial", "GADT0002".into()),
        (&["key", "revoke", &kid, "--yes"], true, "kid", kid.as_str().into()),
        (&["admin", "add", CAMILLE], true, "administrator", true.into()),
        (&["admin", "add", CAMILLE], false, "administrator", true.into()),
        (&["admin", "remove", CAMILLE], true, "administrator", false.into()),
    ];
    for (typed, changed, member, value) in steps {
        let told = folder.ok(&[*typed, &["--json"][..]].concat()).json();
        assert!(told.is_object(), "{typed:?}: {told}");
        assert_eq!((&told["changed"], &told[*member]), (&Value::from(*changed), value), "{typed:?}: {told}");
    }
}

#[test]
fn without_json_a_change_is_told_in_words() {
    let folder = Folder::in_place();
    for (typed, words) in [
        (&["client", "disable", "dossier"][..], "dossier disabled\n"),
        (&["client", "disable", "dossier"], "dossier was already disabled\n"),
        (&["account", "demand", CAMILLE, "aal2"], "camille@boulangerie.example: aal2 demanded\n"),
    ] {
        let said = folder.ok(typed);
        assert_eq!((said.out.as_str(), said.err.as_str()), ("", words), "{typed:?}");
    }
}

#[test]
fn optional_scopes_are_registered_shown_and_checked() {
    let folder = Folder::in_place();
    let made = [
        "client",
        "create",
        "mandat",
        "--name",
        "Mandats",
        "--redirect-uri",
        "https://mandat.example.fr/cb",
        "--scope",
        "openid email phone",
        "--optional-scope",
        "phone",
    ];
    assert!(folder.ok(&made).out.contains("optional_scope  phone\n"));
    assert_eq!(folder.ok(&["client", "show", "mandat", "--json"]).json()["optional_scope"], "phone");
    for (optional, why) in
        [("openid", "optional_scope: openid: cannot be left out"), ("profile", "optional_scope: profile: not one of scope")]
    {
        let refused = folder.run(&["client", "change", "mandat", "--optional-scope", optional]);
        assert!(refused.code == 1 && refused.err.contains(why), "{} {}", refused.code, refused.err);
    }
    folder.ok(&["client", "change", "mandat", "--unset", "optional_scope"]);
    assert_eq!(folder.ok(&["client", "show", "mandat", "--json"]).json()["optional_scope"], Value::Null);
    let wrong = HUB.replace("consent = \"none\"", "consent = \"none\"\noptional_scope = \"phone\"");
    let refused = folder.write("wrong.toml", &wrong).run(&["apply", "wrong.toml"]);
    assert!(refused.err.contains("wrong.toml:11: client dossier: optional_scope: phone: not one of scope"), "{}", refused.err);
    folder.write("right.toml", &wrong.replace("\"phone\"", "\"email offline_access\"")).ok(&["apply", "right.toml"]);
    assert_eq!(folder.ok(&["client", "show", "dossier", "--json"]).json()["optional_scope"], "email offline_access");
}
