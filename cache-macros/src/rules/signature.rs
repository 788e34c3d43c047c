//! Can a function of this shape be cached at all?

use quote::ToTokens as _;
use syn::{FnArg, Pat, ReceiverKind, Safety};

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::Body;
use crate::strategy::Strategy;
use crate::types;

// #[cached(..)] fn find(&self, id: i64) -> R      <- `fn` without `async`
pub(crate) fn async_function(case: &Case<'_>, diags: &mut Diagnostics) {
    let sig = &case.function.sig;
    if sig.asyncness.is_some() {
        return;
    }
    let name = case.args.attribute_name();
    let output = case.function.output_tokens();
    if types::mentions(output.clone(), "Pin") || types::mentions(output, "BoxFuture") {
        diags
            .error(
                sig.fn_token.span,
                format!("this function returns a boxed future, and `#[{name}]` needs an `async fn`"),
            )
            .help(format!(
                "write `async fn {}`; where `#[async_trait]` makes the box, put `#[repository(..)]` above it",
                sig.ident
            ));
    } else {
        diags
            .error(sig.fn_token.span, format!("`#[{name}]` needs an `async fn`"))
            .help(format!("write `async fn {}`", sig.ident));
    }
}

// #[cached(..)] async unsafe extern "C" fn find(..)      <- anything but `async`; what `async` itself excludes, the compiler refuses
pub(crate) fn plain_function(case: &Case<'_>, diags: &mut Diagnostics) {
    let (sig, name) = (&case.function.sig, case.args.attribute_name());
    if let Safety::Unsafe(token) = &sig.safety {
        diags
            .error(token.span, format!("`#[{name}]` can't be used on an `unsafe fn`"))
            .help("remove `unsafe`, or cache a safe function that calls this one");
    }
    if let Some(abi) = &sig.abi {
        diags
            .error_at(abi, format!("`#[{name}]` can't be used on an `extern` function"))
            .help("remove `extern`, or cache a Rust function that it calls");
    }
}

// #[cached(..)] async fn find(&self, (a, b): (i64, i64))      <- a pattern instead of a name
pub(crate) fn plain_parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    for input in &case.function.sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        match &*typed.pat {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {}
            Pat::Wild(wild) => {
                diags
                    .error_at(wild, "a parameter of a cached function needs a name")
                    .help("name it, and add it to the key or to `skip(..)`");
            }
            other => {
                diags
                    .error_at(other, "a parameter of a cached function can't be a pattern")
                    .help("name it, add it to the key or to `skip(..)`, and take it apart in the body");
            }
        }
    }
}

// #[cached(..)] async fn find(&mut self, id: i64)      <- a receiver that can't be shared
pub(crate) fn shared_receiver(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(receiver) = case.function.sig.receiver() else { return };
    if matches!(&receiver.kind, ReceiverKind::Reference(_, _, None)) {
        return;
    }
    diags
        .error_at(receiver, "a cached function takes `&self`")
        .help("write `&self`: callers share the function, and changes go through the database");
}

// #[cached(..)] async fn find(&self, id: i64) -> impl Display      <- `impl` in the return type
pub(crate) fn nameable_return(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(output) = case.function.output() else { return };
    if types::mentions(output.to_token_stream(), "impl") {
        diags
            .error_at(output, "a cached value needs a type with a name, not `impl Trait`")
            .help("name the type, for example `Vec<Product>` for `impl Iterator<Item = Product>`");
    }
}

// #[cached(..)] async fn name(&self, id: i64) -> Option<&str>      <- `&` in the return type
pub(crate) fn owned_return(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(output) = case.function.output().filter(|_| case.function.sig.asyncness.is_some()) else {
        return;
    };
    let stored = case.strategy().is_some_and(Strategy::stores) && case.args.value.get().is_none();
    // behind an alias only the compiler knows which argument is the value
    let value = match case.args.each.get() {
        Some(_) => types::map_value_hint(output),
        None => Some(types::value_hint(output)),
    };
    let decoded = stored && value.is_some_and(|value| matches!(value, syn::Type::Reference(_)));
    if decoded || types::borrows_for_a_while(output.to_token_stream()) {
        diags
            .error_at(output, "what a cached function returns outlives the call, so it can't borrow")
            .help("return an owned type, for example `String` for `&str`, or `Arc<T>` for `&T`");
    }
}

// #[cached(..)] async fn find(&self, id: i64) { .. }      <- a reader without a return type
pub(crate) fn loads_something(case: &Case<'_>, diags: &mut Diagnostics) {
    if !case.reads() || !returns_nothing(case) {
        return;
    }
    let name = case.function.name();
    let help = format!(
        "return the value to cache; if `{name}` writes, give it `strategy = \"write_around\"` and no `ttl`"
    );
    match case.function.output() {
        Some(output) => diags.error_at(output, format!("`{name}` returns nothing to cache")).help(help),
        None => diags
            .error(case.function.sig.ident.span(), format!("`{name}` returns nothing to cache"))
            .help(help),
    };
}

// async fn touch(&self, s: Session) -> R;                       <- no body and no `batch`
// #[cached(.., batch = Self::save)] async fn touch(..) { .. }   <- both
pub(crate) fn has_one_body(case: &Case<'_>, diags: &mut Diagnostics) {
    let name = case.function.name();
    let defers =
        matches!(case.strategy(), Some(Strategy::WriteBehind) | None) && case.args.attr == Attr::Cached;
    match (&case.function.body, case.args.batch.get()) {
        (Body::Semicolon(_), None) if defers && case.args.meant("batch") => {}
        (Body::Semicolon(semicolon), None) => {
            let error = diags.error(semicolon.span, format!("`{name}` has no body"));
            if defers && case.strategy().is_some() {
                error.help(
                    "write the body, or name the function that writes many at once: `batch = Self::save_all`",
                );
            } else {
                error.help("write the body between `{` and `}`");
            }
        }
        (Body::Semicolon(semicolon), Some(_)) if !defers => {
            diags
                .error(semicolon.span, format!("`{name}` has no body"))
                .help("write the body between `{` and `}`");
        }
        (Body::Block(_), Some(batch)) if defers => {
            diags
                .error_at(&batch.tokens, format!("`{name}` has both a body and `batch`"))
                .help("end the function with `;` to write batches, or remove `batch` to write one by one");
        }
        (Body::Block(_), _) | (Body::Semicolon(_), Some(_)) => {}
    }
}

/// Is there certainly no value in what the function returns?
pub(crate) fn returns_nothing(case: &Case<'_>) -> bool {
    match case.function.output() {
        None => true,
        Some(output) => {
            matches!(types::value_hint(output), syn::Type::Tuple(tuple) if tuple.elems.is_empty())
        }
    }
}
