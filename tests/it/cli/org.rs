//! Establishments, people, invitations, requests, services and the register, from the command line.

use guichet::account::store as accounts;
use guichet::base::clock::{Clock, SystemClock};
use guichet::base::id::{AskId, InvitationId};
use guichet::base::rng::SeededRng;
use guichet::base::{Email, Siret};
use guichet::db::{Db, Location};
use guichet::org::invitation::{self, Invitation};
use guichet::org::register::stock::Kind;
use guichet::org::request::{self, Request, State, Wish};
use guichet::org::{Establishment, Role};

use super::*;

const BAKERY: &str = "73282932000074";
const TOWN_HALL: &str = "21750001600019";
const GASTON: &str = "gaston@boulangerie.example";
const CAMILLE: &str = "camille@boulangerie.example";

const PEOPLE: &str = r#"
[[account]]
login_email = "gaston@boulangerie.example"
given_name = "Gaston"
family_name = "Petit"
email_verified = true

[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"
official_email = "bonjour@boulangerie.example"
email_domains = ["boulangerie.example"]

[[establishment]]
siret = "21750001600019"
name = "Mairie"

[[service]]
id = "aides"
name = "Dépôt des aides"
access = "request"
audience = "professionals"
profiles = [{ id = "lecteur", name = "Lecteur" }, { id = "instructeur", name = "Instructeur" }]
"#;

fn peopled() -> Folder {
    let folder = Folder::in_place();
    folder.write("people.toml", PEOPLE).ok(&["apply", "people.toml"]);
    folder
}

/// The members of each object of a list, in one word.
fn each(said: &Said, members: &[&str]) -> Vec<String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let all = said.json();
    let line = |v: &Value| members.iter().map(|m| text(&v[*m])).collect::<Vec<_>>().join(" ");
    all.as_array().unwrap().iter().map(line).collect()
}

async fn in_database<T>(folder: &Folder, work: impl AsyncFnOnce(&mut guichet::db::Tx) -> T) -> T {
    let db = Db::open(&Location::Sqlite { path: folder.path("data/guichet.db"), readers: 1 }).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let done = work(&mut tx).await;
    tx.commit().await.unwrap();
    db.close().await;
    done
}

/// Events of a kind in the trail, chained or not.
async fn happened(folder: &Folder, kind: &'static str) -> usize {
    const KINDS: &str = "SELECT kind FROM audit_event ORDER BY id";
    in_database(folder, async |tx| {
        let all: Vec<(String,)> = guichet::sql!(tx, KINDS; (String,); all).unwrap();
        all.into_iter().filter(|(k,)| k == kind).count()
    })
    .await
}

fn bakery() -> Establishment {
    Establishment { siret: Siret::parse(BAKERY).unwrap(), name: "Boulangerie Durand".into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_are_given_and_ended_by_the_rules_of_the_pages() {
    let folder = peopled();
    let standings = |arguments: &[&str]| each(&folder.ok(arguments), &["siret", "standing"]);
    assert_eq!(standings(&["establishment", "list", "--json"]), [format!("{TOWN_HALL} empty"), format!("{BAKERY} empty")]);
    folder.ok(&["membership", "add", GASTON, BAKERY, "--role", "manager"]);
    folder.ok(&["membership", "add", CAMILLE, BAKERY]);
    let places =
        || each(&folder.ok(&["membership", "list", "--siret", BAKERY, "--json"]), &["login_email", "role", "state", "link", "proof"]);
    let both = [format!("{CAMILLE} contact active approved operator"), format!("{GASTON} manager active approved operator")];
    assert_eq!(places(), both);
    assert!(folder.ok(&["membership", "add", CAMILLE, BAKERY]).err.contains("acted already"));
    assert_eq!(standings(&["establishment", "list", "--json"])[1], format!("{BAKERY} managed"));
    let shown = folder.ok(&["establishment", "show", "732 829 320 00074", "--json"]).json();
    assert_eq!((&shown["official_email"], &shown["managers"]), (&"bonjour@boulangerie.example".into(), &1.into()));
    assert_eq!((shown["people"].as_array().unwrap().len(), &shown["email_domains"][0]), (2, &"boulangerie.example".into()));
    assert!(folder.ok(&["establishment", "show", BAKERY]).out.contains("Gaston Petit"));
    // The last manager stays, unless forced, which the trail says.
    for attempt in [&["membership", "disable", GASTON, BAKERY][..], &["membership", "role", GASTON, BAKERY, "contact"]] {
        let refused = folder.run(attempt);
        assert!(refused.code == 3 && refused.err.contains("last manager"), "{} {}", refused.code, refused.err);
    }
    assert_eq!(places(), both, "nothing changed");
    assert_eq!(happened(&folder, "guard.forced").await, 0);
    folder.ok(&["membership", "disable", GASTON, BAKERY, "--force"]);
    assert_eq!(happened(&folder, "guard.forced").await, 1);
    assert_eq!(standings(&["establishment", "list", "--orphan", "--json"]), [format!("{BAKERY} orphan")]);
    assert_eq!(standings(&["establishment", "list", "--idle", "--json"]), Vec::<String>::new());
    folder.ok(&["membership", "enable", GASTON, BAKERY]);
    folder.ok(&["membership", "role", CAMILLE, BAKERY, "manager"]);
    folder.ok(&["membership", "role", GASTON, BAKERY, "contact"]);
    let swapped = [format!("{CAMILLE} manager active approved operator"), format!("{GASTON} contact active approved operator")];
    assert_eq!(places(), swapped, "with another manager there, no force is needed");
    assert_eq!(
        each(&folder.ok(&["membership", "list", "--login-email", GASTON, "--json"]), &["siret", "role"]),
        [format!("{BAKERY} contact")]
    );
    // One whose place has an end is no successor: that is another thing than being alone.
    let dated =
        format!("[[membership]]\nlogin_email = \"{GASTON}\"\nsiret = \"{BAKERY}\"\nrole = \"manager\"\nexpires_on = \"2199-01-31\"\n");
    folder.write("dated.toml", &dated).ok(&["apply", "dated.toml"]);
    let refused = folder.run(&["membership", "disable", CAMILLE, BAKERY]);
    assert!(refused.code == 3 && refused.err.contains("have an end") && !refused.err.contains("last manager"), "{}", refused.err);
    folder.ok(&["membership", "role", GASTON, BAKERY, "contact"]);
    // Whoever has been away for long.
    std::thread::sleep(Duration::from_millis(1_100));
    let idle = folder.run_with(&["establishment", "list", "--idle", "--json"], &[("GUICHET__POLICY__IDLE_MANAGERS", "1s")]);
    assert_eq!(each(&idle, &["siret", "standing"]), [format!("{BAKERY} idle")]);
    // What does not exist, and what makes no sense.
    for (arguments, code) in [
        (&["membership", "add", "personne@boulangerie.example", BAKERY][..], 4),
        (&["membership", "add", GASTON, "35600000000048"], 4),
        (&["membership", "disable", GASTON, TOWN_HALL], 4),
        (&["membership", "role", GASTON, BAKERY, "chef"], 2),
        (&["establishment", "show", "12"], 2),
        (&["membership", "list"], 2),
    ] {
        assert_eq!(folder.run(arguments).code, code, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_are_listed_and_withdrawn() {
    let folder = peopled();
    folder.ok(&["membership", "add", GASTON, BAKERY, "--role", "manager"]);
    let (now, rng) = (SystemClock.now(), SeededRng::new(7));
    let id = in_database(&folder, async |tx| {
        let gaston = accounts::find_by_login(tx, &Email::parse(GASTON).unwrap()).await.unwrap().unwrap();
        let (id, email) = (InvitationId::new(now, &rng), Email::parse("lou@boulangerie.example").unwrap());
        let expires_at = now.plus(Duration::from_secs(86_400));
        let (establishment, role, rights) = (bakery(), Role::Contact, Some(guichet::org::rights::named(["aides:depot"])));
        let one = Invitation { id, establishment, email, role, rights, invited_by: gaston.id, created_at: now, expires_at };
        invitation::store::insert(tx, &one, "hash").await.unwrap();
        one.id.to_string()
    })
    .await;
    let listed = || each(&folder.ok(&["invitation", "list", BAKERY, "--json"]), &["id", "email", "role"]);
    assert_eq!(listed(), [format!("{id} lou@boulangerie.example contact")]);
    let rights = folder.ok(&["invitation", "list", BAKERY, "--json"]).json()[0]["rights"].clone();
    assert_eq!(rights, serde_json::json!(["aides:depot"]));
    assert_eq!(folder.run(&["invitation", "revoke", &id, TOWN_HALL]).code, 4, "it is of another establishment");
    folder.ok(&["invitation", "revoke", &id, BAKERY]);
    assert_eq!((listed(), folder.run(&["invitation", "revoke", &id, BAKERY]).code), (vec![], 4));
    assert_eq!(happened(&folder, "invitation.cancelled").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_read_and_decided() {
    let folder = peopled();
    folder.ok(&["membership", "add", GASTON, BAKERY]);
    let (now, rng) = (SystemClock.now(), SeededRng::new(8));
    let wishes = [
        (CAMILLE, Wish::Join(Role::Contact)),
        (GASTON, Wish::Use { service: "aides".into(), profiles: vec!["lecteur".into(), "instructeur".into()] }),
        (CAMILLE, Wish::Use { service: "aides".into(), profiles: vec!["lecteur".into()] }),
    ];
    let ids = in_database(&folder, async |tx| {
        let mut ids = Vec::new();
        for (who, wish) in wishes {
            let account = accounts::find_by_login(tx, &Email::parse(who).unwrap()).await.unwrap().unwrap().id;
            let request = Request {
                id: AskId::new(now, &rng),
                account,
                establishment: bakery(),
                wish,
                message: Some("Bonjour".into()),
                state: State::Pending,
                granted: None,
                reason: None,
                decided_by: None,
                decided_at: None,
                reminders: 0,
                reminded_at: None,
                claim_at: None,
                created_at: now,
            };
            assert_eq!(request::store::insert(tx, &request, now).await.unwrap(), 1);
            ids.push(request.id.to_string());
        }
        ids
    })
    .await;
    let waiting = |arguments: &[&str]| {
        let mut found = each(&folder.ok(arguments), &["kind", "login_email"]);
        found.sort();
        found
    };
    let of_bakery = waiting(&["request", "list", "--siret", BAKERY, "--json"]);
    assert_eq!(of_bakery, [format!("join {CAMILLE}"), format!("use {CAMILLE}"), format!("use {GASTON}")]);
    assert_eq!(waiting(&["request", "list", "--service", "aides", "--json"]).len(), 2);
    assert_eq!(folder.ok(&["request", "show", &ids[1], "--json"]).json()["profiles"][1], "instructeur");
    // Who has no place there is granted nothing.
    let gone = folder.run(&["request", "accept", &ids[2]]);
    assert!(gone.code == 3 && gone.err.contains("left the establishment"), "{} {}", gone.code, gone.err);
    folder.ok(&["request", "accept", &ids[0], "--role", "manager"]);
    folder.ok(&["request", "accept", &ids[1], "--profile", "lecteur"]);
    folder.ok(&["request", "decline", &ids[2], "--reason", "Une autre fois"]);
    let state = |id: &str| folder.ok(&["request", "show", id, "--json"]).json()["state"].as_str().unwrap().to_owned();
    assert_eq!(ids.iter().map(|id| state(id)).collect::<Vec<_>>(), ["accepted", "partly", "declined"]);
    assert_eq!(folder.run(&["request", "accept", &ids[2]]).code, 3, "once");
    assert_eq!(folder.run(&["request", "show", "ask_x"]).code, 4);
    assert_eq!(folder.run(&["request", "list"]).code, 2);
    let places = each(&folder.ok(&["membership", "list", "--siret", BAKERY, "--json"]), &["login_email", "role"]);
    assert_eq!(places, [format!("{CAMILLE} manager"), format!("{GASTON} contact")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_are_closed_and_opened() {
    let folder = peopled();
    let states = || each(&folder.ok(&["service", "list", "--json"]), &["id"]);
    assert_eq!(states(), ["aides"]);
    assert!(folder.ok(&["service", "show", "aides"]).out.contains("Dépôt des aides"));
    folder.ok(&["service", "disable", "aides"]);
    assert!(folder.ok(&["service", "list"]).out.contains("disabled"));
    folder.ok(&["service", "enable", "aides"]);
    assert!(folder.ok(&["service", "list"]).out.contains("enabled"));
    assert_eq!((folder.run(&["service", "show", "x"]).code, folder.run(&["service", "disable", "x"]).code), (4, 4));
    let approver = |act: &str, more: &[&str]| folder.run(&[&["service", "approver", act, "aides", GASTON], more].concat()).code;
    assert_eq!([approver("add", &["--scope", "732 829 320"]), approver("add", &["--scope", "12"]), approver("remove", &[])], [0, 2, 4]);
    let named = || folder.ok(&["service", "show", "aides", "--json"]).json()["approvers"].clone();
    assert_eq!(named(), serde_json::json!([{ "login_email": GASTON, "scope": "732829320" }]));
    assert_eq!(approver("remove", &["--scope", "732829320"]), 0);
    assert_eq!(named(), serde_json::json!([]));
    assert_eq!(happened(&folder, "service.changed").await, 3, "declared, closed, opened");
}

#[test]
fn the_register_is_imported_shown_and_searched() {
    let folder = Folder::in_place();
    let file = |kind| crate::register::demo(kind).to_str().unwrap().to_owned();
    let (units, establishments) = (file(Kind::Units), file(Kind::Establishments));
    let import = ["register", "import", "--units", &units, "--establishments", &establishments, "--json"];
    let dry = folder.ok(&[&import[..], &["--dry-run"][..]].concat()).json();
    assert_eq!(dry["dry_run"], true);
    assert_eq!(folder.run(&["register", "show", BAKERY]).code, 4, "nothing was written");
    assert_eq!(folder.ok(&import).json()["files"]["establishments"]["refused"], 0);
    assert!(folder.ok(&["register", "show", BAKERY]).out.to_uppercase().contains("DURAND"));
    assert!(folder.ok(&["register", "search", "boulangerie", "durand"]).out.contains(BAKERY));
    assert_eq!(folder.run(&["register", "import", "--units", "absent.csv"]).code, 4);
    assert_eq!(folder.run(&["register", "import"]).code, 2);
    folder.write(
        "broken.csv",
        "siret,etablissementSiege,etatAdministratifEtablissement,enseigne1Etablissement,codePostalEtablissement\n123,true,A,X,58000\n",
    );
    let said = folder.run(&["register", "import", "--establishments", "broken.csv"]);
    assert!(said.err.contains("broken.csv:2:"), "{} {}", said.out, said.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_granted_held_back_and_withdrawn() {
    let folder = peopled();
    folder.write("more.toml", "[[service]]\nid = \"formation\"\nname = \"Formations\"\naccess = \"request\"\naudience = \"professionals\"\nprerequisites = [\"pix\"]\n");
    folder.ok(&["apply", "more.toml"]);
    let right = |verb: &'static str, more: &[&'static str]| [&["habilitation", verb, CAMILLE, BAKERY, "aides"][..], more].concat();
    let held = || {
        each(
            &folder.ok(&["habilitation", "list", "--siret", BAKERY, "--json"]),
            &["login_email", "service", "profiles", "state", "suspended_for"],
        )
    };
    let refused = folder.run(&right("grant", &["--profile", "lecteur"]));
    assert!(refused.code == 3 && refused.err.contains("guichet membership add"), "{}", refused.err);
    folder.ok(&["membership", "add", CAMILLE, BAKERY]);
    folder.ok(&right("grant", &["--profile", "lecteur", "--profile", "instructeur", "--until", "2199-01-31"]));
    assert_eq!(held(), [format!("{CAMILLE} aides [\"instructeur\",\"lecteur\"] active null")]);
    assert!(
        folder
            .ok(&right("grant", &["--profile", "lecteur", "--profile", "instructeur", "--until", "2199-01-31"]))
            .err
            .contains("held already")
    );
    assert!(folder.ok(&["habilitation", "list", "--login-email", CAMILLE]).out.contains("instructeur lecteur"));
    folder.ok(&right("suspend", &[]));
    assert_eq!(held(), [format!("{CAMILLE} aides [\"instructeur\",\"lecteur\"] suspended operator")]);
    assert_eq!(folder.run(&right("extend", &["--until", "2198-01-31"])).code, 4, "not while it is suspended");
    folder.ok(&right("restore", &[]));
    folder.ok(&right("extend", &["--until", "2198-01-31"]));
    let ends = each(&folder.ok(&["habilitation", "list", "--siret", BAKERY, "--login-email", CAMILLE, "--json"]), &["expires_at"]);
    assert!(ends[0].starts_with("2198-01-31T23:00:00"), "the end of the day in Paris: {ends:?}");
    folder.ok(&right("revoke", &[]));
    assert_eq!(held(), [format!("{CAMILLE} aides [\"instructeur\",\"lecteur\"] revoked null")]);
    // BG-12: a certificate is a condition.
    let formation = ["habilitation", "grant", CAMILLE, BAKERY, "formation", "--profile", "formation"];
    let refused = folder.run(&formation);
    assert!(refused.code == 3 && refused.err.contains("pix"), "{}", refused.err);
    folder.ok(&["attestation", "put", CAMILLE, "pix", "--obtained-on", "2026-01-15", "--evidence", "PIX 123"]);
    assert!(
        folder
            .ok(&["attestation", "put", CAMILLE, "pix", "--obtained-on", "2026-01-15", "--evidence", "PIX 123"])
            .err
            .contains("nothing to change")
    );
    assert_eq!(each(&folder.ok(&["attestation", "list", CAMILLE, "--json"]), &["kind", "evidence", "expires_at"]), ["pix PIX 123 null"]);
    folder.ok(&formation);
    for (arguments, code) in [
        (&["habilitation", "suspend", GASTON, BAKERY, "aides"][..], 4),
        (&["habilitation", "suspend", CAMILLE, BAKERY, "inconnu"], 4),
        (&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "chef"], 2),
        (&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "lecteur", "--until", "demain"], 2),
        (&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "lecteur", "--until", "2020-01-31"], 2),
        (&["habilitation", "list"], 2),
        (&["attestation", "put", CAMILLE, "pix", "--obtained-on", "hier"], 2),
    ] {
        assert_eq!(folder.run(arguments).code, code, "{arguments:?}");
    }
    assert_eq!((happened(&folder, "habilitation.granted").await, happened(&folder, "habilitation.revoked").await), (3, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_are_opened_and_closed_and_establishments_transferred() {
    let folder = peopled();
    folder.ok(&["membership", "add", GASTON, BAKERY, "--role", "manager"]);
    folder.ok(&["membership", "add", CAMILLE, BAKERY]);
    folder.ok(&["habilitation", "grant", CAMILLE, BAKERY, "aides", "--profile", "lecteur"]);
    let day = |days: u64| SystemClock.now().plus(Duration::from_secs(days * 86_400)).to_string()[..10].to_owned();
    assert_eq!(folder.run(&["review", "open", "--service", "aides", "--until", &day(200)]).code, 2, "too far away");
    assert_eq!(folder.run(&["review", "open", "--service", "aides", "--until", "demain"]).code, 2);
    let opened = folder.ok(&["review", "open", "--service", "aides", "--until", &day(30), "--json"]);
    assert_eq!(each(&opened, &["siret", "rights"]), [format!("{BAKERY} 1")]);
    let id = each(&opened, &["review"]).remove(0);
    assert_eq!(each(&folder.ok(&["review", "list", "--json"]), &["id", "siret", "left"]), [format!("{id} {BAKERY} 1")]);
    folder.ok(&["review", "close", &id]);
    assert_eq!(folder.ok(&["review", "show", &id, "--json"]).json()["left"], Value::Null, "over");
    assert_eq!(each(&folder.ok(&["habilitation", "list", "--siret", BAKERY, "--json"]), &["state"]), ["active"], "nothing is suspended");

    folder.write("cards.csv", "serial_number;seed\nGADT0001;3132333435363738393031323334353637383930\n").ok(&[
        "card",
        "import",
        "cards.csv",
    ]);
    folder.ok(&["card", "send", BAKERY, "GADT0001"]);
    let carried = folder.ok(&["establishment", "transfer", BAKERY, TOWN_HALL, "--json"]).json();
    assert_eq!((&carried["places"], &carried["rights"], &carried["cards"]), (&2.into(), &1.into(), &1.into()));
    let of = |siret| each(&folder.ok(&["membership", "list", "--siret", siret, "--json"]), &["login_email", "role", "state"]);
    assert_eq!(of(TOWN_HALL), [format!("{CAMILLE} contact active"), format!("{GASTON} manager active")]);
    assert!(of(BAKERY).iter().all(|line| line.ends_with("disabled")), "{:?}", of(BAKERY));
    assert_eq!(
        each(&folder.ok(&["habilitation", "list", "--siret", TOWN_HALL, "--json"]), &["login_email", "profiles"]),
        [format!("{CAMILLE} [\"lecteur\"]")]
    );
    assert_eq!(folder.run(&["establishment", "transfer", "35600000000048", TOWN_HALL]).code, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_accepted_until_a_day_or_sent_back() {
    let folder = peopled();
    for who in [GASTON, CAMILLE] {
        folder.ok(&["membership", "add", who, BAKERY]);
    }
    let (now, rng) = (SystemClock.now(), SeededRng::new(9));
    let town_hall = Establishment { siret: Siret::parse(TOWN_HALL).unwrap(), name: "Mairie".into() };
    let access = Wish::Use { service: "aides".into(), profiles: vec!["lecteur".into()] };
    let wishes = [(GASTON, bakery(), access.clone()), (CAMILLE, bakery(), access), (CAMILLE, town_hall, Wish::Join(Role::Contact))];
    let ids = in_database(&folder, async |tx| {
        let mut ids = Vec::new();
        for (who, establishment, wish) in wishes {
            let account = accounts::find_by_login(tx, &Email::parse(who).unwrap()).await.unwrap().unwrap().id;
            let request = Request {
                id: AskId::new(now, &rng),
                account,
                establishment,
                wish,
                message: None,
                state: State::Pending,
                granted: None,
                reason: None,
                decided_by: None,
                decided_at: None,
                reminders: 0,
                reminded_at: None,
                claim_at: None,
                created_at: now,
            };
            assert_eq!(request::store::insert(tx, &request, now).await.unwrap(), 1);
            ids.push(request.id.to_string());
        }
        ids
    })
    .await;
    for day in ["demain", "2020-01-31"] {
        assert_eq!(folder.run(&["request", "accept", &ids[0], "--until", day]).code, 2, "{day}");
    }
    folder.ok(&["request", "accept", &ids[0], "--until", "2199-01-31"]);
    let ends = each(&folder.ok(&["habilitation", "list", "--siret", BAKERY, "--json"]), &["login_email", "expires_at"]);
    assert!(ends[0].starts_with(&format!("{GASTON} 2199-01-31T23:00:00")), "the end of the day in Paris: {ends:?}");
    assert_eq!(folder.run(&["request", "ask-changes", &ids[1]]).code, 2, "the person is told what");
    folder.ok(&["request", "ask-changes", &ids[1], "--reason", "Précisez votre mission"]);
    let shown = folder.ok(&["request", "show", &ids[1], "--json"]).json();
    assert_eq!((&shown["state"], &shown["reason"]), (&"changes".into(), &"Précisez votre mission".into()));
    assert_eq!(folder.run(&["request", "ask-changes", &ids[1], "--reason", "Encore"]).code, 3, "it does not wait any more");
    // To join is for no time, and as asked or not at all.
    assert_eq!(folder.run(&["request", "accept", &ids[2], "--until", "2199-01-31"]).code, 2);
    assert_eq!(folder.run(&["request", "ask-changes", &ids[2], "--reason", "Autrement"]).code, 3);
    assert_eq!(folder.ok(&["request", "show", &ids[2], "--json"]).json()["state"], "pending");
}
