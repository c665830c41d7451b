//! What operators see of notices.

use guichet::base::Timestamp;
use guichet::base::id::{AccountId, NoticeId, SessionId};
use guichet::base::rng::SeededRng;
use guichet::db::{Db, Location};
use guichet::jobs::Verdict;
use guichet::jobs::notice::{Event, Kind};
use guichet::oidc::notice::store;

use super::*;

async fn put(folder: &Folder, client: &str, n: u64, verdict: Option<Verdict>) {
    let db = Db::open(&Location::Sqlite { path: folder.path("data/guichet.db"), readers: 1 }).await.unwrap();
    let (at, rng) = (Timestamp::from_secs(1_800_000_000 + i64::try_from(n).unwrap()), SeededRng::new(n));
    let event = Event {
        kind: Kind::SessionEnded,
        client: None,
        account: AccountId::new(at, &rng),
        session: Some(SessionId::new(at, &rng)),
        siret: None,
        service: None,
        at,
    };
    let mut tx = db.begin().await.unwrap();
    store::insert(&mut tx, &NoticeId::new(at, &rng), client, &event).unwrap();
    tx.commit().await.unwrap();
    if let Some(verdict) = verdict {
        let mut tx = db.begin().await.unwrap();
        let notice = store::reserve(&mut tx, client, at, at, 1).await.unwrap().remove(0);
        assert_eq!(store::settle(&mut tx, &notice, &verdict, at).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_see_what_services_were_told_and_what_failed() {
    let folder = Folder::in_place();
    assert_eq!(folder.ok(&["notices", "list", "--json"]).json(), serde_json::json!([]));
    assert_eq!(folder.ok(&["doctor", "--json"]).json()["notices"], serde_json::json!([]));
    put(&folder, "dossier", 1, Some(Verdict::Done)).await;
    put(&folder, "dossier", 2, Some(Verdict::Dead("dossier.example.fr: HTTP 500".into()))).await;
    put(&folder, "mandat", 3, None).await;
    let clients = |arguments: &[&str]| {
        let listed = folder.ok(arguments).json();
        listed
            .as_array()
            .unwrap()
            .iter()
            .map(|n| format!("{} {}", n["client_id"].as_str().unwrap(), n["state"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(clients(&["notices", "list", "--json"]), ["mandat pending", "dossier dead", "dossier sent"]);
    assert_eq!(clients(&["notices", "list", "--client", "dossier", "--json"]), ["dossier dead", "dossier sent"]);
    assert_eq!(clients(&["notices", "list", "--failed", "--json"]), ["dossier dead"]);
    assert_eq!(clients(&["notices", "list", "--failed", "--client", "mandat", "--json"]), Vec::<String>::new());
    let dead = &folder.ok(&["notices", "list", "--failed", "--json"]).json()[0];
    assert_eq!((dead["kind"].as_str(), dead["attempts"].as_i64()), (Some("session_ended"), Some(1)));
    assert_eq!(dead["last_error"], "dossier.example.fr: HTTP 500");
    assert!(folder.ok(&["notices", "list"]).out.contains("dossier.example.fr: HTTP 500"));
    let state = folder.ok(&["doctor", "--json"]).json();
    assert_eq!((&state["notices"][0]["client_id"], &state["notices"][0]["dead"]), (&"dossier".into(), &1.into()));
    assert_eq!((&state["notices"][1]["client_id"], &state["notices"][1]["pending"]), (&"mandat".into(), &1.into()));
    assert!(folder.ok(&["doctor"]).out.contains("NOTICES TO"));
    // Those that were given up are tried again: one, or all of a client.
    let id = dead["id"].as_str().unwrap();
    folder.ok(&["notices", "retry", id]);
    assert_eq!(clients(&["notices", "list", "--client", "dossier", "--json"]), ["dossier pending", "dossier sent"]);
    assert_eq!(folder.run(&["notices", "retry", id]).code, 4, "it waits already");
    assert_eq!((folder.run(&["notices", "retry", "--client", "mandat"]).code, folder.run(&["notices", "retry"]).code), (4, 2));
    put(&folder, "mandat", 4, Some(Verdict::Dead("HTTP 500".into()))).await;
    assert!(folder.ok(&["notices", "retry", "--client", "mandat"]).err.contains("1 to be tried again"));
}

#[test]
fn addresses_for_notices_are_part_of_the_registration() {
    let folder = Folder::in_place();
    let uri = "https://dossier.example.fr/out";
    folder.ok(&[
        "client",
        "change",
        "dossier",
        "--backchannel-logout-uri",
        uri,
        "--claims-notice-uri",
        "https://dossier.example.fr/notices",
    ]);
    let shown = folder.ok(&["client", "show", "dossier", "--json"]).json();
    assert_eq!(
        (&shown["backchannel_logout_uri"], &shown["claims_notice_uri"]),
        (&uri.into(), &"https://dossier.example.fr/notices".into())
    );
    let refused = folder.run(&["client", "change", "dossier", "--backchannel-logout-uri", "https://dossier.example.fr/out#x"]);
    assert!(
        refused.code == 1 && refused.err.contains("backchannel_logout_uri: https://dossier.example.fr/out#x: has a fragment"),
        "{}",
        refused.err
    );
    folder.write("more.toml", &HUB.replace("consent = \"none\"", "consent = \"none\"\nbackchannel_logout_uri = \"ftp://x/\""));
    let refused = folder.run(&["apply", "more.toml"]);
    assert!(refused.code != 0 && refused.err.contains("more.toml:") && refused.err.contains("backchannel_logout_uri"), "{}", refused.err);
}
