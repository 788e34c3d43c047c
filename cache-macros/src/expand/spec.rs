//! Which literals describe the function to the runtime?

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{GenericParam, Generics};

use super::{Home, Shape, attrs, blame, body, local, probed, probes};
use crate::args::Attr;
use crate::diag::ends;
use crate::duration;
use crate::function::{Function, unraw};
use crate::plan::Plan;
use crate::repository::Repository;
use crate::strategy::Strategy;
use crate::ttl::Ttl;
use crate::types;
use crate::unread;

// after: fn __cached_find_spec() -> &'static Spec { static __SPEC: Spec = Spec::new(..); &__SPEC }
pub(crate) fn function(plan: &Plan<'_>) -> TokenStream {
    let (door, name, value) = (&plan.door, plan.hidden("spec"), value(plan));
    let attrs = attrs::hidden(&plan.function().attrs);
    let warning = unread_key(plan);
    let submitted = match plan.case.repository {
        Some(repository) if nameable(repository) => TokenStream::new(),
        Some(_) | None => quote!(#door::submit! { &__SPEC }),
    };
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        #[inline]
        fn #name() -> &'static #door::Spec {
            #warning
            static __SPEC: #door::Spec = #value;
            #submitted
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

// after: submit! { Specs(&[<Products>::__cached_find_spec, <Products>::__cached_reprice_spec]) }
//        once for the block: each `submit!` takes the compiler about as long as a small function
pub(crate) fn registration(repository: &Repository, plans: &[Plan<'_>]) -> TokenStream {
    let Some(Plan { door, .. }) = plans.first().filter(|_| nameable(repository)) else {
        return TokenStream::new();
    };
    let (ty, outer) = (&repository.head.self_ty, attrs::conditions(&repository.head.attrs));
    let specs = plans.iter().map(|plan| {
        let (conditions, name) = (attrs::conditions(&plan.function().attrs), plan.hidden("spec"));
        quote!(#(#conditions)* <#ty>::#name)
    });
    quote!(#(#outer)* #door::submit! { #door::Specs(&[#(#specs),*]) })
}

/// Can the block's type be named outside the block?
fn nameable(repository: &Repository) -> bool {
    let head = &repository.head;
    head.generics.params.is_empty() && !types::borrows(head.self_ty.to_token_stream())
}

// after: static __SPEC: Spec = Spec::new(..); submit! { &__SPEC } let __spec = &__SPEC;      alone
//        let __spec = Self::__cached_find_spec();                                            in a repository
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
                #door::submit! { &__SPEC }
            }
        }
    }
}

// after: Spec::new("Products::find", module_path!(), Strategy::ReadThrough, "product:<id>").ttl_ms(300000)
//        its beginning spanned at the function's name, which is where the runtime says the function stands
fn value(plan: &Plan<'_>) -> TokenStream {
    let (door, args, at) = (&plan.door, plan.args(), plan.function().sig.ident.span());
    let here = plan.door_at(at);
    let function = unraw(&plan.function().sig.ident);
    let name = match plan.case.repository {
        Some(repository) => format!("{}::{function}", repository.type_name()),
        None => function,
    };
    let (Attr::Cached, Some(strategy), Some(template)) = (args.attr, plan.case.strategy(), args.template())
    else {
        let (level, edges, generic, panics) = (level(plan), edges(plan), generic(plan), conflicts_panic());
        let new = quote_spanned!(at=> #here::Spec::invalidates(#name, ::core::module_path!()));
        return quote!(#new #level #edges #generic #panics);
    };
    let (source, variant) = (&template.source, Ident::new(strategy.variant(), Span::mixed_site()));
    let mut value = quote_spanned!(at=> #here::Spec::new(#name, ::core::module_path!(), #door::Strategy::#variant, #source));
    if strategy.stores() {
        value.extend(
            match plan.case.ttl().filter(|_| args.shows_a_value()).and_then(|ttl| ttl.value.as_ref()) {
                Some(Ttl::Fixed(duration::Span::Millis(ms))) => call("ttl_ms", *ms),
                Some(Ttl::Fixed(duration::Span::Forever)) => quote!(.ttl_forever()),
                Some(Ttl::Computed(_) | Ttl::OfValue(_)) => quote!(.ttl_computed()),
                None => TokenStream::new(),
            },
        );
        if let Some(number) = plan.case.schema().and_then(|given| given.value) {
            value.extend(call("schema", u64::from(number)));
        }
    }
    if strategy.reads() {
        value.extend(millis("negative_ttl_ms", plan.case.negative_ttl().and_then(|given| given.value)));
        value.extend(millis("l1_max_lag_ms", args.l1_max_lag.value().copied().flatten()));
        if let Some(millionths) = crate::verify::of(&plan.case) {
            value.extend(call("verify_ppm", u64::from(millionths)));
        }
        value.extend(millis("stale_if_error_ms", args.stale_if_error.value().copied().flatten()));
    }
    value.extend(millis("timeout_ms", args.timeout.value().copied().flatten()));
    if strategy == Strategy::RefreshAhead {
        let share = args.refresh_at.value().copied().flatten().unwrap_or(800);
        value.extend(call("refresh_at_permille", u64::from(share)));
    }
    if strategy == Strategy::WriteBehind {
        value.extend(deferred(plan));
    }
    if let Some(share) = args.jitter.value().copied().flatten() {
        value.extend(call("jitter_permille", u64::from(share)));
    }
    value.extend(level(plan));
    if !plan.groups.is_empty() {
        let depths = plan.groups.iter().map(|depth| Literal::usize_unsuffixed(*depth));
        value.extend(quote!(.groups(&[#(#depths),*])));
    }
    value.extend(edges(plan));
    value.extend(generic(plan));
    value.extend(value_type(plan));
    value.extend(conflicts_panic());
    value
}

// before: coalesce = false, deletes          merge = Self::add
// after:  .coalesce(false).deletes()         .merges().adding(<Products>::__cached_count_add)
fn deferred(plan: &Plan<'_>) -> TokenStream {
    let args = plan.args();
    let flag = |given: bool, method: TokenStream| if given { method } else { TokenStream::new() };
    let coalesce = flag(args.coalesce.value() == Some(&Some(false)), quote!(.coalesce(false)));
    let merges = flag(args.merge.get().is_some(), quote!(.merges()));
    let adding = match plan.case.repository.filter(|repository| nameable(repository)) {
        Some(repository) if args.merge.get().is_some() => {
            let (ty, add) = (&repository.head.self_ty, plan.hidden("add"));
            quote!(.adding(<#ty>::#add))
        }
        Some(_) | None => TokenStream::new(),
    };
    let deletes = flag(args.deletes.get().is_some(), quote!(.deletes()));
    quote!(#coalesce #merges #adding #deletes)
}

// before: level = "strict"
// after:  .level(Level::Strict)
fn level(plan: &Plan<'_>) -> TokenStream {
    let Some(level) = plan.case.level().and_then(|given| given.value) else { return TokenStream::new() };
    let (door, variant) = (&plan.door, Ident::new(level.variant(), Span::mixed_site()));
    quote!(.level(#door::Level::#variant))
}

// before: invalidates(browse(result.category, ..))
// after:  .edges(&[SpecEdge::group("browse", "result.category")])
fn edges(plan: &Plan<'_>) -> TokenStream {
    if plan.edges.is_empty() {
        return TokenStream::new();
    }
    let door = &plan.door;
    let edges = plan.edges.iter().map(|target| {
        let edge = target.edge;
        let path = types::written(edge.path.to_token_stream());
        let arguments: Vec<String> =
            edge.args.iter().map(|arg| types::written(arg.to_token_stream())).collect();
        let arguments = arguments.join(", ");
        if edge.rest {
            quote!(#door::SpecEdge::group(#path, #arguments))
        } else {
            quote!(#door::SpecEdge::key(#path, #arguments))
        }
    });
    quote!(.edges(&[#(#edges),*]))
}

fn generic(plan: &Plan<'_>) -> TokenStream {
    let open = |param: &crate::function::Parameter| types::mentions(param.ty.to_token_stream(), "impl");
    if type_parameters(plan).is_empty() && !plan.function().params.iter().any(open) {
        TokenStream::new()
    } else {
        quote!(.generic())
    }
}

/// The names of the type and const parameters that the function and its block have.
fn type_parameters(plan: &Plan<'_>) -> Vec<String> {
    let mut names = parameters(&plan.function().sig.generics);
    if let Some(repository) = plan.case.repository {
        names.extend(parameters(&repository.head.generics));
    }
    names
}

fn parameters(generics: &Generics) -> Vec<String> {
    let names = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.to_string()),
        GenericParam::Const(param) => Some(param.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    });
    names.collect()
}

/// Can other functions of the block name this type in the signature of the function?
pub(super) fn is_nameable(function: &Function, ty: &TokenStream) -> bool {
    let own = parameters(&function.sig.generics);
    !types::borrows(ty.clone())
        && !types::mentions(ty.clone(), "impl")
        && !own.iter().any(|name| types::mentions(ty.clone(), name))
}

// before: -> sqlx::Result<Option<Product>>
// after:  .value(|__schema| { use the probes; slot::<R>().result().error().option().shared().value_type(__schema) })      where the type can be named outside the function
fn value_type(plan: &Plan<'_>) -> TokenStream {
    // Alone, the function may stand in a generic block that is out of sight.
    let Some(repository) = plan.case.repository else { return TokenStream::new() };
    // What `write_behind` returns says nothing of the value.
    let stores =
        plan.case.strategy().is_some_and(|strategy| strategy.stores() && strategy != Strategy::WriteBehind);
    let output = plan.function().output_tokens();
    let head = &repository.head;
    let unnameable = type_parameters(plan).iter().any(|name| types::mentions(output.to_token_stream(), name))
        || types::borrows(output.to_token_stream())
        || (types::mentions(output.to_token_stream(), "Self") && !nameable(repository));
    if !stores || plan.args().value.get().is_some() || unnameable {
        return TokenStream::new();
    }
    let (span, probes, schema) = (blame(plan), probes(plan), local("__schema"));
    let (shape, call) = match plan.args().each() {
        None => (Shape::Stored, quote_spanned!(span=> .value_type(#schema))),
        Some(_) => (Shape::Map, quote_spanned!(span=> .value_type_each(#schema))),
    };
    let probed = probed(plan, shape);
    let closure = quote_spanned!(span=> |#schema| { #probes #probed #call });
    let closure = named(body::qualify(closure, repository), &head.self_ty);
    quote!(.value(#closure))
}

/// The type itself for `Self`, which is unknown inside a static.
fn named(tokens: TokenStream, ty: &syn::Type) -> TokenStream {
    let trees = tokens.into_iter().map(|tree| match tree {
        TokenTree::Ident(ident) if ident == "Self" => ty.to_token_stream(),
        TokenTree::Group(group) => {
            let mut inner = proc_macro2::Group::new(group.delimiter(), named(group.stream(), ty));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => other.into(),
    });
    trees.collect()
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
