//! Which leading parts of a template name groups of entries?

use std::collections::BTreeSet;

use proc_macro2::Ident;

use crate::case::Case;
use crate::function::unraw;
use crate::template::Template;

/// The groups of a function's entries, as the number of their parts: those in use by any function of the block whose template has this shape.
pub(crate) fn of_template(case: Case<'_>) -> BTreeSet<usize> {
    let (Some(repository), Some(template)) = (case.repository, case.args.template()) else {
        return of_function(case);
    };
    let shape = template.shape();
    let members = repository
        .members()
        .filter(|member| member.args.template().is_some_and(|other| other.shape() == shape));
    members
        .flat_map(|member| {
            of_function(Case { args: &member.args, function: &member.function, repository: case.repository })
        })
        .collect()
}

/// The groups that a function asks for itself, and those that edges ask of it by its name.
pub(crate) fn of_function(case: Case<'_>) -> BTreeSet<usize> {
    let Some(template) = case.args.template() else { return BTreeSet::new() };
    let declared =
        case.args.group.value().map(|names| depth(template, &names.iter().map(unraw).collect::<Vec<_>>()));
    let mut groups: BTreeSet<usize> = declared.into_iter().collect();
    let Some(repository) = case.repository.filter(|_| case.reads()) else { return groups };
    let (name, params) = (case.function.name(), case.key_params());
    for edge in repository.members().flat_map(|member| member.args.all_edges()) {
        if edge.rest && edge.local().is_some_and(|local: &Ident| unraw(local) == name) {
            let names: Vec<String> =
                params.iter().take(edge.args.len()).map(|param| param.name.clone()).collect();
            groups.insert(depth(template, &names));
        }
    }
    groups
}

/// Can an edge name this group by whole parameters of the function? Another function of the template may have others.
pub(crate) fn nameable(template: &Template, group: usize) -> bool {
    let names: Vec<String> =
        template.placeholders().take(group).map(|placeholder| placeholder.root.clone()).collect();
    depth(template, &names) == group
}

/// How many leading parts of the template the named parameters fill.
fn depth(template: &Template, names: &[String]) -> usize {
    template
        .placeholders()
        .take_while(|placeholder| placeholder.root == "self" || names.contains(&placeholder.root))
        .count()
}
