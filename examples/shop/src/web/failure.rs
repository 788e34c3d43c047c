//! What a caller is told when something can't be done.

use std::fmt::Display;

use axum::{
    Json,
    extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::pages;
use crate::model::Invalid;

/// A status and a reason that the caller may read.
///
/// Handlers use `?` on everything: what the caller did wrong arrives here with its reason, what went wrong inside arrives
/// without it. [`ApiError`] shows a failure as JSON, [`PageError`] as a page.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    reason: String,
}

impl Failure {
    /// A failure with this status.
    pub(super) fn new(status: StatusCode, reason: impl Display) -> Self {
        Self { status, reason: reason.to_string() }
    }

    /// 404
    pub(super) fn not_found(reason: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    /// 400
    pub(super) fn bad_request(reason: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, invalid)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        // The operator reads the detail; the caller doesn't need to know what the tables are called.
        eprintln!("shop: database: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the shop can't do that right now")
    }
}

impl From<getrandom::Error> for Failure {
    fn from(error: getrandom::Error) -> Self {
        eprintln!("shop: random numbers: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the shop can't do that right now")
    }
}

impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<FormRejection> for Failure {
    fn from(rejection: FormRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

/// A failure as `{ "error": "the reason" }`.
#[derive(Debug)]
pub(super) struct ApiError(Failure);

impl<E: Into<Failure>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.0.status, Json(json!({ "error": self.0.reason }))).into_response()
    }
}

/// A failure as a page.
#[derive(Debug)]
pub(super) struct PageError(Failure);

impl<E: Into<Failure>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        (self.0.status, pages::failure(self.0.status, &self.0.reason)).into_response()
    }
}
