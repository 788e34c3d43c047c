//! Which mistakes were found, and how they reach the user: all of them, in source order.

use std::fmt::Write as _;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// Collects mistakes; forgetting to deliver them is itself a mistake.
#[derive(Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
    delivered: bool,
}

/// One mistake: where it stands, what is wrong, and what to write instead.
pub(crate) struct Diagnostic {
    start: Span,
    end: Span,
    message: String,
    helps: Vec<String>,
}

impl Diagnostics {
    /// Reports a mistake under one token.
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(span, span, message.into())
    }

    /// Reports a mistake under everything `tokens` covers.
    pub(crate) fn error_at(&mut self, tokens: &impl ToTokens, message: impl Into<String>) -> &mut Diagnostic {
        let (start, end) = ends(tokens);
        self.push(start, end, message.into())
    }

    /// Takes over a parser's own complaint.
    pub(crate) fn absorb(&mut self, error: &syn::Error) {
        for one in error.clone() {
            self.push(one.span(), one.span(), one.to_string());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Hands the mistakes over, as `compile_error!` invocations in source order.
    pub(crate) fn finish(mut self) -> TokenStream {
        self.delivered = true;
        sorted(&self.found).into_iter().map(Diagnostic::to_compile_error).collect()
    }

    fn push(&mut self, start: Span, end: Span, message: String) -> &mut Diagnostic {
        self.found.push_mut(Diagnostic { start, end, message, helps: Vec::new() })
    }

    /// `line:column message` of each mistake, for tests.
    #[cfg(test)]
    pub(crate) fn into_lines(mut self) -> Vec<String> {
        self.delivered = true;
        sorted(&self.found)
            .into_iter()
            .map(|one| format!("{}:{} {}", one.start.start().line, one.start.start().column, one.text()))
            .collect()
    }
}

impl Diagnostic {
    /// Adds a line that says what to write instead.
    pub(crate) fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.helps.push(format!("help: {}", text.into()));
        self
    }

    /// Adds a line that says why.
    pub(crate) fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.helps.push(format!("note: {}", text.into()));
        self
    }

    fn text(&self) -> String {
        self.helps.iter().fold(self.message.clone(), |mut text, line| {
            let _ = write!(text, "\n{line}");
            text
        })
    }

    fn position(&self) -> (usize, usize) {
        let at = self.start.start();
        (at.line, at.column)
    }

    fn to_compile_error(&self) -> TokenStream {
        let text = self.text();
        let message = quote_spanned!(self.end=> { #text });
        quote_spanned!(self.start=> ::core::compile_error! #message)
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        debug_assert!(self.delivered || std::thread::panicking(), "the diagnostics were dropped undelivered");
    }
}

/// The first and the last span of some tokens.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut all = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let start = all.next().unwrap_or_else(Span::call_site);
    (start, all.last().unwrap_or(start))
}

fn sorted(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut all: Vec<&Diagnostic> = Vec::with_capacity(found.len());
    for one in found {
        let twin = |other: &&Diagnostic| other.position() == one.position() && other.message == one.message;
        if !all.iter().any(twin) {
            all.push(one);
        }
    }
    all.sort_by_key(|one| one.position());
    all
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenTree;

    use super::*;

    fn tokens(source: &str) -> Vec<TokenTree> {
        source.parse::<TokenStream>().expect("tokens").into_iter().collect()
    }

    #[test]
    fn mistakes_come_in_source_order() {
        let words = tokens("a\nb\nc");
        let mut diags = Diagnostics::default();
        for word in words.iter().rev() {
            diags.error(word.span(), format!("wrong {word}")).help("right");
        }
        assert_eq!(
            diags.into_lines(),
            ["1:0 wrong a\nhelp: right", "2:0 wrong b\nhelp: right", "3:0 wrong c\nhelp: right"]
        );
    }

    #[test]
    fn one_mistake_is_said_once() {
        let words = tokens("a");
        let mut diags = Diagnostics::default();
        for word in words.iter().chain(&words) {
            diags.error(word.span(), "wrong");
        }
        assert_eq!(diags.into_lines(), ["1:0 wrong"]);
    }

    #[test]
    #[should_panic(expected = "undelivered")]
    fn a_forgotten_mistake_breaks_the_build_of_the_macro() {
        drop(Diagnostics::default());
    }
}
