//! Which mistakes can a function, or a repository as a whole, hold? One rule is one function.

mod behind;
mod conditions;
mod each;
mod edges;
mod flushes;
mod key;
mod levels;
mod named;
mod options;
mod place;
mod repository;
mod signature;
mod strategy;
mod versions;

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::repository::Repository;

type Rule = fn(&Case<'_>, &mut Diagnostics);

const RULES: &[Rule] = &[
    signature::async_function,
    signature::plain_function,
    signature::plain_parameters,
    signature::shared_receiver,
    signature::nameable_return,
    signature::owned_return,
    signature::loads_something,
    signature::has_one_body,
    key::given,
    key::readable,
    key::known_placeholders,
    key::result_only_around,
    key::every_parameter_takes_part,
    named::parameters,
    named::skipped,
    key::parts_of_keys,
    named::group,
    key::braces_inside_groups,
    options::fit_the_strategy,
    options::ttl_given,
    options::finite,
    options::nothing_contradicts,
    each::collection,
    each::item,
    each::returns_a_map,
    each::nothing_borrowed_mutably,
    strategy::value_given,
    strategy::deferrable_parameters,
    strategy::deferred_result,
    strategy::batch_function,
    behind::transaction_of_the_batch,
    behind::says_its_order,
    behind::merges_in_a_transaction,
    behind::merges_by_value,
    behind::shows_one_thing,
    behind::upcasts_something,
    behind::known_to_flushers,
    behind::waiting_may_fail,
    flushes::flushes_what_waits,
    levels::reject_needs_strict,
    versions::of_the_value,
    versions::of_one_row,
    conditions::self_at_hand,
    conditions::result_not_yet,
    conditions::asked_once,
    conditions::one_previous_row,
    conditions::before_is_used,
    conditions::before_is_given,
    place::needs_repository,
    place::cache_found,
    place::scope_found,
    edges::given,
    edges::name_readers,
    edges::arguments,
    edges::groups,
    edges::self_at_hand,
    edges::result_at_hand,
    edges::own_entry,
];

/// Checks one function.
pub(crate) fn function(case: &Case<'_>, diags: &mut Diagnostics) {
    for rule in RULES {
        rule(case, diags);
    }
}

/// Checks the functions of an impl block together.
pub(crate) fn repository(repository: &Repository, diags: &mut Diagnostics) {
    repository::every_method_is_annotated(repository, diags);
    repository::one_value_type(repository, diags);
    repository::templates_apart(repository, diags);
    repository::one_partition(repository, diags);
    repository::one_schema(repository, diags);
    levels::one_level(repository, diags);
    levels::repository_rejects_nothing(repository, diags);
    behind::all_merge_or_none(repository, diags);
    behind::one_merge(repository, diags);
    behind::one_cache(repository, diags);
}
