//! Is the version a field of the value, and is there a value?

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::rules::signature::returns_nothing;
use crate::strategy::Strategy;
use crate::template::Placeholder;

// #[cached(version = <product.version>, ..)]                                      <- not of the value
// #[cached(strategy = "write_through", value = p, version = <result.n>, ..)]      <- of what is returned, not of what is stored
pub(crate) fn of_the_value(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(given), Some(version)) = (case.args.version.get(), version(case)) else { return };
    let named = case.args.meant("value") || case.strategy() == Some(Strategy::WriteBehind);
    let (root, does) = if named { ("value", "names") } else { ("result", "returns") };
    if version.root == root {
        return;
    }
    let (written, name) = (version.written(), case.function.name());
    diags
        .error_at(
            &given.tokens,
            format!("`<{written}>` doesn't begin with `{root}`, the value that `{name}` {does}"),
        )
        .help(format!("write `version = <{root}.{}>`", version.fields.join(".")));
}

// #[cached(strategy = "write_around", version = <result.n>, ..)] async fn import(&self, product: &Product)      <- no row
// #[cached(strategy = "write_around", each(id in ids), version = <result.n>, ..)]                               <- many
pub(crate) fn of_one_row(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(given), Some(Strategy::WriteAround)) =
        (case.args.version.get().filter(|_| version(case).is_some()), case.strategy())
    else {
        return;
    };
    if case.args.each.get().is_some() {
        diags
            .error(given.span(), "`version` can't be combined with `each` where nothing is stored")
            .help("remove it, or use `strategy = \"write_through\"`, which knows whose version is whose");
    } else if returns_nothing(case) {
        let name = case.function.name();
        diags
            .error(given.span(), format!("`{name}` returns no row, so its version is not known"))
            .help("return the row, or remove `version`");
    }
}

/// The version, where there is a value to have one.
fn version<'a>(case: &Case<'a>) -> Option<&'a Placeholder> {
    case.strategy().filter(|_| case.args.shows_a_value())?;
    case.args.version.value()?.as_ref()
}
