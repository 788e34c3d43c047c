//! Deltas: how two become one, and how readers add those that wait to what the database has.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::deferred::{alone, payload_type, sibling};
use super::{Home, attrs, body, local, probes, spec};
use crate::diag::ends;
use crate::plan::Plan;
use crate::strategy::Strategy;
use crate::types;

// before: merge = Self::add
// after:  fn __cached_touch_merge(__one: Views, __other: Views) -> Views { merges::<Views, _>(Self::add, __one, __other) }
pub(super) fn merge(plan: &Plan<'_>) -> Option<TokenStream> {
    let path = plan.args().merge.value()?;
    let at = Span::mixed_site().located_at(ends(path).1);
    let (name, payload, here) = (plan.hidden("merge"), payload_type(plan), plan.door_at(at));
    let (one, other) = (Ident::new("__one", at), Ident::new("__other", at));
    let signature = quote!(fn #name(#one: #payload, #other: #payload) -> #payload);
    let merged = quote_spanned!(at=> #here::merges::<#payload, _>(#path, #one, #other));
    Some(sibling(plan, &signature, &merged))
}

// before: merge = Self::add
// after:  fn __cached_touch_add(__deltas: Deltas<'_>) -> Sum {
//             { slot of a reader of the same key; adds_to(__slot, PhantomData::<Views>); }
//             use the probes; Again((__deltas, merging(Self::__cached_touch_merge).upcast(Self::__cached_touch_upcast))).sum()
//         }
pub(super) fn add(plan: &Plan<'_>) -> Option<TokenStream> {
    plan.args().merge.get()?;
    let (door, probes, deltas) = (&plan.door, probes(plan), local("__deltas"));
    let (name, merge, upcast) = (plan.hidden("add"), plan.hidden("merge"), plan.hidden("upcast"));
    let upcast = plan.args().upcast.get().map(|_| quote!(.upcast(Self::#upcast)));
    let (checks, signature) =
        (adds_to_what_is_read(plan), quote!(fn #name(#deltas: #door::Deltas<'_>) -> #door::Sum));
    let inner = quote!(#checks #probes #door::Again((#deltas, #door::merging(Self::#merge) #upcast)).sum());
    let add = sibling(plan, &signature, &inner);
    // nobody can name it for a generic block, and it is compiled all the same
    Some(quote!(#[allow(dead_code)] #add))
}

/// Whether what readers of the same key return is of the deltas' type, said at the argument.
fn adds_to_what_is_read(plan: &Plan<'_>) -> TokenStream {
    let (Some(delta), Some(repository), Some(own)) =
        (alone(plan), plan.case.repository, plan.args().template())
    else {
        return TokenStream::new();
    };
    let at = Span::mixed_site().located_at(ends(&delta.ty).0);
    let (door, payload) = (plan.door_at(at), payload_type(plan));
    let readers = repository.members().filter(|member| {
        member.args.strategy().is_some_and(Strategy::reads)
            && member.args.template().is_some_and(|template| template.shape() == own.shape())
    });
    let checks = readers
        .filter(|reader| spec::is_nameable(&reader.function, &reader.function.output_tokens()))
        .map(|reader| {
            let (conditions, output) =
                (attrs::conditions(&reader.function.attrs), reader.function.output_tokens());
            let peeled = quote_spanned!(at=> #door::slot::<#output>().result().error());
            let check = match reader.args.each.get() {
                None => quote_spanned!(at=> #door::adds_to(#peeled.option().shared(), __payload)),
                Some(_) => quote_spanned!(at=> #door::adds_to_each(#peeled.map().shared(), __payload)),
            };
            quote_spanned! {at=>
                #(#conditions)*
                {
                    #[allow(unused_imports)]
                    use #door::probe::*;
                    let __payload = ::core::marker::PhantomData::<#payload>;
                    #check;
                }
            }
        });
    checks.collect()
}

// before: the body of a reader: Self::__cached_views_body(self, id)
// after:  where deltas of its key are merged:
//         { let __again = { use the probes; let id = Again(&id).copies(); move || Some(Self::__cached_views_body(self, id.one()?)) };
//           repeated(Self::__cached_views_body(self, id), __again) }
pub(super) fn repeated(plan: &Plan<'_>, home: Home) -> TokenStream {
    let body = body::run(plan, home);
    if home == Home::Bare || !has_deltas(plan) || !can_be_repeated(plan) {
        return body;
    }
    let (door, probes, again) = (&plan.door, probes(plan), local("__again"));
    let copied = || plan.function().params.iter().filter(|param| !param.is_reference());
    let copies = copied().map(|param| {
        let name = &param.ident;
        quote!(let #name = #door::Again(&#name).copies();)
    });
    let this = plan.function().self_token().map(ToTokens::into_token_stream);
    let once_more = body::call(plan, this.as_ref(), |name| {
        if copied().any(|param| param.ident == *name) { quote!(#name.one()?) } else { quote!(#name) }
    });
    quote! {
        {
            let #again = {
                #probes
                #(#copies)*
                move || ::core::option::Option::Some(#once_more)
            };
            #door::repeated(#body, #again)
        }
    }
}

/// Whether deltas of the same key are merged in the block.
fn has_deltas(plan: &Plan<'_>) -> bool {
    let (Some(repository), Some(own)) = (plan.case.repository, plan.args().template()) else { return false };
    repository.members().any(|member| {
        member.args.merge.get().is_some()
            && member.args.template().is_some_and(|template| template.shape() == own.shape())
    })
}

/// Whether what the body gets can be given once more: what is passed by value is asked for by its type.
fn can_be_repeated(plan: &Plan<'_>) -> bool {
    let function = plan.function();
    let shared = function
        .sig
        .receiver()
        .is_none_or(|this| matches!(&this.kind, syn::ReceiverKind::Reference(_, _, None)));
    shared && !function.params.iter().any(|param| types::is_mutable_reference(&param.ty))
}
