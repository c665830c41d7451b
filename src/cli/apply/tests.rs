use super::*;
use crate::account::{self as accounts, AccountState};
use crate::base::{Email, Secret};
use crate::config::{Config, Environment};
use crate::crypto::hasher::Against;
use crate::oidc::client::{Consent, GrantType};

const FILE: &str = r#"
[[client]]
client_id = "dossier"
client_name = "Dépôt des aides"
client_secret = "a long enough secret"
redirect_uris = ["https://dossier.example.fr/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email offline_access"
id_token_signed_response_alg = "ES256"
consent = "none"

[[account]]
login_email = "camille@boulangerie.example"
given_name = "Camille"
family_name = "Durand"
password = "correct horse battery staple"
email_verified = true
"#;

async fn app(environment: Environment) -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.server.environment = environment;
    config.database.folder = folder.path().to_owned();
    config.database.connections = 2;
    config.keys.master_key = Some(Secret::new("A".repeat(43)));
    (config.passwords.memory, config.passwords.passes) = (64, 1);
    (App::builder(config).build().await.unwrap(), folder)
}

async fn put(app: &App, text: &str) -> Result<Report, String> {
    apply(app, text, ApplyOptions::default()).await.map_err(|e| e.in_file("hub.toml"))
}

async fn stored(app: &App, email: &str) -> Option<accounts::Account> {
    accounts::store::find_by_login(&mut app.db.read().await.unwrap(), &Email::parse(email).unwrap()).await.unwrap()
}

async fn signs_in(app: &App, email: &str, password: &str) -> bool {
    let account = stored(app, email).await.unwrap();
    let hash = accounts::store::find_password(&mut app.db.read().await.unwrap(), &account.id).await.unwrap();
    let against = hash.map_or(Against::Decoy(None), Against::Own);
    app.hasher.verify(Secret::new(password), against).await.unwrap().is_ok()
}

fn rules(app: &App) -> Rules<'_> {
    Rules { key: &app.keys.client_secret, environment: app.config.server.environment }
}

async fn events(app: &App, email: &str, kind: Kind) -> usize {
    let account = stored(app, email).await.unwrap();
    let mut read = app.db.read().await.unwrap();
    let later = app.clock.now().plus(Duration::from_secs(1));
    let rows = audit::store::of_account(&mut read, &account.id, later, 100).await.unwrap();
    rows.iter().filter(|r| r.kind() == Some(kind) && r.actor == "operator").count()
}

#[tokio::test]
async fn what_is_declared_is_put_in_place_and_a_second_run_changes_nothing() {
    let (app, _folder) = app(Environment::Production).await;
    let first = put(&app, FILE).await.unwrap();
    assert_eq!(first.count(Outcome::Created), 2, "{first}");
    let client = app.clients().live("dossier").cloned().unwrap();
    assert!(rules(&app).is_current(&client, &Secret::new("a long enough secret")));
    assert_eq!((client.metadata.consent, client.may(GrantType::RefreshToken)), (Consent::None, true));
    let camille = stored(&app, "Camille@Boulangerie.example").await.unwrap();
    assert_eq!((camille.full_name().as_str(), camille.login_email_verified, camille.is_alive()), ("Camille Durand", true, true));
    assert!(signs_in(&app, "camille@boulangerie.example", "correct horse battery staple").await);

    assert_eq!(events(&app, "camille@boulangerie.example", Kind::AccountCreated).await, 1);
    let second = put(&app, FILE).await.unwrap();
    assert_eq!(second.count(Outcome::Unchanged), 2, "{second}");
    assert!(!second.has_changes());
    assert_eq!(app.clients().any("dossier").unwrap().updated_at, client.updated_at);
}

#[tokio::test]
async fn changes_are_shown_member_by_member_and_secrets_are_masked() {
    let (app, _folder) = app(Environment::Production).await;
    put(&app, FILE).await.unwrap();
    let changed = FILE
        .replace("openid profile email offline_access", "openid email")
        .replace("a long enough secret", "another long secret")
        .replace("correct horse battery staple", "another password")
        .replace("given_name = \"Camille\"", "given_name = \"Camille Marie\"");
    let report = put(&app, &changed).await.unwrap();
    let text = report.to_string();
    assert!(text.contains("~ client dossier"), "{text}");
    assert!(text.contains("scope: openid profile email offline_access → openid email"), "{text}");
    assert!(text.contains("client_secret: •••• → ••••"), "{text}");
    assert!(text.contains("given_name: Camille → Camille Marie"), "{text}");
    assert!(text.contains("password: •••• → ••••"), "{text}");
    let all = format!("{text}{}", serde_json::to_string(&report).unwrap());
    for secret in ["another long secret", "another password", "a long enough secret", "correct horse", "argon2"] {
        assert!(!all.contains(secret), "{secret}");
    }
    // The secret before still serves, for a day.
    let client = app.clients().live("dossier").cloned().unwrap();
    let accepts = |s: &str, now| client.secrets.accept(&app.keys.client_secret, "dossier", s, now);
    assert!(accepts("another long secret", app.clock.now()) && accepts("a long enough secret", app.clock.now()));
    assert!(!accepts("a long enough secret", app.clock.now().plus(registry::OVERLAP)));
    assert!(signs_in(&app, "camille@boulangerie.example", "another password").await);
    assert_eq!(put(&app, &changed).await.unwrap().count(Outcome::Unchanged), 2);
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let (app, _folder) = app(Environment::Production).await;
    let options = ApplyOptions { dry_run: true, ..ApplyOptions::default() };
    let dry = apply(&app, FILE, options).await.unwrap();
    assert!(dry.to_string().ends_with("2 created, 0 changed, 0 unchanged (dry run: nothing was written)"), "{dry}");
    app.reload().await.unwrap();
    assert!(app.clients().any("dossier").is_none());
    assert!(stored(&app, "camille@boulangerie.example").await.is_none());
    assert_eq!(put(&app, FILE).await.unwrap().entries, dry.entries);
}

#[tokio::test]
async fn an_account_keeps_what_the_file_does_not_mention() {
    let (app, _folder) = app(Environment::Production).await;
    put(&app, &FILE.replace("email_verified", "phone = \"01 23 45 67 89\"\nemail_verified")).await.unwrap();
    let report = put(&app, "[[account]]\nlogin_email = ' CAMILLE@boulangerie.example'\njob_title = 'Boulangère'\n").await.unwrap();
    assert_eq!(report.count(Outcome::Changed), 1);
    let camille = stored(&app, "camille@boulangerie.example").await.unwrap();
    assert_eq!(camille.phone.as_deref(), Some("01 23 45 67 89"));
    assert_eq!(camille.job_title.as_deref(), Some("Boulangère"));
    assert!(camille.login_email_verified);
    assert!(signs_in(&app, "camille@boulangerie.example", "correct horse battery staple").await);
}

#[tokio::test]
async fn a_client_disabled_by_hand_stays_so_unless_the_file_says() {
    let (app, _folder) = app(Environment::Production).await;
    put(&app, &FILE.replace("consent", "enabled = false\nconsent")).await.unwrap();
    assert!(app.clients().live("dossier").is_none() && app.clients().any("dossier").is_some());
    assert_eq!(put(&app, FILE).await.unwrap().count(Outcome::Unchanged), 2);
    assert!(app.clients().live("dossier").is_none());
    let report = put(&app, &FILE.replace("consent", "enabled = true\nconsent")).await.unwrap();
    assert!(report.to_string().contains("enabled: false → true"), "{report}");
    assert!(app.clients().live("dossier").is_some());
}

#[tokio::test]
async fn an_account_is_disabled_and_enabled_as_declared() {
    let (app, _folder) = app(Environment::Production).await;
    put(&app, FILE).await.unwrap();
    put(&app, &FILE.replace("email_verified", "state = 'disabled'\nemail_verified")).await.unwrap();
    assert_eq!(stored(&app, "camille@boulangerie.example").await.unwrap().state, AccountState::Disabled);
    assert_eq!(put(&app, FILE).await.unwrap().count(Outcome::Unchanged), 2);
    put(&app, &FILE.replace("email_verified", "state = 'active'\nemail_verified")).await.unwrap();
    assert!(stored(&app, "camille@boulangerie.example").await.unwrap().is_alive());
    assert_eq!(events(&app, "camille@boulangerie.example", Kind::AccountDisabled).await, 1);
    assert_eq!(events(&app, "camille@boulangerie.example", Kind::AccountEnabled).await, 1);
}

#[tokio::test]
async fn errors_name_line_and_entry_and_nothing_is_half_done() {
    let (app, _folder) = app(Environment::Production).await;
    for (text, expected) in [
        (
            FILE.replace("redirect_uris", "redirect_uri"),
            "hub.toml:6: client dossier: redirect_uri: unknown key\n  → did you mean `redirect_uris`?",
        ),
        (
            FILE.replace("given_name", "given"),
            "hub.toml:14: account camille@boulangerie.example: given: unknown key\n  → did you mean `given_name`?",
        ),
        (FILE.replace("[[account]]", "[[acount]]"), "hub.toml:12: acount: unknown key\n  → did you mean `account`?"),
        (
            FILE.replace("https://dossier", "http://dossier"),
            "hub.toml:6: client dossier: redirect_uris: http://dossier.example.fr/cb: https is required",
        ),
        (FILE.replace("a long enough secret", "short"), "hub.toml:5: client dossier: client_secret: at least 16 characters"),
        (FILE.replace("client_secret = \"a long enough secret\"", ""), "client dossier: client_secret: client_secret_basic needs one"),
        (FILE.replace("\"none\"", "\"never\""), "hub.toml:10: client dossier: consent: unknown variant `never`"),
        (FILE.replace("\"ES256\"", "\"none\""), "hub.toml:9: client dossier: id_token_signed_response_alg: unknown variant"),
        (FILE.replace("client_id = \"dossier\"", ""), "client number 1: missing field `client_id`"),
        (FILE.replace("camille@", "camille"), "hub.toml:13: account camilleboulangerie.example: login_email: not an e-mail address"),
        (
            FILE.replace("family_name = \"Durand\"", ""),
            "hub.toml:12: account camille@boulangerie.example: family_name: required for a new account",
        ),
        (FILE.replace("\"Durand\"", "\"Du\\nrand\""), "hub.toml:15: account camille@boulangerie.example: family_name: 1 to 100 characters"),
        (
            FILE.replace("\"correct horse battery staple\"", "12345"),
            "hub.toml:16: account camille@boulangerie.example: password: not a text",
        ),
        (
            format!(
                "{FILE}\n[[client]]\nclient_id = 'dossier'\nclient_name = 'x'\ntoken_endpoint_auth_method = 'none'\nredirect_uris = ['https://a.example/']\nscope = 'openid'\n"
            ),
            "hub.toml:19: client dossier: declared twice",
        ),
        (
            FILE.replace("client_secret = ", "client_secret_env = \"GUICHET_TEST_NOT_SET\"\n#"),
            "client_secret_env: the variable GUICHET_TEST_NOT_SET is not set",
        ),
        (FILE.replace("client_secret = ", "client_secret_file = \"/nowhere\"\n#"), "client_secret_file: /nowhere:"),
        (FILE.replace("client_secret = ", "client_secret_file = \"x\"\nclient_secret = "), "client_secret: keep one of"),
        (FILE.replace("[[client]]", "[client]"), "client: not a list\n  → write [[client]]"),
        ("x = [".to_owned(), "hub.toml:1: not TOML"),
    ] {
        let said = put(&app, &text).await.expect_err(&text);
        assert!(said.contains(expected), "expected {expected:?}, said {said:?}");
        assert!(!said.contains("12345"), "{said}");
        app.reload().await.unwrap();
        assert!(app.clients().any("dossier").is_none());
    }
}

#[tokio::test]
async fn a_secret_may_come_from_a_file_beside_the_declaration() {
    let (app, folder) = app(Environment::Production).await;
    std::fs::write(folder.path().join("secret"), "a secret kept in a file\n").unwrap();
    let text = FILE.replace("client_secret = ", "client_secret_file = \"secret\" #");
    let options = ApplyOptions { folder: Some(folder.path().to_owned()), ..ApplyOptions::default() };
    apply(&app, &text, options).await.unwrap();
    let client = app.clients().live("dossier").cloned().unwrap();
    assert!(rules(&app).is_current(&client, &Secret::new("a secret kept in a file")));
}

#[tokio::test]
async fn plain_http_and_short_secrets_are_for_trials_only() {
    let (app, _folder) = app(Environment::Test).await;
    let text = FILE.replace("https://dossier.example.fr", "http://dossier.localhost:8000").replace("a long enough secret", "short");
    assert_eq!(put(&app, &text).await.unwrap().count(Outcome::Created), 2);
}

#[tokio::test]
async fn keys_of_a_client_are_a_table() {
    let (app, _folder) = app(Environment::Production).await;
    let keys = include_str!("../../../tests/clients/clients.toml");
    let start = keys.find("[[client]]\nclient_id = \"stranger-oauth4webapi\"").unwrap();
    let end = keys[start + 1..].find("[[client]]").unwrap() + start + 1;
    assert_eq!(put(&app, &keys[start..end]).await.unwrap().count(Outcome::Created), 1);
    assert!(app.clients().live("stranger-oauth4webapi").unwrap().metadata.jwks.is_some());
    assert_eq!(put(&app, &keys[start..end]).await.unwrap().count(Outcome::Unchanged), 1);
}
