//! Do the levels of writes fit each other, and what else is said of them?

use crate::args::Attr;
use crate::case::Case;
use crate::choices::{Level, OnFenceFail};
use crate::diag::Diagnostics;
use crate::repository::{Member, Repository};
use crate::spanned::Given;
use crate::strategy::Strategy;
use crate::template::Template;

// #[cached(strategy = "write_around", level = "lease", on_fence_fail = "reject", ..)]      <- nothing is announced at `lease`
// #[invalidates(find(id), on_fence_fail = "reject")]                                       <- the same, if nobody is strict
pub(crate) fn reject_needs_strict(case: &Case<'_>, diags: &mut Diagnostics) {
    let writes = matches!(case.strategy(), Some(Strategy::WriteThrough | Strategy::WriteAround))
        || case.args.attr == Attr::Invalidates;
    let Some(given) = case.args.on_fence_fail.get().filter(|given| rejects(given) && writes) else { return };
    let unknown = case.meant("level") && case.level().is_none_or(|level| level.value.is_none());
    if unknown || is_strict(case) {
        return;
    }
    let error = diags
        .error_at(&given.tokens, "a write at level `lease` is not announced, so there is nothing to reject");
    match case.args.level.get() {
        Some(_) => error.help("write `level = \"strict\"`, or remove `on_fence_fail`"),
        None => error.help("add `level = \"strict\"`, or remove `on_fence_fail`"),
    };
}

// #[repository(level = "lease", on_fence_fail = "reject", ..)]      <- for whom?
pub(crate) fn repository_rejects_nothing(repository: &Repository, diags: &mut Diagnostics) {
    let (level, on_fail) = (repository.defaults.level.value(), repository.defaults.on_fence_fail.get());
    if let (Some(Some(Level::Lease)), Some(given)) = (level, on_fail.filter(|given| rejects(given))) {
        diags
            .error_at(
                &given.tokens,
                "a write at level `lease` is not announced, so there is nothing to reject",
            )
            .help("write `level = \"strict\"`, or remove `on_fence_fail`");
    }
}

// find(..) with level = "lease" and reprice(..) with level = "strict", both with key = "product:<id>"      <- the later one's
pub(crate) fn one_level(repository: &Repository, diags: &mut Diagnostics) {
    for right in repository.members() {
        let Some(shape) = right.args.template().map(Template::shape) else { continue };
        let shares = |left: &&Member| {
            left.args.template().is_some_and(|key| key.shape() == shape)
                && of_member(repository, left).is_some()
        };
        let Some(left) = repository.members().find(shares) else { continue };
        let (Some(own), Some(other)) = (of_member(repository, right), of_member(repository, left)) else {
            continue;
        };
        let written = right.args.level.get().map(|given| (given, left, other));
        let Some((given, apart, theirs)) = written
            .or_else(|| left.args.level.get().map(|given| (given, right, own)))
            .filter(|_| own != other)
        else {
            continue;
        };
        let (name, other_name) = (right.function.name(), left.function.name());
        let (own, other, apart, theirs) = (own.name(), other.name(), apart.function.name(), theirs.name());
        diags
            .error_at(
                &given.tokens,
                format!("`{name}` is at level `{own}` and `{other_name}` at `{other}`, and a level belongs to the entries they share"),
            )
            .help(format!("write `level = \"{theirs}\"` as for `{apart}`, or give both the level you want"));
    }
}

fn rejects(given: &Given<Option<OnFenceFail>>) -> bool {
    given.value == Some(OnFenceFail::Reject)
}

/// Is the function strict, as far as its block shows: by itself, by another function of its template, or by a reader that an edge leads to?
fn is_strict(case: &Case<'_>) -> bool {
    match of_case(case) {
        Some(level) => return level == Level::Strict,
        None if case.repository.is_none() => return false,
        None => {}
    }
    let strict = |template: &Template| {
        case.repository
            .into_iter()
            .flat_map(|repository| repository.members().map(move |member| (repository, member)))
            .any(|(repository, member)| {
                member.args.template().is_some_and(|other| other.shape() == template.shape())
                    && of_member(repository, member) == Some(Level::Strict)
            })
    };
    let read = case.args.all_edges().iter().filter_map(|edge| {
        let reader = case.repository?.member(&crate::function::unraw(edge.local()?))?;
        reader.args.template()
    });
    case.args.template().into_iter().chain(read).any(strict)
}

/// The level that a function asks for its template, by its own words or by its strategy.
fn of_case(case: &Case<'_>) -> Option<Level> {
    match case.level() {
        Some(given) => given.value,
        None => (case.strategy() == Some(Strategy::WriteThrough)).then_some(Level::Strict),
    }
}

fn of_member(repository: &Repository, member: &Member) -> Option<Level> {
    of_case(&Case { args: &member.args, function: &member.function, repository: Some(repository) })
}
