//! The attributes of `cache-runtime`; depend on that crate instead of this one.
//!
//! Expansions are thin: they name types, parameters and literals, and `cache-runtime` decides. A mistake is an error under the token
//! that holds it, several are reported together, and the function stands unchanged beside them.

mod args;
mod case;
mod choices;
mod defaults;
mod diag;
mod duration;
mod edges;
mod expand;
mod flushes;
mod function;
mod groups;
mod key_part;
mod options;
mod plan;
mod repository;
mod rules;
mod spanned;
mod strategy;
mod suggest;
mod template;
mod ttl;
mod types;
mod unify;
mod unread;
mod values;
mod verify;
mod version;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use crate::args::Attr;

/// Shares defaults among the cached functions of an `impl` block, and checks them together.
///
/// It stands above an inherent `impl` or the `impl` of a trait, and above `#[async_trait]`. Inside, `#[cached(..)]` and
/// `#[invalidates(..)]` can do more than alone: edges name functions of the block, readers get an entry handle (`find_entry(id)`) and
/// read keys back (`find_args(key)`), groups drop many entries at once, and `refresh_ahead` and `write_behind` work in the background.
///
/// ```ignore
/// #[repository(cache = self.cache, ttl = "5m")]
/// impl Products {
///     #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
///     pub async fn find(&self, id: i64) -> Result<Option<Product>, Error> {
///         self.db.load(id).await
///     }
///
///     #[invalidates(find(id))]
///     pub async fn delete(&self, id: i64) -> Result<(), Error> {
///         self.db.delete(id).await
///     }
/// }
/// ```
///
/// Its options are `cache`, `db`, `ttl`, `negative_ttl`, `schema`, `level`, `on_fence_fail`, `verify`, `scope`, `strict` and `crate`; see the table at [`macro@cached`]. What two
/// functions of the block would do to each other is refused: one key with two types of values, templates that can render one key, edges
/// that lead to no reader or with the wrong number of arguments, deltas beside whole values. A direct writer beside a `write_behind` writer
/// waits for what is pending, so its error must be able to say that this failed: `E: From<cache_runtime::Error>`. A writer whose key no
/// reader of the block uses is a warning, which `#[allow(deprecated)]` on the function silences.
///
/// A block with `write_behind` functions implements `Repository` for its type, which hands them over to a flusher. So they all stand in
/// one block; the type is `Clone`.
///
/// `scope = <self.tenant>` puts a field in front of every key of the block, so that two tenants share no entry. `strict` asks of
/// every `async fn` that it is `#[cached]`, `#[invalidates]`, [`macro@uncached`], or the `batch` of another.
#[proc_macro_attribute]
pub fn repository(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::repository(attribute.into(), &item.into()).into()
}

/// Caches what an async function returns, or writes through, around or behind the cache.
///
/// Alone it serves functions and methods with the strategies `cache_aside`, `read_through`, `write_through` and `write_around`. The cache
/// is `cache = expr`, a parameter of type `&Cache`, or what the type's `HasCache` names.
///
/// ```ignore
/// #[cached(key = "price:<id>:<currency>", ttl = "1m", skip(trace))]
/// async fn price(cache: &Cache, id: i64, currency: &str, trace: u64) -> Result<u64, Error> {
///     load_price(id, currency, trace).await
/// }
/// ```
///
/// # Keys
///
/// A template is text with placeholders: `<param>`, `<param.field>`, `<param.0>`, `<self.field>`, and `<result.field>` in
/// `write_around`. `<<`, `>>`, `{{` and `}}` stand for the characters. One pair of braces, as in `{user:<id>}:cart`, chooses the
/// partition, so that related keys live together. Every parameter of a reader is in the key or in `skip(..)`; text between
/// two placeholders begins with a character that values always escape, such as `:` or `/`. Different arguments never share a key.
///
/// # Many at once
///
/// `each(id in ids)` makes one entry for each element of a slice or `Vec`; a reader's body runs for the missing ones only.
///
/// ```ignore
/// #[cached(key = "name:<id>", ttl = "5m", each(id in ids))]
/// async fn names(cache: &Cache, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
///     load_names(ids).await
/// }
/// ```
///
/// # Failure and cancellation
///
/// Errors are returned and never cached. A cache that fails is passed by: the body answers. When the caller's future is dropped, one of
/// those who wait for the same entry takes over with its own body.
///
/// # Options
///
#[doc = include_str!("options.md")]
#[proc_macro_attribute]
pub fn cached(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::function(Attr::Cached, attribute.into(), &item.into()).into()
}

/// Drops entries of readers after a write.
///
/// An edge names a reader and the arguments of its key; `..` at the end means the whole group. Arguments are expressions over the
/// parameters and `result`, which is a reference to the value that the function returns inside `Result` and `Option`. Edges
/// lead to functions in scope, to other types (`Products::find(id)`), and in a [`macro@repository`] to functions of the same block.
///
/// ```ignore
/// #[invalidates(price(id, "EUR"), price(id, currency))]
/// async fn reprice(cache: &Cache, id: i64, currency: &str) -> Result<(), Error> {
///     save_price(id, currency).await
/// }
/// ```
///
/// Entries are dropped after the body has succeeded and before the caller gets its result; if the body fails or is dropped midway, they
/// are dropped too, because the write may have happened. Its options are `each`, `before`, `level`, `on_fence_fail`, `cache` and `crate`; see the table at [`macro@cached`].
#[proc_macro_attribute]
pub fn invalidates(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plan::function(Attr::Invalidates, attribute.into(), &item.into()).into()
}

/// Says of a function in a [`macro@repository`] that it changes nothing that is cached.
///
/// `#[repository(strict)]` asks it of every `async fn` that is neither `#[cached]` nor `#[invalidates]`, so that nobody forgets an edge. It
/// takes nothing and adds nothing, and means nothing outside a repository.
///
/// ```ignore
/// #[repository(strict, cache = self.cache, ttl = "5m")]
/// impl Audit {
///     #[cached(key = "history:<id>")]
///     pub async fn history(&self, id: i64) -> Result<u64, Error> {
///         self.db.load_history(id).await
///     }
///
///     #[uncached]
///     pub async fn ping(&self) -> Result<(), Error> {
///         self.db.ping().await
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn uncached(_: TokenStream, item: TokenStream) -> TokenStream {
    plan::uncached(&item.into()).into()
}

/// Makes a type usable in keys: an enum without fields by the names of its variants, a struct like the tuple of its fields.
///
/// ```ignore
/// #[derive(Clone, Copy, KeyPart)]
/// enum Sort {
///     Name,
///     Price,
/// }
/// ```
///
/// `#[key_part(sensitive)]` puts a hash into the key instead of the value, as `Sensitive` does: for tokens and other secrets. The key can't be
/// read back then. `#[key_part(crate = path)]` says where the runtime crate is. Renaming a variant renames its keys: entries under the old
/// name are left to expire.
#[proc_macro_derive(KeyPart, attributes(key_part))]
pub fn key_part(item: TokenStream) -> TokenStream {
    key_part::derive(item.into()).into()
}
