//! Who is asking: the session a cookie names.

use std::fmt::Write as _;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponseParts, ResponseParts},
};

use super::PageError;

const COOKIE: &str = "shop_session";
const ID_LENGTH: usize = 32;

/// A visitor, known by cookie or new. As a part of a response it hands a new visitor the cookie.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// The secret of the session.
    pub id: String,
    /// Nobody has seen this id before, so there is nothing to look up.
    pub is_new: bool,
}

impl Visitor {
    /// The visitor whose cookie is in `headers`.
    pub(super) fn known(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, id) = pairs.find(|(name, id)| *name == COOKIE && is_id(id))?;
        Some(Self { id: id.to_owned(), is_new: false })
    }

    fn new() -> Result<Self, getrandom::Error> {
        let mut secret = [0; ID_LENGTH / 2];
        getrandom::fill(&mut secret)?;
        let mut id = String::with_capacity(ID_LENGTH);
        for byte in secret {
            // Writing to a string can't fail.
            let _ = write!(id, "{byte:02x}");
        }
        Ok(Self { id, is_new: true })
    }
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        match Self::known(&parts.headers) {
            Some(visitor) => Ok(visitor),
            None => Ok(Self::new()?),
        }
    }
}

impl IntoResponseParts for Visitor {
    type Error = PageError;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, PageError> {
        if self.is_new {
            let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400", self.id);
            // An id is made of hex digits, which every header may hold.
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(cookie: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
        Visitor::known(&headers).map(|visitor| visitor.id)
    }

    #[test]
    fn cookie_is_found_among_others_and_checked() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(known("a=b; shop_session=0123456789abcdef0123456789abcdef; c=d").as_deref(), Some(id));
        assert_eq!(known("shop_session=short"), None);
        assert_eq!(known("shop_session=0123456789ABCDEF0123456789abcdef"), None);
        assert_eq!(known("other=0123456789abcdef0123456789abcdef"), None);
    }

    #[test]
    fn new_visitors_differ() {
        let (a, b) = (
            Visitor::new().expect("the system has entropy"),
            Visitor::new().expect("the system has entropy"),
        );
        assert!(is_id(&a.id) && is_id(&b.id) && a.id != b.id);
    }
}
