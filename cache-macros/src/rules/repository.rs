//! Do the functions of one impl block agree about the entries they share?

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::Function;
use crate::repository::{Member, Repository};
use crate::strategy::Strategy;
use crate::template::Template;
use crate::types;
use crate::unify::{PartText, Shape, unify};

// #[repository(strict)] with async fn import(&self, product: &Product)      <- what does it do to the cache?
pub(crate) fn every_method_is_annotated(repository: &Repository, diags: &mut Diagnostics) {
    if repository.defaults.strict.get().is_none() {
        return;
    }
    let batches: Vec<String> =
        repository.members().filter_map(|member| member.args.batch_of_self()).collect();
    let silent = |function: &&Function| function.sig.asyncness.is_some() && !function.uncached;
    for function in repository.plain_functions().filter(silent) {
        let name = function.name();
        if batches.contains(&name) {
            continue;
        }
        diags
            .error(
                function.sig.ident.span(),
                format!("`{name}` is in a strict repository and doesn't say what it does to the cache"),
            )
            .help("put `#[cached(..)]` on it, or `#[invalidates(..)]`, or `#[uncached]` if it changes nothing that is cached");
    }
}

// find(..) -> Result<Product> and count(..) -> Result<u64>, both with key = "product:<id>"      <- the later one
pub(crate) fn one_value_type(repository: &Repository, diags: &mut Diagnostics) {
    for (left, right) in pairs(repository) {
        let (Some(left_key), Some(right_key)) = (left.args.template(), right.args.template()) else {
            continue;
        };
        let (Some(left_type), Some(right_type)) = (value_type(left), value_type(right)) else { continue };
        if left_key.shape() == right_key.shape() && types::certainly_differ(left_type, right_type) {
            let (name, left_text, right_text) =
                (left.function.name(), types::text(left_type), types::text(right_type));
            diags
                .error_at(
                    &right.function.output_tokens(),
                    format!(
                        "`{name}` caches `{left_text}` under the same key, and this function `{right_text}`"
                    ),
                )
                .help("give one of them another key, or let both return the same type");
        }
    }
}

// key = "product:<slug>" and key = "product:home"      <- `slug` may be "home"
pub(crate) fn templates_apart(repository: &Repository, diags: &mut Diagnostics) {
    let mut reported: Vec<(Vec<Shape>, Vec<Shape>)> = Vec::new();
    for (left, right) in pairs(repository) {
        let (Some(left_key), Some(right_key), Some(given)) =
            (left.args.template(), right.args.template(), right.args.key.get())
        else {
            continue;
        };
        let shapes = (left_key.shape(), right_key.shape());
        let known = |(left, right): &(Vec<Shape>, Vec<Shape>)| {
            (left, right) == (&shapes.0, &shapes.1) || (right, left) == (&shapes.0, &shapes.1)
        };
        if shapes.0 == shapes.1 || reported.iter().any(known) {
            continue;
        }
        let Some(key) = unify(&known_texts(left, left_key), &known_texts(right, right_key)) else { continue };
        reported.push(shapes);
        let (name, own, other) = (left.function.name(), &right_key.written, &left_key.written);
        // the scope is the same for both
        let key = if right_key.scoped { key.trim_start_matches(':').to_owned() } else { key };
        diags
            .error_at(
                &given.tokens,
                format!("`{own}` and the key of `{name}`, `{other}`, can both be `{key}`"),
            )
            .help(apart(repository, right, right_key));
    }
}

/// The shape, and which texts the types of the parameters allow.
fn known_texts(member: &Member, template: &Template) -> Vec<Shape> {
    let case = Case { args: &member.args, function: &member.function, repository: None };
    let params = case.key_params();
    template.shape_of(|placeholder| {
        let param =
            params.iter().find(|param| param.name == placeholder.root && placeholder.fields.is_empty());
        param.map_or(PartText::Any, |param| PartText::of(param.ty))
    })
}

/// What to write instead: the function's name leads, if that sets the key apart from all others.
fn apart(repository: &Repository, member: &Member, template: &Template) -> String {
    let own = format!("{}:{}", member.function.name(), template.written);
    let free = |template: &Template| {
        repository
            .members()
            .filter_map(|other| other.args.template())
            .all(|other| unify(&other.shape(), &template.shape()).is_none())
    };
    let scoped = |template: Template| match repository.defaults.scope() {
        Some(scope) => template.scoped(scope),
        None => template,
    };
    if Template::parse(&own).is_ok_and(|parsed| free(&scoped(parsed))) {
        format!("let them begin with different words, as in `key = \"{own}\"`")
    } else {
        "let them begin with different words, followed by `:`".to_owned()
    }
}

// key = "{cart:<user>}:<item>" and key = "cart:<user>:<item>"      <- the later one: another partition
pub(crate) fn one_partition(repository: &Repository, diags: &mut Diagnostics) {
    for (left, right) in pairs(repository) {
        let (Some(left_key), Some(right_key), Some(given)) =
            (left.args.template(), right.args.template(), right.args.key.get())
        else {
            continue;
        };
        if left_key.shape() != right_key.shape()
            || left_key.braces() == right_key.braces()
            || !first_of_shape(repository, left)
        {
            continue;
        }
        let (name, own, other) = (left.function.name(), &right_key.written, &left_key.written);
        diags
            .error_at(
                &given.tokens,
                format!(
                    "`{own}` and the key of `{name}`, `{other}`, render the same keys in different partitions"
                ),
            )
            .help(format!("use the same braces in both, as in `{}`", right_key.with_braces_of(left_key)));
    }
}

// find(..) with schema = 2 and rename(..) without, both with key = "product:<id>"      <- the number
pub(crate) fn one_schema(repository: &Repository, diags: &mut Diagnostics) {
    let storing = || {
        repository.members().filter(|member| {
            member.args.strategy().is_some_and(Strategy::stores) && member.args.shows_a_value()
        })
    };
    for right in storing() {
        let Some(shape) = right.args.template().map(Template::shape) else { continue };
        let shares = |left: &&Member| left.args.template().is_some_and(|key| key.shape() == shape);
        let Some(left) = storing().find(shares) else { continue };
        let (Ok(own), Ok(other)) = (schema(repository, right), schema(repository, left)) else { continue };
        let Some(given) = right.args.schema.get().or_else(|| left.args.schema.get()).filter(|_| own != other)
        else {
            continue;
        };
        let (name, other_name) = (right.function.name(), left.function.name());
        let (own, other) = (said(own), said(other));
        diags
            .error_at(
                &given.tokens,
                format!("`{name}` has {own} and `{other_name}` has {other} for the same entries"),
            )
            .help("give both the same number, or give it to the whole repository: `#[repository(.., schema = 2)]`");
    }
}

/// A function's own `schema`, or the repository's; `Err` where it could not be read.
fn schema(repository: &Repository, member: &Member) -> Result<Option<u32>, ()> {
    let case = Case { args: &member.args, function: &member.function, repository: Some(repository) };
    case.schema().map(|given| given.value.ok_or(())).transpose()
}

fn said(schema: Option<u32>) -> String {
    schema.map_or_else(|| "no `schema`".to_owned(), |number| format!("`schema = {number}`"))
}

/// Is this the first function with its template? Its mistakes are said once, there.
fn first_of_shape(repository: &Repository, member: &Member) -> bool {
    let shape = |member: &Member| member.args.template().map(Template::shape);
    let first = repository.members().find(|other| shape(other) == shape(member));
    first.is_some_and(|first| std::ptr::eq(first, member))
}

/// Every two functions, the later one second. Two of one name are alternatives under `cfg`, and never meet.
fn pairs(repository: &Repository) -> impl Iterator<Item = (&Member, &Member)> {
    let all = repository
        .members()
        .enumerate()
        .flat_map(move |(at, right)| repository.members().take(at).map(move |left| (left, right)));
    all.filter(|(left, right)| left.function.name() != right.function.name())
}

/// The type of the stored value, where the function returns it.
fn value_type(member: &Member) -> Option<&syn::Type> {
    let strategy = member.args.strategy().filter(|strategy| *strategy != Strategy::WriteBehind);
    let stores = strategy.is_some_and(Strategy::stores);
    let output = member.function.output().filter(|_| stores && member.args.value.get().is_none())?;
    if member.args.each.get().is_some() {
        types::map_value_hint(output)
    } else {
        Some(types::value_hint(output))
    }
}
