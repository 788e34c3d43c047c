//! How are the entries of a reader named, by the edges that lead to it and by the functions those call?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::GenericParam;

use super::{attrs, body, key, local};
use crate::case::KeyParam;
use crate::diag::ends;
use crate::edges::Edge;
use crate::plan::{Place, Plan, Target, hidden};
use crate::types;

// before: Products::find(result.id)
// after:  Products::__cached_find_edge1(&(result.id))
pub(crate) fn target_call(plan: &Plan<'_>, target: &Target<'_>) -> TokenStream {
    let edge = target.edge;
    let this = plan.function().self_token();
    let what = match place(plan, edge) {
        Leads::ToFunction => "edge".to_owned(),
        Leads::Here | Leads::ToType => sibling(edge.rest, edge.args.len(), target.takes_self),
    };
    let mut path = edge.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = hidden(&last.ident, &what);
    }
    let bare = edge.path.segments.len() == 1 && edge.path.leading_colon.is_none();
    let path = if bare && plan.case.repository.is_some() {
        quote_spanned!(edge.span=> Self::#path)
    } else {
        path.to_token_stream()
    };
    let receiver = this.filter(|_| target.takes_self).map(|this| quote!(#this,));
    let args = edge.args.iter().map(|arg| {
        let (span, _) = ends(arg);
        let arg = body::with_self(arg.to_token_stream(), this.map(ToTokens::into_token_stream));
        quote_spanned!(span=> &(#arg))
    });
    let missing = missing_reader(plan, edge, &what);
    let call = quote_spanned!(edge.span=> #path(#receiver #(#args),*));
    if missing.is_empty() { call } else { quote_spanned!(Span::mixed_site()=> { #missing #call }) }
}

/// Where an edge leads, as far as its path shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// To a reader of the same repository.
    Here,
    /// To a reader of another type: `Products::find`.
    ToType,
    /// To a free function: `price`, `prices::price`.
    ToFunction,
}

fn place(plan: &Plan<'_>, edge: &Edge) -> Leads {
    if edge.local().is_some() && plan.case.repository.is_some() {
        Leads::Here
    } else if crate::edges::of_a_type(&edge.path) {
        Leads::ToType
    } else {
        Leads::ToFunction
    }
}

/// The name of what names entries says how many arguments it takes, and whether it needs `self`: a call that doesn't fit finds nothing.
fn sibling(group: bool, arguments: usize, takes_self: bool) -> String {
    let (what, own) = (if group { "group" } else { "edge" }, if takes_self { "_of_self" } else { "" });
    format!("{what}{arguments}{own}")
}

// before: Products::fnd(id)
// after:  #[diagnostic::on_unimplemented(message = "`{Self}` has no reader `fnd` ..")] trait __Reader {}
//         trait __Missing { fn __cached_fnd_edge1<A>(_: A) -> Edge where Self: __Reader { unreachable!() } }      found only where there is no reader
fn missing_reader(plan: &Plan<'_>, edge: &Edge, what: &str) -> TokenStream {
    let (Some(last), Leads::ToType) = (edge.path.segments.last(), place(plan, edge)) else {
        return TokenStream::new();
    };
    let (door, name) = (&plan.door, crate::function::unraw(&last.ident));
    let hidden = hidden(&last.ident, what).to_string();
    let function = Ident::new(&hidden, edge.span);
    let (message, note) = if edge.rest {
        let leading = arguments(edge.args.len(), "leading argument");
        (
            format!("`{{Self}}` has no reader `{name}` with a group of {leading}"),
            format!("a reader says which groups it has: `group(..)` in the `#[cached(..)]` of `{name}`"),
        )
    } else {
        let count = arguments(edge.args.len(), "argument");
        (
            format!("`{{Self}}` has no reader `{name}` with a key of {count}"),
            "an edge names a reader, a function under `#[cached(..)]` that loads, with the parameters that stand in its key, in order".to_owned(),
        )
    };
    let own = "a reader whose key uses `self`, or the `scope` of its repository, is named inside that repository only";
    let takes = edge.args.iter().zip(0..).map(|(_, at)| format_ident!("__A{at}", span = Span::mixed_site()));
    let takes: Vec<Ident> = takes.collect();
    quote_spanned! {Span::mixed_site()=>
        #[diagnostic::on_unimplemented(message = #message, label = "no such reader", note = #note, note = #own)]
        trait __Reader {}
        #[allow(dead_code, non_snake_case)]
        trait __Missing {
            fn #function<#(#takes),*>(#(_: #takes),*) -> #door::Edge
            where
                Self: __Reader,
            {
                ::core::unreachable!()
            }
        }
        impl<__T: ?::core::marker::Sized> __Missing for __T {}
    }
}

fn arguments(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

// before: #[cached(key = "browse:<category>:<page>")] async fn browse(&self, category: &str, page: u32)
// after:  fn __cached_browse_edge2(category: impl EdgeArg<str>, page: impl EdgeArg<u32>) -> Edge
//         fn __cached_browse_group1(category: impl EdgeArg<str>) -> Edge      for each group in use
pub(crate) fn functions(plan: &Plan<'_>) -> TokenStream {
    let nameable = plan.key_params.iter().all(|param| !types::mentions(param.ty.to_token_stream(), "impl"));
    if !plan.case.reads() || !nameable || !generics_follow(plan) {
        return TokenStream::new();
    }
    let whole = edge_function(plan, None, &edge_body(plan, None));
    let groups =
        plan.nameable_groups().map(|depth| edge_function(plan, Some(depth), &edge_body(plan, Some(depth))));
    // without a repository it may be a free function, and there is no telling
    let free = match plan.case.repository {
        None => named_edge_function(plan, &plan.hidden("edge"), None, &edge_body(plan, None)),
        Some(_) => TokenStream::new(),
    };
    quote!(#whole #(#groups)* #free)
}

/// The same functions without what is in them, for a block with a mistake.
pub(crate) fn stubs(plan: &Plan<'_>) -> TokenStream {
    let nameable = plan.key_params.iter().all(|param| !types::mentions(param.ty.to_token_stream(), "impl"));
    if !plan.case.reads() || !nameable || !generics_follow(plan) || !callable(plan) {
        return TokenStream::new();
    }
    let empty = || quote!(::core::unreachable!());
    let whole = edge_function(plan, None, &empty());
    let groups = plan.nameable_groups().map(|depth| edge_function(plan, Some(depth), &empty()));
    quote!(#[allow(unused_variables)] #whole #(#[allow(unused_variables)] #groups)*)
}

/// Is there nothing in a function's signature that would make mistakes in its stubs too?
pub(crate) fn callable(plan: &Plan<'_>) -> bool {
    let sig = &plan.function().sig;
    let shared = match sig.receiver() {
        Some(receiver) => matches!(&receiver.kind, syn::ReceiverKind::Reference(_, _, None)),
        None => true,
    };
    let named = sig.inputs.len() == plan.function().params.len() + usize::from(sig.receiver().is_some());
    let own = |ty: &syn::Type| !types::borrows(types::behind_reference(ty).0.to_token_stream());
    let known = |part: &crate::plan::Part| part.place != Place::Result;
    let output = plan.function().output_tokens();
    shared
        && named
        && sig.asyncness.is_some()
        && plan.args().template().is_some()
        && plan.function().params.iter().all(|param| own(&param.ty))
        && plan.parts().all(known)
        && !types::mentions(output, "impl")
}

// after: .. Edge::key(Self::__cached_find_spec(), __key)      in a repository
//        .. Edge::key_of("product:<id>", __key)               alone, where the spec is inside the function
fn edge_body(plan: &Plan<'_>, group: Option<usize>) -> TokenStream {
    let (door, key) = (&plan.door, local("__key"));
    let steps = key::steps(plan, &quote!(&mut #key), key::From::EdgeArguments, group);
    let finish = if group.is_some() { "group" } else { "key" };
    let edge = if plan.case.repository.is_some() {
        let (finish, spec) = (format_ident!("{finish}"), plan.hidden("spec"));
        quote!(#door::Edge::#finish(Self::#spec(), #key))
    } else {
        let finish = format_ident!("{finish}_of");
        let template = plan.args().template().map(|template| &template.source);
        quote!(#door::Edge::#finish(#template, #key))
    };
    quote! {
        let mut #key = #door::KeyBuilder::new();
        #steps
        #edge
    }
}

fn edge_function(plan: &Plan<'_>, group: Option<usize>, inner: &TokenStream) -> TokenStream {
    let arguments = named_params(plan, group).len();
    let name = plan.hidden(&sibling(group.is_some(), arguments, plan.uses(Place::Receiver)));
    named_edge_function(plan, &name, group, inner)
}

/// The parameters that name an entry, or a group.
fn named_params<'p, 'a>(plan: &'p Plan<'a>, group: Option<usize>) -> Vec<&'p KeyParam<'a>> {
    match group {
        None => plan.key_params.iter().collect(),
        Some(depth) => {
            let names: Vec<String> =
                plan.parts().take(depth).map(|part| crate::function::unraw(&part.ident)).collect();
            plan.key_params.iter().filter(|param| names.contains(&param.name)).collect()
        }
    }
}

fn named_edge_function(
    plan: &Plan<'_>,
    name: &Ident,
    group: Option<usize>,
    inner: &TokenStream,
) -> TokenStream {
    let (door, function) = (&plan.door, plan.function());
    let used = named_params(plan, group);
    let params = used.iter().map(|param| edge_param(plan, param));
    let receiver = function.self_token().filter(|_| plan.uses(Place::Receiver)).map(|this| quote!(&#this,));
    let (attrs, vis) = (attrs::hidden(&function.attrs), visibility(plan));
    let (generics, _, bounds) = function.sig.generics.split_for_impl();
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(dead_code, private_interfaces, private_bounds, clippy::all, clippy::pedantic, clippy::nursery)]
        #vis fn #name #generics(#receiver #(#params),*) -> #door::Edge #bounds {
            #inner
        }
    }
}

fn edge_param(plan: &Plan<'_>, param: &KeyParam<'_>) -> TokenStream {
    let (door, name) = (&plan.door, param.ident);
    let (ty, _) = types::behind_reference(param.ty);
    let whole = plan.parts().all(|part| part.ident != *name || part.fields.is_empty());
    if whole && !types::borrows(ty.to_token_stream()) {
        quote!(#name: impl #door::EdgeArg<#ty>)
    } else {
        quote!(#name: &#ty)
    }
}

/// Methods of a trait have no visibility of their own: their siblings are as public as the type.
pub(crate) fn visibility(plan: &Plan<'_>) -> TokenStream {
    match plan.case.repository {
        Some(repository) if repository.is_trait_impl() => quote!(pub),
        _ => plan.function().vis.to_token_stream(),
    }
}

/// Can a sibling that takes only the key's parameters infer the function's generics?
pub(crate) fn generics_follow(plan: &Plan<'_>) -> bool {
    plan.function().sig.generics.params.iter().all(|generic| match generic {
        GenericParam::Lifetime(_) => true,
        GenericParam::Type(generic) => plan
            .key_params
            .iter()
            .any(|param| types::mentions(param.ty.to_token_stream(), &generic.ident.to_string())),
        GenericParam::Const(_) => false,
    })
}
