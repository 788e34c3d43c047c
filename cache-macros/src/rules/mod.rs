//! Which mistakes can a function, or a repository as a whole, hold? One rule is one function.
use crate::case::Case;
use crate::diag::Diagnostics;
use crate::repository::Repository;
pub(crate) fn function(_case: &Case<'_>, _diags: &mut Diagnostics) {}
pub(crate) fn repository(_repository: &Repository, _diags: &mut Diagnostics) {}
