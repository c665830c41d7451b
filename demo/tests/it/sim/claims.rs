//! §1.4 and §1.10: scopes, formats, subjects.

use guichet_demo::sim::{Client, SCOPES};
use serde_json::json;

use super::*;

/// Beside `sub`, what is in user information whatever is asked.
const ALWAYS: [&str; 5] = ["aud", "exp", "iat", "iss", "sub"];

#[tokio::test]
async fn each_scope_gives_its_claims_and_no_other() {
    let pivot = "birthcountry birthdate birthplace family_name gender given_name given_name_array";
    for (scope, expected) in [
        ("", ""),
        ("profile", "birthdate family_name gender given_name given_name_array preferred_username"),
        ("birth", "birthcountry birthplace"),
        ("identite_pivot", pivot),
        ("given_name", "given_name given_name_array"),
        ("family_name", "family_name"),
        ("gender", "gender"),
        ("birthdate", "birthdate"),
        ("birthplace", "birthplace"),
        ("birthcountry", "birthcountry"),
        ("email", "email"),
        ("preferred_username", "preferred_username"),
        ("idp_birthdate", "idp_birthdate"),
        ("idp_id", "idp_id"),
        ("amr", "amr"),
        ("address phone dgfip_rfr", ""),
        ("family_name email", "email family_name"),
    ] {
        let asked = format!("openid {scope}");
        let (_, info) = World::new(vec![client()]).everything(&with(&[("scope", &asked)]), "impots", "nom-usage").await;
        let mut names: Vec<&str> = info.keys().map(String::as_str).filter(|n| !ALWAYS.contains(n)).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), expected, "{scope}");
    }
    assert_eq!(SCOPES.len(), 14);
}

#[tokio::test]
async fn each_person_signs_in_with_the_registered_identity() {
    // id, given names, family name, birth date, birth date as given, sex, place, country
    let table = [
        ("camille", "Camille Claire", "AUBRY", "1984-05-17", "1984-05-17", "female", "75107", "99100"),
        ("accents", "Zoé Noëlle Anaïs", "D’ÉTRÉ-LEFÈVRE", "1990-12-25", "1990-12-25", "female", "29232", "99100"),
        ("nom-usage", "Françoise Marie", "LE GOFF", "1971-02-03", "1971-02-03", "female", "56260", "99100"),
        ("sans-prenom", "", "RAKOTOARIMANANA", "1979-08-30", "1979-08-30", "male", "", "99333"),
        ("etranger-lieu", "Karim", "BENALI", "1988-11-09", "1988-11-09", "male", "", "99350"),
        ("etranger-sans-lieu", "Nadia", "BENALI", "1988-11-09", "1988-11-09", "female", "", "99350"),
        ("corse-2a", "Lisandru", "COLONNA", "1995-07-01", "1995-07-01", "male", "2A004", "99100"),
        ("corse-2b", "Maria Ghjulia", "ALBERTINI", "1966-04-22", "1966-04-22", "female", "2B033", "99100"),
        ("presume-jour", "Amadou", "DIALLO", "1962-03-01", "1962-03-00", "male", "", "99341"),
        ("presume-mois", "Thi Mai", "NGUYEN", "1958-01-01", "1958-00-00", "female", "", "99243"),
        ("rectifie", "Jean-Pierre Marie", "MARTINEZ LOPEZ", "1953-01-31", "1953-01-31", "male", "66136", "99100"),
        ("etat-civil-apres", "Dominique Ève", "MARCHAND", "1992-09-14", "1992-09-14", "female", "44109", "99100"),
        ("genre-non-precise", "Sacha", "RIVIÈRE", "1984-05-17", "1984-05-17", "unspecified", "75107", "99100"),
    ];
    for (id, given, family, born, raw, sex, place, country) in table {
        let asked = with(&[("scope", "openid identite_pivot email idp_birthdate")]);
        let (_, info) = World::new(vec![client()]).everything(&asked, "ameli", id).await;
        let seen = ["given_name", "family_name", "birthdate", "idp_birthdate", "gender", "birthplace", "birthcountry"]
            .map(|n| info[n].as_str().unwrap());
        assert_eq!(seen, [given, family, born, raw, sex, place, country], "{id}");
        let names: Vec<&str> = given.split(' ').filter(|n| !n.is_empty()).collect();
        assert_eq!(info["given_name_array"], json!(names), "{id}");
        assert!(info["email"].as_str().unwrap().contains('@'), "{id}");
        assert!(!info.contains_key("preferred_username"), "{id}: not in identite_pivot");
    }
}

/// Who, as a client knows them, through an identity provider.
async fn subject(world: &World, client: &str, idp: &str, persona: &str) -> String {
    let mut world = world.other();
    let back = world.sign_in_as(&with(&[("client_id", client)]), idp, persona).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", back["code"].as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", client),
        ("client_secret", SECRET),
    ];
    let tokens = world.post("/api/v2/token", &fields).await.json();
    let (_, claims) = world.verified(tokens["id_token"].as_str().unwrap()).await;
    claims["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_subject_depends_on_the_person_and_the_entity_only() {
    let sister = Client { client_id: "soeur".into(), ..client() };
    let stranger = Client { client_id: "etranger".into(), entity_id: "autre".into(), ..client() };
    let world = World::new(vec![client(), sister, stranger]);
    let camille = subject(&world, "fs", "impots", "camille").await;
    assert!(camille.len() == 66 && camille.ends_with("v1") && camille[..64].bytes().all(|b| b.is_ascii_hexdigit()), "{camille}");
    for (client, idp, persona, same) in [
        ("fs", "impots", "camille", true),
        ("fs", "msa", "camille", true),
        ("fs", "yris", "jumeau-mail", true),
        ("soeur", "impots", "camille", true),
        ("etranger", "impots", "camille", false),
        ("fs", "impots", "homonyme", false),
    ] {
        assert_eq!(subject(&world, client, idp, persona).await == camille, same, "{client} {idp} {persona}");
    }
    let before = subject(&world, "fs", "impots", "etat-civil-avant").await;
    assert_ne!(subject(&world, "fs", "impots", "etat-civil-apres").await, before, "a civil-status change makes a new subject");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_subjects_and_codes() {
    let (one, two) = (World::new(vec![client()]), World::new(vec![client()]));
    assert_eq!(one.other().sign_in("camille").await, two.other().sign_in("camille").await);
    let (one, two) = (subject(&one, "fs", "impots", "accents").await, subject(&two, "fs", "impots", "accents").await);
    assert_eq!(one, two);
}
