//! Which writers have a key that nobody in their block reads?

use crate::case::Case;
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::{Piece, Template};

/// What to say of a writer whose key no reader of the block uses: a warning, because another block may.
///
/// Nothing is said of the impl of a trait, where the readers are elsewhere on purpose, and of events, `coalesce = false`, which wait under a key
/// so that they stay in order.
// #[cached(strategy = "write_around", key = "prodct:<id>")] beside a reader with key = "product:<id>"      <- drops entries that nobody made
pub(crate) fn of(case: Case<'_>) -> Option<String> {
    let repository = case.repository.filter(|repository| !repository.is_trait_impl())?;
    let (own, false) = (case.args.template()?, case.strategy()?.reads()) else { return None };
    let behind = case.strategy() == Some(Strategy::WriteBehind);
    if behind && case.args.coalesce.value() == Some(&Some(false)) {
        return None;
    }
    let read: Vec<&Template> = repository
        .members()
        .filter(|member| member.args.strategy().is_some_and(Strategy::reads))
        .filter_map(|member| member.args.template())
        .collect();
    if read.iter().any(|template| template.shape() == own.shape()) {
        return None;
    }
    let name = case.function.name();
    let texts: Vec<String> = read.iter().map(|template| text(template)).collect();
    let near = suggest::nearest(&text(own), texts.iter().map(String::as_str));
    let meant = near.and_then(|near| read.iter().find(|template| text(template) == near));
    let help = match meant {
        Some(meant) => format!("did you mean `{}`?", meant.written),
        None if read.is_empty() => "put the reader of its entries into the block".to_owned(),
        None => "give it the key of a reader".to_owned(),
    };
    let elsewhere = if behind {
        format!("if the reader is in another block, or there is none, put `#[allow(deprecated)]` on `{name}`")
    } else {
        format!(
            "if the reader is in another block, name it in `invalidates(..)`; if this is right, put `#[allow(deprecated)]` on `{name}`"
        )
    };
    Some(format!(
        "no reader of this `impl` block uses the key `{}` that `{name}` writes\nhelp: {help}\nhelp: {elsewhere}",
        own.written
    ))
}

/// What is written between the placeholders.
fn text(template: &Template) -> String {
    let pieces = template.pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        Piece::Placeholder(_) | Piece::Open | Piece::Close => None,
    });
    pieces.collect()
}
