//! What is decided call by call: `when`, `unless`, a computed `ttl`, the row before a write, and scopes that bypass or refresh.

use crate::fixtures::shared;
use cache_runtime::{Cache, Clock, Codec, Error, Queue, cached, repository, store::MemoryStore};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    text: String,
    draft: bool,
    max_age: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    shelf: String,
    name: String,
}

/// Pages and items in memory, with a count of the bodies that ran.
#[derive(Clone)]
struct Site {
    cache: Cache,
    loads: Arc<AtomicUsize>,
    pages: Arc<Mutex<BTreeMap<u32, Page>>>,
    items: Arc<Mutex<BTreeMap<u32, Item>>>,
    ttl: Arc<AtomicU64>,
}

impl Site {
    fn new(cache: Cache) -> Self {
        let page = |n: u32| Page { text: format!("page {n}"), draft: n >= 10, max_age: u64::from(n) };
        let item = |n: u32| Item { shelf: "a".to_owned(), name: format!("item {n}") };
        Self {
            cache,
            loads: Arc::default(),
            pages: Arc::new(Mutex::new((0..20).map(|n| (n, page(n))).collect())),
            items: Arc::new(Mutex::new((0..4).map(|n| (n, item(n))).collect())),
            ttl: Arc::new(AtomicU64::new(60)),
        }
    }

    fn load(&self, n: u32) -> Option<Page> {
        self.loads.fetch_add(1, SeqCst);
        self.pages.lock().unwrap().get(&n).cloned()
    }

    fn loads(&self) -> usize {
        self.loads.load(SeqCst)
    }

    fn configured(&self) -> Duration {
        Duration::from_secs(self.ttl.load(SeqCst))
    }

    fn row(&self, id: u32) -> Option<Item> {
        self.items.lock().unwrap().get(&id).cloned()
    }
}

#[repository(cache = self.cache, ttl = self.configured())]
impl Site {
    #[cached(strategy = "read_through", key = "page:<n>", when = !preview, skip(preview))]
    async fn page(&self, n: u32, preview: bool) -> Result<Option<Page>, Error> {
        let _ = preview;
        Ok(self.load(n))
    }

    #[cached(strategy = "read_through", key = "public:<n>", unless = |page| page.draft)]
    async fn public(&self, n: u32) -> Result<Option<Page>, Error> {
        Ok(self.load(n))
    }

    #[cached(strategy = "read_through", key = "public:<n>", unless = |page| page.draft, each(n in ns))]
    async fn publics(&self, ns: &[u32]) -> Result<HashMap<u32, Page>, Error> {
        Ok(ns.iter().filter_map(|n| Some((*n, self.load(*n)?))).collect())
    }

    #[cached(strategy = "write_through", key = "public:<n>", unless = |page| page.draft)]
    async fn publish(&self, n: u32, draft: bool) -> Result<Page, Error> {
        let page = Page { text: "new".to_owned(), draft, max_age: 1 };
        self.pages.lock().unwrap().insert(n, page.clone());
        Ok(page)
    }

    #[cached(strategy = "write_through", key = "public:<n>", value = page, unless = |page| page.draft)]
    async fn put(&self, n: u32, page: Page) -> Result<(), Error> {
        self.pages.lock().unwrap().insert(n, page);
        Ok(())
    }

    #[cached(strategy = "read_through", key = "aged:<n>", ttl = |page| Duration::from_secs(page.max_age))]
    async fn aged(&self, n: u32) -> Result<Arc<Page>, Error> {
        Ok(Arc::new(self.load(n).unwrap()))
    }

    // what the closures use of the parameters is copied: the body takes them
    #[cached(key = "scaled:<n>:<unit>", ttl = |page| unit_of(&unit) * u32::try_from(page.max_age).unwrap_or(1), unless = |page| page.text == unit)]
    async fn scaled(&self, n: u32, unit: String) -> Result<Option<Page>, Error> {
        drop(unit);
        Ok(self.load(n))
    }

    #[cached(strategy = "refresh_ahead", key = "front:<lang>", ttl = self.configured().max(least(lang)), unless = |page| page.text.is_empty() || lang.is_empty())]
    async fn front(&self, lang: &str) -> Result<Option<Page>, Error> {
        let _ = lang;
        Ok(self.load(0))
    }

    #[cached(strategy = "write_behind", key = "seen:<n>", value = page, ttl = |page| Duration::from_secs(page.max_age), unordered)]
    async fn seen(&self, n: u32, page: Page) -> Result<(), Error> {
        let _ = (n, page);
        Ok(())
    }

    #[cached(key = "seen:<n>", ttl = "1h")]
    async fn last_seen(&self, n: u32) -> Result<Option<Page>, Error> {
        Ok(self.load(n))
    }

    #[cached(strategy = "read_through", key = "shelf:<shelf>:<page>", ttl = "5m")]
    async fn shelf(&self, shelf: &str, page: u32) -> Result<Arc<Vec<String>>, Error> {
        let _ = page;
        self.loads.fetch_add(1, SeqCst);
        let items = self.items.lock().unwrap();
        Ok(Arc::new(
            items.values().filter(|item| item.shelf == shelf).map(|item| item.name.clone()).collect(),
        ))
    }

    #[invalidates(before = self.row(id), shelf(before.shelf, ..), shelf(to, ..))]
    async fn relocate(&self, id: u32, to: &str) -> Result<bool, Error> {
        let mut items = self.items.lock().unwrap();
        Ok(items.get_mut(&id).map(|item| to.clone_into(&mut item.shelf)).is_some())
    }

    #[invalidates(before = self.strict_row(id).await?, shelf(before.shelf, ..), shelf(result.shelf, ..))]
    async fn rename(&self, id: u32, name: &str) -> Result<Item, Error> {
        let mut items = self.items.lock().unwrap();
        let item = items.get_mut(&id).unwrap();
        name.clone_into(&mut item.name);
        Ok(item.clone())
    }
}

impl Site {
    async fn strict_row(&self, id: u32) -> Result<Item, Error> {
        Ok(self.row(id).unwrap())
    }
}

fn unit_of(unit: &str) -> Duration {
    if unit == "m" { Duration::from_secs(60) } else { Duration::from_secs(1) }
}

fn least(lang: &str) -> Duration {
    Duration::from_secs(lang.len() as u64)
}

async fn both() -> [(&'static str, Site); 2] {
    [("memory", Site::new(Cache::memory())), ("shared", Site::new(shared(&MemoryStore::new()).await))]
}

#[tokio::test]
async fn a_call_that_does_not_want_the_cache_leaves_it_alone() {
    for (kind, site) in both().await {
        site.page(1, true).await.unwrap();
        site.page(1, true).await.unwrap();
        assert_eq!(site.loads(), 2, "{kind}: each preview loads");
        site.page(1, false).await.unwrap();
        assert_eq!(site.loads(), 3, "{kind}: previews stored nothing");
        site.pages.lock().unwrap().remove(&1);
        assert!(site.page(1, false).await.unwrap().is_some(), "{kind}: a hit");
        assert!(site.page(1, true).await.unwrap().is_none(), "{kind}: a preview sees the row itself");
        assert!(site.page(1, false).await.unwrap().is_some(), "{kind}: and leaves the entry as it was");
    }
}

#[tokio::test]
async fn values_that_are_left_out_are_loaded_every_time() {
    for (kind, site) in both().await {
        for _ in 0..2 {
            site.public(10).await.unwrap();
            site.public(1).await.unwrap();
        }
        assert_eq!(site.loads(), 3, "{kind}: the draft twice, the page once");
        site.publics(&[1, 2, 10, 11]).await.unwrap();
        site.publics(&[1, 2, 10, 11]).await.unwrap();
        assert_eq!(site.loads(), 3 + 3 + 2, "{kind}: drafts of a batch each time");
    }
}

#[tokio::test]
async fn a_written_value_that_is_left_out_drops_the_entry() {
    for (kind, site) in both().await {
        site.public(1).await.unwrap();
        site.publish(1, true).await.unwrap();
        let before = site.loads();
        assert_eq!(site.public(1).await.unwrap().unwrap().text, "new", "{kind}");
        assert_eq!(site.loads(), before + 1, "{kind}: the draft was not stored");
        site.put(1, Page { text: "put".to_owned(), draft: true, max_age: 0 }).await.unwrap();
        assert_eq!(site.public(1).await.unwrap().unwrap().text, "put", "{kind}");
    }
    let site = Site::new(Cache::memory());
    site.publish(1, false).await.unwrap();
    site.public(1).await.unwrap();
    assert_eq!(site.loads(), 0, "in one process a page that is no draft is stored by the write");
}

#[tokio::test]
async fn a_ttl_from_the_value_is_an_upper_bound() {
    let (clock, hands) = Clock::manual();
    let site = Site::new(Cache::builder().clock(clock).build_memory());
    site.aged(0).await.unwrap();
    site.aged(0).await.unwrap();
    assert_eq!(site.loads(), 2, "a ttl of zero stores nothing");
    site.aged(9).await.unwrap();
    hands.advance(Duration::from_secs(8));
    site.aged(9).await.unwrap();
    assert_eq!(site.loads(), 3, "jitter takes a tenth at most");
    hands.advance(Duration::from_secs(1));
    site.aged(9).await.unwrap();
    assert_eq!(site.loads(), 4, "and never adds");
    site.pages.lock().unwrap().get_mut(&5).unwrap().max_age = u64::MAX;
    site.aged(5).await.unwrap();
    hands.advance(Duration::from_secs(60 * 60 * 24 * 365));
    site.aged(5).await.unwrap();
    assert_eq!(site.loads(), 5, "longer than a hundred years is forever");
}

#[tokio::test]
async fn a_ttl_from_the_value_holds_in_the_shared_store() {
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let hand = millis.clone();
    let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(SeqCst))));
    let site = Site::new(shared(&store).await);
    for _ in 0..2 {
        site.aged(9).await.unwrap();
        site.aged(0).await.unwrap();
    }
    assert_eq!(site.loads(), 3);
    millis.fetch_add(9_001, SeqCst);
    site.aged(9).await.unwrap();
    assert_eq!(site.loads(), 4);
}

#[tokio::test]
async fn a_ttl_from_configuration_is_asked_for_each_entry() {
    let (clock, hands) = Clock::manual();
    let site = Site::new(Cache::builder().clock(clock).build_memory());
    site.page(1, false).await.unwrap();
    site.ttl.store(600, SeqCst);
    site.page(2, false).await.unwrap();
    hands.advance(Duration::from_secs(67));
    site.page(1, false).await.unwrap();
    assert_eq!(site.loads(), 3, "stored when it was a minute");
    site.page(2, false).await.unwrap();
    assert_eq!(site.loads(), 3, "stored when it was ten");
}

#[tokio::test]
async fn closures_use_parameters_that_the_body_takes() {
    let (clock, hands) = Clock::manual();
    let site = Site::new(Cache::builder().clock(clock).build_memory());
    site.scaled(3, "m".to_owned()).await.unwrap();
    hands.advance(Duration::from_secs(60));
    site.scaled(3, "m".to_owned()).await.unwrap();
    assert_eq!(site.loads(), 1, "three minutes, not three seconds");
    site.scaled(3, "page 3".to_owned()).await.unwrap();
    site.scaled(3, "page 3".to_owned()).await.unwrap();
    assert_eq!(site.loads(), 3, "left out because of its unit");
}

#[tokio::test]
async fn a_reload_in_the_background_decides_too() {
    let (clock, hands) = Clock::manual();
    let site = Site::new(Cache::builder().clock(clock).build_memory());
    site.front("en").await.unwrap();
    site.pages.lock().unwrap().get_mut(&0).unwrap().text.clear();
    hands.advance(Duration::from_secs(53));
    site.front("en").await.unwrap();
    site.cache.settle().await;
    assert_eq!(site.loads(), 2, "reloaded");
    site.front("en").await.unwrap();
    assert_eq!(site.loads(), 3, "what the reload saw is not stored, and made the entry outdated");
}

#[tokio::test]
async fn the_entry_handle_decides_too() {
    for (kind, site) in both().await {
        site.public_entry(10).refresh().await.unwrap();
        assert!(site.public_entry(10).peek().await.is_none(), "{kind}: drafts are left out");
        site.public_entry(1).refresh().await.unwrap();
        assert!(site.public_entry(1).peek().await.is_some(), "{kind}");
        let draft = Page { text: String::new(), draft: true, max_age: 1 };
        site.public_entry(1).prime(async { Ok(Some(draft)) }).await.unwrap();
        assert!(site.public_entry(1).peek().await.is_none(), "{kind}: the draft made the entry outdated");
        let own = site.scaled_entry(3, "page 3".to_owned());
        own.refresh().await.unwrap();
        assert!(site.scaled_entry(3, "page 3".to_owned()).peek().await.is_none(), "{kind}");
        assert!(site.front_entry("en").refresh().await.unwrap().is_some(), "{kind}");
    }
}

#[tokio::test]
async fn a_deferred_write_is_seen_as_long_as_its_value_says() {
    let (clock, hands) = Clock::manual();
    let cache = Cache::builder().clock(clock).write_behind(Queue::memory()).build_memory();
    let site = Site::new(cache);
    let page = Page { text: "seen".to_owned(), draft: false, max_age: 9 };
    site.seen(1, page).await.unwrap();
    site.cache.flush_all().await.unwrap();
    assert_eq!(site.last_seen(1).await.unwrap().unwrap().text, "seen");
    hands.advance(Duration::from_secs(9));
    assert_eq!(site.last_seen(1).await.unwrap().unwrap().text, "page 1");
}

#[tokio::test]
async fn edges_reach_the_entries_of_the_previous_row() {
    for (kind, site) in both().await {
        for shelf in ["a", "b", "c"] {
            site.shelf(shelf, 1).await.unwrap();
        }
        assert!(site.relocate(2, "b").await.unwrap());
        assert_eq!(site.shelf("a", 1).await.unwrap().len(), 3, "{kind}: gone from where it was");
        assert_eq!(site.shelf("b", 1).await.unwrap().len(), 1, "{kind}: and seen where it is");
        let before = site.loads();
        site.shelf("c", 1).await.unwrap();
        assert_eq!(site.loads(), before, "{kind}: other groups are left alone");
        assert!(
            !site.relocate(99, "c").await.unwrap(),
            "{kind}: there was no row, and nothing to drop for it"
        );
        site.rename(2, "new").await.unwrap();
        assert_eq!(*site.shelf("b", 1).await.unwrap(), ["new"], "{kind}");
    }
}

#[tokio::test]
async fn a_scope_bypasses_the_cache() {
    for (kind, site) in both().await {
        site.public(1).await.unwrap();
        site.pages.lock().unwrap().get_mut(&1).unwrap().text = "changed".to_owned();
        let (direct, many) = Cache::bypass(async {
            let many = site.publics(&[1, 2]).await.unwrap();
            (site.public(1).await.unwrap().unwrap(), many)
        })
        .await;
        assert_eq!((direct.text.as_str(), many[&1].text.as_str()), ("changed", "changed"), "{kind}");
        assert_eq!(site.public(1).await.unwrap().unwrap().text, "page 1", "{kind}: the entry is as it was");
        let before = site.loads();
        site.public(2).await.unwrap();
        assert_eq!(site.loads(), before + 1, "{kind}: the bypass stored nothing");
    }
}

#[tokio::test]
async fn a_scope_refreshes_the_cache() {
    for (kind, site) in both().await {
        site.publics(&[1, 2, 3]).await.unwrap();
        for page in site.pages.lock().unwrap().values_mut() {
            page.text = "changed".to_owned();
        }
        Cache::refresh(async {
            assert_eq!(site.public(1).await.unwrap().unwrap().text, "changed", "{kind}");
            site.publics(&[2]).await.unwrap();
        })
        .await;
        let before = site.loads();
        for (n, text) in [(1, "changed"), (2, "changed"), (3, "page 3")] {
            assert_eq!(site.public(n).await.unwrap().unwrap().text, text, "{kind} {n}");
        }
        assert_eq!(site.loads(), before, "{kind}: stored for everybody");
        // What may not be stored any more makes the old entry outdated.
        for n in [1, 2] {
            site.pages.lock().unwrap().get_mut(&n).unwrap().draft = true;
        }
        Cache::refresh(async {
            site.public(1).await.unwrap();
            site.publics(&[2]).await.unwrap();
        })
        .await;
        assert!(site.public_entry(1).peek().await.is_none(), "{kind}");
        assert!(site.public_entry(2).peek().await.is_none(), "{kind}");
    }
}

#[tokio::test]
async fn scopes_end_nest_and_stay_in_their_task() {
    let site = Site::new(Cache::memory());
    site.public(1).await.unwrap();
    Cache::bypass(async {
        Cache::refresh(site.public(1)).await.unwrap();
        assert_eq!(site.loads(), 2);
        let other = site.clone();
        tokio::spawn(async move { other.public(1).await }).await.unwrap().unwrap();
        assert_eq!(site.loads(), 2, "a spawned task is no part of it");
        site.public(1).await.unwrap();
        assert_eq!(site.loads(), 3);
    })
    .await;
    drop(Cache::bypass(site.public(1)));
    site.public(1).await.unwrap();
    assert_eq!(site.loads(), 3, "over");
}

#[tokio::test]
async fn a_bypass_sees_what_was_acknowledged() {
    let cache =
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_secs(3600))).build_memory();
    let notes = Notes { cache, rows: Arc::default() };
    notes.write(1, "new".to_owned()).await.unwrap();
    assert_eq!(notes.rows.lock().unwrap().get(&1), None, "still pending");
    let read = Cache::bypass(notes.read(1)).await.unwrap();
    assert_eq!(read.as_deref(), Some("new"), "written out before the body reads");
    let many = Cache::bypass(notes.read_many(&[1])).await.unwrap();
    assert_eq!(many.len(), 1);
}

#[derive(Clone)]
struct Notes {
    cache: Cache,
    rows: Arc<Mutex<HashMap<u32, String>>>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Notes {
    #[cached(key = "note:<n>")]
    async fn read(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(self.rows.lock().unwrap().get(&n).cloned())
    }

    #[cached(key = "note:<n>", each(n in ns))]
    async fn read_many(&self, ns: &[u32]) -> Result<HashMap<u32, String>, Error> {
        let rows = self.rows.lock().unwrap();
        Ok(ns.iter().filter_map(|n| Some((*n, rows.get(n)?.clone()))).collect())
    }

    #[cached(strategy = "write_behind", key = "note:<n>", value = text, unordered)]
    async fn write(&self, n: u32, text: String) -> Result<(), Error> {
        self.rows.lock().unwrap().insert(n, text);
        Ok(())
    }
}

#[cached(key = "free:<n>", ttl = minutes(n), when = *on, unless = String::is_empty, skip(on, text))]
async fn free(cache: &Cache, n: u64, on: &bool, text: String) -> Result<String, Error> {
    let _ = on;
    Ok(text)
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[tokio::test]
async fn a_function_alone_decides_too() {
    let (clock, hands) = Clock::manual();
    let cache = Cache::builder().clock(clock).codec(Codec::Json).build_memory();
    let call = |on: bool, text: &'static str| {
        let cache = cache.clone();
        async move { free(&cache, 2, &on, text.to_owned()).await.unwrap() }
    };
    assert_eq!(call(true, "").await, "");
    assert_eq!(call(false, "off").await, "off");
    assert_eq!(call(true, "first").await, "first");
    hands.advance(Duration::from_secs(100));
    assert_eq!(call(true, "second").await, "first");
    assert_eq!(call(false, "off").await, "off");
    hands.advance(Duration::from_secs(60));
    assert_eq!(call(true, "second").await, "second");
}
