//! Does the function give its strategy what it needs?

use quote::ToTokens as _;
use syn::Type;

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::Function;
use crate::function::{Parameter, unraw};
use crate::rules::behind::is_transaction;
use crate::rules::signature::returns_nothing;
use crate::strategy::Strategy;
use crate::suggest;
use crate::types;

// #[cached(strategy = "write_through", ..)] async fn put(&self, product: &Product) -> Result<()>      <- nothing to store
// #[cached(strategy = "write_behind", ..)] async fn touch(&self, s: Session) -> Result<()>;           <- the same
pub(crate) fn value_given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.meant("value") {
        return;
    }
    let own = || case.function.params.iter().filter(|param| !param.is_cache());
    let in_key = |name: &str| case.args.template().is_some_and(|template| template.mentions(name));
    let example =
        own().find(|param| !in_key(&param.name)).or(own().next()).map_or("product", |param| &param.name);
    let name = case.function.name();
    match case.strategy() {
        Some(Strategy::WriteThrough) if returns_nothing(case) && case.args.each.get().is_none() => {
            let message = format!("`{name}` returns no value to store");
            let help = format!(
                "return the value, name it with `value = {example}`, or use `strategy = \"write_around\"`"
            );
            match case.function.output() {
                Some(output) => diags.error_at(output, message).help(help),
                None => diags.error(case.function.sig.ident.span(), message).help(help),
            };
        }
        Some(Strategy::WriteBehind) if case.args.shows_a_value() => {
            diags
                .error(
                    case.args.span,
                    "`write_behind` needs `value`: the database has not answered when it stores",
                )
                .help(format!("add `value = {example}`"));
        }
        Some(_) | None => {}
    }
}

// #[cached(strategy = "write_behind", ..)] async fn touch(&self, s: &mut Session)      <- the write outlives the call
// #[cached(strategy = "refresh_ahead", ..)] async fn home(&self, lang: Cow<'_, str>)   <- the reload does
pub(crate) fn deferrable_parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    let verifies =
        case.args.verify.get().is_some() && case.args.each.get().is_none() && case.repository.is_some();
    let what = match case.strategy() {
        Some(Strategy::WriteBehind) => "the deferred write",
        Some(Strategy::RefreshAhead) => "the reload",
        Some(Strategy::CacheAside | Strategy::ReadThrough) if verifies => "the comparison of `verify`",
        Some(_) | None => return,
    };
    let behind = case.strategy() == Some(Strategy::WriteBehind);
    let of_a_batch = |param: &&Parameter| behind && case.repository.is_some() && is_transaction(param);
    let own = case.function.params.iter().filter(|param| !param.is_cache());
    for param in own.filter(|param| !of_a_batch(param)) {
        let (inner, _) = types::behind_reference(&param.ty);
        let (name, tokens) = (&param.name, inner.to_token_stream());
        if behind && let Some(secret) = secret(inner) {
            diags
                .error_at(
                    &param.ty,
                    format!("`{name}` is `Sensitive`, and a queue keeps the arguments of a deferred write in plain text"),
                )
                .help(format!("write at once, with `strategy = \"write_around\"`, or take `{secret}` if the queue may keep it"));
        } else if types::mentions(tokens.clone(), "impl") {
            diags
                .error_at(
                    &param.ty,
                    format!("{what} runs after the call, so the type of `{name}` needs a name"),
                )
                .help("name the type instead of `impl Trait`");
        } else if types::borrows(tokens) {
            diags
                .error_at(&param.ty, format!("{what} runs after the call, so `{name}` can't borrow"))
                .help(if matches!(types::plain(&param.ty), Type::Reference(reference) if reference.mutability.is_some()) {
                    "take it by value"
                } else {
                    "take a type that owns its data, such as `String`, or a plain reference, such as `&str`"
                });
        }
    }
    if case.function.sig.receiver().is_none()
        && case.repository.is_some()
        && case.strategy() == Some(Strategy::WriteBehind)
    {
        diags
            .error(
                case.function.sig.ident.span(),
                format!(
                    "`{}` takes no `&self`, so the deferred write would have nothing to run on",
                    case.function.name()
                ),
            )
            .help("add `&self` to the parameters");
    }
}

/// `String` of `Sensitive<String>` and `Sensitive<&str>`.
fn secret(ty: &Type) -> Option<String> {
    match (types::head(ty)?, types::secret_reference(ty)) {
        ((name, _), Some(inner)) if name == "Sensitive" => Some(types::text(&owned(inner))),
        ((name, arguments), None) if name == "Sensitive" => arguments.first().map(|inner| types::text(inner)),
        _ => None,
    }
}

// #[cached(strategy = "write_behind", ..)] async fn touch(&self, s: Session) -> Result<Session>      <- made by the database
pub(crate) fn deferred_result(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.strategy() != Some(Strategy::WriteBehind) {
        return;
    }
    let help =
        "return `Result<(), E>` where `E: From<cache_runtime::Error>`, such as `cache_runtime::Result<()>`";
    let Some(output) = case.function.output() else {
        let name = case.function.name();
        diags
            .error(
                case.function.sig.ident.span(),
                format!("`{name}` can't say that its write was not accepted"),
            )
            .help(help);
        return;
    };
    if types::mentions(output.to_token_stream(), "impl") {
        return;
    }
    let made = match types::head(output) {
        Some((name, arguments)) if name == "Result" => arguments.first().is_some_and(|value| !is_unit(value)),
        Some((name, _)) => matches!(
            name.as_str(),
            "Option" | "Vec" | "String" | "bool" | "HashMap" | "i64" | "u64" | "i32" | "u32" | "usize"
        ),
        None => true,
    };
    if made {
        diags
            .error_at(
                output,
                "`write_behind` answers before the database does, so it can't return what the database makes",
            )
            .help(help);
    }
}

// #[cached(.., batch = Self::save_al)]      <- no such function, or not one that takes a batch
pub(crate) fn batch_function(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(batch), Some(repository), Some(Strategy::WriteBehind)) =
        (case.args.batch.get(), case.repository, case.strategy())
    else {
        return;
    };
    let Some(last) = batch.value.segments.last().filter(|_| batch.value.segments.len() == 2) else { return };
    if batch.value.segments.first().is_none_or(|first| first.ident != "Self") {
        return;
    }
    let name = unraw(&last.ident);
    let Some(function) = repository.function(&name) else {
        if !repository.is_trait_impl() {
            let known: Vec<String> =
                repository.plain_functions().map(crate::function::Function::name).collect();
            let help = match suggest::nearest(&name, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `Self::{meant}`?"),
                None => format!(
                    "add `async fn {name}(&self, batch: &[{}]){}`",
                    types::text(&carried(case)),
                    case.function
                        .output()
                        .map(|output| format!(" -> {}", types::text(output)))
                        .unwrap_or_default()
                ),
            };
            diags.error(last.ident.span(), format!("no function `{name}` in this `impl` block")).help(help);
        }
        return;
    };
    if let [batch, tx] = function.params.as_slice()
        && !batch.is_mutable_reference()
        && (tx.is_mutable_reference() || types::element(&batch.ty).is_some())
    {
        let tx = if tx.is_mutable_reference() {
            types::text(&tx.ty)
        } else {
            "&mut CacheTx<'_, Sqlite>".to_owned()
        };
        let element = types::text(&carried(case));
        diags
            .error_at(&batch.ty, format!("`{name}` takes the transaction first, and the batch after it"))
            .help(format!("write `async fn {name}(&self, tx: {tx}, batch: &[{element}])`"));
        return;
    }
    match function.params.len() {
        2 if !repository.defaults.meant("db") => {
            diags
                .error_at(
                    &batch.tokens,
                    format!("`{name}` takes a transaction, and no database is named to begin it on"),
                )
                .help(format!(
                    "add `db = self.db` to `#[repository(..)]`, or take the batch alone, `async fn {name}(&self, batch: &[{}])`, and say `unordered`",
                    types::text(&carried(case))
                ));
        }
        1 | 2 => batch_parameter(case, function, diags),
        _ => {
            diags
                .error_at(&batch.tokens, format!("`{name}` can't take a batch"))
                .help(format!(
                    "write `async fn {name}(&self, batch: &[{0}])`, or with a transaction `async fn {name}(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[{0}])`",
                    types::text(&carried(case))
                ));
        }
    }
}

/// What one call adds to a batch.
pub(crate) fn carried(case: &Case<'_>) -> Type {
    let carried = case.function.params.iter().filter(|param| !param.is_cache() && !is_transaction(param));
    let carried: Vec<Type> = carried.map(|param| owned(&param.ty)).collect();
    match carried.as_slice() {
        [only] => only.clone(),
        several => syn::parse_quote!((#(#several),*)),
    }
}

fn owned(ty: &Type) -> Type {
    match types::behind_reference(ty) {
        (inner, _) if types::head(inner).is_some_and(|(name, _)| name == "str") => syn::parse_quote!(String),
        (inner, _) => inner.clone(),
    }
}

// async fn save(&self, batch: &[String]) with async fn seen(&self, id: i64)      <- batches of another type
fn batch_parameter(case: &Case<'_>, function: &Function, diags: &mut Diagnostics) {
    let Some(param) = function.params.last() else { return };
    let wanted = carried(case);
    let (batch, writer, element) = (function.name(), case.function.name(), types::text(&wanted));
    let help = format!("take `{}: &[{element}]`", param.name);
    match types::element(&param.ty) {
        Some((given, types::Passed::Borrowed)) => {
            let tuple = |ty: &Type| matches!(types::plain(ty), Type::Tuple(_));
            let alone = case.function.params.iter().filter(|param| !param.is_cache()).count() == 1;
            if types::certainly_differ(given, &wanted)
                || (!alone && types::is_known(given))
                || (alone && tuple(given) && types::is_known(&wanted))
            {
                let given = types::text(given);
                diags
                    .error_at(
                        &param.ty,
                        format!("`{batch}` takes a batch of `{given}`, and `{writer}` writes `{element}`"),
                    )
                    .help(help);
            }
        }
        _ if types::is_known(types::behind_reference(&param.ty).0) => {
            let given = types::text(&param.ty);
            diags
                .error_at(
                    &param.ty,
                    format!("`{batch}` writes the batches of `{writer}`, and `{given}` is none"),
                )
                .help(help);
        }
        _ => {}
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(types::plain(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}
