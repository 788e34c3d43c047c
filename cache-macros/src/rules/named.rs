//! Do `skip` and `group` name parameters, and the right ones?

use proc_macro2::TokenTree;

use super::key::free;
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::function::unraw;
use crate::suggest;

// #[cached(key = "a:<id>", skip(), group(1))]      <- no names
pub(crate) fn parameters(case: &Case<'_>, diags: &mut Diagnostics) {
    let first = case.args.template().and_then(|template| {
        let mut own = template.own_placeholders().filter(|placeholder| placeholder.root != "self");
        own.next().filter(|_| own.next().is_some()).map(|placeholder| placeholder.root.clone())
    });
    let examples = [(&case.args.skip, free(case).into_iter().next()), (&case.args.group, first)];
    for (option, example) in examples {
        let Some(given) = option.get().filter(|given| given.value.is_empty()) else { continue };
        let name = &given.name;
        let empty = match given.tokens.clone().into_iter().next() {
            Some(TokenTree::Group(group)) => group.stream().is_empty(),
            _ => true,
        };
        let message = if empty {
            format!("`{name}()` names no parameter")
        } else {
            format!("`{name}(..)` takes names of parameters")
        };
        diags.error_at(&given.tokens, message).help(match example {
            Some(example) => format!("write `{name}({example})`"),
            None => format!("remove `{name}`"),
        });
    }
}

// #[cached(key = "a:<id>", skip(id, idd))]      <- `id` is in the key, `idd` is no parameter
pub(crate) fn skipped(case: &Case<'_>, diags: &mut Diagnostics) {
    for word in case.args.skip.value().into_iter().flatten() {
        let name = unraw(word);
        let remove = match case.args.skip.value().map(Vec::as_slice) {
            Some([_]) => format!("remove `skip({name})`"),
            Some(_) | None => format!("remove `{name}` from `skip`"),
        };
        if case.function.param(&name).is_none() {
            let help = match meant_by_skip(case, &name) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => remove,
            };
            diags.error(word.span(), format!("`{name}` in `skip` is not a parameter")).help(help);
        } else if case.args.template().is_some_and(|template| template.mentions(&name)) {
            diags
                .error(word.span(), format!("`{name}` is both in `key` and in `skip`"))
                .help(format!("{remove}, or `<{name}>` from `key`"));
        }
    }
}

// #[cached(key = "browse:<category>:<page>", group(page))]      <- `page` is not the leading parameter
pub(crate) fn group(case: &Case<'_>, diags: &mut Diagnostics) {
    let (Some(words), Some(template)) = (case.args.group.value(), case.args.template()) else { return };
    if words.is_empty() || !case.reads() {
        return;
    }
    let mut leading: Vec<&str> = Vec::new();
    for placeholder in template.placeholders().filter(|placeholder| placeholder.root != "self") {
        if !leading.contains(&placeholder.root.as_str()) {
            leading.push(&placeholder.root);
        }
    }
    for (word, place) in words.iter().zip(0..) {
        let name = unraw(word);
        if !leading.contains(&name.as_str()) {
            let help = match suggest::nearest(&name, leading.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the parameters in `key` are {}", suggest::list(leading.iter().copied())),
            };
            diags.error(word.span(), format!("`{name}` in `group` is not in `key`")).help(help);
        } else if leading.get(place).copied() != Some(name.as_str())
            && !leading.iter().take(words.len()).any(|lead| *lead == name)
        {
            let lead: Vec<&str> = leading.iter().copied().take(words.len()).collect();
            diags
                .error(
                    word.span(),
                    format!("`{name}` does not lead in `key`, and a group is made of what leads"),
                )
                .help(format!(
                    "write `group({})`, or move `<{name}>` to the front of `key`",
                    lead.join(", ")
                ));
        }
    }
    if words.len() >= leading.len()
        && words.iter().all(|word| leading.contains(&unraw(word).as_str()))
        && !leading.is_empty()
    {
        let span = case.args.group.get().map_or(case.args.span, crate::spanned::Given::span);
        let help = match leading.split_last() {
            Some((_, fewer)) if !fewer.is_empty() => {
                format!("write `group({})`, or remove `group`", fewer.join(", "))
            }
            Some(_) | None => "remove `group`".to_owned(),
        };
        diags
            .error(span, "`group` names every parameter in `key`, so each group would hold one entry")
            .help(help);
    }
}

/// The parameter that was probably meant by a word in `skip` that is none.
pub(super) fn meant_by_skip(case: &Case<'_>, word: &str) -> Option<String> {
    if case.function.param(word).is_some() {
        return None;
    }
    let free = free(case);
    suggest::nearest(word, free.iter().map(String::as_str)).map(str::to_owned)
}
