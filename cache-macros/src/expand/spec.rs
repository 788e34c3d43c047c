//! Which literals describe the function to the runtime?

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Home, local};
use crate::args::Attr;
use crate::case::unraw;
use crate::diag::ends;
use crate::duration;
use crate::plan::Plan;
use crate::strategy::Strategy;
use crate::unread;

// after: fn __cached_find_spec() -> &'static Spec { static __SPEC: Spec = Spec::new(..); &__SPEC }
pub(crate) fn function(plan: &Plan<'_>) -> TokenStream {
    let (door, name, value) = (&plan.door, plan.hidden("spec"), value(plan));
    let warning = unread_key(plan);
    let attrs = super::attrs::hidden(&plan.function().attrs);
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        #[inline]
        fn #name() -> &'static #door::Spec {
            #warning
            static __SPEC: #door::Spec = #value;
            &__SPEC
        }
    }
}

// before: key = "prodct:<id>" of a writer, which no reader uses
// after:  const _: () = { #[deprecated(note = "..")] const __NO_READER_USES_THIS_KEY: () = (); __NO_READER_USES_THIS_KEY };
/// The one way in which stable Rust lets a macro warn.
fn unread_key(plan: &Plan<'_>) -> TokenStream {
    let (Some(note), Some(key)) = (unread::of(plan.case), plan.args().key.get()) else {
        return TokenStream::new();
    };
    let span = Span::mixed_site().located_at(ends(&key.tokens).0);
    let name = Ident::new("__NO_READER_USES_THIS_KEY", span);
    quote! {
        const _: () = {
            #[deprecated(note = #note)]
            const #name: () = ();
            #name
        };
    }
}

// after: static __SPEC: Spec = Spec::new(..); let __spec = &__SPEC;      alone
//        let __spec = Self::__cached_find_spec();                        in a repository
pub(crate) fn bind(plan: &Plan<'_>, home: Home) -> TokenStream {
    let (door, spec) = (&plan.door, local("__spec"));
    match home {
        Home::Repository => {
            let name = plan.hidden("spec");
            quote!(let #spec = Self::#name();)
        }
        Home::Bare => {
            let value = value(plan);
            quote_spanned! {Span::mixed_site()=>
                static __SPEC: #door::Spec = #value;
                let #spec: &'static #door::Spec = &__SPEC;
            }
        }
    }
}

// after: Spec::new("Products::find", module_path!(), Strategy::ReadThrough, "product:<id>").ttl_ms(300000)
fn value(plan: &Plan<'_>) -> TokenStream {
    let (door, args) = (&plan.door, plan.args());
    let function = unraw(&plan.function().sig.ident);
    let name = match plan.case.repository {
        Some(repository) => format!("{}::{function}", repository.type_name()),
        None => function,
    };
    let (Attr::Cached, Some(strategy), Some(template)) = (args.attr, plan.case.strategy(), args.template())
    else {
        let panics = conflicts_panic();
        return quote!(#door::Spec::invalidates(#name, ::core::module_path!()) #panics);
    };
    let (source, variant) = (&template.source, Ident::new(strategy.variant(), Span::mixed_site()));
    let mut value =
        quote!(#door::Spec::new(#name, ::core::module_path!(), #door::Strategy::#variant, #source));
    if strategy.stores() {
        value.extend(match plan.case.ttl().and_then(|ttl| ttl.value) {
            Some(duration::Span::Millis(ms)) => call("ttl_ms", ms),
            Some(duration::Span::Forever) => quote!(.ttl_forever()),
            None => TokenStream::new(),
        });
    }
    if strategy.reads() {
        value.extend(millis("negative_ttl_ms", plan.case.negative_ttl().and_then(|given| given.value)));
        value.extend(millis("stale_if_error_ms", args.stale_if_error.value().copied().flatten()));
    }
    value.extend(millis("timeout_ms", args.timeout.value().copied().flatten()));
    if strategy == Strategy::RefreshAhead {
        let share = args.refresh_at.value().copied().flatten().unwrap_or(800);
        value.extend(call("refresh_at_permille", u64::from(share)));
    }
    if let Some(share) = args.jitter.value().copied().flatten() {
        value.extend(call("jitter_permille", u64::from(share)));
    }
    if !plan.groups.is_empty() {
        value.extend(quote!(.grouped()));
    }
    for sibling in &plan.sibling_writers {
        let sibling = Ident::new(sibling, Span::mixed_site());
        value.extend(quote!(.#sibling()));
    }
    if strategy == Strategy::WriteBehind && args.batch.get().is_none() {
        value.extend(quote!(.deferred_body()));
    }
    value.extend(conflicts_panic());
    value
}

/// Conflicts with other functions stop the user's own tests.
fn conflicts_panic() -> TokenStream {
    quote!(.conflicts_panic(::core::cfg!(test)))
}

fn millis(method: &str, span: Option<duration::Span>) -> TokenStream {
    match span {
        Some(duration::Span::Millis(ms)) => call(method, ms),
        Some(duration::Span::Forever) => call(method, u64::MAX),
        None => TokenStream::new(),
    }
}

fn call(method: &str, number: u64) -> TokenStream {
    let (method, number) = (Ident::new(method, Span::mixed_site()), Literal::u64_unsuffixed(number));
    quote!(.#method(#number))
}
