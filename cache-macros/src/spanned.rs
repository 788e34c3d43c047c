//! Where was this option written, and was it written once?

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

use crate::diag::Diagnostics;

/// A value as the user gave it, with the tokens it was read from.
#[derive(Clone)]
pub(crate) struct Given<T> {
    /// The option's own name.
    pub(crate) name: Ident,
    /// The tokens of the value, to put carets under.
    pub(crate) tokens: TokenStream,
    pub(crate) value: T,
}

impl<T> Given<T> {
    pub(crate) fn new(name: &Ident, tokens: &impl ToTokens, value: T) -> Self {
        Self { name: name.clone(), tokens: tokens.to_token_stream(), value }
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }
}

/// An option that may be given once.
#[derive(Clone)]
pub(crate) struct SetOnce<T>(Option<Given<T>>);

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> SetOnce<T> {
    /// Keeps the first value; a second one is reported.
    pub(crate) fn set(&mut self, given: Given<T>, diags: &mut Diagnostics) {
        if self.0.is_some() {
            given_twice(&given.name, diags);
        } else {
            self.0 = Some(given);
        }
    }

    pub(crate) fn get(&self) -> Option<&Given<T>> {
        self.0.as_ref()
    }

    pub(crate) fn value_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut().map(|given| &mut given.value)
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|given| &given.value)
    }
}

// #[cached(ttl = 5, ttl = 6, ..)]      <- the second `ttl`
pub(crate) fn given_twice(name: &Ident, diags: &mut Diagnostics) {
    diags.error(name.span(), format!("`{name}` is given twice")).help("remove one of the two");
}
