//! What else does a reader offer: the handle of an entry, and keys read back into arguments?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};

use super::terms::{self, Scene, ValueOf};
use super::{Home, Shape, attrs, blame, body, cache, edges, key, probed, probes, spec};
use crate::plan::{Part, Place, Plan};
use crate::types;

// before: pub async fn find(&self, id: i64) -> R { body }
// after:  pub fn find_entry(&self, id: i64) -> Entry<'_, R> {
//             use the probes; spec; cache; key; let __slot = slot::<R>().result().error().option().shared();
//             __slot.entry(__cache, __spec, __key.finish(), (), async move { body with owned arguments })
//         }
pub(crate) fn entry(plan: &Plan<'_>) -> TokenStream {
    if !has_entry(plan) {
        return TokenStream::new();
    }
    let span = blame(plan);
    let (slot, probes, probed) = (Ident::new("__slot", span), probes(plan), probed(plan, Shape::Stored));
    let (spec, cache, key) =
        (spec::bind(plan, Home::Repository), cache(plan), key::build(plan, key::From::Entry));
    let (owned, this) =
        (body::owned_references(plan), plan.function().self_token().map(|this| quote!(#this)));
    let call = body::call_owned(plan, this.as_ref());
    let terms = terms::terms(plan, ValueOf::Slot, Scene::Owned);
    let entry = quote_spanned! {span=>
        let #slot = #probed;
        #slot.entry(__cache, __spec, __key.finish(), #terms, async move { #call.await })
    };
    entry_function(plan, &quote!(#probes #spec #cache #key #owned #entry))
}

/// The handle without what is in it, for a block with a mistake.
pub(crate) fn entry_stub(plan: &Plan<'_>) -> TokenStream {
    if !edges::callable(plan) || !has_entry(plan) {
        return TokenStream::new();
    }
    let handle = entry_function(plan, &quote!(::core::unreachable!()));
    quote!(#[allow(unused_variables)] #handle)
}

fn entry_function(plan: &Plan<'_>, inner: &TokenStream) -> TokenStream {
    let function = plan.function();
    let name = format_ident!("{}_entry", function.name(), span = function.sig.ident.span());
    let krate = &plan.krate;
    let mut sig = function.immutable_signature();
    sig.ident = name;
    sig.asyncness = None;
    let output = function.output_tokens();
    let lifetime = if function.sig.receiver().is_some() { quote!('_) } else { quote!('static) };
    sig.output = syn::parse_quote!(-> #krate::Entry<#lifetime, #output>);
    let (hidden, vis) = (attrs::hidden(&function.attrs), edges::visibility(plan));
    let doc = format!(
        " The cache entry behind [`{0}`](Self::{0}): look at it, store into it, or drop it.",
        function.name()
    );
    quote! {
        #(#hidden)*
        #[doc = #doc]
        #[allow(dead_code, private_interfaces, private_bounds, clippy::all, clippy::pedantic, clippy::nursery)]
        #vis #sig { #inner }
    }
}

// before: key = "product:<id>", parameter `id: i64`
// after:  pub fn find_args(key: &str) -> Option<(i64,)> {
//             let mut __parts = parse(spec, key)?; let id = Again(PhantomData::<i64>).parsed(&mut __parts)?; Some((id,))
//         }
pub(crate) fn args(plan: &Plan<'_>) -> TokenStream {
    if !has_args(plan) {
        return TokenStream::new();
    }
    let (door, key, spec) = (&plan.door, super::local("key"), plan.hidden("spec"));
    let mut parsed = TokenStream::new();
    for part in plan.parts() {
        if let Some(param) = plan.key_params.iter().find(|param| *param.ident == part.ident) {
            let (ident, ty) = (param.ident, types::owned(param.ty));
            parsed.extend(
                quote_spanned!(Span::mixed_site()=> let #ident = #door::Again(::core::marker::PhantomData::<#ty>).parsed(&mut __parts)?;),
            );
        } else {
            parsed.extend(quote_spanned!(Span::mixed_site()=> #door::skipped(&mut __parts)?;));
        }
    }
    let (names, probes) = (plan.key_params.iter().map(|param| param.ident), probes(plan));
    let inner = quote_spanned! {Span::mixed_site()=>
        #probes
        let mut __parts = #door::parse(Self::#spec(), #key)?;
        #parsed
        ::core::option::Option::Some((#(#names,)*))
    };
    args_function(plan, &inner)
}

/// The same without what is in it, for a block with a mistake.
pub(crate) fn args_stub(plan: &Plan<'_>) -> TokenStream {
    if edges::callable(plan) && has_args(plan) {
        args_function(plan, &quote!(::core::option::Option::None))
    } else {
        TokenStream::new()
    }
}

fn args_function(plan: &Plan<'_>, inner: &TokenStream) -> TokenStream {
    let function = plan.function();
    let name = format_ident!("{}_args", function.name(), span = function.sig.ident.span());
    let types = plan.key_params.iter().map(|param| types::owned(param.ty));
    let (hidden, vis, key) = (attrs::hidden(&function.attrs), edges::visibility(plan), super::local("key"));
    let doc = format!(
        " The arguments of [`{0}`](Self::{0}) that a key was made from, if it was made by it.",
        function.name()
    );
    quote! {
        #(#hidden)*
        #[doc = #doc]
        #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        #vis fn #name(#key: &::core::primitive::str) -> ::core::option::Option<(#(#types,)*)> {
            #inner
        }
    }
}

fn has_entry(plan: &Plan<'_>) -> bool {
    plan.case.reads()
        && plan.args().each().is_none()
        && !taken(plan, &format!("{}_entry", plan.function().name()))
        && entry_fits(plan)
}

/// A handle outlives the call that makes it: its arguments must have an owned form.
fn entry_fits(plan: &Plan<'_>) -> bool {
    let params = &plan.function().params;
    let own = |ty: &syn::Type| {
        !types::borrows(ty.to_token_stream()) && !types::mentions(ty.to_token_stream(), "impl")
    };
    let inner = |ty| types::secret_reference(ty).unwrap_or(types::behind_reference(ty).0);
    params.iter().all(|param| own(inner(&param.ty)) && !param.is_cache())
        && !types::borrows(plan.function().output_tokens())
        && plan.function().sig.generics.params.is_empty()
}

fn has_args(plan: &Plan<'_>) -> bool {
    plan.case.reads() && !taken(plan, &format!("{}_args", plan.function().name())) && args_fit(plan)
}

fn args_fit(plan: &Plan<'_>) -> bool {
    let own_field = |part: &&Part| part.place != Place::Receiver;
    let whole = plan
        .parts()
        .filter(own_field)
        .all(|part| part.fields.is_empty() && matches!(part.place, Place::Parameter | Place::Item));
    let once = plan.parts().filter(own_field).count() == plan.key_params.len();
    let own = plan.key_params.iter().all(|param| {
        let (inner, _) = types::behind_reference(param.ty);
        !types::borrows(inner.to_token_stream()) && !types::mentions(inner.to_token_stream(), "impl")
    });
    whole && once && own && !plan.key_params.is_empty() && plan.function().sig.generics.params.is_empty()
}

/// A method of the user's own of that name wins.
fn taken(plan: &Plan<'_>, name: &str) -> bool {
    plan.case.repository.is_some_and(|repository| repository.function(name).is_some())
}
