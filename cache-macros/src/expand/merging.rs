//! Deltas: how two become one, and how readers add those that wait to what the database has.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::deferred::{alone, payload_type, sibling};
use super::{attrs, local, probes, spec};
use crate::diag::ends;
use crate::plan::Plan;
use crate::strategy::Strategy;

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
