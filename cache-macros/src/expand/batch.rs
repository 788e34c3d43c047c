//! Functions of many entries: `each(id in ids)`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::body::Kept;
use super::terms::{self, Scene, ValueOf};
use super::{Home, Shape, blame, body, cache, key, slot, spec};
use crate::function::Parameter;
use crate::plan::Plan;
use crate::types::{self, Passed};

/// The collection, its element's type, and how it is passed.
pub(crate) struct Many<'a> {
    pub(crate) collection: &'a Parameter,
    pub(crate) item: &'a proc_macro2::Ident,
    pub(crate) element: &'a syn::Type,
    pub(crate) passed: Passed,
}

pub(crate) fn many<'a>(plan: &Plan<'a>) -> Option<Many<'a>> {
    let collection = plan.case.collection()?;
    let (element, passed) = types::element(&collection.ty)?;
    Some(Many { collection, item: &plan.case.args.each()?.item, element, passed })
}

// before: async fn find_many(&self, ids: &[i64]) -> Result<HashMap<i64, Product>> { body }
// after:  load_each::<_, i64, _, _, _>(__slot, __cache, __spec, ids(&ids), |__key, id: &i64| { key }, (),
//             move |__missing: Vec<i64>| { copies; async move { Self::__cached_find_many_body(self, &__missing).await } }).await
pub(crate) fn reader(plan: &Plan<'_>, home: Home) -> TokenStream {
    let Some(many) = many(plan) else { return TokenStream::new() };
    let Many { collection, element, passed, .. } = &many;
    let (spec, slot, cache) = (spec::bind(plan, home), slot(plan, Shape::Map), cache(plan));
    let key = key_closure(plan, &many);
    let span = blame(plan);
    let door = plan.door_at(span);
    let name = &collection.ident;
    let missing = super::local("__missing");
    let rest = match home {
        Home::Bare => {
            let (ty, user) = (&collection.ty, user_pattern(plan, name));
            let bind = match passed {
                Passed::Borrowed => quote!(let #user: #ty = &#missing;),
                Passed::Owned => quote!(let #user: #ty = #missing;),
            };
            body::inline(plan, &bind)
        }
        Home::Repository => {
            let this = plan.function().self_token().map(ToTokens::into_token_stream);
            let call = body::call(plan, this.as_ref(), |param| match passed {
                Passed::Borrowed if param == name => quote!(&#missing),
                Passed::Owned if param == name => quote!(#missing),
                Passed::Borrowed | Passed::Owned => param.to_token_stream(),
            });
            quote!(async move { #call.await })
        }
    };
    let copies = copies(plan, name, home);
    let (when, terms) = (terms::when(plan), terms::terms(plan, ValueOf::Batch, Scene::Call));
    quote_spanned! {span=>
        #when #spec #slot #cache
        #door::load_each::<_, #element, _, _, _>(__slot, __cache, __spec, #door::ids(&#name), #key, #terms, move |#missing: ::std::vec::Vec<#element>| { #copies #rest }).await
    }
}

// after: { kept arguments; move |__key: &mut KeyBuilder, id: &i64| { key } }
pub(crate) fn key_closure(plan: &Plan<'_>, many: &Many<'_>) -> TokenStream {
    let Many { item, element, .. } = many;
    let (door, name) = (&plan.door, super::local("__key"));
    let steps = key::steps(plan, &name.to_token_stream(), key::From::Parameters, None);
    let Kept { hoisted, bound } = body::kept(plan, &steps);
    quote_spanned! {Span::mixed_site()=>
        {
            #hoisted
            #bound
            move |#name: &mut #door::KeyBuilder, #item: &#element| { #steps }
        }
    }
}

/// `let lang = clone(&lang);` for what is passed by value: the body may run more than once.
fn copies(plan: &Plan<'_>, collection: &proc_macro2::Ident, home: Home) -> TokenStream {
    let others =
        plan.function().params.iter().filter(|param| !param.is_reference() && param.ident != *collection);
    others
        .map(|param| {
            let (name, span) = (&param.ident, param.span());
            let pattern = if home == Home::Bare { user_pattern(plan, name) } else { name.to_token_stream() };
            quote_spanned!(span=> let #pattern = ::core::clone::Clone::clone(&#name);)
        })
        .collect()
}

fn user_pattern(plan: &Plan<'_>, name: &proc_macro2::Ident) -> TokenStream {
    let pattern = plan.function().sig.inputs.iter().find_map(|input| match input {
        syn::FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(pat) if pat.ident == *name => Some(pat.to_token_stream()),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    });
    pattern.unwrap_or_else(|| name.to_token_stream())
}
