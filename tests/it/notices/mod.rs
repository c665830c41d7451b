//! What services are told: sessions that end, accounts and rights that change. A receiver on this machine hears it over HTTP.

mod changes;
mod delivery;
mod rights;
mod sessions;

use guichet::base::Actor;
use guichet::base::id::SessionId;
use guichet::crypto::jose;
use guichet::oidc::notice::{Notice, store};
use guichet::worker;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::gateway::{Asked, HttpGateway};
use crate::support::rp::{claims, header};

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Changes a registration, past its checks.
async fn register(app: &TestApp, id: &str, change: impl FnOnce(&mut guichet::oidc::client::Metadata)) {
    let mut client = app.app.clients().any(id).unwrap().as_ref().clone();
    change(&mut client.metadata);
    app.put_client(client).await;
}

/// A receiver that `dossier`, `mandat` and `legacy` registered for their sessions, each with its path.
async fn receiver(app: &TestApp) -> HttpGateway {
    let receiver = HttpGateway::start().await;
    receiver.turn(200, "");
    for id in ["dossier", "mandat", "legacy"] {
        let uri = receiver.url(&format!("/{id}")).to_string();
        register(app, id, |m| m.backchannel_logout_uri = Some(uri)).await;
    }
    receiver
}

async fn drain(app: &TestApp) {
    worker::drain(&app.app).await.unwrap();
}

/// The session that a service knows by this `sid`.
async fn session_of(app: &TestApp, client: &str, sid: &Value) -> SessionId {
    let client = app.app.clients().any(client).unwrap().clone();
    let ids: Vec<(String,)> = guichet::sql!(&mut app.app.db.read().await.unwrap(), "SELECT id FROM session"; (String,); all).unwrap();
    let told = |id: &String| guichet::oidc::claims::sid(&app.app.keys.subject, &client, id);
    let (id,) = ids.iter().find(|(id,)| sid.as_str() == Some(told(id).as_str())).unwrap();
    SessionId::parse(id).unwrap()
}

/// Ends the session that a service knows by this `sid`, as whoever may.
async fn end(app: &TestApp, client: &str, sid: &Value) {
    close(app, &session_of(app, client, sid).await).await;
}

async fn close(app: &TestApp, id: &SessionId) {
    let account = guichet::oidc::store::find_session_state(&mut app.app.db.read().await.unwrap(), id.as_str()).await.unwrap().unwrap().1.id;
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(guichet::authn::session::end(&mut tx, &app.app.ctx(Actor::System), id, &account, "closed").await.unwrap());
    tx.commit().await.unwrap();
}

/// Claims of the logout token in a request, verified with the published keys.
async fn logout_token(app: &TestApp, asked: &Asked) -> Value {
    let token = asked.body.strip_prefix("logout_token=").unwrap_or_else(|| panic!("{asked:?}"));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    verified(app, token, "logout+jwt").await
}

/// Claims of a token, verified with the published keys.
async fn verified(app: &TestApp, token: &str, typ: &str) -> Value {
    let jwks = app.get("/oauth/jwks").await.json();
    let read: Value = jose::verify_with_jwks(&jwks, &["ES256", "EdDSA", "RS256"], token).unwrap();
    assert_eq!(header(token)["typ"], typ);
    read
}

async fn notices(app: &TestApp) -> Vec<Notice> {
    store::list(&mut app.app.db.read().await.unwrap(), None, false, 100).await.unwrap()
}

fn id_token(tokens: &Value) -> Value {
    claims(tokens["id_token"].as_str().unwrap())
}
