//! What services read besides tokens and userinfo. JSON, by access token, pages by cursor.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use super::extract::Params;
use super::oidc::{protocol, resource};
use super::route::{Access, Class, Route};
use crate::app::App;
use crate::base::Ctx;
use crate::oidc::error::Result;
use crate::oidc::reading::{self, Input};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/api/v1/me/establishments",
        methods: &["GET"],
        access: Access::Bearer,
        class: Class::Protocol,
        handler: || get(my_establishments),
    },
    Route {
        path: "/api/v1/establishments/{siret}/people",
        methods: &["GET"],
        access: Access::Bearer,
        class: Class::Protocol,
        handler: || get(people),
    },
];

/// `GET /api/v1/me/establishments`
pub async fn my_establishments(
    State(app): State<App>,
    Extension(ctx): Extension<Arc<Ctx>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let read = async |token: &str, input: &Input<'_>| reading::establishments(&app.db, &app.hub(), token, input, ctx.now()).await;
    answer(&app, &ctx, &headers, query, read).await
}

/// `GET /api/v1/establishments/{siret}/people`
pub async fn people(
    State(app): State<App>,
    Extension(ctx): Extension<Arc<Ctx>>,
    Path(siret): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let read = async |token: &str, input: &Input<'_>| reading::people(&app.db, &app.hub(), token, &siret, input, ctx.now()).await;
    answer(&app, &ctx, &headers, query, read).await
}

async fn answer(
    app: &App,
    ctx: &Arc<Ctx>,
    headers: &HeaderMap,
    query: Option<String>,
    read: impl AsyncFnOnce(&str, &Input<'_>) -> Result<Value>,
) -> Response {
    let answered = async {
        let Some(token) = resource::bearer(headers)? else { return Ok(resource::challenge(app)) };
        let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(protocol::malformed)?;
        let input = Input { cursor: params.get("cursor"), limit: params.get("limit") };
        Ok(Json(read(token, &input).await?).into_response())
    };
    let answered: Result<Response> = answered.await;
    answered.unwrap_or_else(|e| protocol::error(ctx, &app.issuer, &e))
}
