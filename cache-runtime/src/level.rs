//! How much does a write promise, and to which template does that belong?

use crate::spec::{Spec, Strategy, linked};
use std::{
    collections::HashSet,
    num::{NonZero, NonZeroU64},
    sync::OnceLock,
};

/// What a write promises to readers: the option `level`.
///
/// The level belongs to the template: one strict function makes every function of its template strict. `write_through` is strict unless it says
/// `level = "lease"`; everything else is `lease` unless it says otherwise.
///
/// ```
/// use cache_runtime::{Cache, Level, cached};
///
/// #[cached(key = "balance:<id>", ttl = "5m", level = "strict")]
/// async fn balance(cache: &Cache, id: u64) -> u64 {
///     id // a query
/// }
///
/// let inventory = cache_runtime::inventory();
/// let balance = inventory.functions().iter().find(|f| f.function == "balance").expect("it is linked");
/// assert_eq!(balance.level, Some(Level::Strict));
/// # let _ = balance;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Entries are dropped when the write has committed and before it is acknowledged. A process that dies in between leaves the old value until its ttl ends.
    Lease,
    /// The write is announced before its body runs, and nothing is stored until it has ended: no old value survives it, whatever dies.
    Strict,
}

impl Level {
    /// The name as written in the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Strict => "strict",
        }
    }
}

/// The families that are strict, found once: every expansion submits its spec, also that of a generic function, whose static is one for all its types.
static STRICT: OnceLock<HashSet<&'static str>> = OnceLock::new();

/// The level of all functions of a family. See [`Spec::family`].
pub(crate) fn of_family(family: &str) -> Level {
    let says_so = |spec: &&'static Spec| !spec.template.is_empty() && says_strict(spec);
    let strict = STRICT.get_or_init(|| linked().filter(says_so).map(Spec::family).collect());
    if strict.contains(family) { Level::Strict } else { Level::Lease }
}

/// The level of a function: that of its template, or its own. A function without a template, `#[invalidates]`, has only its own.
pub(crate) fn of(spec: &'static Spec) -> Level {
    // A spec that nobody has submitted, as in unit tests, speaks for itself.
    if says_strict(spec) || (!spec.template.is_empty() && of_family(spec.family()) == Level::Strict) {
        Level::Strict
    } else {
        Level::Lease
    }
}

/// Does this function make its template strict?
fn says_strict(spec: &Spec) -> bool {
    match spec.level {
        Some(Level::Strict) => true,
        Some(Level::Lease) => false,
        None => spec.strategy == Strategy::WriteThrough,
    }
}

/// The type of a row's version: the option `version`.
///
/// Versions of a row grow with every change. 0 and less, and `None`, mean that the version is not known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no version of a row",
    label = "expected an integer",
    note = "a version is an integer that grows with every change of the row, or an `Option` of one: a counter, or a time in microseconds"
)]
pub trait RowVersion {
    /// The version, if it is known.
    fn row_version(&self) -> Option<NonZeroU64>;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl RowVersion for $integer {
            fn row_version(&self) -> Option<NonZeroU64> {
                u64::try_from(*self).ok().and_then(NonZeroU64::new)
            }
        }

        #[diagnostic::do_not_recommend]
        impl RowVersion for NonZero<$integer> {
            fn row_version(&self) -> Option<NonZeroU64> {
                self.get().row_version()
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

#[diagnostic::do_not_recommend]
impl<T: RowVersion> RowVersion for Option<T> {
    fn row_version(&self) -> Option<NonZeroU64> {
        self.as_ref()?.row_version()
    }
}

/// The version of a row.
#[inline]
pub fn row_version<T: RowVersion + ?Sized>(version: &T) -> Option<NonZeroU64> {
    version.row_version()
}

#[cfg(test)]
mod tests {
    use super::*;

    static READER: Spec = Spec::new("read", "m", Strategy::ReadThrough, "level-balance:<id>");
    static WRITER: Spec = Spec::new("write", "m", Strategy::WriteThrough, "level-balance:<of>");
    static OTHER: Spec = Spec::new("other", "m", Strategy::ReadThrough, "level-other:<id>");
    static LEASED: Spec =
        Spec::new("leased", "m", Strategy::WriteThrough, "level-leased:<id>").level(Level::Lease);
    static DROPS: Spec = Spec::invalidates("drops", "m").level(Level::Strict);

    ::inventory::submit! { &WRITER }
    ::inventory::submit! { &LEASED }

    #[test]
    fn one_strict_function_makes_its_template_strict() {
        assert_eq!((of(&WRITER), of(&READER)), (Level::Strict, Level::Strict));
        assert_eq!((of(&OTHER), of_family(OTHER.family())), (Level::Lease, Level::Lease));
    }

    #[test]
    fn a_version_that_is_not_positive_is_not_known() {
        let known = |version: &dyn RowVersion| version.row_version().map(NonZeroU64::get);
        assert_eq!((known(&7_i64), known(&7_u8), known(&Some(7_usize))), (Some(7), Some(7), Some(7)));
        assert_eq!((known(&0_u64), known(&-1_i32), known(&None::<i64>)), (None, None, None));
        assert_eq!((known(&NonZero::new(-3_i64)), known(&NonZero::<u32>::MIN)), (None, Some(1)));
    }

    #[test]
    fn what_is_written_goes_before_the_strategy() {
        assert_eq!(of(&LEASED), Level::Lease);
        assert_eq!(of(&DROPS), Level::Strict);
        assert_eq!(of_family(""), Level::Lease);
    }
}
