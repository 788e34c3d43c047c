//! Does a deferred write say what its flusher has to know: in which order, how two become one, for whom?

use quote::ToTokens as _;
use syn::{FnArg, GenericParam, ReceiverKind, Type};

use crate::args::Args;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::{Function, Parameter};
use crate::repository::{Member, Repository};
use crate::rules::strategy::carried;
use crate::strategy::Strategy;
use crate::template::Template;
use crate::types;

// #[cached(strategy = "write_behind", value = s, batch = Self::save, ..)] with async fn save(&self, batch: &[Session])      <- no order
// #[cached(.., version = <value.version>, unordered)]                                                                      <- which?
pub(crate) fn says_its_order(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(repository) = deferred(case) else { return };
    let args = case.args;
    let transaction = case.batch_function().filter(|_| case.in_transaction());
    if let Some(unordered) = args.unordered.get() {
        if args.version.get().is_some() && args.shows_a_value() {
            diags
                .error(unordered.span(), "`unordered` contradicts `version`, which keeps the order of writes")
                .help("remove one of the two");
        } else if let Some(save) = transaction {
            let save = save.name();
            let message = format!(
                "`unordered` contradicts the transaction of `{save}`, which keeps the order of writes"
            );
            diags.error(unordered.span(), message).help("remove `unordered`");
        }
        return;
    }
    let said = ["unordered", "version", "merge"].iter().any(|option| args.meant(option))
        || case.function.params.iter().any(is_transaction);
    // a batch function that was not understood may have had a transaction
    let unknown = match args.batch_of_self() {
        Some(name) => repository.function(&name).is_none_or(|function| function.params.len() != 1),
        None => args.meant("batch") && args.batch.get().is_none(),
    };
    if said || transaction.is_some() || unknown {
        return;
    }
    let name = case.function.name();
    let version =
        if args.shows_a_value() { ", or name the row's version: `version = <value.version>`" } else { "" };
    diags
        .error(
            args.span,
            format!("`{name}` says nothing about order: a flusher that was stopped can write an older value over a newer one"),
        )
        .help(format!("{}{version}, or add `unordered` if that does no harm", in_a_transaction(case)));
}

/// How the batch gets a transaction.
fn in_a_transaction(case: &Case<'_>) -> String {
    let (element, db) = (types::text(&carried(case)), on_a_database(case));
    match case.batch_function() {
        Some(save) => {
            let save = save.name();
            format!(
                "let `{save}` take a transaction: `async fn {save}(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[{element}])`{db}"
            )
        }
        None => {
            let instead = if case.function.block().is_some() { " in place of the body" } else { "" };
            format!(
                "write batches in a transaction: `batch = Self::save`{instead}, and `async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[{element}])`{db}"
            )
        }
    }
}

/// Where the transaction begins, unless that is said.
fn on_a_database(case: &Case<'_>) -> &'static str {
    if case.meant("db") { "" } else { ", with `db = self.db` in `#[repository(..)]`" }
}

/// Is this a transaction, or what one runs on, as far as its name shows?
pub(super) fn is_transaction(param: &Parameter) -> bool {
    let Type::Reference(reference) = types::plain(&param.ty) else { return false };
    reference.mutability.is_some()
        && types::head(&reference.elem).is_some_and(|(name, _)| {
            name == "CacheTx" || name.ends_with("Transaction") || name.ends_with("Connection")
        })
}

// #[cached(strategy = "write_behind", ..)] async fn touch(&self, tx: &mut CacheTx<'_, Sqlite>, s: Session)      <- there is none yet
pub(crate) fn transaction_of_the_batch(case: &Case<'_>, diags: &mut Diagnostics) {
    if deferred(case).is_none() {
        return;
    }
    for param in case.function.params.iter().filter(|param| is_transaction(param)) {
        let (name, tx, element) = (&param.name, types::text(&param.ty), types::text(&carried(case)));
        let help = match case.batch_function().filter(|_| case.in_transaction()) {
            Some(save) => format!("remove it: `{}` takes one", save.name()),
            None => {
                let save = case.batch_function().map_or_else(|| "save".to_owned(), Function::name);
                let instead = if case.function.block().is_some() { " in place of the body" } else { "" };
                format!(
                    "remove it, and write `batch = Self::{save}`{instead}, and `async fn {save}(&self, {name}: {tx}, batch: &[{element}])`{}",
                    on_a_database(case)
                )
            }
        };
        diags
            .error_at(
                &param.ty,
                format!("`{name}` belongs to the batch function: its transaction begins when a batch is written, after the call"),
            )
            .help(help);
    }
}

// #[cached(.., merge = Self::add)] with async fn save(&self, batch: &[Views])      <- a delta that is written twice counts twice
// #[cached(.., merge = Self::add)] async fn count(&self, id: i64, by: u64)         <- two arguments
pub(crate) fn merges_in_a_transaction(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(repository), Some(merge)) = (deferred(case), case.args.merge.get()) else { return };
    let unknown = match case.args.batch_of_self() {
        Some(name) => repository.function(&name).is_none_or(|function| function.params.len() != 1),
        None => case.args.meant("batch") && case.args.batch.get().is_none(),
    };
    if !case.in_transaction() && !unknown {
        diags
            .error(
                merge.span(),
                "`merge` needs a batch function with a transaction: without one a delta may be added twice",
            )
            .help(in_a_transaction(case));
    }
    let name = case.function.name();
    let given: Vec<_> = case.function.params.iter().filter(|param| !param.is_cache()).collect();
    if let [_, second, ..] = given.as_slice() {
        let element = types::text(&carried(case));
        diags
            .error_at(
                &second.ty,
                format!("`merge` makes one argument of two, and `{name}` takes {} at a time", given.len()),
            )
            .help(format!("take them as one, a struct or `delta: {element}`"));
    }
}

// #[cached(.., merge = Self::add)] with fn add(one: &Views, more: &Views) -> Views      <- borrowed
pub(crate) fn merges_by_value(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(_), Some(merge)) = (deferred(case), case.args.merge.get()) else { return };
    let alone =
        case.function.params.iter().filter(|param| !param.is_cache() && !is_transaction(param)).count();
    let Some(function) = case.function_at(&merge.value).filter(|_| alone == 1) else { return };
    let delta = carried(case);
    let differs =
        |ty: &Type| matches!(types::plain(ty), Type::Reference(_)) || types::certainly_differ(ty, &delta);
    let refused = |input: &FnArg| match input {
        FnArg::Receiver(receiver) => matches!(receiver.kind, ReceiverKind::Reference(..)),
        FnArg::Typed(typed) => differs(&typed.ty),
    };
    let sig = &function.sig;
    let right = sig.asyncness.is_none()
        && sig.inputs.len() == 2
        && !sig.inputs.iter().any(refused)
        && function.output().is_some_and(|output| !differs(output));
    if right {
        return;
    }
    let (add, delta) = (function.name(), types::text(&delta));
    diags
        .error(
            merge.span(),
            format!("`merge` takes a `fn({delta}, {delta}) -> {delta}`, which makes one delta of two"),
        )
        .help(format!("write `fn {add}(one: {delta}, more: {delta}) -> {delta}`"));
}

// #[cached(.., merge = Self::add, value = views)]      <- a delta is no value
// #[cached(.., deletes, value = s)]                    <- which of the two do readers see?
pub(crate) fn shows_one_thing(case: &Case<'_>, diags: &mut Diagnostics) {
    let args = case.args;
    if deferred(case).is_none() {
        return;
    }
    let both = "remove one of the two";
    if let (Some(deletes), Some(_)) = (args.deletes.get(), args.merge.get()) {
        diags
            .error(deletes.span(), "`deletes` can't be combined with `merge`: a delete is no delta")
            .help(both);
        return;
    }
    let (option, value, ttl) = match (args.deletes.get(), args.merge.get()) {
        (Some(_), _) => {
            ("deletes", "readers see the row as absent", "a delete stores no value that lives for a while")
        }
        (None, Some(_)) => (
            "merge",
            "readers see the row with all deltas, and a delta alone is no row",
            "a delta is no value that lives for a while",
        ),
        (None, None) => return,
    };
    let mut refuse = |name: Option<&proc_macro2::Ident>, why: &str, help: &str| {
        if let Some(name) = name {
            diags.error(name.span(), format!("`{name}` can't be combined with `{option}`: {why}")).help(help);
        }
    };
    refuse(args.value.get().map(|given| &given.name), value, both);
    let version = "there is no value that has one";
    let help = if option == "deletes" {
        "write the batch in a transaction, or add `unordered`, in place of it"
    } else {
        "remove it: the transaction keeps the order"
    };
    refuse(args.version.get().map(|given| &given.name), version, help);
    refuse(args.ttl.get().map(|given| &given.name), ttl, "remove it");
    refuse(args.jitter.get().map(|given| &given.name), ttl, "remove it");
    if option == "merge" {
        refuse(args.coalesce.get().map(|given| &given.name), "deltas that wait are merged", "remove it");
    }
}

// #[cached(.., upcast = Self::upcast)] without `schema`      <- from what?
pub(crate) fn upcasts_something(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(upcast) = case.args.upcast.get().filter(|_| deferred(case).is_some()) else { return };
    if !case.meant("schema") {
        diags
            .error(
                upcast.span(),
                "`upcast` is for arguments of an earlier `schema`, and this one is the first",
            )
            .help("add `schema = 2`, and raise it whenever the arguments change");
    }
}

// #[cached(strategy = "write_behind", ..)] async fn touch<T: Serialize>(&self, id: i64, t: T)      <- whoever flushes it doesn't know `T`
// #[cached(strategy = "write_behind", ..)] async fn touch(&self, cache: &Cache, id: i64)           <- nor this cache
pub(crate) fn known_to_flushers(case: &Case<'_>, diags: &mut Diagnostics) {
    if deferred(case).is_none() {
        return;
    }
    for generic in &case.function.sig.generics.params {
        let name = match generic {
            GenericParam::Type(generic) => &generic.ident,
            GenericParam::Const(generic) => &generic.ident,
            GenericParam::Lifetime(_) => continue,
        };
        diags
            .error_at(
                name,
                format!("another process may flush the write, and doesn't know which `{name}` this call has chosen"),
            )
            .help("name the type, or put the parameter on the `impl` block");
    }
    for param in case.function.params.iter().filter(|param| param.is_cache()) {
        let name = &param.name;
        diags
            .error_at(&param.ty, format!("the deferred write runs after the call, so it can't use `{name}`"))
            .help(
                "remove the parameter, and name the cache for the block: `#[repository(cache = self.cache)]`",
            );
    }
}

// #[cached(strategy = "write_through", key = "views:<id>")] async fn reset(&self, id: i64) -> u64 beside write_behind      <- how does it say that it was refused?
// #[cached(strategy = "write_around", on_fence_fail = "proceed", ..)] beside write_behind                                  <- over what is pending?
pub(crate) fn waiting_may_fail(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(behind) = case.waits_for() else { return };
    let (name, behind) = (case.function.name(), behind.function.name());
    let silent = match case.function.output() {
        None => true,
        Some(output) => {
            let plain = types::head(output).is_some_and(|(name, _)| name == "Option");
            plain || types::is_known(output) || matches!(types::plain(output), syn::Type::Tuple(_))
        }
    };
    if silent {
        let value = case.function.output().map_or_else(|| "()".to_owned(), types::text);
        let message = format!(
            "`{name}` waits for the writes of `{behind}` to the same entries, and can't say that they failed"
        );
        let help = format!(
            "return `Result<{value}, E>` where `E: From<cache_runtime::Error>`, such as `cache_runtime::Result<{value}>`"
        );
        match case.function.output() {
            Some(output) => diags.error_at(output, message).help(help),
            None => diags.error(case.function.sig.ident.span(), message).help(help),
        };
    }
    if let Some(given) = case
        .args
        .on_fence_fail
        .get()
        .filter(|_| !case.rejects() && case.on_fence_fail().is_some_and(|given| given.value.is_some()))
    {
        diags
            .error_at(
                &given.tokens,
                format!("`{name}` can't go on where it doesn't know which writes of `{behind}` are pending"),
            )
            .help("remove `on_fence_fail`");
    }
}

// add(..) with merge = Self::add and set(..) with value = views, both with key = "views:<id>"      <- the later one
pub(crate) fn all_merge_or_none(repository: &Repository, diags: &mut Diagnostics) {
    let behind: Vec<&Member> = behind(repository).collect();
    for (at, right) in behind.iter().enumerate() {
        let Some((shape, given)) = right.args.template().map(Template::shape).zip(right.args.key.get())
        else {
            continue;
        };
        let merges = |member: &Member| member.args.merge.get().is_some();
        let same = |left: &&&Member| left.args.template().is_some_and(|template| template.shape() == shape);
        let Some(left) = behind.iter().take(at).find(same).filter(|left| merges(left) != merges(right))
        else {
            continue;
        };
        let (adds, sets) = if merges(left) { (left, right) } else { (right, left) };
        let (adds, sets) = (adds.function.name(), sets.function.name());
        diags
            .error_at(
                &given.tokens,
                format!("`{adds}` writes deltas and `{sets}` whole values of the same entries, and neither knows what the other leaves"),
            )
            .help("give one of them another key");
    }
}

// looked(..) with merge = Self::add and reset(..) with merge = Self::least, both with key = "views:<id>"      <- the later one
// looked(..) and reset(..) with one merge, but reset(..) with schema = 2      <- the later one
pub(crate) fn one_merge(repository: &Repository, diags: &mut Diagnostics) {
    let merging: Vec<_> = behind(repository)
        .filter_map(|member| Some((member, member.args.template()?.shape(), member.args.merge.get()?)))
        .collect();
    let written = |path: &syn::Path| types::written(path.to_token_stream());
    let read_by = |member: &Member| {
        let Args { schema, upcast, .. } = &member.args;
        (schema.value().copied().flatten(), upcast.value().map(written))
    };
    for (at, (right, shape, merge)) in merging.iter().enumerate() {
        let Some((left, _, first)) = merging.iter().take(at).find(|(_, other, _)| other == shape) else {
            continue;
        };
        let (one, other) = (left.function.name(), right.function.name());
        let first = written(&first.value);
        if first != written(&merge.value) {
            diags
                .error(
                    merge.span(),
                    format!("`{one}` and `{other}` merge the deltas of the same entries in two ways, and readers merge all of them in one"),
                )
                .help(format!("write `merge = {first}` in both, or give one of them another key"));
        } else if read_by(left) != read_by(right) {
            diags
                .error(
                    merge.span(),
                    format!("`{one}` and `{other}` write deltas of the same entries under two schemas, and readers read all of them under one"),
                )
                .help("give both the same `schema` and `upcast`, or one of them another key");
        }
    }
}

// touch(..) with cache = self.cache and count(..) with cache = self.other      <- the later one
pub(crate) fn one_cache(repository: &Repository, diags: &mut Diagnostics) {
    let cache = |member: &Member| {
        let given = member.args.cache.value().or_else(|| repository.defaults.cache.value());
        given.map(|expr| types::written(expr.to_token_stream()))
    };
    let Some(first) = behind(repository).next() else { return };
    for other in behind(repository).filter(|other| cache(other) != cache(first)) {
        let given = other.args.cache.get().map(|given| (given, first));
        let Some((given, apart)) = given.or_else(|| first.args.cache.get().map(|given| (given, other)))
        else {
            continue;
        };
        let name = apart.function.name();
        diags
            .error_at(
                &given.tokens,
                format!("`{name}` writes behind another cache, and a flusher serves one"),
            )
            .help("name one cache for both, or put one of them into a repository of another type");
    }
}

pub(super) fn behind(repository: &Repository) -> impl Iterator<Item = &Member> {
    repository.members().filter(|member| member.args.strategy() == Some(Strategy::WriteBehind))
}

/// The repository of a `write_behind` function.
fn deferred<'a>(case: &Case<'a>) -> Option<&'a Repository> {
    case.repository.filter(|_| case.strategy() == Some(Strategy::WriteBehind))
}
