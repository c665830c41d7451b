//! Bodies of requests, bounded in size; the listener bounds the time that they may take.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};

use crate::web::error::Failure;
use crate::web::view::error::{ErrorCode, Way};

/// What the listener makes of a body that does not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body did not come in time")]
pub struct Late;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Longer than may be, or cut short: nobody then reads the answer.
    #[error("the body is too large")]
    TooLarge,
    /// It did not come in time.
    #[error("the body did not come in time")]
    TooSlow,
}

impl Unread {
    /// The error page for it.
    pub fn page(self, way: Way) -> Failure {
        match self {
            Self::TooLarge => Failure::page(ErrorCode::A913, way),
            Self::TooSlow => Failure::page(ErrorCode::A908, way),
        }
    }
}

/// The whole body, of at most so many bytes.
pub async fn read(body: Body, most: usize) -> Result<Bytes, Unread> {
    to_bytes(body, most).await.map_err(|e| if is_late(&e) { Unread::TooSlow } else { Unread::TooLarge })
}

/// Whether that is what lies at the bottom: each layer that the body went through has wrapped it.
fn is_late(error: &(dyn Error + 'static)) -> bool {
    let mut layer = Some(error);
    while let Some(e) = layer {
        if e.is::<Late>() {
            return true;
        }
        layer = e.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_large_is_told_from_what_is_late() {
        assert_eq!(read(Body::from("abc"), 3).await.unwrap(), "abc");
        assert_eq!(read(Body::from("abcd"), 3).await.unwrap_err(), Unread::TooLarge);
        let late = futures_util::stream::once(async { Err::<Bytes, Late>(Late) });
        assert_eq!(read(Body::from_stream(late), 3).await.unwrap_err(), Unread::TooSlow);
    }
}
