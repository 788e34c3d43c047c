//! Does each edge lead to a reader, with the arguments its key is made of?

use quote::ToTokens as _;

use crate::args::Attr;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::edges::Edge;
use crate::function::unraw;
use crate::repository::{Member, Repository};
use crate::strategy::Strategy;
use crate::suggest;
use crate::types;

// #[invalidates()]      <- nothing
pub(crate) fn given(case: &Case<'_>, diags: &mut Diagnostics) {
    if case.args.attr == Attr::Invalidates && case.args.edges.is_empty() && !case.args.broken_edges {
        diags
            .error(case.args.span, "`#[invalidates]` names no entries")
            .help("name the readers whose entries become stale, as in `#[invalidates(find(id))]`");
    }
}

// #[invalidates(fnd(id))]      <- no such reader
pub(crate) fn name_readers(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(repository) = case.repository else { return };
    for edge in case.args.all_edges() {
        let Some(local) = edge.local() else { continue };
        let name = unraw(local);
        if reader(repository, edge).is_some() {
            continue;
        }
        match (repository.member(&name), repository.function(&name)) {
            (Some(member), _) if member.args.attr == Attr::Cached && member.args.strategy().is_none() => {}
            (Some(member), _) => {
                let readers = readers(repository);
                let help = match reader_of_same_template(repository, member) {
                    Some(meant) => format!("name the reader of its entries: `{meant}`"),
                    None => those_there_are(case, edge, &readers),
                };
                diags
                    .error(local.span(), format!("`{name}` writes, and only readers have entries to drop"))
                    .help(help);
            }
            (None, Some(_)) => {
                let readers = readers(repository);
                let help = those_there_are(case, edge, &readers);
                diags
                    .error(local.span(), format!("`{name}` is not cached, so it has no entries to drop"))
                    .help(help);
            }
            (None, None) => {
                let readers = readers(repository);
                let names = || readers.iter().map(String::as_str);
                let help = match suggest::nearest(&name, names()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if readers.is_empty() => {
                        format!(
                            "add the reader, or name the repository that has it, as in `Others::{name}(..)`"
                        )
                    }
                    None => format!("the readers are {}", suggest::list(names())),
                };
                diags.error(local.span(), format!("no reader `{name}` in this `impl` block")).help(help);
            }
        }
    }
}

// #[invalidates(find(id, 1))] with the reader find(id)      <- one argument too many
pub(crate) fn arguments(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(repository) = case.repository else { return };
    for edge in case.args.all_edges().iter().filter(|edge| !edge.rest) {
        let Some(reader) = reader(repository, edge) else { continue };
        let Some(wanted) = key_names(repository, reader) else { continue };
        if wanted.len() != edge.args.len() {
            let (name, given) = (reader.function.name(), edge.args.len());
            let call = wanted.join(", ");
            let help = if given < wanted.len() {
                let leading: String = written(edge).map(|arg| arg + ", ").collect();
                format!("write `{name}({leading}..)` for all of them, or `{name}({call})` for one")
            } else {
                format!("write `{name}({call})`")
            };
            diags
                .error(
                    edge.span,
                    format!(
                        "the key of `{name}` is made of {}, and {} given",
                        count(wanted.len()),
                        are(given)
                    ),
                )
                .help(help);
        }
    }
}

// #[invalidates(find(id))] async fn delete(id: i64) with find's key = "product:<self.tenant>:<id>"      <- which tenant?
pub(crate) fn self_at_hand(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(repository) = case.repository.filter(|_| case.function.sig.receiver().is_none()) else { return };
    if repository.defaults.scope().is_some() {
        return;
    }
    for edge in case.args.all_edges() {
        let Some(reader) = reader(repository, edge) else { continue };
        if reader.args.template().is_some_and(|template| template.mentions("self")) {
            let (name, own) = (reader.function.name(), case.function.name());
            diags
                .error(edge.span, format!("the key of `{name}` uses `self`, which `{own}` doesn't take"))
                .help("add `&self` to the parameters");
        }
    }
}

// #[invalidates(browse(page, ..))] with key = "browse:<category>:<page>"      <- `page` doesn't lead
pub(crate) fn groups(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(repository) = case.repository else { return };
    for edge in case.args.all_edges().iter().filter(|edge| edge.rest) {
        let Some(reader) = reader(repository, edge) else { continue };
        let (Some(template), Some(wanted)) = (reader.args.template(), key_names(repository, reader)) else {
            continue;
        };
        let (name, given) = (reader.function.name(), edge.args.len());
        if given >= wanted.len() {
            let message = if wanted.is_empty() {
                format!("`{name}` has one entry, and no group")
            } else {
                format!("nothing is left for `..`: the key of `{name}` is made of {}", count(wanted.len()))
            };
            let args: Vec<String> = written(edge).take(wanted.len()).collect();
            diags.error(edge.span, message).help(format!("write `{name}({})`", args.join(", ")));
            continue;
        }
        let leading: Vec<&str> = template
            .placeholders()
            .map(|placeholder| placeholder.root.as_str())
            .filter(|root| *root != "self")
            .take(given)
            .collect();
        let in_order = wanted.iter().take(given).all(|param| leading.contains(&param.as_str()));
        if !in_order {
            diags
                .error(
                    edge.span,
                    format!(
                        "the leading parameters of `{name}` don't lead in its key, so they make no group"
                    ),
                )
                .help(format!(
                    "let the key of `{name}` begin with {}",
                    suggest::list(
                        wanted
                            .iter()
                            .take(given)
                            .map(|param| format!("<{param}>"))
                            .collect::<Vec<_>>()
                            .iter()
                            .map(String::as_str)
                    )
                ));
        }
    }
}

// #[cached(strategy = "write_behind", invalidates(find(result.id)))]      <- no result yet
// async fn put(&self, result: Outcome) with invalidates(find(result.id))  <- which `result`?
pub(crate) fn result_at_hand(case: &Case<'_>, diags: &mut Diagnostics) {
    for edge in case.args.all_edges().iter().filter(|edge| edge.mentions("result")) {
        if case.strategy() == Some(Strategy::WriteBehind) {
            diags
                .error(edge.span, "`result` is not known when `write_behind` answers")
                .help("use the parameters");
        } else if case.function.param("result").is_some() {
            diags
                .error(edge.span, "`result` is both a parameter and what the function returns")
                .help("give the parameter another name");
        }
    }
}

// #[cached(strategy = "write_through", key = "product:<id>", invalidates(find(id)))] with find's key = "product:<id>"      <- drops what it stores
pub(crate) fn own_entry(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(repository), Some(template), Some(strategy)) =
        (case.repository, case.args.template(), case.strategy())
    else {
        return;
    };
    if strategy.reads() {
        return;
    }
    for edge in case.args.all_edges().iter().filter(|edge| !edge.rest) {
        let Some(reader) = reader(repository, edge) else { continue };
        let same = reader.args.template().is_some_and(|other| other.shape() == template.shape());
        let own: Vec<String> =
            template.own_placeholders().map(crate::template::Placeholder::written).collect();
        let args: Vec<String> =
            edge.args.iter().map(|arg| arg.to_token_stream().to_string().replace(' ', "")).collect();
        if same && own == args {
            let name = reader.function.name();
            let what = if strategy.stores() { "stores" } else { "drops anyway" };
            diags
                .error(edge.span, format!("this edge drops the entry of `{name}` that the function {what}"))
                .help(without(case, edge));
        }
    }
}

/// The reader of the same block that an edge names.
fn reader<'a>(repository: &'a Repository, edge: &Edge) -> Option<&'a Member> {
    repository.member(&unraw(edge.local()?)).filter(|member| reads(member))
}

/// The arguments of an edge, as written.
fn written(edge: &Edge) -> impl Iterator<Item = String> {
    edge.args.iter().map(|arg| types::written(arg.to_token_stream()))
}

/// What mends an edge that leads nowhere.
fn without(case: &Case<'_>, edge: &Edge) -> String {
    match (case.args.attr, case.args.all_edges().len()) {
        (_, 2..) => {
            let name = edge.name().map(ToString::to_string).unwrap_or_default();
            let args: Vec<String> = written(edge).collect();
            format!("remove `{name}({})`", args.join(", "))
        }
        (Attr::Cached, _) => "remove `invalidates(..)`".to_owned(),
        (Attr::Invalidates, _) => "remove `#[invalidates(..)]`".to_owned(),
    }
}

/// Which readers could have been meant.
fn those_there_are(case: &Case<'_>, edge: &Edge, readers: &[String]) -> String {
    match readers {
        [] => without(case, edge),
        [only] => format!("the only reader of this block is `{only}`"),
        several => format!("the readers are {}", suggest::list(several.iter().map(String::as_str))),
    }
}

/// The names of the readers of the block.
fn readers(repository: &Repository) -> Vec<String> {
    repository.members().filter(|member| reads(member)).map(|member| member.function.name()).collect()
}

fn reads(member: &Member) -> bool {
    member.args.strategy().is_some_and(Strategy::reads)
}

fn reader_of_same_template(repository: &Repository, writer: &Member) -> Option<String> {
    let shape = writer.args.template()?.shape();
    let same = |member: &&Member| {
        reads(member) && member.args.template().is_some_and(|template| template.shape() == shape)
    };
    repository.members().find(same).map(|member| member.function.name())
}

/// The names of the parameters in a reader's key; `None` where the key has mistakes of its own.
fn key_names(repository: &Repository, reader: &Member) -> Option<Vec<String>> {
    let case = Case { args: &reader.args, function: &reader.function, repository: Some(repository) };
    let template = reader.args.template()?;
    let names: Vec<String> = case.key_params().into_iter().map(|param| param.name).collect();
    let bound = template
        .placeholders()
        .all(|placeholder| placeholder.root == "self" || names.contains(&placeholder.root));
    bound.then_some(names)
}

fn count(number: usize) -> String {
    match number {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        more => format!("{more} arguments"),
    }
}

fn are(number: usize) -> String {
    match number {
        0 => "none are".to_owned(),
        1 => "1 is".to_owned(),
        more => format!("{more} are"),
    }
}
