//! What function stands under the attribute: its signature, its parameters by name, and its body as one untouched group?

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Pat, ReturnType, Signature, Token, Type, Visibility};

/// A function with its body unparsed.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Body,
    /// `#[uncached]` stood above it.
    pub(crate) uncached: bool,
    /// The parameters that have a plain name, without `self`.
    pub(crate) params: Vec<Parameter>,
}

/// What stands after the signature.
#[derive(Clone)]
pub(crate) enum Body {
    Block(Group),
    Semicolon(Token![;]),
}

/// A parameter with a plain name.
#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    /// The name without `r#`.
    pub(crate) name: String,
    pub(crate) ty: Type,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let sig: Signature = input.parse()?;
        let body = if input.peek(Token![;]) {
            Body::Semicolon(input.parse()?)
        } else {
            match input.parse::<TokenTree>()? {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Body::Block(group),
                other => return Err(syn::Error::new(other.span(), "expected a function body or `;`")),
            }
        };
        let params = parameters(&sig);
        Ok(Self { attrs, vis, sig, body, uncached: false, params })
    }
}

impl Function {
    /// The function's name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.sig.ident.unraw().to_string()
    }

    /// The receiver's own `self` token: in `macro_rules!` another `self` would be another word.
    pub(crate) fn self_token(&self) -> Option<Token![self]> {
        self.sig.receiver().map(|receiver| receiver.self_token)
    }

    pub(crate) fn param(&self, name: &str) -> Option<&Parameter> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Is this name bound by a parameter that is a pattern?
    pub(crate) fn has_pattern_with(&self, name: &str) -> bool {
        self.sig.inputs.iter().any(|input| match input {
            FnArg::Typed(typed) if !matches!(&*typed.pat, Pat::Ident(pat) if pat.subpat.is_none()) => {
                crate::types::mentions(typed.pat.to_token_stream(), name)
            }
            FnArg::Typed(_) | FnArg::Receiver(_) => false,
        })
    }

    /// The parameter of type `&Cache`.
    pub(crate) fn cache_param(&self) -> Option<&Parameter> {
        self.params.iter().find(|param| param.is_cache())
    }

    /// The return type, if one is written.
    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// The return type, `()` if none is written.
    pub(crate) fn output_tokens(&self) -> TokenStream {
        self.output().map_or_else(|| quote!(()), ToTokens::to_token_stream)
    }

    pub(crate) fn output_span(&self) -> Span {
        self.output().map_or_else(|| self.sig.ident.span(), |ty| crate::diag::ends(ty).0)
    }

    pub(crate) fn block(&self) -> Option<&Group> {
        match &self.body {
            Body::Block(group) => Some(group),
            Body::Semicolon(_) => None,
        }
    }

    /// The function as it stood, so that a mistake in the attribute doesn't take it away.
    pub(crate) fn unchanged(&self) -> TokenStream {
        let Self { attrs, vis, sig, body, .. } = self;
        match body {
            Body::Block(group) => quote!(#(#attrs)* #vis #sig #group),
            Body::Semicolon(_) => quote! {
                #(#attrs)* #[allow(unused_variables, clippy::unused_async)] #vis #sig { ::core::unreachable!() }
            },
        }
    }

    /// The function as it was written.
    pub(crate) fn source(&self) -> TokenStream {
        let Self { attrs, vis, sig, body, .. } = self;
        match body {
            Body::Block(group) => quote!(#(#attrs)* #vis #sig #group),
            Body::Semicolon(semicolon) => quote!(#(#attrs)* #vis #sig #semicolon),
        }
    }

    /// The signature with `mut` taken off the parameters, for functions whose body moved elsewhere.
    pub(crate) fn immutable_signature(&self) -> Signature {
        let mut sig = self.sig.clone();
        for input in &mut sig.inputs {
            if let FnArg::Typed(typed) = input
                && let Pat::Ident(pat) = &mut *typed.pat
            {
                pat.mutability = None;
            }
        }
        sig
    }
}

impl Parameter {
    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }

    pub(crate) fn is_cache(&self) -> bool {
        crate::types::is_cache(&self.ty)
    }

    /// Is it borrowed mutably, and so no part of a key?
    pub(crate) fn is_mutable_reference(&self) -> bool {
        crate::types::is_mutable_reference(&self.ty)
    }

    /// Is it passed by reference?
    pub(crate) fn is_reference(&self) -> bool {
        crate::types::behind_reference(&self.ty).1
    }
}

fn parameters(sig: &Signature) -> Vec<Parameter> {
    let named = |input: &FnArg| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
                let ident = pat.ident.clone();
                let name = ident.unraw().to_string();
                Some(Parameter { ident, name, ty: (*typed.ty).clone() })
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    sig.inputs.iter().filter_map(named).collect()
}

/// A name without `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    ident.unraw().to_string()
}
