//! Snapshots of whole expansions: `UPDATE_EXPECT=1 cargo test -p cache-macros` rewrites them.

use expect_test::expect_file;

use super::expand;

fn check(name: &str, source: &str) {
    let path = format!("{}/src/tests/expected/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&format!(
        "// {}\n\n{}",
        source.trim().replace('\n', "\n// "),
        expand(source)
    ));
}

#[test]
fn free_reader() {
    check(
        "free_reader",
        r#"
#[cached(key = "product:<id>", ttl = "5m", schema = 2)]
pub async fn find(cache: &Cache, id: i64) -> Result<Option<Product>, Error> { load(id).await }
"#,
    );
}

#[test]
fn repository_reader() {
    check(
        "repository_reader",
        r#"
#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    /// Finds a product.
    #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
    pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> { self.db.load(id).await }
}
"#,
    );
}

#[test]
fn grouped_reader_and_writers() {
    check(
        "writers",
        r#"
#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    pub async fn find(&self, id: i64) -> sqlx::Result<Product> { self.db.load(id).await }

    #[cached(strategy = "read_through", key = "browse:<category>:<page>")]
    pub async fn browse(&self, category: &str, page: u32) -> sqlx::Result<Arc<Vec<Product>>> { self.db.browse(category, page).await }

    #[cached(strategy = "write_through", ttl = 300, key = "product:<id>", invalidates(browse(result.category, ..)))]
    pub async fn reprice(&self, id: i64, price: Money) -> sqlx::Result<Product> { self.db.reprice(id, price).await }

    #[cached(strategy = "write_through", key = "product:<product.id>", value = product)]
    pub async fn put(&self, product: &Product) -> sqlx::Result<()> { self.db.put(product).await }

    #[cached(strategy = "write_around", key = "product:<result.id>")]
    pub async fn insert(&self, draft: Draft) -> sqlx::Result<Product> { self.db.insert(draft).await }

    #[invalidates(find(id), browse(category, ..), Audits::of(id))]
    pub async fn delete(&self, id: i64, category: &str) -> sqlx::Result<()> { self.db.delete(id).await }
}
"#,
    );
}

#[test]
fn batches() {
    check(
        "batches",
        r#"
#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<lang>:<id>", each(id in ids))]
    pub async fn find_many(&self, ids: &[i64], lang: String) -> sqlx::Result<HashMap<i64, Product>> { self.db.many(ids, lang).await }

    #[cached(strategy = "write_through", key = "stock:<id>", each(id in ids))]
    pub async fn restock(&self, ids: Vec<i64>) -> sqlx::Result<HashMap<i64, u32>> { self.db.restock(ids).await }

    #[invalidates(find_many(id, lang), each(id in ids))]
    pub async fn delete_many(&self, ids: &[i64], lang: String) -> sqlx::Result<()> { self.db.delete(ids).await }
}
"#,
    );
}

#[test]
fn refreshing_and_deferring() {
    check(
        "background",
        r#"
#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Shop {
    #[cached(strategy = "refresh_ahead", key = "home:<lang>", ttl = 60, refresh_at = 0.9)]
    pub async fn home(&self, lang: &str) -> sqlx::Result<Arc<Vec<Product>>> { self.db.home(lang).await }

    #[cached(strategy = "write_behind", key = "session:<s.id>", value = s, ttl = "1h", batch = Self::save_sessions)]
    pub async fn touch(&self, s: Session) -> sqlx::Result<()>;

    async fn save_sessions(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Session]) -> sqlx::Result<()> { tx.save(batch).await }

    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    pub async fn count(&self, id: &str, count: u64) -> sqlx::Result<()> { self.db.count(id, count).await }
}
"#,
    );
}

#[test]
fn deferring() {
    check(
        "behind",
        r#"
#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Counters {
    #[cached(key = "views:<id>", negative_ttl = 30)]
    pub async fn views(&self, id: i64) -> sqlx::Result<Option<Views>> { self.db.views(id).await }

    #[cached(strategy = "write_behind", key = "views:<views.id>", merge = Self::add, schema = 2, upcast = Self::upcast, batch = Self::save)]
    pub async fn count(&self, views: Views) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Views]) -> sqlx::Result<()> { tx.save(batch).await }

    #[cached(strategy = "write_behind", key = "note:<id>", value = note, version = <value.revision>, coalesce = false)]
    pub async fn note(&self, id: &str, note: Note) -> sqlx::Result<()> { self.db.note(id, note).await }

    #[cached(strategy = "write_behind", key = "note:<id>", deletes, unordered)]
    pub async fn tear(&self, id: &str) -> sqlx::Result<()> { self.db.tear(id).await }

    #[cached(key = "top", flush_before(count, Notes::write))]
    pub async fn top(&self) -> sqlx::Result<Vec<Views>> { self.db.top().await }

    #[invalidates(views(id))]
    pub async fn reset(&self, id: i64) -> sqlx::Result<()> { self.db.reset(id).await }
}
"#,
    );
}

#[test]
fn trait_impl() {
    check(
        "trait_impl",
        r#"
#[repository(cache = self.cache, ttl = "5m")]
impl<T: Entity> Find for Store<T> where T: Send {
    type Item = T;
    #[cached(key = "{item:<id>}")]
    async fn find(&self, id: u64) -> Option<Self::Item> { self.load(id).await }
    fn other(&self) -> u8 { 1 }
}
"#,
    );
}

#[test]
fn consistency() {
    check(
        "consistency",
        r#"
#[repository(cache = self.cache, ttl = "5m", level = "strict")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>", version = <result.revision>, verify = 0.001, l1_max_lag = "500ms")]
    pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> { self.db.load(id).await }

    #[cached(key = "product:<id>", when = fresh, skip(fresh))]
    pub async fn find_in(&self, id: i64, tx: &mut CacheTx<'_, Sqlite>, fresh: bool) -> sqlx::Result<Product> { tx.load(id).await }

    #[cached(strategy = "write_through", key = "product:<id>", on_fence_fail = "reject")]
    pub async fn reprice(&self, id: i64, tx: &mut CacheTx<'_, Sqlite>) -> sqlx::Result<Product> { tx.reprice(id).await }

    #[cached(strategy = "write_around", key = "product:<id>", version = <result.revision>)]
    pub async fn touch(&self, id: i64) -> sqlx::Result<Product> { self.db.touch(id).await }

    #[cached(strategy = "refresh_ahead", key = "home", verify = 0.01)]
    pub async fn home(&self) -> sqlx::Result<Vec<i64>> { self.db.home().await }

    #[invalidates(find(id), on_fence_fail = "reject")]
    pub async fn delete(&self, id: i64) -> sqlx::Result<()> { self.db.delete(id).await }
}
"#,
    );
}

#[test]
fn conditions() {
    check(
        "conditions",
        r#"
#[repository(cache = self.cache, ttl = self.config.ttl)]
impl Pages {
    #[cached(strategy = "refresh_ahead", key = "page:<lang>:<n>", when = !preview, unless = |page| page.draft || page.lang != lang, skip(preview))]
    pub async fn page(&self, lang: &str, n: u32, preview: bool) -> Result<Option<Page>, Error> { self.db.page(lang, n).await }

    #[cached(key = "page:<lang>:<n>", each(n in ns), ttl = |page| page.max_age())]
    pub async fn pages(&self, lang: &str, ns: &[u32]) -> Result<HashMap<u32, Page>, Error> { self.db.pages(lang, ns).await }

    #[invalidates(before = self.db.row(id).await?, page(before.lang, ..), page(result.lang, ..))]
    pub async fn translate(&self, id: i64) -> Result<Row, Error> { self.db.translate(id).await }
}
"#,
    );
}
