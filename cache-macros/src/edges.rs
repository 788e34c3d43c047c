//! Which entries does a write make stale: `find(id)`, `browse(category, ..)`, `Products::find(result.id)`?

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Expr, Path, Token};

use crate::diag::Diagnostics;
use crate::types;
use crate::values::skip_to_comma;

/// One edge, as written.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) path: Path,
    pub(crate) args: Vec<Expr>,
    /// `..` stands at the end: the whole group.
    pub(crate) rest: bool,
    pub(crate) span: Span,
}

impl Edge {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path: Path = input.call(Path::parse_mod_style_or_turbofish)?;
        if !input.peek(syn::token::Paren) {
            let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            return Err(syn::Error::new(
                path.span(),
                format!(
                    "the edge `{name}` has no arguments\nhelp: write `{name}(..)` for all its entries, or name the arguments"
                ),
            ));
        }
        let content = match input.parse::<TokenTree>()? {
            TokenTree::Group(group) => group.stream(),
            other => other.into_token_stream(),
        };
        let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        let (args, rest) = arguments.parse2(content)?;
        Ok(Self { path, args, rest, span })
    }

    /// The group of what stands before the argument that mentions `name`: `page(n, ..)` for `page(n, before)`.
    pub(crate) fn up_to(&self, name: &str) -> String {
        let leading = self.args.iter().take_while(|arg| !types::mentions(arg.to_token_stream(), name));
        let leading: String = leading.map(|arg| types::written(arg.to_token_stream()) + ", ").collect();
        format!("{}({leading}..)", types::written(self.path.to_token_stream()))
    }

    /// Every edge of a list, and whether one could not be read.
    pub(crate) fn parse_all(tokens: TokenStream, diags: &mut Diagnostics) -> (Vec<Self>, bool) {
        let mut edges = Vec::new();
        let mut broken = false;
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let edge = Self::parse(input);
                let good = edge.is_ok();
                match edge {
                    Ok(edge) => edges.push(edge),
                    Err(error) => diags.absorb(&error),
                }
                broken |= !good;
                broken |= !skip_to_comma(input, good, diags);
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            diags.absorb(&error);
        }
        (edges, broken)
    }

    /// The reader's name, as written.
    pub(crate) fn name(&self) -> Option<&Ident> {
        self.path.segments.last().map(|last| &last.ident)
    }

    /// The reader of the same repository this edge names, if it names one.
    pub(crate) fn local(&self) -> Option<&Ident> {
        local(&self.path)
    }

    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.args.iter().any(|arg| types::uses(arg.to_token_stream(), word))
    }
}

/// The function of the same block that a path names: `find`, `Self::find`.
pub(crate) fn local(path: &Path) -> Option<&Ident> {
    let mut segments = path.segments.iter();
    match (segments.next(), segments.next(), segments.next()) {
        (Some(only), None, None) if path.leading_colon.is_none() => Some(&only.ident),
        (Some(first), Some(second), None) if first.ident == "Self" => Some(&second.ident),
        _ => None,
    }
}

/// Does a path lead to a function of a type, as far as it shows: `Products::find`?
pub(crate) fn of_a_type(path: &Path) -> bool {
    let owner = path.segments.iter().rev().nth(1);
    owner.is_some_and(|owner| owner.ident.to_string().starts_with(char::is_uppercase))
}

/// A path as an edge begins with one.
pub(crate) fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    Path::parse_mod_style_or_turbofish(input)
}

trait ModStyle: Sized {
    fn parse_mod_style_or_turbofish(input: ParseStream<'_>) -> syn::Result<Self>;
}

impl ModStyle for Path {
    /// A path as expressions write it, `Products::<T>::find`, stopping before its parentheses.
    fn parse_mod_style_or_turbofish(input: ParseStream<'_>) -> syn::Result<Self> {
        let leading_colon = input.parse()?;
        let mut segments = syn::punctuated::Punctuated::new();
        loop {
            if !input.peek(Ident::peek_any) {
                return Err(input.error("expected an edge, such as `find(id)`"));
            }
            let ident = input.call(Ident::parse_any)?;
            let turbofish = input.peek(Token![::]) && input.peek3(Token![<]);
            let arguments = if turbofish {
                syn::PathArguments::AngleBracketed(input.parse()?)
            } else {
                syn::PathArguments::None
            };
            segments.push_value(syn::PathSegment { ident, arguments });
            if !input.peek(Token![::]) {
                return Ok(Self { leading_colon, segments });
            }
            segments.push_punct(input.parse()?);
        }
    }
}

// invalidates(browse(.., category))      <- `..` is not last
fn arguments(input: ParseStream<'_>) -> syn::Result<(Vec<Expr>, bool)> {
    let mut args = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![..]) {
            let dots: Token![..] = input.parse()?;
            input.parse::<Option<Token![,]>>()?;
            if !input.is_empty() {
                while !input.is_empty() {
                    input.parse::<TokenTree>()?;
                }
                return Err(syn::Error::new_spanned(
                    dots,
                    "`..` must be the last argument of an edge\nhelp: write for example `browse(category, ..)`",
                ));
            }
            return Ok((args, true));
        }
        args.push(input.parse()?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok((args, false))
}
