//! Which of a few words was written: `level`, `on_fence_fail`, `coalesce`?

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Expr, Lit};

use crate::diag::Diagnostics;
use crate::duration::ungrouped;
use crate::spanned::Given;
use crate::suggest;
use crate::types;
use crate::values;

/// An option that takes one of a few words, as a text.
pub(crate) trait Choice: Copy + 'static {
    /// The words with what they mean.
    const WORDS: &'static [(&'static str, Self)];
}

/// What a write promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Lease,
    Strict,
}

impl Choice for Level {
    const WORDS: &'static [(&'static str, Self)] = &[("lease", Self::Lease), ("strict", Self::Strict)];
}

impl Level {
    /// The name that attributes use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Strict => "strict",
        }
    }

    /// The name that the runtime uses.
    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Lease => "Lease",
            Self::Strict => "Strict",
        }
    }
}

/// What a writer does that can't be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFenceFail {
    Proceed,
    Reject,
}

impl Choice for OnFenceFail {
    const WORDS: &'static [(&'static str, Self)] = &[("proceed", Self::Proceed), ("reject", Self::Reject)];
}

// #[cached(level = "strikt", ..)]      <- no such word
// #[cached(level = strict, ..)]        <- no text
pub(crate) fn choice<C: Choice>(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<C>>> {
    let words = || C::WORDS.iter().map(|(word, _)| *word);
    let example = words().last().unwrap_or_default();
    let value = values::value(name, input, &format!("\"{example}\""))?;
    let found = values::text(&value).map(syn::LitStr::value);
    let meant = match &found {
        Some(text) => text.to_lowercase(),
        None => types::written(word_of(&value)),
    };
    let chosen = C::WORDS.iter().find(|(word, _)| Some(*word) == found.as_deref()).map(|(_, choice)| *choice);
    if chosen.is_none() {
        let help = match suggest::nearest(&meant, words()) {
            Some(meant) => format!("did you mean `{name} = \"{meant}\"`?"),
            None => {
                let all: Vec<String> = words().map(|word| format!("{name} = \"{word}\"")).collect();
                format!("write {}", suggest::list(all.iter().map(String::as_str)).replace(" and ", " or "))
            }
        };
        let message = match found {
            Some(text) => format!("`{name}` can't be \"{text}\""),
            None => format!("`{name}` takes a text"),
        };
        diags.error_at(&value, message).help(help);
    }
    Ok(Given::new(name, &value, chosen))
}

// #[cached(coalesce = "no", ..)]      <- neither `true` nor `false`
pub(crate) fn truth(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<bool>>> {
    let value = values::value(name, input, "false")?;
    let truth = match ungrouped(&value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(truth) => Some(truth.value),
            _ => None,
        },
        _ => None,
    };
    if truth.is_none() {
        diags
            .error_at(&value, format!("`{name}` is `true` or `false`"))
            .help(format!("write `{name} = false`, or leave it out"));
    }
    Ok(Given::new(name, &value, truth))
}

/// `strict` of `Level::Strict`
fn word_of(value: &Expr) -> proc_macro2::TokenStream {
    match ungrouped(value) {
        Expr::Path(path) => {
            let last = path.path.segments.last().map(|last| last.ident.to_string().to_lowercase());
            last.and_then(|word| syn::parse_str::<Ident>(&word).ok()).to_token_stream()
        }
        other => other.to_token_stream(),
    }
}
