//! Does `each(id in ids)` name a collection, and what is told apart by its elements?

use syn::Type;

use crate::args::Attr;
use crate::case::{Case, unraw};
use crate::diag::Diagnostics;
use crate::suggest;
use crate::types;

// #[cached(each(id in idz), ..)] async fn find_many(&self, ids: &[i64])      <- `idz`
// #[cached(each(id in ids), ..)] async fn find_many(&self, ids: i64)         <- no collection
pub(crate) fn collection(case: &Case<'_>, diags: &mut Diagnostics) {
    let Some(each) = case.args.each() else { return };
    let name = unraw(&each.collection);
    match case.function.param(&name) {
        None => {
            let known = || {
                case.function.params.iter().filter(|param| !param.is_cache()).map(|param| param.name.as_str())
            };
            let help = match suggest::nearest(&name, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known().next().is_none() => "add a parameter of type `&[T]` or `Vec<T>`".to_owned(),
                None => format!("the parameters are {}", suggest::list(known())),
            };
            diags.error(each.collection.span(), format!("`{name}` in `each` is not a parameter")).help(help);
        }
        Some(param) if types::element(&param.ty).is_none() => {
            let ty = types::text(&param.ty);
            diags
                .error_at(
                    &param.ty,
                    format!("`each` goes through a slice or a `Vec`, and `{name}` is `{ty}`"),
                )
                .help(format!("take `{name}: &[T]` or `{name}: Vec<T>`"));
        }
        Some(_) => {}
    }
}

// #[cached(each(id in ids), key = "products")]      <- the element doesn't select its entry
pub(crate) fn item(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(each), Some(item)) = (case.args.each(), case.item()) else { return };
    if case.function.param(&item).is_some() {
        diags
            .error(each.item.span(), format!("`{item}` in `each` is the name of a parameter"))
            .help("give the element a name of its own");
        return;
    }
    let used = match case.args.attr {
        Attr::Invalidates => {
            case.args.broken_edges || case.args.edges.iter().any(|edge| edge.mentions(&each.item.to_string()))
        }
        Attr::Cached => case.args.template().is_none_or(|template| {
            template.mentions(&item)
                || template.placeholders().any(|placeholder| case.function.param(&placeholder.root).is_none())
        }),
    };
    if !used {
        let (place, example) = match case.args.attr {
            Attr::Invalidates => ("an edge", format!("use it, as in `find({item})`, or remove `each`")),
            Attr::Cached => ("`key`", format!("add `<{item}>` to `key`, or remove `each`")),
        };
        diags
            .error(
                each.item.span(),
                format!("`{item}` of `each` is not used in {place}, so all elements would share one entry"),
            )
            .help(example);
    }
}

// #[cached(each(id in ids), ..)] async fn find_many(&self, ids: &[i64]) -> Result<Vec<Product>>      <- which is whose?
pub(crate) fn returns_a_map(case: &Case<'_>, diags: &mut Diagnostics) {
    let stores = case.strategy().is_some_and(crate::strategy::Strategy::stores);
    let (Some(_), Some(output), true) = (case.args.each(), case.function.output(), stores) else { return };
    let value = types::value_hint(output);
    let sequence = match value {
        Type::Tuple(tuple) => tuple.elems.is_empty() && !case.reads(),
        Type::Slice(_) | Type::Array(_) => true,
        other => types::head(other).is_some_and(|(name, _)| {
            matches!(name.as_str(), "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "String")
        }),
    };
    if sequence {
        let ty = types::text(value);
        diags
            .error_at(output, format!("with `each` a function returns a map, and `{ty}` doesn't say which value belongs to which element"))
            .help("return a `HashMap` from the element to its value");
    }
}
