//! What services read besides tokens and userinfo. JSON, by access token, pages by cursor.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::extract::Params;
use super::oidc::{protocol, resource};
use super::route::{Access, Class, Route};
use crate::app::App;
use crate::base::Ctx;
use crate::oidc::error::Result;
use crate::oidc::establishments::{self, Input};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[Route {
    path: "/api/v1/me/establishments",
    methods: &["GET"],
    access: Access::Bearer,
    class: Class::Protocol,
    handler: || get(my_establishments),
}];

/// `GET /api/v1/me/establishments`
pub async fn my_establishments(
    State(app): State<App>,
    Extension(ctx): Extension<Arc<Ctx>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answered = async {
        let Some(token) = resource::bearer(&headers)? else { return Ok(resource::challenge(&app)) };
        let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(protocol::malformed)?;
        let input = Input { cursor: params.get("cursor"), limit: params.get("limit") };
        let page = establishments::page(&app.db, &app.hub(), token, &input, ctx.now()).await?;
        Ok(Json(page).into_response())
    };
    let answered: Result<Response> = answered.await;
    answered.unwrap_or_else(|e| protocol::error(&ctx, &app.issuer, &e))
}
