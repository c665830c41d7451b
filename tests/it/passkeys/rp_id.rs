//! The RP ID of a deployment: fixed by its first start.

use guichet::authn::factor::passkey::party;
use guichet::base::Actor;

use super::*;

async fn hold(app: &TestApp, rp_id: &str, accept_loss: bool) -> Result<(), party::Changed> {
    let mut tx = app.app.db.begin().await.unwrap();
    let held = party::hold(&mut tx, &app.app.ctx(Actor::System), rp_id, accept_loss).await.unwrap();
    tx.commit().await.unwrap();
    held
}

on_both! {
    async fn the_first_start_fixes_the_rp_id_and_another_one_is_refused_unless_the_loss_is_accepted(app) {
        let (_, _) = holder(&app, CAMILLE).await;
        assert_eq!(hold(&app, "sso.localhost", false).await, Ok(()));
        assert_eq!(hold(&app, "sso.localhost", false).await, Ok(()));
        let refused = hold(&app, "autre.localhost", false).await.unwrap_err();
        assert_eq!((refused.fixed.as_str(), refused.configured.as_str()), ("sso.localhost", "autre.localhost"));
        assert!(refused.to_string().contains("--accept-loss-of-passkeys"));
        assert_eq!(keys(&app, CAMILLE).await.len(), 1, "refusing removes nothing");

        assert_eq!(hold(&app, "autre.localhost", true).await, Ok(()));
        assert_eq!(keys(&app, CAMILLE).await.len(), 0, "no key of the former RP ID stands for a strong means");
        assert_eq!(events(&app, "factor.removed").await, 1);
        assert_eq!(hold(&app, "autre.localhost", false).await, Ok(()));
        assert!(hold(&app, "sso.localhost", false).await.is_err());
    }
}
