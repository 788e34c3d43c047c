//! When do two functions disagree about the entries of one cache?

use crate::{
    key,
    spec::{Spec, Strategy},
};

/// What two functions disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// One template, two types of values.
    Types,
    /// One template, with braces in different places: its entries live in different partitions.
    Braces,
    /// One template, whose entries belong to different groups.
    Groups,
}

/// What `later` and `first` disagree about, if they were used with one cache.
///
/// Templates that differ share nothing, even where they render the same text: the template is a part of an entry's name in this process, and of its
/// fingerprint in the shared store.
///
/// A write-behind function and a direct writer of its template don't disagree: before it writes, every writer writes out what is pending
/// under its own key and its edges, whichever block they stand in (`Writing::begin`, `Writing::own`).
pub(crate) fn between(later: &Spec, first: &Spec, same_type: bool) -> Option<Conflict> {
    if later.strategy == Strategy::Invalidate || first.strategy == Strategy::Invalidate {
        return None;
    }
    let both_store = later.stores() && first.stores();
    if !key::same_shape(later.template, first.template) {
        return None;
    }
    let braces = key::braces(later.template);
    if braces != key::braces(first.template) {
        return Some(Conflict::Braces);
    }
    // Without braces the first group chooses the partition. With them a function that only drops keys needs to know no groups.
    let elsewhere = braces.is_none() && later.groups.first() != first.groups.first();
    if elsewhere || (both_store && later.groups != first.groups) {
        return Some(Conflict::Groups);
    }
    (both_store && !same_type).then_some(Conflict::Types)
}

impl Conflict {
    /// Whether the earlier function must stop, too.
    ///
    /// If entries are in two places, or groups hold only some of them, a write through one function can't reach those of the other. And an
    /// acknowledged value must not be hidden from readers who can't see what is pending.
    pub(crate) fn stops_both(self, first: &Spec) -> bool {
        match self {
            Self::Braces | Self::Groups => true,
            Self::Types => first.strategy == Strategy::WriteBehind,
        }
    }

    /// What is wrong, and what to do about it.
    pub(crate) fn sentence(self, later: &Spec, first: &Spec) -> String {
        let functions = format!("{} and {}", place(later), place(first));
        let (own, other) = (later.template, first.template);
        match self {
            Self::Types => format!(
                "{functions} use the key template {own:?} for different types; give one of them another template"
            ),
            Self::Braces => format!(
                "{functions} render the same keys in different partitions, with {own:?} and {other:?}; use the same braces in both"
            ),
            Self::Groups => format!(
                "{functions} use the key template {own:?} with different groups, {} and {}; give both the same `group(..)`",
                written(&groups(later)),
                written(&groups(first))
            ),
        }
    }
}

fn place(spec: &Spec) -> String {
    format!("`{}` ({})", spec.function, spec.location)
}

/// The leading placeholders of each group.
pub(crate) fn groups(spec: &Spec) -> Vec<Vec<&'static str>> {
    let names = key::placeholders(spec.template);
    spec.groups.iter().filter_map(|depth| names.get(..*depth).map(<[_]>::to_vec)).collect()
}

fn written(groups: &[Vec<&str>]) -> String {
    let all: Vec<String> = groups.iter().map(|group| format!("`({})`", group.join(", "))).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn spec(strategy: Strategy, template: &'static str, groups: &'static [usize]) -> Spec {
        Spec::new("f", "m", strategy, template).groups(groups)
    }

    #[test]
    fn a_function_that_only_drops_keys_needs_groups_where_they_choose_the_partition() {
        let reader = spec(Strategy::ReadThrough, "shelf:<category>:<page>", &[1]);
        let braced = spec(Strategy::ReadThrough, "{shelf:<category>}:<page>", &[1]);
        let dropping = |template| spec(Strategy::WriteAround, template, &[]);
        assert_eq!(between(&dropping("shelf:<a>:<b>"), &reader, false), Some(Conflict::Groups));
        assert_eq!(between(&dropping("{shelf:<a>}:<b>"), &braced, false), None);
        assert_eq!(between(&dropping("{shelf:<a>:<b>}"), &braced, false), Some(Conflict::Braces));
        let storing = spec(Strategy::WriteThrough, "{shelf:<a>}:<b>", &[]);
        assert_eq!(between(&storing, &braced, true), Some(Conflict::Groups));
    }

    #[test]
    fn a_type_matters_only_to_functions_that_store() {
        let reader = spec(Strategy::ReadThrough, "page:<name>", &[]);
        let same = |strategy| between(&spec(strategy, "page:<id>", &[]), &reader, false);
        assert_eq!(same(Strategy::ReadThrough), Some(Conflict::Types));
        assert_eq!(same(Strategy::WriteAround), None);
        assert_eq!(between(&spec(Strategy::ReadThrough, "page:home", &[]), &reader, false), None);
        assert_eq!(between(&Spec::invalidates("f", "m"), &reader, false), None);
    }
}
