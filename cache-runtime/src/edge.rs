//! What a writer invalidates besides its own key.

use crate::{
    joined::Joined,
    key::{self, Key, KeyBuilder, KeyId, KeyPart, KeyWriter, Sensitive},
    level::{self, Level},
    spec::Spec,
    store::{Group, Target},
};
use std::{borrow::Cow, num::NonZeroU64, sync::Arc};

/// A value that may stand for a reader's parameter of type `T` in an edge: it renders to the same key text.
#[diagnostic::on_unimplemented(
    message = "an edge argument of type `{Self}` cannot stand for a parameter of type `{T}`",
    label = "expected `{T}`",
    note = "edges take the reader's arguments in order, with the same types"
)]
pub trait EdgeArg<T: ?Sized> {
    /// Writes the argument as the reader's parameter would be written.
    fn write(&self, key: &mut KeyWriter<'_>);
}

#[diagnostic::do_not_recommend]
impl<T: KeyPart + ?Sized> EdgeArg<T> for &T {
    fn write(&self, key: &mut KeyWriter<'_>) {
        T::write(self, key);
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyPart + ?Sized> EdgeArg<T> for &&T {
    fn write(&self, key: &mut KeyWriter<'_>) {
        T::write(self, key);
    }
}

macro_rules! stand_ins {
    ($($for:ty: $($arg:ty),*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl EdgeArg<$for> for $arg {
            fn write(&self, key: &mut KeyWriter<'_>) {
                KeyPart::write(self, key);
            }
        }
    )*)*};
}

stand_ins! {
    Sensitive<String>: &Sensitive<&str>, &&Sensitive<&str>;
    str: &String, &&String, &Arc<str>, &&Arc<str>, &Box<str>, &Cow<'_, str>;
    String: &str, &&str, &&&str, &Arc<str>, &&Arc<str>, &Box<str>, &Cow<'_, str>;
}

/// Something to invalidate: a key or a group, and what is needed to find it.
#[derive(Clone, Debug)]
pub struct Edge {
    pub(crate) name: EdgeName,
    pub(crate) template: Cow<'static, str>,
}

/// What an [`Edge`] names.
#[derive(Clone, Debug)]
pub(crate) enum EdgeName {
    Key(KeyId, Key),
    Group(Group),
}

impl EdgeName {
    pub(crate) fn of(spec: &'static Spec, key: Key) -> Self {
        Self::Key(key.id(spec.family_number()), key)
    }

    fn group(mut key: KeyBuilder) -> Self {
        key.close_open_partition();
        key.mark_group();
        let mut key = key.finish();
        let last = key.groups.pop();
        let partition = key.partition;
        Self::Group(last.unwrap_or(Group { text: key.text, partition }))
    }
}

impl Edge {
    /// The entry of `spec` with this key.
    pub fn key(spec: &'static Spec, key: KeyBuilder) -> Self {
        Self::of(spec, key.finish())
    }

    /// The entry of `spec` with this finished key.
    pub(crate) fn of(spec: &'static Spec, key: Key) -> Self {
        Self { name: EdgeName::of(spec, key), template: Cow::Borrowed(spec.family()) }
    }

    /// The group of `spec` named by everything written so far.
    pub fn group(spec: &'static Spec, key: KeyBuilder) -> Self {
        Self { name: EdgeName::group(key), template: Cow::Borrowed(spec.family()) }
    }

    /// As [`Edge::key`], of a function whose spec nobody else can name.
    pub fn key_of(template: &'static str, key: KeyBuilder) -> Self {
        let (family, key) = (key::family(template), key.finish());
        let name = EdgeName::Key(key.id(key::family_number(&family)), key);
        Self { name, template: Cow::Owned(family) }
    }

    /// As [`Edge::group`], of a function whose spec nobody else can name.
    pub fn group_of(template: &'static str, key: KeyBuilder) -> Self {
        Self { name: EdgeName::group(key), template: Cow::Owned(key::family(template)) }
    }

    /// The key it names, if it isn't a group.
    /// A key of the templates of a family.
    pub(crate) fn of_family(family: Cow<'static, str>, key: Key) -> Self {
        let id = key.id(key::family_number(&family));
        Self { name: EdgeName::Key(id, key), template: family }
    }

    /// Whether the entries it names belong to a strict template.
    pub(crate) fn is_strict(&self) -> bool {
        level::of_family(&self.template) == Level::Strict
    }

    pub(crate) fn target(&self) -> Target {
        match &self.name {
            EdgeName::Key(_, key) => Target::Key {
                text: key.text.clone(),
                partition: key.partition,
                template: self.template.clone(),
                version: None,
            },
            EdgeName::Group(group) => Target::Group(group.clone()),
        }
    }
}

/// The row as it was before a write: what the `before` option says.
///
/// `row()` is an inherent method where the row may be absent, and a trait method for all other types: the compiler prefers the inherent one.
#[derive(Debug)]
pub struct Previous<'r, T>(pub &'r T);

impl<'r, T> Previous<'r, Option<T>> {
    /// The row, if there was one.
    pub fn row(self) -> Option<&'r T> {
        self.0.as_ref()
    }
}

/// The row was certainly there.
pub trait PreviousProbe {
    /// Its type.
    type Row;
    /// The row.
    fn row(self) -> Option<Self::Row>;
}

impl<'r, T> PreviousProbe for Previous<'r, T> {
    type Row = &'r T;

    fn row(self) -> Option<&'r T> {
        Some(self.0)
    }
}

/// Everything a writer invalidates, collected before its body and from its result.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    edges: Vec<Edge>,
    /// The place of the writer's own key.
    own: Option<usize>,
    version: Option<NonZeroU64>,
    joined: Option<Joined>,
}

impl Effects {
    /// No effects yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, edge: Edge) {
        self.edges.push(edge);
    }

    /// Adds the writer's own key, whose row has a version.
    pub fn push_own(&mut self, edge: Edge) {
        self.own = Some(self.edges.len());
        self.edges.push(edge);
    }

    /// The version of the row under the writer's own key, known from the result.
    pub fn own_version(&mut self, version: Option<NonZeroU64>) {
        self.version = version;
    }

    /// Leaves them to a transaction, if there is one.
    #[must_use]
    pub fn within(mut self, joined: Option<Joined>) -> Self {
        self.joined = self.joined.or(joined);
        self
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The writer's own key with the version of its row, where that is known.
    pub(crate) fn versioned(&self) -> Option<(&Edge, NonZeroU64)> {
        Some((self.edges.get(self.own?)?, self.version?))
    }

    /// The transaction they are left to.
    pub(crate) fn joined(&self) -> Option<&Joined> {
        self.joined.as_ref()
    }
}
