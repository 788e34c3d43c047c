//! Which parameters are transactions, and what does that change?

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::probes;
use crate::plan::Plan;

// before: tx: &mut CacheTx<'_, Sqlite>
// after:  joined(&*tx)                              where it must be one: spanned at the parameter, which is where the compiler says that it is none
//         { use the probes; MaybeTx(&*tx).joined() }      where it may be one
/// The transactions of a call, each an `Option`.
fn joined(plan: &Plan<'_>) -> Vec<TokenStream> {
    let probes = probes(plan);
    let each = plan.case.transactions().map(|(param, must)| {
        let (name, span) = (&param.ident, Span::mixed_site().located_at(param.span()));
        let door = plan.door_at(span);
        if must {
            quote_spanned!(span=> #door::joined(&*#name))
        } else {
            quote_spanned!(span=> { #probes #door::MaybeTx(&*#name).joined() })
        }
    });
    each.collect()
}

/// Of a reader: the condition that no transaction is open.
pub(crate) fn none_is_open(plan: &Plan<'_>) -> Option<TokenStream> {
    let joined = joined(plan);
    let (first, more) = joined.split_first()?;
    Some(quote_spanned!(Span::mixed_site()=> #first.is_none() #(&& #more.is_none())*))
}

// before: async fn rename(&self, tx: &mut CacheTx<'_, Sqlite>, id: i64)
// after:  .within({ use the probes; MaybeTx(&*tx).joined() })
/// Of a writer: what leaves its effects to the transaction.
pub(crate) fn within(plan: &Plan<'_>) -> TokenStream {
    let mixed = Span::mixed_site();
    joined(plan).iter().map(|joined| quote_spanned!(mixed=> .within(#joined))).collect()
}
