//! Which writers have a key that nobody in their block reads?

use crate::case::Case;
use crate::strategy::Strategy;
use crate::suggest;
use crate::template::{Piece, Template};

/// What to say of a writer whose key no reader of the block uses: a warning, because another block may.
///
/// Nothing is said of the impl of a trait, and of a block without readers: there the readers are elsewhere on purpose. A `write_behind` writer
/// batches writes even if nobody reads them, so it has to look misspelt.
// #[cached(strategy = "write_around", key = "prodct:<id>")] beside a reader with key = "product:<id>"      <- drops entries that nobody made
pub(crate) fn of(case: Case<'_>) -> Option<String> {
    let repository = case.repository.filter(|repository| !repository.is_trait_impl())?;
    let (own, false) = (case.args.template()?, case.strategy()?.reads()) else { return None };
    let read: Vec<&Template> = repository
        .members()
        .filter(|member| member.args.strategy().is_some_and(Strategy::reads))
        .filter_map(|member| member.args.template())
        .collect();
    if read.is_empty() || read.iter().any(|template| template.shape() == own.shape()) {
        return None;
    }
    let name = case.function.name();
    let texts: Vec<String> = read.iter().map(|template| text(template)).collect();
    let near = suggest::nearest(&text(own), texts.iter().map(String::as_str));
    let meant = near.and_then(|near| read.iter().find(|template| text(template) == near));
    let help = match meant {
        Some(meant) => format!("did you mean `{}`?", meant.written),
        None if case.strategy() == Some(Strategy::WriteBehind) => return None,
        None => "give it the key of a reader".to_owned(),
    };
    Some(format!(
        "no reader of this `impl` block uses the key `{}` that `{name}` writes\nhelp: {help}\nhelp: if the reader is in another block, \
         name it in `invalidates(..)`; if this is right, put `#[allow(deprecated)]` on `{name}`",
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
