//! Does `flush_before` name functions whose writes wait?

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::unraw;
use crate::repository::Repository;
use crate::rules::behind::behind;

// #[cached(flush_before(tuch), ..)]                                             <- no such function
// #[cached(flush_before(find), ..)]                                             <- it reads
// #[cached(flush_before(touch), ..)] async fn list(tx: &mut CacheTx<'_, Sqlite>)      <- what waits can't come between
pub(crate) fn flushes_what_waits(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(given) = case.args.flush_before.get().filter(|_| case.reads()) else { return };
    for path in &given.value {
        let Some(last) = path.segments.last() else { continue };
        let name = unraw(&last.ident);
        match (crate::edges::local(path), case.repository) {
            (Some(_), Some(repository)) => waits_here(repository, &last.ident, diags),
            (Some(_), None) => {
                diags
                    .error_at(path, format!("`{name}` of the same `impl` block needs `#[repository]`"))
                    .help(format!("name the type that has it, as in `Sessions::{name}`, or put `#[repository(cache = self.cache)]` above the `impl` block"));
            }
            (None, _) if !crate::edges::of_a_type(path) => {
                let written = crate::flushes::text(path);
                diags
                    .error_at(
                        path,
                        format!("`{written}` is no function of a type, and only those write behind"),
                    )
                    .help(format!("name the type that has it, as in `Sessions::{name}`"));
            }
            (None, _) => {}
        }
    }
    if let Some((param, _)) = case.transactions().find(|(_, must)| *must) {
        let tx = &param.name;
        diags
            .error(
                given.span(),
                format!(
                    "what waits is written in a transaction of its own, which may have to wait for `{tx}`"
                ),
            )
            .help("remove `flush_before`, and flush before the transaction begins");
    }
}

fn waits_here(repository: &Repository, ident: &proc_macro2::Ident, diags: &mut Diagnostics) {
    let name = unraw(ident);
    let names: Vec<String> = behind(repository).map(|member| member.function.name()).collect();
    if names.contains(&name)
        || repository
            .member(&name)
            .is_some_and(|member| member.args.strategy().is_none() && member.args.template().is_some())
    {
        return;
    }
    let known = || names.iter().map(String::as_str);
    let help = match crate::suggest::nearest(&name, known()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => format!("name the repository that has it, as in `Others::{name}`"),
        None => format!("this block has {}", crate::suggest::list(known())),
    };
    let message = match repository.function(&name) {
        Some(_) => format!("`{name}` is not `write_behind`, so nothing of it waits"),
        None => format!("no `write_behind` function `{name}` in this `impl` block"),
    };
    diags.error(ident.span(), message).help(help);
}
