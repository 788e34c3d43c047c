//! Is this `ttl` a length, or does it say how to compute one?

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, UnOp};

use crate::diag::Diagnostics;
use crate::duration::{self, ungrouped};
use crate::spanned::Given;
use crate::values;

/// A `ttl` as the user gave it.
#[derive(Clone)]
pub(crate) enum Ttl {
    /// `300`, `"5m"`, `"forever"`
    Fixed(duration::Span),
    /// `self.config.ttl`
    Computed(Expr),
    /// `|product| product.max_age()`
    OfValue(Expr),
}

impl Ttl {
    pub(crate) fn is_forever(&self) -> bool {
        matches!(self, Self::Fixed(duration::Span::Forever))
    }

    /// The expression that computes it.
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match self {
            Self::Fixed(_) => None,
            Self::Computed(expr) | Self::OfValue(expr) => Some(expr),
        }
    }
}

/// Reads `= 300`, `= "5m"`, `= expr` or `= |value| expr`; what is wrong with it is reported here.
pub(crate) fn parse(
    name: &Ident,
    input: ParseStream<'_>,
    diags: &mut Diagnostics,
) -> syn::Result<Given<Option<Ttl>>> {
    let value = values::value(name, input, "\"5m\"")?;
    let ttl = match ungrouped(&value) {
        Expr::Lit(_) => values::fixed(name, &value, diags).map(Ttl::Fixed),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            values::fixed(name, &value, diags).map(Ttl::Fixed)
        }
        Expr::Closure(_) => values::closure(name, &value, "|product| product.max_age()", diags)
            .then(|| Ttl::OfValue(value.clone())),
        _ => Some(Ttl::Computed(value.clone())),
    };
    Ok(Given::new(name, &value, ttl))
}
