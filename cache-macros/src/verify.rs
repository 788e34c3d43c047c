//! Which share of hits is compared with the source, and can that be done after the call?

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Expr, Lit};

use crate::case::Case;
use crate::diag::Diagnostics;
use crate::duration::ungrouped;
use crate::spanned::Given;
use crate::types;
use crate::values;

// #[cached(verify = 5, ..)]                 <- no share
// #[cached(verify = 0.0000001, ..)]         <- less than one in a million
/// A share, in parts per million.
pub(crate) fn parse(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<u32>>> {
    let value = values::value(name, input, "0.001")?;
    let number = match ungrouped(&value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(number) => number.base10_parse::<f64>().ok(),
            Lit::Int(number) => number.base10_parse::<f64>().ok(),
            _ => None,
        },
        _ => None,
    };
    let share = number.filter(|share| (0.0..=1.0).contains(share));
    let millionths = share.and_then(|share| format!("{:.0}", share * 1_000_000.0).parse::<u32>().ok());
    let too_small = millionths == Some(0) && share.is_some_and(|share| share > 0.0);
    if too_small {
        diags
            .error_at(&value, format!("`{name}` is less than one in a million"))
            .help(format!("write `{name} = 0.000001`, or leave it out"));
    } else if millionths.is_none() {
        diags
            .error_at(&value, format!("`{name}` takes a share from 0 to 1"))
            .help(format!("write for example `{name} = 0.001`, for one hit in a thousand"));
    }
    Ok(Given::new(name, &value, millionths.filter(|_| !too_small)))
}

/// The share of hits that a reader compares, in parts per million. What its repository says holds for the readers that can do it.
pub(crate) fn of(case: &Case<'_>) -> Option<u32> {
    let repository = case.repository.filter(|_| case.reads() && case.args.each.get().is_none())?;
    let given = match case.args.verify.get() {
        Some(own) => own,
        None => repository.defaults.verify.get().filter(|_| outlives_the_call(case))?,
    };
    given.value.filter(|millionths| *millionths > 0)
}

/// Can the body run once more after the call, with owned arguments?
fn outlives_the_call(case: &Case<'_>) -> bool {
    let params = case.function.params.iter().filter(|param| !param.is_cache());
    let owned = params.map(|param| types::behind_reference(&param.ty).0.to_token_stream());
    let mut owned = owned.map(|ty| !types::borrows(ty.clone()) && !types::mentions(ty, "impl"));
    owned.all(|owned| owned) && case.function.sig.generics.params.is_empty()
}
